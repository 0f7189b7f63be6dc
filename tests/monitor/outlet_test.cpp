// Writing to readers that are slow, full or gone.
#include "turnpike/monitor/outlet.h"

#include <gtest/gtest.h>

#include "monitor/pipe.h"

namespace turnpike::monitor {
namespace {

TEST(Outlet, WritesWhatTheReaderTakesAndKeepsTheRest) {
    const Pipe pipe;
    Outlet outlet(pipe.writer());
    std::string all;
    for (int i = 0; i < 3000; ++i) {
        const std::string line = std::string(99, static_cast<char>('a' + i % 26)) + "\n";
        all += line;
        ASSERT_TRUE(outlet.add(line));
    }
    std::string got;
    ASSERT_TRUE(outlet.flush()) << "the pipe is full, and nothing waits for it";
    EXPECT_FALSE(outlet.empty());
    while (!outlet.empty()) {
        got += pipe.read();
        ASSERT_TRUE(outlet.flush());
    }
    got += pipe.read();
    EXPECT_EQ(got, all);
}

TEST(Outlet, DropsWholePiecesAndCountsThem) {
    const Pipe pipe;
    Outlet outlet(pipe.writer());
    const std::string piece(1024 * 1024, 'x');
    for (int i = 0; i < 16; ++i) {
        ASSERT_TRUE(outlet.add(piece));
    }
    EXPECT_FALSE(outlet.has_room(1));
    EXPECT_FALSE(outlet.add("one more\n"));
    EXPECT_EQ(outlet.dropped(), 1U);
}

TEST(Outlet, SaysThatTheReaderIsGone) {
    Pipe pipe;
    Outlet outlet(pipe.writer());
    pipe.close_reader();
    outlet.add("a line\n");
    EXPECT_FALSE(outlet.flush());
    EXPECT_FALSE(outlet.flush());
}

TEST(Outlet, AFullDiskIsTriedAgain) {
    const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
    ASSERT_GE(full, 0);
    Outlet outlet(full);
    outlet.add("a line\n");
    EXPECT_TRUE(outlet.flush()) << "there may be room later";
    EXPECT_FALSE(outlet.empty());
    EXPECT_FALSE(outlet.drain(std::chrono::milliseconds{20}));
    ::close(full);
}

TEST(Outlet, DrainGivesUpOnAReaderThatSleeps) {
    const Pipe pipe;
    Outlet outlet(pipe.writer());
    outlet.add(std::string(1024 * 1024, 'x'));
    EXPECT_FALSE(outlet.drain(std::chrono::milliseconds{20}));
    EXPECT_FALSE(outlet.empty());
}

}  // namespace
}  // namespace turnpike::monitor
