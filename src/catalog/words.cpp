// The words of the catalog's enumerations, one table each.
#include "catalog/words.h"

#include <array>

namespace turnpike::catalog {
namespace {

constexpr std::array transports{
    Word{Transport::tcp, "tcp"},
    Word{Transport::udp, "udp"},
};
static_assert(base::in_order(transports));
constexpr std::array levels{
    Word{Level::required, "required"},
    Word{Level::recommended, "recommended"},
    Word{Level::optional, "optional"},
    Word{Level::conditional, "conditional"},
};
static_assert(base::in_order(levels));
constexpr std::array directions{
    Word{RuleDirection::outbound, "outbound"},
    Word{RuleDirection::inbound, "inbound"},
    Word{RuleDirection::both, "both"},
};
static_assert(base::in_order(directions));
constexpr std::array duplexes{
    Word{Duplex::duplex, "duplex"},
    Word{Duplex::simplex, "simplex"},
};
static_assert(base::in_order(duplexes));
constexpr std::array expectations{
    Word{Expectation::tls, "tls"},     Word{Expectation::https, "https"},
    Word{Expectation::wss, "wss"},     Word{Expectation::http, "http"},
    Word{Expectation::stun, "stun"},   Word{Expectation::turn, "turn"},
    Word{Expectation::turns, "turns"}, Word{Expectation::dtls, "dtls"},
    Word{Expectation::rtp, "rtp"},     Word{Expectation::ice, "ice"},
    Word{Expectation::quic, "quic"},   Word{Expectation::dns, "dns"},
    Word{Expectation::ntp, "ntp"},     Word{Expectation::sip, "sip"},
    Word{Expectation::sips, "sips"},   Word{Expectation::rtmp, "rtmp"},
    Word{Expectation::rtmps, "rtmps"}, Word{Expectation::vendor, "vendor"},
};
static_assert(base::in_order(expectations));
constexpr std::array tiers{
    Word{Tier::none, "none"},
    Word{Tier::minimum, "minimum"},
    Word{Tier::better, "better"},
    Word{Tier::best, "best"},
};
static_assert(base::in_order(tiers));
constexpr std::array lifecycles{
    Word{Lifecycle::announced, "announced"},
    Word{Lifecycle::active, "active"},
    Word{Lifecycle::retiring, "retiring"},
    Word{Lifecycle::retired, "retired"},
};
static_assert(base::in_order(lifecycles));
constexpr std::array demand_kinds{
    Word{DemandKind::icmp, "icmp"},
    Word{DemandKind::udp_timeout, "udp-timeout"},
    Word{DemandKind::tcp_timeout, "tcp-timeout"},
    Word{DemandKind::no_inspection, "no-inspection"},
    Word{DemandKind::no_proxy, "no-proxy"},
    Word{DemandKind::no_vpn, "no-vpn"},
    Word{DemandKind::no_sip_alg, "no-sip-alg"},
    Word{DemandKind::nat, "nat"},
    Word{DemandKind::dscp, "dscp"},
    Word{DemandKind::websocket, "websocket"},
    Word{DemandKind::name_resolution, "name-resolution"},
    Word{DemandKind::other, "other"},
};
static_assert(base::in_order(demand_kinds));

constexpr std::array carried_things{
    Word{Carried::signaling, "signaling"},
    Word{Carried::media, "media"},
};
static_assert(base::in_order(carried_things));
constexpr std::array media_signs{
    Word{MediaSign::unstated, "unstated"},
    Word{MediaSign::protocol, "protocol"},
    Word{MediaSign::volume, "volume"},
};
static_assert(base::in_order(media_signs));

}  // namespace

template <>
std::span<const Word<Transport>> words<Transport>() noexcept {
    return transports;
}
template <>
std::span<const Word<Level>> words<Level>() noexcept {
    return levels;
}
template <>
std::span<const Word<RuleDirection>> words<RuleDirection>() noexcept {
    return directions;
}
template <>
std::span<const Word<Duplex>> words<Duplex>() noexcept {
    return duplexes;
}
template <>
std::span<const Word<Expectation>> words<Expectation>() noexcept {
    return expectations;
}
template <>
std::span<const Word<Tier>> words<Tier>() noexcept {
    return tiers;
}
template <>
std::span<const Word<Lifecycle>> words<Lifecycle>() noexcept {
    return lifecycles;
}
template <>
std::span<const Word<DemandKind>> words<DemandKind>() noexcept {
    return demand_kinds;
}
template <>
std::span<const Word<Carried>> words<Carried>() noexcept {
    return carried_things;
}
template <>
std::span<const Word<MediaSign>> words<MediaSign>() noexcept {
    return media_signs;
}

std::string_view to_string(Transport value) noexcept {
    return word_of(transports, value);
}
std::string_view to_string(Level value) noexcept {
    return word_of(levels, value);
}
std::string_view to_string(RuleDirection value) noexcept {
    return word_of(directions, value);
}
std::string_view to_string(Duplex value) noexcept {
    return word_of(duplexes, value);
}
std::string_view to_string(Expectation value) noexcept {
    return word_of(expectations, value);
}
std::string_view to_string(Tier value) noexcept {
    return word_of(tiers, value);
}
std::string_view to_string(Lifecycle value) noexcept {
    return word_of(lifecycles, value);
}
std::string_view to_string(DemandKind value) noexcept {
    return word_of(demand_kinds, value);
}
std::string_view to_string(Carried value) noexcept {
    return word_of(carried_things, value);
}
std::string_view to_string(MediaSign value) noexcept {
    return word_of(media_signs, value);
}

}  // namespace turnpike::catalog
