// Checks what was given as `--inside` and `--outside` against what the firewall takes.
#include "catalog/export_sides.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <optional>

#include "turnpike/base/error.h"
#include "turnpike/base/text.h"

namespace turnpike::catalog {
namespace {

/// What a firewall calls the places on its sides.
struct Vocabulary {
    std::string_view term;        ///< "an interface"; empty: there are no such names
    std::string_view characters;  ///< beside letters and digits
    std::size_t longest = 0;
    bool lower_case = false;
};

/// What a firewall takes on one side.
struct Side {
    bool needed = false;
    bool networks = false;
    bool several = false;
    Vocabulary names{};
    std::string_view why{};  ///< what the rules would be without it, or why there is no such side
};

struct Wants {
    Side inside{};
    Side outside{};
};

// Linux ends names at 15 octets (IFNAMSIZ).
constexpr Vocabulary linux_interface{"an interface", "._-@", 15};
constexpr Vocabulary ios_interface{"an interface", "/.:-", 60};
constexpr Vocabulary pan_zone{"a zone", " ._-", 31};
constexpr Vocabulary forti_interface{"an interface or zone", " ._-/", 35};
constexpr Vocabulary sense_interface{"an interface (lan, wan, opt1)", "_", 32, true};
constexpr Vocabulary security_group{"a security group (sg-...)", "-", 20, true};
constexpr Vocabulary no_name{};

constexpr std::string_view open_to_all = "without it the rules would admit packets from outside";
constexpr std::string_view host_only = "the rules are for the host itself";
constexpr std::string_view names_only = "a list of names has no sides";

Wants wants_of(Firewall firewall) noexcept {
    const Side none{.why = names_only};
    switch (firewall) {
        case Firewall::nftables:
        case Firewall::iptables:
        case Firewall::ip6tables:
            return {{true, true, true, linux_interface, open_to_all},
                    {true, false, true, linux_interface, open_to_all}};
        case Firewall::cisco_ios:
            return {{true, true, true, no_name, open_to_all},
                    {true, false, false, ios_interface, open_to_all}};
        case Firewall::palo_alto:
            return {{true, false, true, pan_zone, open_to_all},
                    {true, false, true, pan_zone, open_to_all}};
        case Firewall::fortigate:
            return {{true, false, true, forti_interface, open_to_all},
                    {true, false, true, forti_interface, open_to_all}};
        case Firewall::pfsense:
        case Firewall::opnsense:
            return {{true, false, false, sense_interface, open_to_all},
                    {true, false, false, sense_interface, open_to_all}};
        case Firewall::aws_security_group:
        case Firewall::aws_security_group_ingress:
            return {{false, false, false, security_group, {}},
                    {.why = "a security group stands around its members"}};
        case Firewall::windows_netsh:
        case Firewall::powershell:
            return {{false, true, true, no_name, {}}, {.why = host_only}};
        case Firewall::squid:
            return {{true, true, true, no_name, "without it the proxy would serve anybody"},
                    {.why = "a proxy makes the outer connection itself"}};
        case Firewall::wireshark:
            return {{false, true, true, no_name, {}},
                    {.why = "a filter tells the sides apart by --inside"}};
        case Firewall::hosts:
        case Firewall::proxy_urls:
        case Firewall::csv:
            return {none, none};
    }
    return {none, none};
}

bool takes_nothing(const Side& side) noexcept {
    return !side.networks && side.names.term.empty();
}

std::string takes(const Side& side) {
    std::string text(side.names.term);
    if (side.networks) {
        text += text.empty() ? "networks" : " or networks";
    }
    return text;
}

[[noreturn]] void refuse(std::string_view option, std::string_view word, std::string_view reason) {
    throw base::Error(base::ExitStatus::usage,
                      fmt::format("--{} {}: {}", option, base::escape(word), reason));
}

bool is_name(std::string_view word, const Vocabulary& names) noexcept {
    const auto fits = [&names](unsigned char c) {
        return (std::isalnum(c) != 0 && (!names.lower_case || std::isupper(c) == 0)) ||
               names.characters.find(static_cast<char>(c)) != std::string_view::npos;
    };
    return !names.term.empty() && !word.empty() && word.size() <= names.longest &&
           std::isalnum(static_cast<unsigned char>(word.front())) != 0 &&
           std::ranges::all_of(word, fits);
}

bool looks_like_network(std::string_view word) noexcept {
    return base::IpAddress::parse(word.substr(0, word.find('/'))).has_value();
}

struct Read {
    std::vector<std::string> names;
    std::vector<base::Prefix> networks;
};

Read read_side(std::string_view option, const Side& side, const std::vector<std::string>& words) {
    Read read;
    for (const auto& word : words) {
        if (takes_nothing(side)) {
            refuse(option, word, fmt::format("has no meaning here: {}", side.why));
        }
        if (side.networks && looks_like_network(word)) {
            const auto network = base::Prefix::parse(word);
            if (!network) {
                refuse(option, word, "is no network; write 192.0.2.0/24, without host bits");
            }
            read.networks.push_back(*network);
        } else if (is_name(word, side.names)) {
            read.names.push_back(word);
        } else {
            refuse(option, word, fmt::format("must be {}", takes(side)));
        }
    }
    if (!read.names.empty() && !read.networks.empty()) {
        refuse(option, words.back(), "interfaces and networks cannot be mixed");
    }
    if (!side.several && words.size() > 1) {
        refuse(option, words[1], "only one can be given here");
    }
    return read;
}

void refuse_missing(Firewall firewall, const Wants& wants, const ExportSides& given) {
    const auto one = [&](std::string_view option, const Side& side, const auto& words) {
        if (side.needed && words.empty()) {
            throw base::Error(base::ExitStatus::usage,
                              fmt::format("catalog export --format {}: needs --{} ({}); {}",
                                          to_word(firewall), option, takes(side), side.why));
        }
    };
    one("inside", wants.inside, given.inside);
    one("outside", wants.outside, given.outside);
}

}  // namespace

std::vector<base::Prefix> Sides::networks_of(unsigned version) const {
    std::vector<base::Prefix> found;
    std::ranges::copy_if(inside_networks, std::back_inserter(found),
                         [&](const auto& network) { return network.address.version() == version; });
    return found;
}

Sides check_sides(Firewall firewall, const ExportSides& given) {
    const auto wants = wants_of(firewall);
    refuse_missing(firewall, wants, given);
    auto inside = read_side("inside", wants.inside, given.inside);
    auto outside = read_side("outside", wants.outside, given.outside);
    for (const auto& name : outside.names) {
        if (std::ranges::find(inside.names, name) != inside.names.end()) {
            refuse("outside", name, "is on the inside already");
        }
    }
    return {std::move(inside.names), std::move(inside.networks), std::move(outside.names),
            given.part};
}

std::string sides_text(Firewall firewall) {
    const auto wants = wants_of(firewall);
    const auto text = [](const Side& side) {
        if (takes_nothing(side)) {
            return std::string("-");
        }
        return takes(side) + (side.needed ? "" : " (optional)");
    };
    return fmt::format("inside: {}; outside: {}", text(wants.inside), text(wants.outside));
}

}  // namespace turnpike::catalog
