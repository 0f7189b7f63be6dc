#include "catalog/words.h"

#include <array>

namespace turnpike::catalog {
namespace {

constexpr std::array<Word<Transport>, 2> transports{{
    {Transport::tcp, "tcp"},
    {Transport::udp, "udp"},
}};
constexpr std::array<Word<Level>, 4> levels{{
    {Level::required, "required"},
    {Level::recommended, "recommended"},
    {Level::optional, "optional"},
    {Level::conditional, "conditional"},
}};
constexpr std::array<Word<RuleDirection>, 3> directions{{
    {RuleDirection::outbound, "outbound"},
    {RuleDirection::inbound, "inbound"},
    {RuleDirection::both, "both"},
}};
constexpr std::array<Word<Duplex>, 2> duplexes{{
    {Duplex::duplex, "duplex"},
    {Duplex::simplex, "simplex"},
}};
constexpr std::array<Word<Expectation>, 18> expectations{{
    {Expectation::tls, "tls"},
    {Expectation::https, "https"},
    {Expectation::wss, "wss"},
    {Expectation::http, "http"},
    {Expectation::stun, "stun"},
    {Expectation::turn, "turn"},
    {Expectation::turns, "turns"},
    {Expectation::dtls, "dtls"},
    {Expectation::rtp, "rtp"},
    {Expectation::ice, "ice"},
    {Expectation::quic, "quic"},
    {Expectation::dns, "dns"},
    {Expectation::ntp, "ntp"},
    {Expectation::sip, "sip"},
    {Expectation::sips, "sips"},
    {Expectation::rtmp, "rtmp"},
    {Expectation::rtmps, "rtmps"},
    {Expectation::vendor, "vendor"},
}};
constexpr std::array<Word<Tier>, 4> tiers{{
    {Tier::none, "none"},
    {Tier::minimum, "minimum"},
    {Tier::better, "better"},
    {Tier::best, "best"},
}};
constexpr std::array<Word<Lifecycle>, 4> lifecycles{{
    {Lifecycle::announced, "announced"},
    {Lifecycle::active, "active"},
    {Lifecycle::retiring, "retiring"},
    {Lifecycle::retired, "retired"},
}};
constexpr std::array<Word<DemandKind>, 12> demand_kinds{{
    {DemandKind::icmp, "icmp"},
    {DemandKind::udp_timeout, "udp-timeout"},
    {DemandKind::tcp_timeout, "tcp-timeout"},
    {DemandKind::no_inspection, "no-inspection"},
    {DemandKind::no_proxy, "no-proxy"},
    {DemandKind::no_vpn, "no-vpn"},
    {DemandKind::no_sip_alg, "no-sip-alg"},
    {DemandKind::nat, "nat"},
    {DemandKind::dscp, "dscp"},
    {DemandKind::websocket, "websocket"},
    {DemandKind::name_resolution, "name-resolution"},
    {DemandKind::other, "other"},
}};

constexpr std::array<Word<Carried>, 2> carried_things{{
    {Carried::signaling, "signaling"},
    {Carried::media, "media"},
}};
constexpr std::array<Word<MediaSign>, 3> media_signs{{
    {MediaSign::unstated, "unstated"},
    {MediaSign::protocol, "protocol"},
    {MediaSign::volume, "volume"},
}};

template <typename T>
std::string_view word_of(T value) noexcept {
    for (const auto& word : words<T>()) {
        if (word.value == value) {
            return word.text;
        }
    }
    return "unknown";
}

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
    return word_of(value);
}
std::string_view to_string(Level value) noexcept {
    return word_of(value);
}
std::string_view to_string(RuleDirection value) noexcept {
    return word_of(value);
}
std::string_view to_string(Duplex value) noexcept {
    return word_of(value);
}
std::string_view to_string(Expectation value) noexcept {
    return word_of(value);
}
std::string_view to_string(Tier value) noexcept {
    return word_of(value);
}
std::string_view to_string(Lifecycle value) noexcept {
    return word_of(value);
}
std::string_view to_string(DemandKind value) noexcept {
    return word_of(value);
}
std::string_view to_string(Carried value) noexcept {
    return word_of(value);
}
std::string_view to_string(MediaSign value) noexcept {
    return word_of(value);
}

}  // namespace turnpike::catalog
