// What a terminal shows, compared with golden text (tests/monitor/golden; written anew with
// TURNPIKE_UPDATE_GOLDEN=1), and what must hold at any size.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "monitor/sample_state.h"
#include "turnpike/base/printable.h"
#include "turnpike/monitor/terminal.h"

namespace turnpike::monitor {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Recollection five_seconds_before(const State& state) {
    State before = state;
    before.now -= std::chrono::seconds{5};
    before.changes.clear();
    before.notices.clear();
    before.counters.packets -= std::min<std::uint64_t>(before.counters.packets, 60'000);
    before.counters.octets -= std::min<std::uint64_t>(before.counters.octets, 60'000'000);
    before.counters.dropped_by_kernel -=
        std::min<std::uint64_t>(before.counters.dropped_by_kernel, 200);
    Recollection recollection;
    recollection.add(before);
    return recollection;
}

std::vector<std::string> shown(const State& state, std::size_t width, std::size_t height,
                               bool color = false) {
    auto recollection = five_seconds_before(state);
    recollection.add(state);
    return render_screen(state, recollection, width, height, color);
}

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const auto& line : lines) {
        text += line + "\n";
    }
    return text;
}

void expect_golden(const std::string& name, const std::vector<std::string>& lines) {
    const std::string path = std::string(TURNPIKE_SOURCE_DIR "/tests/monitor/golden/") + name;
    if (std::getenv("TURNPIKE_UPDATE_GOLDEN") != nullptr) {
        std::ofstream(path) << joined(lines);
    }
    std::ostringstream expected;
    expected << std::ifstream(path).rdbuf();
    EXPECT_EQ(joined(lines), expected.str()) << path;
}

State in_trouble() {
    State state = sample_state();
    state.counters.dropped_by_kernel = 1234;
    state.counters.dropped_by_interface = 12;
    state.counters.unseen_octets = 45678;
    state.counters.malformed = 3;
    state.counters.duplicates = 1200;
    state.trouble = "turnpike.db: no space left on device; storing is tried again each second";
    state.warnings = {"packets were lost while capturing: blocks that rest on silence are withheld",
                      "only one direction of 34 % of the flows is visible; check the mirror port"};
    state.alternatives = {"zoom/meetings: works, but over the fallback: TCP 443"};
    state.notices = {"eth1 is down", "eth1 is up again after 3 s"};
    return state;
}

// Sixty products like the sample's; all but five without traffic.
State whole_catalog() {
    const State sample = sample_state();
    State state = sample;
    state.requirements.clear();
    for (int i = 0; i < 60; ++i) {
        for (auto requirement : sample.requirements) {
            if (i >= 5) {
                requirement = row("", requirement.rule_id, requirement.purpose,
                                  requirement.transport, requirement.ports);
            }
            requirement.product = "product" + std::to_string(i);
            state.requirements.push_back(std::move(requirement));
        }
    }
    return state;
}

TEST(Screen, OfACallOn80Columns) {
    expect_golden("call_80x24.txt", shown(sample_state(), 80, 24));
}

TEST(Screen, OfACallOn120Columns) {
    expect_golden("call_120x40.txt", shown(sample_state(), 120, 40));
}

TEST(Screen, OfACallInColor) {
    expect_golden("call_80x24_color.txt", shown(sample_state(), 80, 24, true));
}

TEST(Screen, InTrouble) {
    expect_golden("trouble_80x24.txt", shown(in_trouble(), 80, 24));
}

TEST(Screen, OfTheWholeCatalog) {
    expect_golden("catalog_80x24.txt", shown(whole_catalog(), 80, 24));
}

TEST(Screen, OfASmallTerminal) {
    expect_golden("trouble_50x14.txt", shown(in_trouble(), 50, 14));
}

TEST(Screen, FitsEverySizeAndHasNoControls) {
    State state = in_trouble();
    state.requirements[0].purpose = "\xe4\xbc\x9a\xe8\xae\xae \xe4\xbc\x9a\xe8\xae\xae caf\xc3\xa9";
    state.requirements[0].evidence = "name \x1b[2J\x07\xff";
    state.notices.push_back("name \x1b]0;title\x07\nsecond line");
    state.source = "eth0\x1b[31m";
    state.changes.push_back({at(94), "unmatched\r", 0});
    for (const auto& run : {state, whole_catalog(), State{}}) {
        for (std::size_t width = 1; width < 200; width += 7) {
            for (std::size_t height = 1; height < 70; ++height) {
                const auto lines = shown(run, width, height);
                ASSERT_LE(lines.size(), height);
                for (const auto& line : lines) {
                    ASSERT_LE(base::columns_of(line), width) << line;
                    ASSERT_EQ(line, base::from_catalog(line)) << "unsafe to print";
                }
            }
        }
    }
}

TEST(Screen, BlockedRowsComeFirstWhereThereIsNoRoom) {
    const State state = whole_catalog();
    const auto lines = shown(state, 80, 24);
    std::size_t blocked = 0;
    for (const auto& line : lines) {
        blocked += line.starts_with("  BLOCKED") ? 1U : 0U;
    }
    EXPECT_EQ(blocked, 5U);
    EXPECT_THAT(lines, Contains(AllOf(StartsWith("... "), HasSubstr("more rows"),
                                      Not(HasSubstr("blocked")))));
    EXPECT_THAT(lines, Contains(StartsWith("55 products without traffic")));
}

TEST(Screen, ThenWhatChangedLately) {
    State state = sample_state();
    state.requirements.resize(6);
    state.requirements[5] = state.requirements[4];  // nothing blocked
    state.requirements[3].changed = at(90);
    // Room for the heading, the product, one row and the number of the others.
    const auto lines = shown(state, 80, 7);
    EXPECT_THAT(lines, Contains(HasSubstr("meetings over TCP")));
    EXPECT_THAT(lines, Not(Contains(HasSubstr("web, sign-in"))));
    EXPECT_THAT(lines, Contains(HasSubstr("... 5 more rows")));
}

TEST(Screen, RowsKeepTheirPlaceWhenTheirStatusChanges) {
    State state = sample_state();
    const auto before = shown(state, 100, 40);
    state.requirements[5] = observed(state.requirements[5], 5, 94);
    const auto after = shown(state, 100, 40);
    const auto place = [](const std::vector<std::string>& lines) {
        return std::ranges::find_if(
                   lines, [](const std::string& line) { return line.contains("meetings media"); }) -
               lines.begin();
    };
    EXPECT_EQ(place(before), place(after));
}

TEST(Screen, AProductThatSomebodyWaitsForIsShownBeforeItsFirstPacket) {
    State state = sample_state();
    state.changes.clear();
    for (auto& requirement : state.requirements) {
        requirement = row("meetings", requirement.rule_id, requirement.purpose,
                          requirement.transport, requirement.ports);
    }
    EXPECT_THAT(shown(state, 80, 24), Contains(HasSubstr("udp 8801-8810")));
    EXPECT_THAT(shown(state, 80, 10), Contains(HasSubstr("more rows (")));
}

TEST(Recollection, KeepsRatesOfFiveSecondsAndABoundedNumberOfEvents) {
    Recollection recollection;
    State state = sample_state();
    for (int i = 0; i < 200; ++i) {
        state.now = at(i);
        recollection.add(state);
    }
    EXPECT_EQ(recollection.samples().back().time - recollection.samples().front().time,
              std::chrono::seconds{5});
    EXPECT_LE(recollection.events().size(), 100U);
}

TEST(Recollection, ReadsNoRequirementThatIsNotThere) {
    Recollection recollection;
    State state = sample_state();
    state.changes = {{at(1), "observed", 1000}};
    recollection.add(state);
    EXPECT_TRUE(recollection.events().empty());
}

}  // namespace
}  // namespace turnpike::monitor
