// Lists of texts in a column, as JSON, which json_each takes apart in the views.
#pragma once

#include <string>
#include <string_view>

#include "turnpike/base/json_text.h"

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
        base::append_json_string(text_, item);
        text_ += ']';
    }
    /// "" if nothing was added.
    [[nodiscard]] std::string_view text() const noexcept { return text_; }

  private:
    std::string text_;
};

}  // namespace turnpike::store
