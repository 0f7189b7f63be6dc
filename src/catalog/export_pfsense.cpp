// pfSense and OPNsense: aliases and filter rules as their configuration XML has them. An alias
// takes exact names; the firewall resolves them. A rule stands on the interface where its packets
// come in and keeps state, which lets answers through.
//
// Restoring such a file as an area would replace what is there, so packaging/add-to-backup.xsl adds
// it to a backup.
#include <fmt/core.h>
#include <fmt/format.h>

#include <string>

#include "catalog/export_formats.h"
#include "catalog/export_holes.h"

namespace turnpike::catalog {
namespace {

constexpr std::size_t longest_pfsense_description = 200;

std::string xml(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

std::string element(std::string_view name, std::string_view text) {
    return fmt::format("<{0}>{1}</{0}>", name, xml(text));
}

// Two hyphens end a comment's contents (XML 1.0, 2.5), and a last one would lengthen its end.
std::string comments(const std::vector<std::string>& lines) {
    std::string text;
    for (auto line : lines) {
        for (auto at = line.find("--"); at != std::string::npos; at = line.find("--", at)) {
            line.replace(at, 2, "- ");
        }
        text += "<!-- " + line + " -->\n";
    }
    return text;
}

std::string title(const Hole& hole) {
    return shortened(fmt::format("turnpike: {}", titles_text(hole)), longest_pfsense_description);
}

// FNV-1a: the same rule has the same identifier in every export.
std::uint64_t identifier(std::string_view text) noexcept {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    }
    return hash;
}

/// What an alias holds, and a description of each member.
struct Members {
    std::vector<std::string> values;
    std::vector<std::string> remarks;
    void add(std::string value, const std::string& remark) {
        values.push_back(std::move(value));
        remarks.push_back(remark.empty() ? "document" : remark);
    }
};

// `type`: "network", "host" or "port". Names of aliases take letters, digits and underscores only.
std::string pfsense_alias(const std::string& name, std::string_view type, const Members& members,
                          std::string_view description) {
    return "<alias>" + element("name", name) + element("type", type) +
           element("address", fmt::format("{}", fmt::join(members.values, " "))) +
           element("descr", description) +
           element("detail", fmt::format("{}", fmt::join(members.remarks, "||"))) + "</alias>\n";
}

std::string opnsense_alias(const std::string& name, std::string_view type, const Members& members,
                           std::string_view description) {
    const auto high = identifier(name);
    const auto low = identifier(name + "/");
    return fmt::format("<alias uuid=\"{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}\">", high >> 32U,
                       (high >> 16U) & 0xFFFFU, high & 0xFFFU, low >> 52U,
                       low & 0xFFFFFFFFFFFFULL) +
           element("enabled", "1") + element("name", name) + element("type", type) +
           "<proto/><interface/><counters>0</counters><updatefreq/>" +
           element("content", fmt::format("{}", fmt::join(members.values, "\n"))) +
           "<categories/>" + element("description", description) + "</alias>\n";
}

class Configuration {
  public:
    Configuration(const Sides& sides, bool opnsense) : sides_(sides), opnsense_(opnsense) {}

    void add(const Hole& hole) {
        rules_ += comments(lines_of(hole));
        if (hole.closed) {
            return;
        }
        ++count_;
        const auto place = hole.any ? std::string() : places(hole);
        rule(hole, place, ports(hole));
    }

    [[nodiscard]] std::string text(const std::vector<std::string>& head) const {
        const auto filter = "<filter>\n" + rules_ + "</filter>\n";
        const auto aliases = "<aliases>\n" + aliases_ + "</aliases>\n";
        const std::string start = "<?xml version=\"1.0\"?>\n";
        if (opnsense_) {
            return start + "<opnsense>\n" + comments(head) + "<OPNsense><Firewall><Alias>\n" +
                   aliases + "</Alias></Firewall></OPNsense>\n" + filter + "</opnsense>\n";
        }
        return start + "<pfsense>\n" + comments(head) + aliases + filter + "</pfsense>\n";
    }

  private:
    void alias(const std::string& name, std::string_view type, const Members& members,
               const Hole& hole) {
        aliases_ += (opnsense_ ? opnsense_alias : pfsense_alias)(name, type, members, title(hole));
    }

    // The alias of the hole's destinations. In OPNsense an alias of networks takes no names, and
    // one of hosts no networks, so that a third one may have to hold both.
    std::string places(const Hole& hole) {
        auto name = fmt::format("turnpike_{}", count_);
        Members networks;
        Members hosts;
        for (const auto& place : hole.places) {
            networks.add(cidr(place.prefix), place.remark);
        }
        for (const auto& pattern : hole.names) {
            (opnsense_ ? hosts : networks).add(pattern, {});
        }
        if (hosts.values.empty() || networks.values.empty()) {
            const bool has_hosts = networks.values.empty();
            alias(name, has_hosts ? "host" : "network", has_hosts ? hosts : networks, hole);
            return name;
        }
        alias(name + "_networks", "network", networks, hole);
        alias(name + "_hosts", "host", hosts, hole);
        Members both;
        both.add(name + "_networks", {});
        both.add(name + "_hosts", {});
        alias(name, "networkgroup", both, hole);
        return name;
    }

    // A rule takes a port, a range or an alias.
    std::string ports(const Hole& hole) {
        if (hole.ports.size() == 1) {
            return port_text(hole.ports[0], "-");
        }
        auto name = fmt::format("turnpike_{}_ports", count_);
        Members members;
        for (const auto& range : hole.ports) {
            members.add(port_text(range, ":"), {});
        }
        alias(name, "port", members, hole);
        return name;
    }

    void rule(const Hole& hole, const std::string& place, const std::string& port) {
        const auto there = place.empty() ? "<any/>" : element("address", place);
        const auto inside = element("network", sides_.inside.front());
        const auto source = hole.to_own_server ? "<any/>" : (hole.inbound ? there : inside);
        const auto destination = hole.inbound && !hole.to_own_server ? inside : there;
        // The time at which a rule was made identifies it; any number of ten digits will do.
        const auto tracker = 1'000'000'000U + identifier(title(hole) + port) % 700'000'000U;
        rules_ += "<rule>" + element("tracker", std::to_string(tracker)) + element("type", "pass") +
                  element("interface", (hole.inbound ? sides_.outside : sides_.inside).front()) +
                  "<ipprotocol>inet46</ipprotocol><statetype>keep state</statetype>" +
                  (opnsense_ ? "<direction>in</direction><quick>1</quick>" : "") +
                  element("protocol", to_string(hole.transport)) + "<source>" + source +
                  "</source><destination>" + destination + element("port", port) +
                  "</destination>" + element("descr", title(hole)) + "</rule>\n";
    }

    const Sides& sides_;
    bool opnsense_;
    unsigned count_ = 0;
    std::string aliases_;
    std::string rules_;
};

ExportedFile export_sense(const Export& what, const Sides& sides, bool opnsense) {
    Configuration configuration(sides, opnsense);
    for (const auto& hole : holes_of(what.entries, exact_names)) {
        configuration.add(hole);
    }
    auto head = head_lines(what);
    head.emplace_back(
        "Restoring this file as an area would replace your own aliases and rules. Add it to a "
        "backup and restore that: xsltproc -o new.xml -stringparam rules THIS-FILE "
        "add-to-backup.xsl backup.xml (the stylesheet comes with turnpike; the file's path must be "
        "whole).");
    return {configuration.text(head), {}};
}

}  // namespace

ExportedFile export_pfsense(const Export& what, const Sides& sides) {
    return export_sense(what, sides, false);
}

ExportedFile export_opnsense(const Export& what, const Sides& sides) {
    return export_sense(what, sides, true);
}

}  // namespace turnpike::catalog
