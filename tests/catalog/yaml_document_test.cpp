// YAML with its places, and what is refused: duplicates, bombs, tags.
#include "catalog/yaml_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace turnpike::catalog {
namespace {

using testing::HasSubstr;

std::string first_mistake(const std::string& text) {
    Mistakes mistakes("x.yaml");
    const YamlDocument document(text, mistakes);
    return mistakes.empty() ? "" : to_string(mistakes.sorted().front());
}

TEST(YamlDocument, KeepsTextAndPlaces) {
    Mistakes mistakes("x.yaml");
    const YamlDocument document("a: 010\nb:\n  - 'q'\n  - ~\n", mistakes);
    ASSERT_TRUE(mistakes.empty());
    const auto& root = *document.root();
    ASSERT_EQ(root.entries.size(), 2U);
    EXPECT_EQ(root.entries[0].second->text, "010") << "a scalar is text until somebody parses it";
    EXPECT_EQ(root.entries[0].second->place.line, 1U);
    EXPECT_EQ(root.entries[0].second->place.column, 4U);
    const auto& list = *root.entries[1].second;
    ASSERT_EQ(list.items.size(), 2U);
    EXPECT_EQ(list.items[0]->text, "q");
    EXPECT_EQ(list.items[1]->kind, YamlNode::Kind::null);
}

TEST(YamlDocument, RefusesDuplicateKeys) {
    EXPECT_EQ(first_mistake("a: 1\nb: 2\na: 3\n"), "x.yaml:3:1: duplicate key \"a\"");
    std::string many;
    for (int i = 0; i < 40; ++i) {
        many += "k" + std::to_string(i) + ": 1\n";
    }
    EXPECT_EQ(first_mistake(many + "k7: 1\n"), "x.yaml:41:1: duplicate key \"k7\"");
}

TEST(YamlDocument, RefusesKeysThatAreNoWords) {
    EXPECT_THAT(first_mistake("? [a, b]\n: 1\n"), HasSubstr("a key must be a word"));
}

// Ten levels of ten aliases each stand for ten thousand million values in 300 bytes.
TEST(YamlDocument, RefusesAnAliasBombQuickly) {
    std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int level = 1; level < 10; ++level) {
        const auto below = "*a" + std::to_string(level - 1);
        bomb += "a" + std::to_string(level) + ": &a" + std::to_string(level) + " [" + below;
        for (int i = 1; i < 10; ++i) {
            bomb += ", " + below;
        }
        bomb += "]\n";
    }
    EXPECT_THAT(first_mistake(bomb), HasSubstr("add up to more than"));
}

TEST(YamlDocument, RefusesAnAliasWithinItself) {
    EXPECT_THAT(first_mistake("a: &a [1, *a]\n"), HasSubstr("within what it names"));
}

TEST(YamlDocument, RefusesDeepNesting) {
    EXPECT_THAT(first_mistake(std::string(40, '[') + std::string(40, ']')),
                HasSubstr("nested deeper"));
    EXPECT_FALSE(first_mistake(std::string(100'000, '[')).empty());
}

TEST(YamlDocument, RefusesTagsControlsAndSecondDocuments) {
    EXPECT_THAT(first_mistake("a: !!int 5\n"), HasSubstr("is not allowed"));
    EXPECT_THAT(first_mistake("a: \"\\x1b[2J\"\n"), HasSubstr("a control character"));
    EXPECT_THAT(first_mistake("a: 1\n---\nb: 2\n"), HasSubstr("a second document"));
}

TEST(YamlDocument, SaysWhereSyntaxBreaks) {
    EXPECT_THAT(first_mistake("a: [1, 2\nb: 3\n"), HasSubstr("x.yaml:2:"));
    EXPECT_THAT(first_mistake("a: *nothing\n"), HasSubstr("must be quoted"));
}

}  // namespace
}  // namespace turnpike::catalog
