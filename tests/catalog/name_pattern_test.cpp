// Which names a pattern covers, in every form that a vendor's document uses.
#include <gtest/gtest.h>

#include <string>

#include "turnpike/catalog/catalog.h"

namespace turnpike::catalog {
namespace {

bool matches(const std::string& pattern, const std::string& name) {
    return NamePattern{pattern, {}, false}.matches(name);
}
int specificity(const std::string& pattern) {
    return NamePattern{pattern, {}, false}.specificity();
}

TEST(NamePattern, ExactName) {
    EXPECT_TRUE(matches("a.example.com", "a.example.com"));
    EXPECT_FALSE(matches("a.example.com", "b.a.example.com"));
    EXPECT_FALSE(matches("a.example.com", "a.example.co"));
    EXPECT_FALSE(matches("a.example.com", ""));
}

TEST(NamePattern, StarCoversAnyDepthBelowAndNotItself) {
    EXPECT_TRUE(matches("*.example.com", "a.example.com"));
    EXPECT_TRUE(matches("*.example.com", "a.b.c.example.com"));
    EXPECT_FALSE(matches("*.example.com", "example.com"));
    EXPECT_FALSE(matches("*.example.com", ".example.com"));
    EXPECT_FALSE(matches("*.example.com", "badexample.com"));
    EXPECT_FALSE(matches("*.example.com", "a.example.com.evil.net"));
}

TEST(NamePattern, LeadingDotCoversBelowAndItself) {
    EXPECT_TRUE(matches(".agora.io", "agora.io"));
    EXPECT_TRUE(matches(".agora.io", "ap-web-1.edge.agora.io"));
    EXPECT_FALSE(matches(".agora.io", "notagora.io"));
}

// Amazon Connect: "TurnNlb-*.elb.{region}.amazonaws.com", "rtc*.connect-telecom...".
TEST(NamePattern, AmazonConnectStarInsideALabel) {
    EXPECT_TRUE(
        matches("turnnlb-*.elb.amazonaws.com", "turnnlb-d76454ac48d20c1e.elb.amazonaws.com"));
    EXPECT_FALSE(matches("turnnlb-*.elb.amazonaws.com", "turnnlb-a.b.elb.amazonaws.com"))
        << "the star stays in its label";
    EXPECT_TRUE(matches("rtc*.connect-telecom.us-east-1.amazonaws.com",
                        "rtc.connect-telecom.us-east-1.amazonaws.com"));
    EXPECT_TRUE(
        matches("turnnlb-*.elb.{region}.amazonaws.com", "turnnlb-1.elb.eu-west-2.amazonaws.com"));
    EXPECT_FALSE(matches("turnnlb-*.elb.{region}.amazonaws.com", "turnnlb-1.elb..amazonaws.com"));
}

// Webex "*s3.amazonaws.com", Microsoft "*cdn.onenote.net".
TEST(NamePattern, WebexStarWithoutADot) {
    EXPECT_TRUE(matches("*s3.amazonaws.com", "bucket.s3.amazonaws.com"));
    EXPECT_TRUE(matches("*s3.amazonaws.com", "s3.amazonaws.com"));
    EXPECT_TRUE(matches("*s3.amazonaws.com", "its3.amazonaws.com"));
    EXPECT_FALSE(matches("*s3.amazonaws.com", "s4.amazonaws.com"));
    EXPECT_TRUE(matches("*cdn.onenote.net", "site-cdn.onenote.net"));
}

// Daily "*-wss.daily.co".
TEST(NamePattern, DailyHyphenBehindAStar) {
    EXPECT_TRUE(matches("*-wss.daily.co", "gs-wss.daily.co"));
    EXPECT_FALSE(matches("*-wss.daily.co", "wss.daily.co"));
}

// Zoom "monitoring.*.amazonaws.com".
TEST(NamePattern, ZoomStarInTheMiddle) {
    EXPECT_TRUE(matches("monitoring.*.amazonaws.com", "monitoring.us-east-1.amazonaws.com"));
    EXPECT_FALSE(matches("monitoring.*.amazonaws.com", "monitoring.amazonaws.com"));
    EXPECT_FALSE(matches("monitoring.*.amazonaws.com", "monitoring.a.b.amazonaws.com"));
    EXPECT_FALSE(matches("monitoring.*.amazonaws.com", "monitoring..amazonaws.com"));
}

TEST(NamePattern, LeadingFormsMayHoldMoreStars) {
    EXPECT_TRUE(
        matches("*.execute-api.{region}.amazonaws.com", "x.y.execute-api.us-east-1.amazonaws.com"));
    EXPECT_FALSE(
        matches("*.execute-api.{region}.amazonaws.com", "execute-api.us-east-1.amazonaws.com"));
    EXPECT_TRUE(matches(".{region}.example.com", "eu.example.com"));
    EXPECT_TRUE(matches(".{region}.example.com", "a.eu.example.com"));
}

TEST(NamePattern, TheMoreSpecificIsLarger) {
    EXPECT_GT(specificity("a.io"), specificity("*.very.long.example.com"));
    EXPECT_GT(specificity("*.b.example.com"), specificity("*.example.com"));
    EXPECT_GT(specificity(".edge.agora.io"), specificity(".agora.io"));
    EXPECT_EQ(specificity("*.example.com"), specificity(".example.com"));
    EXPECT_GT(specificity("turn-*.example.com"), specificity("*.example.com"));
    EXPECT_EQ(specificity("x.{region}.example.com"), specificity("x.*.example.com"));
}

}  // namespace
}  // namespace turnpike::catalog
