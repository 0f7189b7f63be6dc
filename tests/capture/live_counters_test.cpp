// Loss counters that wrap, begin again, or are not there.
#include "capture/live_counters.h"

#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "capture/support/reading.h"

namespace turnpike::capture {
namespace {

using testing::OctetVector;
using testing::TemporaryDirectory;

OctetVector text(const std::string& line) {
    return {line.begin(), line.end()};
}

TEST(WidenedCounter, GoesOnAcrossTheWrap) {
    WidenedCounter counter;
    EXPECT_EQ(counter.see(10), 10U);
    EXPECT_EQ(counter.see(4'294'967'290U), 4'294'967'290U);
    EXPECT_EQ(counter.see(4), 4'294'967'300U);
    EXPECT_EQ(counter.see(4), 4'294'967'300U);
    EXPECT_EQ(counter.see(3), 8'589'934'595U) << "all the way round but one";
}

TEST(WidenedCounter, CountsManyTurns) {
    WidenedCounter counter;
    std::uint64_t expected = 0;
    for (int i = 0; i < 100; ++i) {
        expected += 3'000'000'000U;
        counter.see(static_cast<std::uint32_t>(expected));
    }
    EXPECT_EQ(counter.total(), expected);
}

TEST(InterfaceCounter, CountsFromWhenItWasMade) {
    const TemporaryDirectory folder;
    static_cast<void>(folder.write("rx_missed_errors", text("100\n")));
    static_cast<void>(folder.write("rx_fifo_errors", text("5\n")));
    InterfaceCounter counter(folder.path(""));
    EXPECT_EQ(counter.read(), 0U);
    static_cast<void>(folder.write("rx_missed_errors", text("130\n")));
    static_cast<void>(folder.write("rx_fifo_errors", text("18446744073709551615\n")));
    EXPECT_EQ(counter.read(), 30U + 18'446'744'073'709'551'610U);
}

TEST(InterfaceCounter, ADriverMayBeginAgain) {
    const TemporaryDirectory folder;
    static_cast<void>(folder.write("rx_missed_errors", text("100\n")));
    InterfaceCounter counter(folder.path(""));
    static_cast<void>(folder.write("rx_missed_errors", text("7\n")));
    EXPECT_EQ(counter.read(), 7U);
    static_cast<void>(folder.write("rx_missed_errors", text("")));
    EXPECT_EQ(counter.read(), 7U) << "the interface is gone";
}

TEST(InterfaceCounter, OfNoInterfaceCountsNothing) {
    EXPECT_EQ(interface_counter("any").read(), 0U);
    EXPECT_EQ(InterfaceCounter("/nowhere").read(), 0U);
}

}  // namespace
}  // namespace turnpike::capture
