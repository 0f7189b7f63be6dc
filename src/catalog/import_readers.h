// The readers of each kind, and what they share.
#pragma once

#include <string>
#include <vector>

#include "turnpike/catalog/import.h"

namespace turnpike::catalog {

/// The mistakes of one input: "file:12: reason" or "file: [3].ips[0]: reason".
class ImportMistakes {
  public:
    explicit ImportMistakes(std::string file) : file_(std::move(file)) {}
    void add_line(std::size_t line, const std::string& reason);
    void add_place(const std::string& place, const std::string& reason);
    /// Throws base::Error (bad_input) if there are any.
    void throw_if_any() const;

  private:
    std::string file_;
    std::vector<std::string> lines_;
};

/// The readers fill in the rules and what the input says of itself.
Imported import_microsoft365(const std::string& text, const ImportOptions& options,
                             ImportMistakes& mistakes);
Imported import_aws(const std::string& text, const ImportOptions& options,
                    ImportMistakes& mistakes);
Imported import_google(const std::string& text, const ImportOptions& options,
                       ImportMistakes& mistakes);
Imported import_json_list(const std::string& text, ImportMistakes& mistakes);
Imported import_cidrs(const std::string& text, ImportMistakes& mistakes);
Imported import_csv(const std::string& text, const ImportOptions& options,
                    ImportMistakes& mistakes);
Imported import_document(const std::string& text, const std::string& file);

/// An input that is one product: `rules` goes into it.
Imported imported_list(std::string vendor, std::string product, std::string title);

/// Letters, digits and hyphens of any text: "Amazon Connect (EU)" -> "amazon-connect-eu".
std::string slug(std::string_view text);
/// Text without the byte order mark that some programs put first.
std::string_view without_mark(std::string_view text) noexcept;
/// The parts between separators, trimmed, empty ones left out.
std::vector<std::string> parts_of(std::string_view text, std::string_view separators);

}  // namespace turnpike::catalog
