#include "catalog/json_writer.h"

#include <fmt/core.h>

#include <utility>

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
    append_quoted(name);
    out_ += ": ";
    after_key_ = true;
    return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
    separate();
    append_quoted(text);
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

void JsonWriter::append_quoted(std::string_view text) {
    out_ += '"';
    for (const char c : text) {
        // RFC 8259 7: quotation mark, reverse solidus and controls must be escaped.
        if (c == '"' || c == '\\') {
            out_ += '\\';
            out_ += c;
        } else if (c == '\n') {
            out_ += "\\n";
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out_ += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
        } else {
            out_ += c;
        }
    }
    out_ += '"';
}

}  // namespace turnpike::catalog
