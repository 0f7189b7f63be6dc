#include "capture/mirror_listener.h"

#include <charconv>
#include <optional>

#include <fmt/core.h>

#include "turnpike/base/error.h"
#include "turnpike/base/ip_address.h"

namespace turnpike::capture {
namespace {

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
    throw base::Error(base::ExitStatus::usage,
                      fmt::format("--listen {}: {}; write vxlan:PORT, geneve:PORT or "
                                  "vxlan:PORT@ADDRESS, for example vxlan:4789",
                                  text, why));
}

std::string_view name_of(MirrorListener::Kind kind) noexcept {
    return kind == MirrorListener::Kind::vxlan ? "vxlan" : "geneve";
}

std::optional<MirrorListener::Kind> kind_of(std::string_view name) noexcept {
    for (const auto kind : {MirrorListener::Kind::vxlan, MirrorListener::Kind::geneve}) {
        if (name == name_of(kind)) {
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

}  // namespace

std::uint16_t registered_port(MirrorListener::Kind kind) noexcept {
    return kind == MirrorListener::Kind::vxlan ? 4789 : 6081;  // RFC 7348 8, RFC 8926 3.3
}

std::string to_string(const MirrorListener& listener) {
    const bool v6 = listener.address.find(':') != std::string::npos;
    return fmt::format("{}:{}{}{}{}{}", name_of(listener.kind), listener.port,
                       listener.address.empty() ? "" : "@", v6 ? "[" : "", listener.address,
                       v6 ? "]" : "");
}

MirrorListener parse_mirror_listener(std::string_view text) {
    MirrorListener made;
    std::string_view rest = text;
    if (const auto at = rest.find('@'); at != std::string_view::npos) {
        const auto address = address_in(rest.substr(at + 1));
        if (!address) {
            refuse(text, "what follows @ is no IP address");
        }
        made.address = base::to_string(*address);
        rest = rest.substr(0, at);
    }
    const auto colon = rest.find(':');
    const auto kind = kind_of(rest.substr(0, colon));
    if (!kind) {
        refuse(text, "not a kind of mirror");
    }
    made.kind = *kind;
    made.port = registered_port(*kind);
    if (colon != std::string_view::npos) {
        const auto port = port_of(rest.substr(colon + 1));
        if (!port) {
            refuse(text, "not a port");
        }
        made.port = *port;
    }
    return made;
}

}  // namespace turnpike::capture
