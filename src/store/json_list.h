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
        base::append_json_string(begin_item(), item);
        end_item();
    }
    /// An item that is JSON already, quotes included.
    void add_json(std::string_view item) {
        begin_item() += item;
        end_item();
    }
    /// The same for whoever writes it here: it is appended to what this returns.
    std::string& begin_item() {
        if (text_.empty()) {
            text_ += '[';
        } else {
            text_.back() = ',';  // in place of the closing bracket
        }
        return text_;
    }
    /// It is complete.
    void end_item() { text_ += ']'; }
    /// "" if nothing was added.
    [[nodiscard]] std::string_view text() const noexcept { return text_; }

  private:
    std::string text_;
};

}  // namespace turnpike::store
