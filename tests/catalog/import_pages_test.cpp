// Pages of the shapes that vendors' firewall pages have, in this project's own words: every row
// comes out right, or its line is listed. NAME.rows beside each page says what must come out.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "catalog/imported_text.h"
#include "turnpike/base/error.h"

namespace turnpike::catalog {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
    const std::ifstream stream(path, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

std::vector<fs::path> pages() {
    std::vector<fs::path> found;
    for (const auto& entry :
         fs::directory_iterator(fs::path(TURNPIKE_SOURCE_DIR) / "tests/catalog/pages")) {
        if (entry.path().extension() != ".rows" && entry.path().filename() != "README.md") {
            found.push_back(entry.path());
        }
    }
    std::ranges::sort(found);
    return found;
}

// What comes out, or the error's text.
std::string page_rows(const fs::path& page) {
    const auto name = page.filename().string();
    try {
        const auto imported = import_text(ImportKind::document, read_file(page), name, {});
        static_cast<void>(parse_catalog(render_yaml(imported), name));
        return text_of(imported);
    } catch (const base::Error& error) {
        EXPECT_EQ(error.status(), base::ExitStatus::bad_input);
        return std::string("refused\n") + error.what() + '\n';
    }
}

class Pages : public testing::TestWithParam<fs::path> {};

TEST_P(Pages, ComeOutRowByRow) {
    EXPECT_EQ(page_rows(GetParam()), read_file(GetParam().string() + ".rows"));
}

std::string name_of(const testing::TestParamInfo<fs::path>& info) {
    auto name = info.param.filename().string();
    std::ranges::replace_if(name, [](char c) { return c == '-' || c == '.'; }, '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Import, Pages, testing::ValuesIn(pages()), name_of);

// The shape may not depend on how the file's lines end, nor on a mark before its first.
TEST_P(Pages, ReadAlikeWithOtherLineEnds) {
    const auto name = GetParam().filename().string();
    const auto text = read_file(GetParam());
    std::string other = "\xEF\xBB\xBF";
    for (const char c : text) {
        other += c == '\n' ? "\r\n" : std::string(1, c);
    }
    try {
        EXPECT_EQ(text_of(import_text(ImportKind::document, other, name, {})),
                  text_of(import_text(ImportKind::document, text, name, {})));
    } catch (const base::Error& error) {
        EXPECT_EQ(error.status(), base::ExitStatus::bad_input);
    }
}

TEST(ImportPages, AreThirtyAtLeast) {
    EXPECT_GE(pages().size(), 30U);
}

}  // namespace
}  // namespace turnpike::catalog
