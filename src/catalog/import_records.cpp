// Splits CSV text into records and fields.
#include "catalog/import_records.h"

#include "catalog/syntax.h"

namespace turnpike::catalog {

// Quoted fields may hold separators, doubled quotes and line breaks (RFC 4180 2).
std::vector<Record> records_of(std::string_view text, char separator, ImportMistakes& mistakes) {
    std::vector<Record> records;
    Record record{1, {""}};
    std::size_t line = 1;
    bool quoted = false;
    const auto end_record = [&] {
        if (record.fields.size() > 1 || !trim(record.fields[0]).empty()) {
            records.push_back(record);
        }
        record = {line, {""}};
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        line += c == '\n' ? 1U : 0U;
        if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
            record.fields.back() += text[++i];
        } else if (c == '"' && (quoted || trim(record.fields.back()).empty())) {
            quoted = !quoted;
        } else if (!quoted && c == separator) {
            record.fields.emplace_back();
        } else if (!quoted && c == '\n') {
            end_record();
        } else if (quoted || c != '\r') {
            record.fields.back() += c;
        }
    }
    if (quoted) {
        mistakes.add_line(record.line, "a quoted field does not end");
    }
    end_record();
    return records;
}

}  // namespace turnpike::catalog
