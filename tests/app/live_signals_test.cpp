// SIGINT and SIGTERM stop the sources, a second one of either the process; SIGHUP and SIGUSR1 are
// noted; all is as before when it is over.
#include "app/live_signals.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <functional>

#include "app/scripted_source.h"

namespace turnpike::app {
namespace {

/// How a process of its own ends that runs this: its status, or 128 and the signal.
int ending_of(const std::function<int()>& action) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::_exit(action());
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

struct Watched {
    test::ScriptedSource first;
    test::ScriptedSource second;
    std::array<capture::Source*, 2> sources{&first, &second};
};

TEST(LiveSignals, TheFirstToEndStopsAllSources) {
    for (const int number : {SIGINT, SIGTERM}) {
        EXPECT_EQ(ending_of([number] {
                      Watched watched;
                      const LiveSignals signals(watched.sources);
                      if (LiveSignals::ended() || watched.first.stopped()) {
                          return 1;
                      }
                      ::raise(number);
                      return LiveSignals::ended() && watched.first.stopped() &&
                                     watched.second.stopped()
                                 ? 0
                                 : 2;
                  }),
                  0);
    }
}

TEST(LiveSignals, TheSecondEndsTheProcess) {
    for (const int first : {SIGINT, SIGTERM}) {
        for (const int second : {SIGINT, SIGTERM}) {
            EXPECT_EQ(ending_of([=] {
                          Watched watched;
                          const LiveSignals signals(watched.sources);
                          ::raise(first);
                          ::raise(second);
                          return 1;
                      }),
                      128 + second)
                << first;
        }
    }
}

TEST(LiveSignals, OthersAreNotedOnceAndEndNothing) {
    EXPECT_EQ(ending_of([] {
                  Watched watched;
                  const LiveSignals signals(watched.sources);
                  if (LiveSignals::take_hangup() || LiveSignals::take_user1()) {
                      return 1;
                  }
                  ::raise(SIGHUP);
                  if (LiveSignals::take_user1() || !LiveSignals::take_hangup() ||
                      LiveSignals::take_hangup()) {
                      return 2;
                  }
                  ::raise(SIGUSR1);
                  ::raise(SIGUSR1);
                  if (LiveSignals::take_hangup() || !LiveSignals::take_user1() ||
                      LiveSignals::take_user1()) {
                      return 3;
                  }
                  ::raise(SIGPIPE);
                  return LiveSignals::ended() || watched.first.stopped() ? 4 : 0;
              }),
              0);
}

TEST(LiveSignals, LeaveEverythingAsItWas) {
    EXPECT_EQ(ending_of([] {
                  std::signal(SIGHUP, SIG_IGN);
                  const std::array others{SIGINT, SIGTERM, SIGUSR1, SIGPIPE};
                  for (const int number : others) {  // shells let what runs behind them ignore some
                      std::signal(number, SIG_DFL);
                  }
                  Watched watched;
                  {
                      const LiveSignals signals(watched.sources);
                      ::raise(SIGINT);
                  }
                  for (const int number : others) {
                      struct sigaction now{};
                      ::sigaction(number, nullptr, &now);
                      if (now.sa_handler != SIG_DFL) {
                          return 1;
                      }
                  }
                  ::raise(SIGHUP);
                  const LiveSignals again(watched.sources);
                  return LiveSignals::ended() || LiveSignals::take_hangup() ? 2 : 0;
              }),
              0);
}

}  // namespace
}  // namespace turnpike::app
