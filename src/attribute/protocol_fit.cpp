// Whether what was seen on a flow can be what a rule expects.
#include <algorithm>

#include "turnpike/attribute/attributor.h"

namespace turnpike::attribute {
namespace {

using catalog::Expectation;
using facts::Protocol;

bool fits(Expectation expected, const facts::Flow& flow) noexcept {
    const Protocol seen = flow.protocol;
    switch (expected) {
        case Expectation::tls:
        case Expectation::https:
        case Expectation::wss:
        case Expectation::turns:
        case Expectation::sips:
        case Expectation::rtmps:
            return seen == Protocol::tls || seen == Protocol::quic;
        case Expectation::http:
            return seen == Protocol::http;
        case Expectation::stun:
            return seen == Protocol::stun || seen == Protocol::turn;
        case Expectation::turn:
            return seen == Protocol::turn || seen == Protocol::stun;
        case Expectation::dtls:
            return seen == Protocol::dtls;
        case Expectation::rtp:
            return seen == Protocol::rtp || seen == Protocol::rtcp || seen == Protocol::zoom;
        case Expectation::ice:
            return flow.stun->ice || seen == Protocol::dtls || seen == Protocol::rtp;
        case Expectation::quic:
            return seen == Protocol::quic;
        case Expectation::dns:
            return seen == Protocol::dns;
        case Expectation::ntp:
            return seen == Protocol::ntp;
        case Expectation::sip:
            return seen == Protocol::sip;
        case Expectation::rtmp:
        case Expectation::vendor:
            return false;  // no decoder: such traffic is unknown, and unknown is asked before
    }
    return false;
}

}  // namespace

bool protocol_fits(const catalog::Rule& rule, const facts::Flow& flow) noexcept {
    return rule.expects.empty() || flow.protocol == Protocol::unknown ||
           std::ranges::any_of(rule.expects,
                               [&flow](Expectation expected) { return fits(expected, flow); });
}

}  // namespace turnpike::attribute
