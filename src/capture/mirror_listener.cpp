// Parses and prints what a listener is called on the command line.
#include "capture/mirror_listener.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/core.h>

#include "turnpike/base/error.h"
#include "turnpike/base/ip_address.h"
#include "turnpike/base/text.h"

namespace turnpike::capture {
namespace {

[[noreturn]] void refuse_address(std::string_view text, std::string_view why) {
    throw base::Error(
        base::ExitStatus::usage,
        fmt::format("--listen {}: {}; write vxlan:PORT, geneve:PORT or "
                    "vxlan:PORT@ADDRESS, and behind it ,from=NETWORK and ,vni=NUMBER: "
                    "vxlan:4789,from=192.0.2.0/24",
                    base::escape(text), why));
}

std::string_view name_of_listener(MirrorListener::Kind kind) noexcept {
    return kind == MirrorListener::Kind::vxlan ? "vxlan" : "geneve";
}

std::optional<MirrorListener::Kind> kind_of(std::string_view name) noexcept {
    for (const auto kind : {MirrorListener::Kind::vxlan, MirrorListener::Kind::geneve}) {
        if (name == name_of_listener(kind)) {
            return kind;
        }
    }
    return std::nullopt;
}

std::optional<std::uint16_t> port_of(std::string_view text) noexcept {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return whole && port != 0 ? std::optional(port) : std::nullopt;
}

std::optional<base::IpAddress> address_in(std::string_view text) noexcept {
    if (text.starts_with('[') && text.ends_with(']')) {
        const auto address = base::IpAddress::parse(text.substr(1, text.size() - 2));
        return address && address->is_v6() ? address : std::nullopt;
    }
    return base::IpAddress::parse(text);
}

// ",from=192.0.2.0/24": a network, or an address by itself.
base::Prefix sender_in(std::string_view text, std::string_view word) {
    const auto network = base::Prefix::parse(word);
    if (!network) {
        refuse_address(text, "what follows from= is no network");
    }
    return *network;
}

// RFC 7348 5, RFC 8926 3.4: 24 bits.
std::uint32_t network_in(std::string_view text, std::string_view word) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (error != std::errc{} || end != word.data() + word.size() || number >= 1U << 24U) {
        refuse_address(text, "what follows vni= is no number of a virtual network");
    }
    return number;
}

// What stands behind the first comma.
void read_conditions(std::string_view text, std::string_view rest, MirrorListener& made) {
    constexpr std::string_view from = "from=";
    constexpr std::string_view vni = "vni=";
    do {
        const auto word = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(word.size() + 1, rest.size()));
        if (word.starts_with(from)) {
            made.senders.push_back(sender_in(text, word.substr(from.size())));
        } else if (word.starts_with(vni)) {
            made.networks.push_back(network_in(text, word.substr(vni.size())));
        } else {
            refuse_address(text, "what follows a comma is neither from= nor vni=");
        }
    } while (!rest.empty());
}

}  // namespace

std::uint16_t registered_port(MirrorListener::Kind kind) noexcept {
    return kind == MirrorListener::Kind::vxlan ? 4789 : 6081;  // RFC 7348 8, RFC 8926 3.3
}

std::string to_string(const MirrorListener& listener) {
    const bool v6 = listener.address.find(':') != std::string::npos;
    return fmt::format("{}:{}{}{}{}{}", name_of_listener(listener.kind), listener.port,
                       listener.address.empty() ? "" : "@", v6 ? "[" : "", listener.address,
                       v6 ? "]" : "");
}

MirrorListener parse_mirror_listener(std::string_view text) {
    MirrorListener made;
    std::string_view rest = text;
    if (const auto comma = rest.find(','); comma != std::string_view::npos) {
        read_conditions(text, rest.substr(comma + 1), made);
        rest = rest.substr(0, comma);
    }
    if (const auto at = rest.find('@'); at != std::string_view::npos) {
        const auto address = address_in(rest.substr(at + 1));
        if (!address) {
            refuse_address(text, "what follows @ is no IP address");
        }
        made.address = base::to_string(*address);
        rest = rest.substr(0, at);
    }
    const auto colon = rest.find(':');
    const auto kind = kind_of(rest.substr(0, colon));
    if (!kind) {
        refuse_address(text, "not a kind of mirror");
    }
    made.kind = *kind;
    made.port = registered_port(*kind);
    if (colon != std::string_view::npos) {
        const auto port = port_of(rest.substr(colon + 1));
        if (!port) {
            refuse_address(text, "not a port");
        }
        made.port = *port;
    }
    return made;
}

}  // namespace turnpike::capture
