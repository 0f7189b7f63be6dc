// Writes the members of a flat JSON object.
#include "monitor/json_object.h"

#include "turnpike/base/json_text.h"

namespace turnpike::monitor {

JsonObject::JsonObject(std::string_view type)
    : object_("{\"type\": " + base::shown_json_string(type)) {}

JsonObject& JsonObject::text(std::string_view key, std::string_view value) {
    return member(key, value.empty() ? "null" : base::shown_json_string(value));
}

JsonObject& JsonObject::number(std::string_view key, std::uint64_t value) {
    return member(key, std::to_string(value));
}

JsonObject& JsonObject::time(std::string_view key, std::optional<base::Timestamp> value) {
    return member(key, value ? base::shown_json_string(base::format_iso8601(*value)) : "null");
}

JsonObject& JsonObject::member(std::string_view key, std::string_view value) {
    object_ += ", ";
    object_ += base::shown_json_string(key);
    object_ += ": ";
    object_ += value;
    return *this;
}

}  // namespace turnpike::monitor
