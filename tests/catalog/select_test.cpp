// Selectors as people type them, and what a refusal suggests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "catalog/scratch_catalog.h"

namespace turnpike::catalog {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view two_products = R"(vendor: example
name: Example Calls
aliases: [ex]
products:
  - product: calls
    name: Calls
    aliases: [talk]
    revisions:
      - &first
        revision: 2024-01-01
        date: 2024-01-01
        source: &guide {title: Guide, location: somewhere, kind: vendor, read_on: 2025-05-01}
        rules: &rules
          - {id: a, purpose: a, ports: {tcp: [443]}, names: a.example.com}
      - {revision: 2025-01-10, date: 2025-01-10, source: *guide, rules: *rules}
      - {revision: 2025-01-31, date: 2025-01-31, source: *guide, rules: *rules}
  - product: pager
    name: Pager
    superseded_by: example/calls
    revisions:
      - {revision: 2020-02-02, date: 2020-02-02, source: *guide, rules: *rules}
)";

class SelectWords : public testing::Test {
  protected:
    SelectWords() {
        scratch_.write("example.yaml", two_products);
        catalog_ = scratch_.load();
    }
    std::vector<std::string> select(const std::string& selector) {
        std::vector<std::string> result;
        for (const auto* revision : catalog_.select(selector)) {
            result.push_back(revision->selector());
        }
        return result;
    }
    std::string refusal(const std::string& selector) {
        try {
            static_cast<void>(catalog_.select(selector));
        } catch (const base::Error& error) {
            EXPECT_EQ(error.status(), base::ExitStatus::usage);
            return error.what();
        }
        return {};
    }

    ScratchCatalog scratch_;
    Catalog catalog_;
};

TEST_F(SelectWords, CaseDoesNotMatter) {
    EXPECT_THAT(select("Example/CALLS"), ElementsAre("example/calls@2025-01-31"));
    EXPECT_THAT(select("EXAMPLE"), ElementsAre("example/calls@2025-01-31"));
}

TEST_F(SelectWords, AliasesOfVendorsAndProducts) {
    EXPECT_THAT(select("talk"), ElementsAre("example/calls@2025-01-31"));
    EXPECT_THAT(select("ex"), ElementsAre("example/calls@2025-01-31"));
    EXPECT_THAT(select("ex/talk@2024-01-01"), ElementsAre("example/calls@2024-01-01"));
    EXPECT_THAT(select("talk@2024"), ElementsAre("example/calls@2024-01-01"));
}

TEST_F(SelectWords, TheFrontOfADateWillDoWhereItIsUnique) {
    EXPECT_THAT(select("example/calls@2024-01"), ElementsAre("example/calls@2024-01-01"));
    EXPECT_THAT(refusal("example/calls@2025-01"),
                HasSubstr("could be example/calls@2025-01-10 or example/calls@2025-01-31"));
    EXPECT_THAT(refusal("example/calls@2025-01-3"), HasSubstr("did you mean")) << "half a number";
}

TEST_F(SelectWords, ASupersededProductIsFoundByItsOwnNameOnly) {
    EXPECT_THAT(select("example/pager"), ElementsAre("example/pager@2020-02-02"));
    EXPECT_EQ(catalog_.current().size(), 1U);
    EXPECT_TRUE(catalog_.choose({}).front()->current);
}

TEST_F(SelectWords, RefusalsHelp) {
    EXPECT_THAT(refusal("exampel"), HasSubstr("did you mean example?"));
    EXPECT_THAT(refusal("tlak"), HasSubstr("did you mean talk?"));
    EXPECT_THAT(refusal("pager"), HasSubstr("did you mean example/pager?"));
    EXPECT_THAT(refusal("example/clals"), HasSubstr("did you mean example/calls?"));
    EXPECT_THAT(refusal("example/calls@2025-01-11"),
                HasSubstr("did you mean example/calls@2025-01-10"));
    EXPECT_THAT(refusal("example/fax"), HasSubstr("did you mean example/calls or example/pager?"))
        << "of the vendor";
}

TEST_F(SelectWords, WhatIsNothingLikeItIsNotSuggested) {
    EXPECT_THAT(refusal("skype"),
                AllOf(HasSubstr("names nothing in the catalog; turnpike catalog list shows"),
                      Not(HasSubstr("did you mean"))));
}

TEST_F(SelectWords, WhatEndsTooSoonIsRefused) {
    for (const char* const word : {"example/", "example@", "example/calls@", "example/@2025"}) {
        EXPECT_THAT(refusal(word), HasSubstr("ends too soon")) << word;
    }
}

TEST_F(SelectWords, SpacesAndDashesDoNotMatter) {
    EXPECT_THAT(select("Example Calls"), ElementsAre("example/calls@2025-01-31"));
    EXPECT_THAT(select("example_calls@2024"), ElementsAre("example/calls@2024-01-01"));
}

TEST(SelectBuiltIn, WhatPeopleType) {
    const auto catalog = load({std::filesystem::path(TURNPIKE_SOURCE_DIR) / "catalog"});
    const auto product = [&catalog](const std::string& word) {
        const auto* revision = catalog.select(word).front();
        return revision->vendor + '/' + revision->product;
    };
    EXPECT_EQ(product("Teams"), "microsoft/teams");
    EXPECT_EQ(product("webex"), "cisco/webex");
    EXPECT_EQ(product("meet"), "google/meet");
    EXPECT_EQ(product("chime"), "amazon/chime-sdk");
    EXPECT_EQ(product("Google Meet"), "google/meet");
    EXPECT_EQ(product("microsoft teams"), "microsoft/teams");
    EXPECT_EQ(product("Amazon Chime SDK"), "amazon/chime-sdk");
    EXPECT_EQ(product("ZOOM"), "zoom/address-ranges");
    EXPECT_EQ(catalog.select("whereby/meetings@2025-01").front()->revision, "2025-01-31");
    try {
        static_cast<void>(catalog.select("meetings"));
        FAIL();
    } catch (const base::Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("did you mean whereby/meetings or zoom/meetings?"));
    }
}

TEST(Superseded, TheProductMustExist) {
    const ScratchCatalog scratch;
    auto text = std::string(two_products);
    text.replace(text.find("superseded_by: example/calls"), 28, "superseded_by: example/clals");
    scratch.write("example.yaml", text);
    EXPECT_THAT(scratch.mistakes(), HasSubstr("is superseded by \"example/clals\" names nothing"));
}

}  // namespace
}  // namespace turnpike::catalog
