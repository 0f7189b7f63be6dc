// A kind of facts that is declared once goes everywhere: this one was made up.
#include "turnpike/facts/kinds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inspect/harvest_rows.h"
#include "inspect/row_slots.h"
#include "turnpike/gather/row_window.h"

namespace turnpike::gather::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// A greeting that two hosts exchanged.
struct Greeting {
    std::uint64_t id = 0;
    std::uint32_t flow = 0;
    facts::PacketMark at;
    facts::PacketMark answer;
};

struct GreetingKind {
    using Row = Greeting;
    static constexpr std::string_view name = "greeting";
    static constexpr bool outlives_flow = false;
    static auto& rows(auto& observation) noexcept { return observation.greetings; }
    static std::size_t weight(const Row& /*row*/) noexcept { return 50; }
    static base::Timestamp appeared(const Row& row) noexcept { return row.at.time; }
    static std::uint64_t changed_by(const Row& row) noexcept {
        return std::max(row.at.number, row.answer.number);
    }
    static bool is_settled(const Row& row, base::Timestamp /*now*/) noexcept {
        return static_cast<bool>(row.answer);
    }
};

/// An observation with one list more.
struct Observation : facts::Observation {
    facts::Rows<Greeting> greetings;
};

using Kinds = facts::KindList<facts::FlowKind, facts::DnsKind, GreetingKind>;

base::Timestamp at_second(std::int64_t seconds) {
    return base::from_nanoseconds(seconds * 1'000'000'000);
}

class MadeUpKind : public testing::Test {
  protected:
    MadeUpKind() { slots.add<facts::FlowKind>(observation).row.id = 7; }
    std::uint32_t greet(std::uint64_t packet) {
        const auto [index, row] = slots.add<GreetingKind>(observation);
        row.at = {packet, at_second(static_cast<std::int64_t>(packet))};
        return index;
    }
    inspect::HarvestedRows<GreetingKind> harvest(std::uint64_t harvested,
                                                 inspect::FlowChange change) {
        inspect::HarvestedRows<GreetingKind> rows;
        inspect::harvest_rows<GreetingKind>({{&change, 1}, harvested, at_second(100)}, observation,
                                            slots, rows);
        return rows;
    }

    Observation observation;
    inspect::RowSlots<Kinds> slots;
};

TEST_F(MadeUpKind, HasPlacesAndAWeight) {
    const auto before = slots.weight();
    const auto index = greet(1);
    EXPECT_EQ(slots.weight(), before + 50);
    EXPECT_EQ(slots.count<GreetingKind>(observation), 1U);
    EXPECT_EQ(slots.take<GreetingKind>(observation, index).id, 1U);
    EXPECT_EQ(slots.weight(), before);
    EXPECT_EQ(greet(2), index) << "the place is taken again";
    EXPECT_EQ(observation.greetings[index].id, 2U);
}

TEST_F(MadeUpKind, IsHarvestedWhenItChangesAndForgottenWhenItIsSettled) {
    const auto open = greet(1);
    const auto first = harvest(0, inspect::FlowChange::none);
    ASSERT_EQ(first.size(), 1U);
    EXPECT_EQ(first[0].flow, 7U);
    EXPECT_THAT(harvest(1, inspect::FlowChange::none), IsEmpty());
    EXPECT_EQ(harvest(1, inspect::FlowChange::turned).size(), 1U);
    observation.greetings[open].answer = {2, at_second(2)};
    EXPECT_EQ(harvest(1, inspect::FlowChange::none).size(), 1U);
    EXPECT_EQ(slots.count<GreetingKind>(observation), 0U);
}

TEST_F(MadeUpKind, GoesThroughTheWindow) {
    RowWindow<GreetingKind> window;
    facts::Rows<Greeting> rows;
    const auto flow_of = [](std::size_t, std::uint64_t id) {
        return id == 7 ? std::uint32_t{0} : no_flow;
    };
    inspect::HarvestedRows<GreetingKind> one{{7, {1, 0, {9, at_second(9)}, {}}},
                                             {7, {2, 0, {3, at_second(3)}, {}}}};
    inspect::HarvestedRows<GreetingKind> other{{7, {1, 0, {5, at_second(5)}, {}}},
                                               {8, {2, 0, {6, at_second(6)}, {}}}};
    window.accept({&one, &other}, rows, flow_of);
    ASSERT_EQ(rows.size(), 3U) << "the flow of the fourth is unknown";
    EXPECT_EQ(rows[0].at.number, 3U);
    EXPECT_EQ(rows[2].id, 3U);
    EXPECT_THAT(window.list().changed_indexes(), ElementsAre(0, 1, 2));
    window.list().changed.assign(rows.size(), false);

    one = {{7, {1, 0, {9, at_second(9)}, {12, at_second(12)}}}};
    other.clear();
    window.accept({&one, &other}, rows, flow_of);
    EXPECT_THAT(window.list().changed_indexes(), ElementsAre(2));
    EXPECT_EQ(rows[2].answer.number, 12U);

    window.drop({false, true, true}, {0}, rows);
    ASSERT_EQ(rows.size(), 2U);
    window.list().restart(rows, {});
    EXPECT_EQ(rows[1].id, 2U);
    window.drop({}, {no_flow}, rows);
    EXPECT_THAT(rows.size(), 0U) << "it goes with its flow";
}

}  // namespace
}  // namespace turnpike::gather::test
