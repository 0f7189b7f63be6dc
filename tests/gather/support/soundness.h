// What must hold of every observation that a window shows.
#pragma once

#include <gtest/gtest.h>

#include "turnpike/facts/facts.h"
#include "turnpike/gather/window.h"

namespace turnpike::gather::test {

/// Ids rise, so that the database knows what is written over.
void expect_rising(const auto& rows, const char* kind) {
    for (std::size_t i = 1; i < rows.size(); ++i) {
        ASSERT_LT(rows[i - 1].id, rows[i].id) << kind << " at " << i;
    }
}

/// Every row names a flow that is there.
void expect_flows(const auto& rows, std::size_t flows, const char* kind) {
    for (const auto& row : rows) {
        ASSERT_LT(row.flow, flows) << kind << " " << row.id;
    }
}

/// A flow's list names every row of it, and no other.
void expect_lists(const facts::Observation& seen,
                  std::vector<std::uint32_t> facts::RareFacts::* list, const auto& rows,
                  const char* kind) {
    std::size_t listed = 0;
    for (std::uint32_t i = 0; i < seen.flows.size(); ++i) {
        for (const auto row : *seen.flows[i].rare.*list) {
            ASSERT_LT(row, rows.size()) << kind;
            ASSERT_EQ(rows[row].flow, i) << kind;
            ++listed;
        }
    }
    ASSERT_EQ(listed, rows.size()) << kind;
}

inline void expect_sound(const facts::Observation& seen) {
    expect_rising(seen.flows, "flow");
    expect_rising(seen.dns, "dns");
    expect_rising(seen.hellos, "hello");
    expect_rising(seen.stun, "stun");
    expect_rising(seen.rtp, "rtp");
    expect_rising(seen.icmp, "icmp");
    const std::size_t flows = seen.flows.size();
    for (const auto& row : seen.dns) {
        ASSERT_TRUE(row.flow < flows || row.flow == no_flow) << "dns " << row.id;
    }
    expect_flows(seen.hellos, flows, "hello");
    expect_flows(seen.stun, flows, "stun");
    expect_flows(seen.rtp, flows, "rtp");
    expect_flows(seen.icmp, flows, "icmp");
    expect_lists(seen, &facts::RareFacts::transactions, seen.stun, "stun");
    expect_lists(seen, &facts::RareFacts::streams, seen.rtp, "rtp");
    expect_lists(seen, &facts::RareFacts::icmp, seen.icmp, "icmp");
}

}  // namespace turnpike::gather::test
