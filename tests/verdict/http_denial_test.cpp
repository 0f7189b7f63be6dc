// Answers that forbid in somebody's place.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/observation.h"
#include "turnpike/verdict/evaluate.h"
#include "verdict/judgement.h"

namespace turnpike::verdict {
namespace {

using namespace support;

facts::HttpFacts answer(std::uint16_t status, std::string location = {}) {
    facts::HttpFacts http;
    http.request = {1, at(0)};
    http.response = {2, at(0.1)};
    http.status = status;
    http.location = std::move(location);
    return http;
}

TEST(HttpDenial, StatusesThatForbid) {
    for (const auto status : std::initializer_list<std::uint16_t>{403, 451, 511}) {
        EXPECT_TRUE(denies(answer(status), "www.example.com")) << status;
    }
    for (const auto status :
         std::initializer_list<std::uint16_t>{200, 204, 400, 401, 404, 407, 500, 503}) {
        EXPECT_FALSE(denies(answer(status), "www.example.com")) << status;
    }
}

TEST(HttpDenial, WithoutAnAnswerNothingWasDenied) {
    auto http = answer(403);
    http.response = {};
    EXPECT_FALSE(denies(http, "www.example.com"));
}

TEST(HttpDenial, ARedirectToAnotherSiteIsOne) {
    EXPECT_TRUE(denies(answer(302, "http://blocked.example.net/page"), "www.example.com"));
    EXPECT_TRUE(denies(answer(307, "http://10.0.0.1:8080/"), "www.example.com"));
    EXPECT_FALSE(denies(answer(301, "https://www.example.com/"), "www.example.com"));
    EXPECT_FALSE(denies(answer(301, "https://Login.Example.com/x"), "www.example.com"))
        << "the same site";
    EXPECT_FALSE(denies(answer(302, "/login"), "www.example.com"));
    EXPECT_FALSE(denies(answer(200, "http://blocked.example.net/"), "www.example.com"));
}

TEST(HttpDenial, AddressesHaveNoSite) {
    EXPECT_FALSE(denies(answer(301, "https://www.example.com/"), "203.0.113.10"));
    EXPECT_FALSE(denies(answer(301, "https://www.example.com/"), "[2001:db8::1]:8080"));
}

TEST(HttpDenial, WithoutANameOnlyTheRuleMayTell) {
    const auto rule =
        support::rule("web", {support::port(catalog::Transport::tcp, 80)}, {"*.example.com"});
    EXPECT_TRUE(denies(answer(302, "http://portal.example.net/"), ""));
    EXPECT_FALSE(denies(answer(302, "http://portal.example.net/"), "", &rule));
    EXPECT_FALSE(denies(answer(302, "http://www.example.com/"), "www.example.org", &rule));
}

TEST(HttpDenial, ReferencesThatNameAHost) {
    EXPECT_TRUE(denies(answer(302, "//portal.example.net/login"), "www.example.com"));
    EXPECT_TRUE(denies(answer(302, "HTTP://user@portal.example.net:8080"), "www.example.com"));
    EXPECT_FALSE(denies(answer(302, "/login?next=https://example.net/"), "www.example.com"));
    EXPECT_FALSE(denies(answer(302, "?next=//example.net/"), "www.example.com"));
    EXPECT_FALSE(denies(answer(302, "https://WWW.example.com.:443/"), "www.example.com"));
}

TEST(HttpDenial, SitesUnderAPublicSuffixAreOthers) {
    EXPECT_TRUE(denies(answer(302, "http://other.co.uk/"), "www.example.co.uk"));
    EXPECT_FALSE(denies(answer(302, "http://my.example.co.uk/"), "www.example.co.uk"));
}

TEST(HttpDenial, ThePageItselfConfirmsTheBlock) {
    const auto verdict = denied(answer(451), {1, at(0)});
    EXPECT_EQ(verdict.reason, BlockReason::http_denied);
    EXPECT_EQ(verdict.stage, Stage::http);
    EXPECT_EQ(verdict.grade, Grade::a);
    EXPECT_THAT(verdict.evidence, ::testing::ElementsAre(1, 2));
    EXPECT_EQ(*verdict.notes, std::vector<std::string>{"http_status 451"});
}

/// What answers a ClientHello in plain text.
FlowVerdict plain_answer(std::uint16_t status, std::string location = {}) {
    ObservationBuilder built;
    auto& flow = built.connection("203.0.113.1", 443, "api.example.com", 1);
    auto& tls = flow.tls.make();
    tls.server_record = {};
    tls.plain_answer = flow.server_of(*flow.tcp).payload;
    if (status != 0) {
        auto& http = flow.rare.make().http.make();
        http.response = tls.plain_answer;
        http.status = status;
        http.location = std::move(location);
    }
    built.goes_on_until(10);
    return evaluate(built.observation, std::vector<const catalog::Revision*>{}).flows[0];
}

TEST(HttpDenial, APageThatForbidsInThePlaceOfAServerHelloIsAFilters) {
    EXPECT_EQ(plain_answer(403).reason, BlockReason::http_denied);
    EXPECT_EQ(plain_answer(302, "http://blocked.example.net/").reason, BlockReason::http_denied);
}

TEST(HttpDenial, AnyOtherPlainTextThereIsTheServer) {
    EXPECT_EQ(plain_answer(400).inconclusive, InconclusiveReason::server_refused);
    EXPECT_EQ(*plain_answer(400).notes, std::vector<std::string>{"http 400"});
    EXPECT_EQ(plain_answer(0).inconclusive, InconclusiveReason::server_refused);
    EXPECT_EQ(*plain_answer(0).notes, std::vector<std::string>{"plain_text"});
}

}  // namespace
}  // namespace turnpike::verdict
