// Which display a run gets, and on which stream.
#include "app/live_display.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "monitor/pipe.h"
#include "monitor/pseudo_terminal.h"

namespace turnpike::app {
namespace {

using monitor::Pipe;
using monitor::PseudoTerminal;
using monitor::Variable;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// Leads a standard stream elsewhere as long as it lives.
class Led {
  public:
    Led(int stream, int target) : stream_(stream), before_(::dup(stream)) {
        ::dup2(target, stream_);
    }
    ~Led() {
        ::dup2(before_, stream_);
        ::close(before_);
    }
    Led(const Led&) = delete;
    Led& operator=(const Led&) = delete;

  private:
    int stream_;
    int before_;
};

monitor::State with_notice() {
    monitor::State state;
    state.source = "eth0";
    state.started = state.now = base::from_nanoseconds(1'790'000'000'000'000'000);
    state.notices = {"eth0: the interface went down"};
    return state;
}

/// What a run with these words writes to its standard output and error, which are pipes.
struct Written {
    std::string out;
    std::string err;
};
Written written_by(const std::vector<std::string>& words) {
    const Pipe out;
    const Pipe err;
    {
        const Led led_out(STDOUT_FILENO, out.writer());
        const Led led_err(STDERR_FILENO, err.writer());
        auto all = words;
        all.insert(all.end(), {"-i", "eth0"});
        LiveDisplay display(parse_live(all).value());
        display.update(with_notice());
        display.close();
    }
    return {out.read(), err.read()};
}

TEST(LiveDisplay, WritesLinesWhereThereIsNoTerminal) {
    const Variable nobody("JOURNAL_STREAM", nullptr);
    const auto written = written_by({});
    EXPECT_THAT(written.out, HasSubstr("Z eth0: the interface went down\n"));
    EXPECT_EQ(written.err, "");
}

TEST(LiveDisplay, WritesObjectsForPrograms) {
    const auto written = written_by({"--format", "json"});
    EXPECT_THAT(written.out, StartsWith("{"));
    EXPECT_THAT(written.out, HasSubstr("eth0: the interface went down"));
    EXPECT_EQ(written.err, "");
}

TEST(LiveDisplay, LeavesStandardOutputToAReportOfAnotherFormat) {
    const Variable nobody("JOURNAL_STREAM", nullptr);
    for (const auto* format : {"html", "csv", "markdown", "junit"}) {
        const auto written = written_by({"--format", format});
        EXPECT_EQ(written.out, "") << format;
        EXPECT_THAT(written.err, HasSubstr("the interface went down")) << format;
    }
}

TEST(LiveDisplay, SaysNothingWhereItIsToBeQuiet) {
    for (const auto* format : {"text", "json"}) {
        const auto written = written_by({"--quiet", "--format", format});
        EXPECT_EQ(written.out + written.err, "") << format;
    }
}

TEST(LiveDisplay, DrawsOnATerminalAndGivesItBack) {
    const Variable terminal("TERM", "xterm");
    const PseudoTerminal screen(80, 24);
    {
        const Led led(STDOUT_FILENO, screen.slave());
        LiveDisplay display(parse_live({"-i", "eth0"}).value());
        display.update(with_notice());
        EXPECT_THAT(screen.read(), HasSubstr("\x1b[?1049h"));
        display.close();
        EXPECT_THAT(screen.read(), HasSubstr("\x1b[?1049l"));
    }
}

TEST(LiveDisplay, NoticesThatNobodyReadsItsObjectsAnyMore) {
    Pipe out;
    const Led led(STDOUT_FILENO, out.writer());
    LiveDisplay display(parse_live({"-i", "eth0", "--format", "json"}).value());
    display.update(with_notice());
    EXPECT_FALSE(display.nobody_left());
    out.close_reader();
    display.update(with_notice());
    EXPECT_TRUE(display.nobody_left());
    display.update(with_notice());  // harmless
    EXPECT_TRUE(display.nobody_left());
}

TEST(LiveDisplay, NoticesThatTheTerminalWasClosed) {
    const Variable type("TERM", "xterm");
    PseudoTerminal terminal(80, 24);
    const Led led(STDOUT_FILENO, terminal.slave());
    LiveDisplay display(parse_live({"-i", "eth0"}).value());
    display.update(with_notice());
    EXPECT_FALSE(display.nobody_left());
    terminal.hang_up();
    display.update(with_notice());
    EXPECT_TRUE(display.nobody_left());
}

TEST(LiveDisplay, DoesNotMindThatItsLogEnds) {
    const Variable nobody("JOURNAL_STREAM", nullptr);
    Pipe out;
    const Led led(STDOUT_FILENO, out.writer());
    LiveDisplay display(parse_live({"-i", "eth0"}).value());
    out.close_reader();
    display.update(with_notice());
    EXPECT_FALSE(display.nobody_left());
}

}  // namespace
}  // namespace turnpike::app
