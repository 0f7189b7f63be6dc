// Lists of texts in a column, as JSON, which json_each takes apart in the views.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace turnpike::store {

/// Writes ["a","b"]; keeps its room.
class JsonList {
  public:
    void clear() { text_.clear(); }
    void add(std::string_view item) {
        if (text_.empty()) {
            text_ += '[';
        } else {
            text_.back() = ',';  // in place of the closing bracket
        }
        text_ += '"';
        std::size_t plain = 0;
        for (std::size_t i = 0; i < item.size(); ++i) {
            if (needs_escape(item[i])) {
                text_ += item.substr(plain, i - plain);
                append_escaped(item[i]);
                plain = i + 1;
            }
        }
        text_ += item.substr(plain);
        text_ += "\"]";
    }
    /// "" if nothing was added.
    [[nodiscard]] std::string_view text() const noexcept { return text_; }

  private:
    static constexpr bool needs_escape(char c) noexcept {
        return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
    }
    void append_escaped(char c) {
        constexpr std::string_view hex = "0123456789abcdef";
        const auto octet = static_cast<unsigned char>(c);
        if (octet < 0x20) {  // RFC 8259 7
            text_ += "\\u00";
            text_ += hex[octet >> 4U];
            text_ += hex[octet & 0xfU];
        } else {
            text_ += '\\';
            text_ += c;
        }
    }

    std::string text_;
};

}  // namespace turnpike::store
