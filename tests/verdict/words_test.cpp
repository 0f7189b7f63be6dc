// Every value of an enumeration whose words people and programs read has a word, and no two share
// one.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include "turnpike/base/words.h"
#include "turnpike/facts/words.h"
#include "turnpike/verdict/fate.h"
#include "turnpike/verdict/remedies.h"
#include "turnpike/verdict/result.h"

namespace turnpike::verdict {
namespace {

/// Whether a value has a name in its enumeration. Compilers write what has none as a cast, in front
/// of which a parenthesis stands.
template <auto Value>
constexpr bool is_enumerator() noexcept {
    constexpr std::string_view name = __PRETTY_FUNCTION__;
    constexpr std::string_view mark = "Value = ";
    return name[name.find(mark) + mark.size()] != '(';
}

enum class Sample : std::uint8_t { one, two };
static_assert(is_enumerator<Sample::two>());
static_assert(!is_enumerator<static_cast<Sample>(2)>());

template <typename Enum, std::size_t... Index>
std::size_t count_enumerators(std::index_sequence<Index...> /*values*/) {
    return (std::size_t{0} + ... + (is_enumerator<static_cast<Enum>(Index)>() ? 1 : 0));
}

template <typename Enum>
class Words : public testing::Test {};
using Enumerations =
    testing::Types<facts::Transport, facts::Direction, facts::Protocol, facts::NameSource,
                   facts::StunOutcome, facts::TlsHello::Carrier, attribute::Confidence, Outcome,
                   Status, BlockReason, Stage, Grade, InconclusiveReason, HeadlineState, Fate,
                   catalog::Transport, catalog::Level, catalog::RuleDirection, catalog::Duplex,
                   catalog::Expectation, catalog::Tier, catalog::Lifecycle, catalog::DemandKind,
                   catalog::Carried, catalog::MediaSign>;
TYPED_TEST_SUITE(Words, Enumerations);

TYPED_TEST(Words, AreThereForEveryValueAndUnique) {
    constexpr std::size_t most = 64;
    const auto count = count_enumerators<TypeParam>(std::make_index_sequence<most>{});
    ASSERT_LT(count, most);
    auto words = base::all_words<TypeParam>();
    // A value that means that there is none has the empty word, and is the first.
    EXPECT_EQ(words.size() + (to_string(TypeParam{}).empty() ? 1 : 0), count);
    std::ranges::sort(words);
    EXPECT_EQ(std::ranges::adjacent_find(words), words.end());
    EXPECT_EQ(to_string(static_cast<TypeParam>(count)), "");
}

TEST(StatusWords, AreParsed) {
    for (const auto word : base::all_words<Status>()) {
        const auto status = parse_status(word);
        ASSERT_TRUE(status) << word;
        EXPECT_EQ(to_string(*status), word);
    }
    EXPECT_FALSE(parse_status("Blocked"));
    EXPECT_FALSE(parse_status(""));
}

TEST(GradeWords, AreExplained) {
    for (const auto word : words_with_remedies(WordKind::grade)) {
        ASSERT_NE(find_remedy(WordKind::grade, word), nullptr) << word;
        EXPECT_FALSE(find_remedy(WordKind::grade, word)->meaning.empty()) << word;
    }
}

}  // namespace
}  // namespace turnpike::verdict
