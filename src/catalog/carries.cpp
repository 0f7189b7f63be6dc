// Says of a rule whether it carries signaling, media or both.
#include "turnpike/catalog/carries.h"

#include <algorithm>

#include "catalog/coverage.h"

namespace turnpike::catalog {
namespace {

bool speaks_signaling(Expectation expected) noexcept {
    switch (expected) {
        case Expectation::https:
        case Expectation::wss:
        case Expectation::http:
        case Expectation::sip:
        case Expectation::sips:
            return true;
        case Expectation::tls:
        case Expectation::stun:
        case Expectation::turn:
        case Expectation::turns:
        case Expectation::dtls:
        case Expectation::rtp:
        case Expectation::ice:
        case Expectation::quic:
        case Expectation::dns:
        case Expectation::ntp:
        case Expectation::rtmp:
        case Expectation::rtmps:
        case Expectation::vendor:
            return false;
    }
    return false;
}

// TLS, QUIC and a vendor's own protocol hide what they carry.
bool hides_its_content(Expectation expected) noexcept {
    return expected == Expectation::tls || expected == Expectation::quic ||
           expected == Expectation::vendor;
}

bool shares_port(const Rule& a, const Rule& b) noexcept {
    return std::ranges::any_of(a.ports, [&b](const PortItem& mine) {
        return std::ranges::any_of(b.ports, [&mine](const PortItem& theirs) {
            return mine.transport == theirs.transport && mine.first <= theirs.last &&
                   theirs.first <= mine.last;
        });
    });
}

bool shares_place(const Destinations& a, const Destinations& b) noexcept {
    const bool name = std::ranges::any_of(a.names, [&b](const NamePattern& mine) {
        return std::ranges::find(b.names, mine.text, &NamePattern::text) != b.names.end();
    });
    const bool network = std::ranges::any_of(a.prefixes, [&b](const Network& mine) {
        return std::ranges::any_of(b.prefixes, [&mine](const Network& theirs) {
            return covers(mine, theirs) || covers(theirs, mine);
        });
    });
    return name || network || (a.any && b.any) ||
           (!a.reference.empty() && a.reference == b.reference);
}

}  // namespace

bool tells_what_it_carries(const Rule& rule) noexcept {
    return !rule.carries.empty() || std::ranges::any_of(rule.expects, [](Expectation expected) {
        return !hides_its_content(expected);
    });
}

bool carries_signaling(const Rule& rule) noexcept {
    if (!rule.carries.empty()) {
        return std::ranges::find(rule.carries, Carried::signaling) != rule.carries.end();
    }
    return !tells_what_it_carries(rule) || std::ranges::any_of(rule.expects, speaks_signaling);
}

bool carries_media(const Rule& rule) noexcept {
    if (!rule.carries.empty()) {
        return std::ranges::find(rule.carries, Carried::media) != rule.carries.end();
    }
    const bool signaling_only =
        std::ranges::any_of(rule.expects, speaks_signaling) &&
        std::ranges::all_of(rule.expects, [](Expectation expected) {
            return speaks_signaling(expected) || expected == Expectation::tls;
        });
    return !signaling_only;
}

const Rule* signaling_beside(const Revision& revision, const Rule& rule) noexcept {
    if (carries_signaling(rule)) {
        return &rule;
    }
    const auto beside = std::ranges::find_if(revision.rules, [&rule](const Rule& other) {
        return &other != &rule && carries_signaling(other) && shares_port(other, rule) &&
               shares_place(other.destinations, rule.destinations);
    });
    return beside == revision.rules.end() ? nullptr : &*beside;
}

}  // namespace turnpike::catalog
