// JSON text, member by member (RFC 8259).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace turnpike::catalog {

/// Writes one JSON value with two-space indentation. Commas and line breaks come by themselves;
/// the caller balances begin and end.
class JsonWriter {
  public:
    JsonWriter& begin_object();
    JsonWriter& begin_array();
    JsonWriter& end();
    JsonWriter& key(std::string_view name);
    JsonWriter& value(std::string_view text);
    JsonWriter& value(const char* text) { return value(std::string_view(text)); }
    JsonWriter& value(std::uint64_t number);
    JsonWriter& value(bool truth);
    JsonWriter& null();
    /// `key` and `value` in one; an empty text is left out.
    JsonWriter& member_unless_empty(std::string_view name, std::string_view text);
    template <typename T>
    JsonWriter& member(std::string_view name, const T& content) {
        key(name);
        return value(content);
    }
    /// The text so far with a final line break.
    [[nodiscard]] std::string take();

  private:
    void separate();

    struct Level {
        char close;
        bool empty = true;
    };
    std::string out_;
    std::vector<Level> levels_;
    bool after_key_ = false;
};

}  // namespace turnpike::catalog
