// One flat JSON object on one line (RFC 8259).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "turnpike/base/time.h"

namespace turnpike::monitor {

/// Any octets as a JSON string with its quotes, as `report --format json` has them: controls and
/// octets that are no UTF-8 become the text \xNN, so that a line stays a line, a terminal its own,
/// and the text valid.
std::string json_string(std::string_view text);

/// Built key by key; absent values are null.
class JsonObject {
  public:
    /// {"type": `type`, ...
    explicit JsonObject(std::string_view type);

    JsonObject& text(std::string_view key, std::string_view value);
    JsonObject& number(std::string_view key, std::uint64_t value);
    JsonObject& time(std::string_view key, std::optional<base::Timestamp> value);
    /// The object, closed, with a line end.
    [[nodiscard]] std::string line() const { return object_ + "}\n"; }

  private:
    JsonObject& member(std::string_view key, std::string_view value);
    std::string object_;
};

}  // namespace turnpike::monitor
