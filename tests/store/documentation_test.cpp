// docs/database.md says what the declarations of tables and views say. With TURNPIKE_REWRITE_DOCS
// set in the environment the page is written anew.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "store/comparison_layout.h"
#include "store/schema.h"
#include "store/views.h"

namespace turnpike::store {
namespace {

const std::filesystem::path page = TURNPIKE_SOURCE_DIR "/docs/database.md";

std::string read(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

void describe(const View& view, std::string& text) {
    text += fmt::format("## {}\n\nA row is {}.\n\n", view.name, view.row);
    text += "| column | holds | meaning |\n| --- | --- | --- |\n";
    for (const auto& column : shown_columns(view)) {
        text += fmt::format("| `{}` | {} | {} |\n", column.name, column.holds, column.meaning);
    }
    text += "\n";
}

/// All that follows the introduction, which people write.
std::string described() {
    std::string text;
    for (const auto& view : all_views()) {
        describe(view, text);
    }
    text +=
        "The two views below stand only in databases that hold a run of `turnpike compare`; "
        "packets are of the\nflow, and \"out\" is from the client.\n\n";
    for (const auto& view : comparison_views()) {
        describe(view, text);
    }
    text.pop_back();
    return text;
}

TEST(Documentation, DescribesEveryViewAndColumn) {
    const std::string committed = read(page);
    const std::string wanted = committed.substr(0, committed.find("\n## ") + 1) + described();
    if (std::getenv("TURNPIKE_REWRITE_DOCS") != nullptr) {
        std::ofstream(page) << wanted;
    }
    EXPECT_TRUE(read(page) == wanted)
        << "docs/database.md does not follow the declarations; TURNPIKE_REWRITE_DOCS=1 "
           "store_test --gtest_filter='Documentation.*' writes it anew";
}

TEST(Documentation, EveryColumnOfATableIsDescribed) {
    for (const auto& table : all_tables()) {
        std::set<std::string_view> names;
        for (const auto& column : table.columns) {
            SCOPED_TRACE(fmt::format("{}.{}", table.name, column.name));
            EXPECT_TRUE(names.insert(column.name).second);
            EXPECT_FALSE(column.meaning.empty());
            EXPECT_TRUE(!column.meaning.ends_with('.') || column.meaning.ends_with("..."));
        }
    }
}

}  // namespace
}  // namespace turnpike::store
