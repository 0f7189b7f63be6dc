// The example entry and the one in the catalog's README load; damaged ones end cleanly.
#include "turnpike/catalog/example.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

#include "catalog/scratch_catalog.h"
#include "turnpike/catalog/check.h"

namespace turnpike::catalog {
namespace {

TEST(Example, LoadsWithoutFindings) {
    const ScratchCatalog scratch;
    scratch.write("example.yaml", example_entry());
    const auto catalog = scratch.load();
    ASSERT_EQ(catalog.revisions().size(), 1U);
    for (const auto& finding : check(catalog, *base::parse_date("2026-02-01"))) {
        ADD_FAILURE() << finding.text;
    }
    const auto set = catalog.apply({{"region", "eu"}, {"turn.host", "turn.example.net"}});
    EXPECT_EQ(set.revisions().front().rules.front().destinations.text(),
              "*.example.com, api.eu.example.com");
}

// The entry in the description of the format must be one.
TEST(Example, TheReadmesFirstEntryLoads) {
    std::ifstream stream(std::string(TURNPIKE_SOURCE_DIR) + "/catalog/README.md");
    const std::string readme{std::istreambuf_iterator<char>(stream), {}};
    const std::string fence = "```yaml\n";
    const auto start = readme.find(fence) + fence.size();
    const ScratchCatalog scratch;
    scratch.write("example.yaml", readme.substr(start, readme.find("```", start) - start));
    EXPECT_EQ(scratch.mistakes(), "");
}

// Whatever a cut or damaged file holds, loading ends with a catalog or with a list of mistakes.
TEST(Example, CutAndDamagedFilesEndCleanly) {
    const std::string whole(example_entry());
    const ScratchCatalog scratch;
    for (std::size_t length = 0; length < whole.size(); length += 61) {
        scratch.write("example.yaml", whole.substr(0, length));
        static_cast<void>(scratch.mistakes());
    }
    for (std::size_t at = 0; at < whole.size(); at += 53) {
        for (const char damage : {'\0', '*', '&', '[', '}', ':', '-', '\n', '\t', '\xff'}) {
            auto damaged = whole;
            damaged[at] = damage;
            scratch.write("example.yaml", damaged);
            static_cast<void>(scratch.mistakes());
        }
    }
}

}  // namespace
}  // namespace turnpike::catalog
