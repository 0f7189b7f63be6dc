// The screen on a terminal that is resized, suspended, not read or gone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>

#include "monitor/pseudo_terminal.h"
#include "monitor/sample_state.h"
#include "turnpike/monitor/terminal.h"

namespace turnpike::monitor {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using Clock = std::chrono::steady_clock;

TEST(TerminalDisplay, OpensTheAlternateScreenOnceAndGivesTheOldOneBack) {
    const PseudoTerminal terminal(80, 24);
    TerminalDisplay display(terminal.slave(), false);
    ASSERT_TRUE(display.draw(sample_state()));
    const auto first = terminal.read();
    EXPECT_THAT(first, StartsWith("\x1b[?1049h"));
    EXPECT_THAT(first, HasSubstr("\x1b[?25l"));
    EXPECT_THAT(first, HasSubstr("BLOCKED      udp 8801-8810"));
    ASSERT_TRUE(display.draw(sample_state()));
    const auto second = terminal.read();
    EXPECT_THAT(second, StartsWith("\x1b[H"));
    EXPECT_THAT(second, Not(HasSubstr("\x1b[2J"))) << "a screen that is cleared flickers";
    display.close();
    EXPECT_THAT(terminal.read(), EndsWith("\x1b[?25h\x1b[?7h\x1b[?1049l"));
    display.close();
    EXPECT_EQ(terminal.read(), "") << "closed once";
}

TEST(TerminalDisplay, DrawsAgainAfterASuspension) {
    const PseudoTerminal terminal(80, 24);
    TerminalDisplay display(terminal.slave(), false);
    ASSERT_TRUE(display.draw(sample_state()));
    display.close();
    static_cast<void>(terminal.read());
    ASSERT_TRUE(display.draw(sample_state()));
    EXPECT_THAT(terminal.read(), StartsWith("\x1b[?1049h"));
}

TEST(TerminalDisplay, FollowsTheSizeOfTheWindow) {
    const PseudoTerminal terminal(120, 40);
    TerminalDisplay display(terminal.slave(), false);
    ASSERT_TRUE(display.draw(sample_state()));
    EXPECT_THAT(terminal.read(), HasSubstr("grade B, 3 of 9 blocked"));
    terminal.resize(60, 20);
    ASSERT_TRUE(display.draw(sample_state()));
    const auto narrow = terminal.read();
    EXPECT_THAT(narrow, StartsWith("\x1b[2J"));
    EXPECT_THAT(narrow, HasSubstr("3/9 udp_timeout B"));
}

TEST(TerminalDisplay, ATerminalThatIsNotReadDelaysNothing) {
    const PseudoTerminal terminal(120, 40);
    TerminalDisplay display(terminal.slave(), true);
    const auto start = Clock::now();
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(display.draw(sample_state()));
    }
    display.close();
    EXPECT_LT(Clock::now() - start, std::chrono::seconds{5});
}

TEST(TerminalDisplay, SaysThatTheTerminalIsGone) {
    std::signal(SIGHUP, SIG_IGN);
    PseudoTerminal terminal(80, 24);
    TerminalDisplay display(terminal.slave(), false);
    ASSERT_TRUE(display.draw(sample_state()));
    terminal.hang_up();
    EXPECT_FALSE(display.draw(sample_state()));
}

TEST(TerminalDisplay, IsForTerminalsThatCanMoveTheCursor) {
    const PseudoTerminal terminal(80, 24);
    const Variable colors("NO_COLOR", nullptr);
    {
        const Variable kind("TERM", "xterm");
        EXPECT_TRUE(can_redraw(terminal.slave()));
        EXPECT_TRUE(shows_color(terminal.slave()));
        const Variable without("NO_COLOR", "1");
        EXPECT_TRUE(can_redraw(terminal.slave()));
        EXPECT_FALSE(shows_color(terminal.slave()));
    }
    const Variable dumb("TERM", "dumb");
    EXPECT_FALSE(can_redraw(terminal.slave()));
    EXPECT_FALSE(shows_color(terminal.slave()));
    EXPECT_FALSE(can_redraw(-1));
}

}  // namespace
}  // namespace turnpike::monitor
