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
        begin_item();
        base::append_json_string(text_, item);
        text_ += ']';
    }
    /// An item that is JSON already, quotes included.
    void add_json(std::string_view item) {
        begin_item();
        text_ += item;
        text_ += ']';
    }
    /// "" if nothing was added.
    [[nodiscard]] std::string_view text() const noexcept { return text_; }

  private:
    void begin_item() {
        if (text_.empty()) {
            text_ += '[';
        } else {
            text_.back() = ',';  // in place of the closing bracket
        }
    }

    std::string text_;
};

}  // namespace turnpike::store
