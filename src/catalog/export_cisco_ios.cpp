// Cisco IOS: extended access lists for the outside interface, one a direction and IP version. They
// keep no state, so that each permit outwards makes a reflexive entry, which the other list
// evaluates: answers pass, and nothing else does. IPv4 blocks are written with wildcard masks, IPv6
// blocks with their length.
#include <fmt/core.h>
#include <fmt/format.h>

#include "catalog/export_formats.h"
#include "catalog/export_holes.h"

namespace turnpike::catalog {
namespace {

// IOS refuses longer remarks.
constexpr std::size_t longest_remark = 100;

std::string place_text(const base::Prefix& prefix) {
    if (prefix.length == 0) {
        return "any";
    }
    if (prefix.address.is_v6()) {
        return prefix.length == 128 ? "host " + base::to_string(prefix.address)
                                    : base::to_string(prefix);
    }
    if (prefix.length == 32) {
        return "host " + base::to_string(prefix.address);
    }
    const auto wildcard = (1U << (32U - prefix.length)) - 1U;
    return base::to_string(prefix.address) + ' ' + base::to_string(base::IpAddress::v4(wildcard));
}

std::string remark(std::string_view text) {
    return fmt::format(" remark {}\n", shortened(text, longest_remark));
}

/// The lists of one IP version.
class Lists {
  public:
    Lists(const Sides& sides, unsigned version) : version_(version) {
        for (const auto& network : sides.networks_of(version)) {
            inside_.push_back(place_text(network));
        }
    }

    void add(const Hole& hole) {
        const auto permits = permits_of(hole);
        if (permits.empty() && !hole.closed) {
            return;
        }
        auto& list = hole.inbound ? in_ : out_;
        for (const auto& line : lines_of(hole)) {
            list += remark(line);
        }
        list += permits;
    }

    [[nodiscard]] std::string text(std::string_view interface) const {
        if (inside_.empty()) {
            return fmt::format("! --inside names no IPv{} network, so there is no list for it\n",
                               version_);
        }
        return list("OUT", out_, in_.find(" permit ") == std::string::npos ? "" : answers("IN")) +
               list("IN", in_, answers("OUT")) +
               fmt::format("! interface {0}\n!  {1} {2} out\n!  {1} {3} in\n", interface,
                           version_ == 4 ? "ip access-group" : "ipv6 traffic-filter", name("OUT"),
                           name("IN"));
    }

  private:
    [[nodiscard]] std::string name(std::string_view direction) const {
        return fmt::format("TURNPIKE-{}{}", direction, version_ == 4 ? "" : "6");
    }
    // What the packets of the other direction left behind.
    [[nodiscard]] std::string answers(std::string_view direction) const {
        return fmt::format("{}-ANSWERS", name(direction));
    }

    [[nodiscard]] std::string list(std::string_view direction, const std::string& entries,
                                   const std::string& evaluated) const {
        return fmt::format(
            "{}{}\n{}{}"
            " remark Implicit deny: add above what you pass today, ICMP packet-too-big included\n",
            version_ == 4 ? "ip access-list extended " : "ipv6 access-list ", name(direction),
            evaluated.empty() ? "" : fmt::format(" evaluate {}\n", evaluated), entries);
    }

    [[nodiscard]] std::string permits_of(const Hole& hole) const {
        if (hole.closed) {
            return {};
        }
        std::string text;
        if (hole.any) {
            for (const auto& network : inside_) {
                text += permits(hole, network, "any");
            }
            return text;
        }
        for (const auto& place : places_of_version(hole, version_)) {
            text += place.remark.empty() ? "" : remark(place.remark);
            if (hole.to_own_server) {
                text += permits(hole, place_text(place.prefix), "any");
                continue;
            }
            for (const auto& network : inside_) {
                text += permits(hole, network, place_text(place.prefix));
            }
        }
        return text;
    }

    [[nodiscard]] std::string permits(const Hole& hole, std::string_view inside,
                                      std::string_view outside) const {
        std::string text;
        for (const auto& range : hole.ports) {
            text += fmt::format(" permit {} {} {} {} {} reflect {}\n", to_string(hole.transport),
                                hole.inbound ? outside : inside, hole.inbound ? inside : outside,
                                range.first == range.last ? "eq" : "range", port_text(range, " "),
                                answers(hole.inbound ? "IN" : "OUT"));
        }
        return text;
    }

    unsigned version_;
    std::vector<std::string> inside_;
    std::string out_;
    std::string in_;
};

}  // namespace

ExportedFile export_cisco_ios(const Export& what, const Sides& sides) {
    const auto holes = holes_of(what.entries, no_names);
    auto text = marked(head_lines(what), "! ");
    text +=
        "! For the interface on the outside. Behind NAT there, --inside is the address that the\n"
        "! outside sees. A platform without reflexive lists needs, in place of each 'evaluate',\n"
        "! 'permit tcp PLACE eq PORT INSIDE established'; it cannot tell UDP answers from "
        "attacks.\n";
    for (const unsigned version : {4U, 6U}) {
        Lists lists(sides, version);
        for (const auto& hole : holes) {
            lists.add(hole);
        }
        text += lists.text(sides.outside.front());
    }
    return {text, {}};
}

}  // namespace turnpike::catalog
