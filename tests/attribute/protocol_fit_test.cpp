// Which decoded protocols are what a rule expects.
#include <gtest/gtest.h>

#include "support/observation.h"
#include "turnpike/attribute/attributor.h"

namespace turnpike::attribute {
namespace {

using catalog::Expectation;
using facts::Protocol;

bool fits(Expectation expected, Protocol seen) {
    auto rule = support::rule("any", {}, {});
    rule.expects = {expected};
    facts::Flow flow;
    flow.protocol = seen;
    return protocol_fits(rule, flow);
}

TEST(ProtocolFit, EachExpectationTakesItsProtocols) {
    const std::vector<std::pair<Expectation, std::vector<Protocol>>> table{
        {Expectation::tls, {Protocol::tls, Protocol::quic}},
        {Expectation::https, {Protocol::tls, Protocol::quic}},
        {Expectation::http, {Protocol::http}},
        {Expectation::stun, {Protocol::stun, Protocol::turn}},
        {Expectation::turn, {Protocol::turn, Protocol::stun}},
        {Expectation::dtls, {Protocol::dtls}},
        {Expectation::rtp, {Protocol::rtp, Protocol::rtcp, Protocol::zoom}},
        {Expectation::ice, {Protocol::dtls, Protocol::rtp}},
        {Expectation::quic, {Protocol::quic}},
        {Expectation::dns, {Protocol::dns}},
        {Expectation::ntp, {Protocol::ntp}},
        {Expectation::sip, {Protocol::sip}},
        {Expectation::rtmp, {}},
        {Expectation::vendor, {}},
    };
    for (const auto& [expected, protocols] : table) {
        for (const auto seen : {Protocol::tls, Protocol::quic, Protocol::http, Protocol::stun,
                                Protocol::turn, Protocol::dtls, Protocol::rtp, Protocol::rtcp,
                                Protocol::zoom, Protocol::dns, Protocol::ntp, Protocol::sip}) {
            EXPECT_EQ(fits(expected, seen), std::ranges::find(protocols, seen) != protocols.end())
                << "expectation " << static_cast<int>(expected) << ", protocol "
                << static_cast<int>(seen);
        }
    }
}

TEST(ProtocolFit, StunFitsIceWhereItIsIce) {
    auto rule = support::rule("direct", {}, {});
    rule.expects = {Expectation::ice};
    facts::Flow flow;
    flow.protocol = Protocol::stun;
    EXPECT_FALSE(protocol_fits(rule, flow));
    flow.stun.make().ice = true;
    EXPECT_TRUE(protocol_fits(rule, flow));
}

TEST(ProtocolFit, WhatIsUnknownOrNotExpectedFits) {
    EXPECT_TRUE(fits(Expectation::rtmp, Protocol::unknown));
    facts::Flow flow;
    flow.protocol = Protocol::sip;
    EXPECT_TRUE(protocol_fits(support::rule("plain", {}, {}), flow));
}

}  // namespace
}  // namespace turnpike::attribute
