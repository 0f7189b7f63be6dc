// What the progress line says, and what it leaves out.
#include "app/progress.h"

#include <gtest/gtest.h>

namespace turnpike::app {
namespace {

using std::chrono::seconds;

TEST(ProgressText, ShowsShareRateAndTimeLeft) {
    EXPECT_EQ(progress_line({1'300'000'000, 2'600'000'000}, 2'469'134, seconds{2}),
              " 50 %  1.3 of 2.6 GB  1,234,567 packets/s  2 s left");
    EXPECT_EQ(progress_line({1'000'000, 1'000'000'000}, 1000, seconds{10}),
              "  0 %  0.0 of 1.0 GB  100 packets/s  2 h 46 min left");
}

TEST(ProgressText, LeavesOutWhatIsNotKnown) {
    EXPECT_EQ(progress_line({5'500, std::nullopt}, 100, seconds{1}), "5.5 kB  100 packets/s");
    EXPECT_EQ(progress_line({0, 1'000}, 0, seconds{0}), "  0 %  0.0 of 1.0 kB");
}

TEST(ProgressText, NeverShowsMoreThanAll) {
    EXPECT_EQ(progress_line({2'000, 1'000}, 10, seconds{1}), "100 %  2.0 of 1.0 kB  10 packets/s");
}

}  // namespace
}  // namespace turnpike::app
