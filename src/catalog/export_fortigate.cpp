// FortiGate CLI: address and service objects, which policies share, and a policy for each
// destination from the inside to the outside; answers pass by session. FQDN objects may begin with
// "*.".
#include <fmt/core.h>
#include <fmt/format.h>

#include "catalog/export_formats.h"
#include "catalog/export_holes.h"
#include "catalog/export_objects.h"

namespace turnpike::catalog {
namespace {

// Where FortiOS ends names of policies, and of objects; and comments.
constexpr std::size_t longest_policy = 35;
constexpr std::size_t longest_object = 79;
constexpr std::size_t longest_comment = 255;

bool supported(std::string_view pattern, Transport transport) noexcept {
    const bool wildcard = pattern.starts_with("*.") || pattern.starts_with('.');
    return exact_names(wildcard ? pattern.substr(pattern.find('.') + 1) : pattern, transport);
}

std::string quoted(const std::vector<std::string>& words) {
    return fmt::format("\"{}\"", fmt::join(words, "\" \""));
}

class Script {
  public:
    explicit Script(const Sides& sides) : sides_(sides) {}

    void add(const std::vector<Hole>& holes) {
        for (const auto& hole : holes) {
            policies_ += marked(lines_of(hole), "    # ");
        }
        if (holes.front().closed) {
            return;
        }
        std::vector<std::string> services;
        for (const auto& hole : holes) {
            services.push_back(service(hole));
        }
        policy(holes.front(), services);
    }

    [[nodiscard]] std::string take() const {
        return config("firewall address", addresses_) + config("firewall address6", addresses6_) +
               config("firewall service custom", services_) + config("firewall policy", policies_);
    }

  private:
    static std::string config(std::string_view table, const std::string& edits) {
        return edits.empty() ? "" : fmt::format("config {}\n{}end\n", table, edits);
    }

    std::string service(const Hole& hole) {
        const auto transport = to_string(hole.transport);
        const auto named =
            names_.name(fmt::format("{}-{}", transport, port_list(hole.ports, "-", "_")));
        if (named.is_new) {
            services_ += fmt::format("    edit \"{}\"\n        set {}-portrange {}\n    next\n",
                                     named.name, transport, port_list(hole.ports, "-", " "));
        }
        return named.name;
    }

    std::string object(std::string& table, const std::string& value, const std::string& lines,
                       const std::string& remark) {
        const auto named = names_.name(value);
        if (named.is_new) {
            table += fmt::format("    edit \"{}\"\n{}", named.name, lines);
            if (!remark.empty()) {
                table +=
                    fmt::format("        set comment \"{}\"\n", shortened(remark, longest_comment));
            }
            table += "    next\n";
        }
        return named.name;
    }

    // The names of the hole's objects of one IP version.
    std::vector<std::string> objects(const Hole& hole, unsigned version) {
        if (hole.any) {
            return {"all"};
        }
        std::vector<std::string> members;
        for (const auto& place : places_of_version(hole, version)) {
            const auto block = cidr(place.prefix);
            members.push_back(
                object(version == 4 ? addresses_ : addresses6_, block,
                       fmt::format("        set {} {}\n", version == 4 ? "subnet" : "ip6", block),
                       place.remark));
        }
        if (version == 6) {
            return members;
        }
        const auto add_name = [&](const std::string& text) {
            members.push_back(
                object(addresses_, text,
                       fmt::format("        set type fqdn\n        set fqdn \"{}\"\n", text), {}));
        };
        for (const auto& pattern : hole.names) {
            add_name(pattern.starts_with('.') ? "*" + pattern : pattern);
            if (pattern.starts_with('.')) {
                add_name(pattern.substr(1));
            }
        }
        return members;
    }

    void policy(const Hole& hole, const std::vector<std::string>& services) {
        policies_ += fmt::format(
            "    edit 0\n        set name \"{}\"\n        set srcintf {}\n        set dstintf {}\n",
            object_name(hole, ++count_, longest_policy),
            quoted(hole.inbound ? sides_.outside : sides_.inside),
            quoted(hole.inbound ? sides_.inside : sides_.outside));
        for (const unsigned version : {4U, 6U}) {
            const auto members = objects(hole, version);
            if (members.empty()) {
                continue;
            }
            const bool sources = hole.places_are_sources();
            policies_ += fmt::format("        set srcaddr{0} {1}\n        set dstaddr{0} {2}\n",
                                     version == 4 ? "" : "6", sources ? quoted(members) : "\"all\"",
                                     sources ? "\"all\"" : quoted(members));
        }
        policies_ += fmt::format(
            "        set service {}\n        set schedule \"always\"\n"
            "        set action accept\n    next\n",
            quoted(services));
    }

    const Sides& sides_;
    ObjectNames names_{longest_object};
    unsigned count_ = 0;
    std::string addresses_;
    std::string addresses6_;
    std::string services_;
    std::string policies_;
};

}  // namespace

ExportedFile export_fortigate(const Export& what, const Sides& sides) {
    Script script(sides);
    for (const auto& holes : grouped_by_destination(holes_of(what.entries, supported))) {
        script.add(holes);
    }
    return {
        marked(head_lines(what), "# ") +
            "# New policies stand last: move them before the one that denies. Where the outside\n"
            "# needs NAT, add 'set nat enable' to them.\n" +
            script.take(),
        {}};
}

}  // namespace turnpike::catalog
