// FortiGate CLI: address objects, a service and a policy each. FQDN objects may begin with "*.".
#include <fmt/core.h>
#include <fmt/format.h>

#include "catalog/export_formats.h"
#include "catalog/export_holes.h"

namespace turnpike::catalog {
namespace {

// FortiOS ends policy names here.
constexpr std::size_t longest_name = 35;

bool supported(std::string_view pattern, Transport transport) noexcept {
    const bool wildcard = pattern.starts_with("*.") || pattern.starts_with('.');
    return exact_names(wildcard ? pattern.substr(pattern.find('.') + 1) : pattern, transport);
}

class Script {
  public:
    void add(const Hole& hole) {
        const auto name = fmt::format("turnpike-{}-{}{}", ++count_, transport_text(*hole.entry),
                                      hole.inbound ? "-in" : "");
        const auto comment =
            fmt::format("# {}\n{}", title_of(*hole.entry), marked(hole.remarks, "# "));
        if (hole.closed) {
            policies_ += comment + "# no policy: nothing to match with\n";
            return;
        }
        services_ += fmt::format("    edit \"{}\"\n        set {}-portrange {}\n    next\n", name,
                                 transport_text(*hole.entry), port_text(*hole.entry, "-"));
        policies_ += comment;
        policies_ += policy(hole, name);
    }

    [[nodiscard]] std::string take() const {
        return config("firewall address", addresses_) + config("firewall address6", addresses6_) +
               config("firewall service custom", services_) + config("firewall policy", policies_);
    }

  private:
    static std::string config(std::string_view table, const std::string& edits) {
        return edits.empty() ? "" : fmt::format("config {}\n{}end\n", table, edits);
    }

    // The names of the hole's objects of one IP version.
    std::vector<std::string> objects(const Hole& hole, const std::string& name, unsigned version) {
        std::vector<std::string> members;
        auto& table = version == 4 ? addresses_ : addresses6_;
        const auto edit = [&](const std::string& lines) {
            members.push_back(
                fmt::format("{}-{}-{}", name, version == 4 ? "a" : "b", members.size() + 1));
            table += fmt::format("    edit \"{}\"\n{}    next\n", members.back(), lines);
        };
        for (const auto& place : places_of_version(hole, version)) {
            auto lines = fmt::format("        set {} {}\n", version == 4 ? "subnet" : "ip6",
                                     base::to_string(place.prefix));
            if (!place.remark.empty()) {
                lines += fmt::format("        set comment \"{}\"\n", place.remark);
            }
            edit(lines);
        }
        for (const auto& pattern : version == 4 ? hole.names : std::vector<std::string>{}) {
            const auto fqdn = [&](const std::string& text) {
                edit(fmt::format("        set type fqdn\n        set fqdn \"{}\"\n", text));
            };
            fqdn(pattern.starts_with('.') ? "*" + pattern : pattern);
            if (pattern.starts_with('.')) {
                fqdn(pattern.substr(1));
            }
        }
        return members;
    }

    std::string policy(const Hole& hole, const std::string& name) {
        auto places = hole.any ? std::vector<std::string>{"all"} : objects(hole, name, 4);
        auto places6 = hole.any ? places : objects(hole, name, 6);
        const auto list = [](const std::vector<std::string>& members) {
            return fmt::format("\"{}\"", fmt::join(members, "\" \""));
        };
        auto text =
            fmt::format("    edit 0\n        set name \"{}\"\n", name.substr(0, longest_name));
        text += "        set srcintf \"any\"\n        set dstintf \"any\"\n";
        const auto side = [&](const std::vector<std::string>& members, std::string_view digit) {
            if (!members.empty()) {
                text += fmt::format("        set srcaddr{0} {1}\n        set dstaddr{0} {2}\n",
                                    digit, hole.inbound ? list(members) : "\"all\"",
                                    hole.inbound ? "\"all\"" : list(members));
            }
        };
        side(places, "");
        side(places6, "6");
        return text + fmt::format(
                          "        set service \"{}\"\n        set schedule \"always\"\n"
                          "        set action accept\n    next\n",
                          name);
    }

    unsigned count_ = 0;
    std::string addresses_;
    std::string addresses6_;
    std::string services_;
    std::string policies_;
};

}  // namespace

std::string export_fortigate(const Export& what) {
    Script script;
    for (const auto& hole : holes_of(what.entries, supported)) {
        script.add(hole);
    }
    return marked(head_lines(what), "# ") + script.take();
}

}  // namespace turnpike::catalog
