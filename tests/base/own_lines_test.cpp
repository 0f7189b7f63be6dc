// Whoever takes lines for writing changes nothing in them.
#include "turnpike/base/own_lines.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace turnpike::base {
namespace {

TEST(OwnLines, LeavesValuesAsTheyAre) {
    std::vector<std::string> texts;
    for (int i = 0; i < 100; ++i) {
        texts.push_back(std::string(static_cast<std::size_t>(i), 'x') + std::to_string(i));
    }
    const auto before = texts;
    own_lines(std::span(texts));
    own_lines(std::span(texts).subspan(3, 1));
    own_lines(std::span(texts).subspan(100));
    EXPECT_EQ(texts, before);
}

TEST(OwnLines, WritesWithinTheValuesOnly) {  // a sanitizer would say so
    for (std::size_t size = 0; size < 200; ++size) {
        std::vector<char> octets(size, 'x');
        own_lines(std::span(octets));
        EXPECT_EQ(octets, std::vector<char>(size, 'x'));
    }
}

}  // namespace
}  // namespace turnpike::base
