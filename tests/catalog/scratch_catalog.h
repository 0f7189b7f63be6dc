// A catalog directory that a test writes and that is gone afterwards.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "turnpike/base/error.h"
#include "turnpike/catalog/catalog.h"

namespace turnpike::catalog {

class ScratchCatalog {
  public:
    ScratchCatalog() {
        auto pattern =
            (std::filesystem::temp_directory_path() / "turnpike-catalog-XXXXXX").string();
        EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
        directory_ = pattern;
    }
    ScratchCatalog(const ScratchCatalog&) = delete;
    ScratchCatalog& operator=(const ScratchCatalog&) = delete;
    ~ScratchCatalog() { std::filesystem::remove_all(directory_); }

    [[nodiscard]] const std::filesystem::path& directory() const noexcept { return directory_; }
    std::filesystem::path write(const std::string& name, std::string_view text) const {
        const auto file = directory_ / name;
        std::ofstream(file, std::ios::binary) << text;
        return file;
    }
    [[nodiscard]] Catalog load() const { return catalog::load({directory_}); }

    /// The message of the error that loading ends with, the directory cut from every line; "" if
    /// it loads.
    [[nodiscard]] std::string mistakes() const {
        try {
            static_cast<void>(load());
        } catch (const base::Error& error) {
            EXPECT_EQ(error.status(), base::ExitStatus::bad_input);
            std::string text = error.what();
            const auto prefix = directory_.string() + '/';
            for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix)) {
                text.erase(at, prefix.size());
            }
            return text;
        }
        return {};
    }

  private:
    std::filesystem::path directory_;
};

/// A vendor's file around some rules, whose first line stands in line 11.
inline std::string vendor_file(std::string_view rules, std::string_view head = {}) {
    return std::string(
               "vendor: example\n"
               "name: Example\n"
               "products:\n"
               "  - product: calls\n"
               "    name: Calls\n"
               "    revisions:\n"
               "      - revision: 2025-01-31\n"
               "        source: {title: Guide, location: https://example.com, kind: vendor}\n") +
           (head.empty() ? "        date: 2025-01-31\n" : std::string(head)) + "        rules:\n" +
           std::string(rules);
}

/// A vendor's file with one rule that has these lines besides id, purpose and ports.
inline std::string one_rule(std::string_view lines, std::string_view head = {}) {
    return vendor_file(
        "          - id: row\n"
        "            purpose: a row\n" +
            std::string(lines),
        head);
}

}  // namespace turnpike::catalog
