// What an audit says besides its rows: no call is asked for.
#include "app/probe_findings.h"

#include <gtest/gtest.h>

#include <vector>

namespace turnpike::app {
namespace {

TEST(ProbeFindings, AdviseNoCall) {
    std::vector<verdict::Headline> headlines(3);
    headlines[0].advice =
        "Make a call with sound and picture for ten seconds or more while capturing. Open outbound "
        "TCP port 443 to x.example.";
    headlines[1].advice = "Look for rate limits. Make a call while capturing.";
    headlines[2].advice = "Open outbound TCP port 443 to x.example.";
    const auto untouched = headlines[2].advice;
    advise_without_a_call(headlines);
    EXPECT_TRUE(headlines[0].advice.starts_with("See below what was not probed; name its servers"));
    EXPECT_TRUE(
        headlines[0].advice.ends_with("(--responder). Open outbound TCP port 443 to x.example."));
    EXPECT_TRUE(headlines[1].advice.starts_with("Look for rate limits. See below"));
    EXPECT_TRUE(headlines[1].advice.ends_with("(--responder)."));
    EXPECT_EQ(headlines[2].advice, untouched);
}

}  // namespace
}  // namespace turnpike::app
