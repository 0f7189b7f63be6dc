// Writes JSON with its commas and indents.
#include "catalog/json_writer.h"

#include <fmt/core.h>

#include <utility>

#include "turnpike/base/json_text.h"

namespace turnpike::catalog {

void JsonWriter::separate() {
    if (std::exchange(after_key_, false) || levels_.empty()) {
        return;
    }
    out_ += std::exchange(levels_.back().empty, false) ? "\n" : ",\n";
    out_.append(levels_.size() * 2, ' ');
}

JsonWriter& JsonWriter::begin_object() {
    separate();
    out_ += '{';
    levels_.push_back({'}'});
    return *this;
}

JsonWriter& JsonWriter::begin_array() {
    separate();
    out_ += '[';
    levels_.push_back({']'});
    return *this;
}

JsonWriter& JsonWriter::end() {
    const auto level = levels_.back();
    levels_.pop_back();
    if (!level.empty) {
        out_ += '\n';
        out_.append(levels_.size() * 2, ' ');
    }
    out_ += level.close;
    return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
    separate();
    base::append_json_string(out_, name);
    out_ += ": ";
    after_key_ = true;
    return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
    separate();
    base::append_json_string(out_, text);
    return *this;
}

JsonWriter& JsonWriter::value(std::uint64_t number) {
    separate();
    out_ += fmt::format("{}", number);
    return *this;
}

JsonWriter& JsonWriter::value(bool truth) {
    separate();
    out_ += truth ? "true" : "false";
    return *this;
}

JsonWriter& JsonWriter::null() {
    separate();
    out_ += "null";
    return *this;
}

JsonWriter& JsonWriter::member_unless_empty(std::string_view name, std::string_view text) {
    return text.empty() ? *this : member(name, text);
}

std::string JsonWriter::take() {
    out_ += '\n';
    return std::move(out_);
}

}  // namespace turnpike::catalog
