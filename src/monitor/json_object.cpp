// Writes the members of a flat JSON object.
#include "monitor/json_object.h"

#include "turnpike/base/json_text.h"
#include "turnpike/base/printable.h"

namespace turnpike::monitor {

std::string json_string(std::string_view text) {
    std::string result;
    base::append_shown_json_string(result, text);
    return result;
}

JsonObject::JsonObject(std::string_view type) : object_("{\"type\": " + json_string(type)) {}

JsonObject& JsonObject::text(std::string_view key, std::string_view value) {
    return member(key, value.empty() ? "null" : json_string(value));
}

JsonObject& JsonObject::number(std::string_view key, std::uint64_t value) {
    return member(key, std::to_string(value));
}

JsonObject& JsonObject::time(std::string_view key, std::optional<base::Timestamp> value) {
    return member(key, value ? json_string(base::format_iso8601(*value)) : "null");
}

JsonObject& JsonObject::member(std::string_view key, std::string_view value) {
    object_ += ", ";
    object_ += json_string(key);
    object_ += ": ";
    object_ += value;
    return *this;
}

}  // namespace turnpike::monitor
