// Every word that a verdict can carry has a sentence and a remedy.
#include "turnpike/verdict/remedies.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

#include "turnpike/base/words.h"
#include "turnpike/verdict/result.h"

namespace turnpike::verdict {
namespace {

template <typename Enumeration>
std::set<std::string> words_of() {
    const auto words = base::all_words<Enumeration>();
    return {words.begin(), words.end()};
}

std::string read(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

void add_matches(const std::string& text, const std::regex& pattern, std::set<std::string>& words) {
    for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at) {
        words.insert((*at)[1]);
    }
}

/// What the verdict engine writes as notes: the first words of the literals that become some.
std::set<std::string> notes_in_the_source() {
    const std::regex statement(
        R"((?:add_note|server_refused|discount|notes\.push_back)\([^;]*;|note = [^;]*;)");
    const std::regex literal(R"re("([a-z_]+)[ "])re");
    const std::regex rivalry(R"re(return "([a-z_]+)")re");
    std::set<std::string> words;
    for (const auto& entry :
         std::filesystem::directory_iterator(TURNPIKE_SOURCE_DIR "/src/verdict")) {
        const auto text = entry.path().extension() == ".cpp" ? read(entry.path()) : std::string();
        for (std::sregex_iterator at(text.begin(), text.end(), statement), end; at != end; ++at) {
            add_matches(at->str(), literal, words);
        }
        if (entry.path().filename() == "rivals.cpp") {
            add_matches(text, rivalry, words);
        }
    }
    return words;
}

void expect_complete(WordKind kind, const std::set<std::string>& words) {
    for (const auto& word : words) {
        const auto* known = find_remedy(kind, word);
        ASSERT_NE(known, nullptr) << word;
        EXPECT_FALSE(known->meaning.empty()) << word;
        EXPECT_FALSE(known->meaning.ends_with('.')) << word;
        EXPECT_TRUE(known->remedy.ends_with('.')) << word;
    }
}

TEST(Remedies, CoverEveryBlockReason) {
    const auto words = words_of<BlockReason>();
    EXPECT_EQ(words.size(), 20U);
    expect_complete(WordKind::block_reason, words);
}

TEST(Remedies, CoverEveryInconclusiveReason) {
    const auto words = words_of<InconclusiveReason>();
    EXPECT_EQ(words.size(), 11U);
    expect_complete(WordKind::inconclusive_reason, words);
}

TEST(Remedies, CoverEveryNote) {
    const auto words = notes_in_the_source();
    for (const auto* known : {"mtu", "intercept_rejected", "stun_error", "reset", "fin",
                              "losing_ice_pair", "icmp_port_unreachable", "interrupted",
                              "injected_reset", "zone_says_no", "tls_alert", "plain_text"}) {
        EXPECT_TRUE(words.contains(known)) << "the search misses " << known;
    }
    expect_complete(WordKind::note, words);
    for (const auto word : words_with_remedies(WordKind::note)) {
        EXPECT_TRUE(words.contains(std::string(word))) << word << " is never written";
    }
}

TEST(Remedies, StandInTheDocumentation) {
    const auto page = read(TURNPIKE_SOURCE_DIR "/docs/remedies.md");
    std::size_t rows = 0;
    for (const auto kind :
         {WordKind::block_reason, WordKind::inconclusive_reason, WordKind::note}) {
        for (const auto word : words_with_remedies(kind)) {
            const auto* const known = find_remedy(kind, word);
            ASSERT_NE(known, nullptr) << word;
            const auto row =
                fmt::format("\n| `{}` | {} | {} |\n", word, known->meaning, known->remedy);
            EXPECT_NE(page.find(row), std::string::npos) << "docs/remedies.md lacks" << row;
            ++rows;
        }
    }
    std::size_t documented = 0;
    for (auto at = page.find("\n| `"); at != std::string::npos; at = page.find("\n| `", at + 1)) {
        ++documented;
    }
    EXPECT_EQ(documented, rows) << "a word that no verdict carries";
}

TEST(Remedies, AreFoundByTheFirstWordOfANote) {
    ASSERT_NE(find_remedy(WordKind::note, "interrupted 2026-11-21T09:05:00.000000Z"), nullptr);
    EXPECT_EQ(find_remedy(WordKind::note, "interrupt"), nullptr);
    EXPECT_EQ(find_remedy(WordKind::block_reason, "udp_timeout 3"), nullptr);
    EXPECT_EQ(find_remedy(WordKind::block_reason, ""), nullptr);
    EXPECT_NE(find_remedy(WordKind::inconclusive_reason, "seen_midway"), nullptr)
        << "in databases of earlier versions";
}

TEST(Remedies, SayWhatToOpen) {
    BlockedRow row{"udp", "443", "*.turn.example", "outbound", "udp_timeout", {}, {}};
    EXPECT_EQ(opening_advice(row),
              "Open outbound UDP port 443 to *.turn.example, answers included.");
    row.destination = "ANY";
    row.ports = "1024-65535";
    row.seen = "203.0.113.42";
    EXPECT_EQ(opening_advice(row),
              "Open outbound UDP ports 1024-65535 to any address (as the document demands; tried: "
              "203.0.113.42), answers included.");
    row = {"tcp", "443", "a.example", "outbound", "dns_timeout", "evil\x1b.example", {}};
    EXPECT_EQ(opening_advice(row), "Let the resolver answer for evil\\x1b.example, and try again.");
}

}  // namespace
}  // namespace turnpike::verdict
