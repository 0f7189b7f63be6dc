// One flat JSON object on one line (RFC 8259).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "turnpike/base/time.h"

namespace turnpike::monitor {

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
