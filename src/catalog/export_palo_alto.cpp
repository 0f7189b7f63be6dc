// Palo Alto PAN-OS: set commands, from the inside zone to the outside zone; answers pass by
// session. Address objects hold exact names; a pattern is a custom URL category, which PAN-OS
// matches in TLS and HTTP over TCP only. A list takes members one command after the other.
#include <fmt/core.h>
#include <fmt/format.h>

#include "catalog/export_formats.h"
#include "catalog/export_holes.h"
#include "catalog/export_objects.h"

namespace turnpike::catalog {
namespace {

// Where PAN-OS ends names: objects and rules, custom URL categories.
constexpr std::size_t longest_name = 63;
constexpr std::size_t longest_category = 31;
constexpr std::size_t longest_palo_alto_description = 255;

// A star stands for whole labels in a URL category.
bool url_pattern(std::string_view pattern, Transport transport) noexcept {
    const bool whole_label = pattern.starts_with("*.") || pattern.starts_with('.');
    return transport == Transport::tcp && whole_label &&
           exact_names(pattern.substr(pattern.find('.') + 1), transport);
}

bool supported(std::string_view pattern, Transport transport) noexcept {
    return exact_names(pattern, transport) || url_pattern(pattern, transport);
}

std::string zones(const std::vector<std::string>& names) {
    return fmt::format("[ \"{}\" ]", fmt::join(names, "\" \""));
}

class Commands {
  public:
    explicit Commands(const Sides& sides) : sides_(sides) {}

    void add(const std::vector<Hole>& holes) {
        for (const auto& hole : holes) {
            text_ += marked(lines_of(hole), "# ");
        }
        const auto& hole = holes.front();
        if (hole.closed) {
            return;
        }
        ++count_;
        std::vector<std::string> services;
        for (const auto& one : holes) {
            services.push_back(service(one));
        }
        const auto places = addresses(hole);
        if (hole.any || !places.empty()) {
            rule(hole, "", services, places, "any");
        }
        if (const auto patterns = categories(hole); !patterns.empty()) {
            const auto category =
                shortened(fmt::format("turnpike-{}-url", count_), longest_category);
            text_ +=
                fmt::format("set profiles custom-url-category {} type \"URL List\"\n", category);
            for (const auto& pattern : patterns) {
                text_ +=
                    fmt::format("set profiles custom-url-category {} list {}\n", category, pattern);
            }
            text_ += "# it opens the connection before it knows the name, to any address\n";
            rule(hole, "-url", services, {}, category);
        }
    }
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

  private:
    std::string service(const Hole& hole) {
        const auto value =
            fmt::format("{}-{}", to_string(hole.transport), port_list(hole.ports, "-", "_"));
        const auto named = services_.name(value);
        if (named.is_new) {
            text_ += fmt::format("set service {} protocol {} port {}\n", named.name,
                                 to_string(hole.transport), port_list(hole.ports, "-", ","));
        }
        return named.name;
    }

    void address(std::string_view kind, const std::string& value, const std::string& remark,
                 std::vector<std::string>& members) {
        const auto named = addresses_.name(value);
        if (named.is_new) {
            text_ += fmt::format("set address {} {} {}\n", named.name, kind, value);
            if (!remark.empty()) {
                text_ += fmt::format("set address {} description \"{}\"\n", named.name,
                                     shortened(remark, longest_palo_alto_description));
            }
        }
        members.push_back(named.name);
    }

    std::vector<std::string> addresses(const Hole& hole) {
        std::vector<std::string> members;
        for (const auto& place : hole.places) {
            address("ip-netmask", base::to_string(place.prefix), place.remark, members);
        }
        for (const auto& pattern : hole.names) {
            if (exact_names(pattern, hole.transport)) {
                address("fqdn", pattern, {}, members);
            }
        }
        return members;
    }

    static std::vector<std::string> categories(const Hole& hole) {
        std::vector<std::string> patterns;
        for (const auto& pattern : hole.names) {
            if (url_pattern(pattern, hole.transport)) {
                const auto rest = pattern.substr(pattern.find('.') + 1);
                patterns.push_back("*." + rest + "/");
                if (pattern.starts_with('.')) {
                    patterns.push_back(rest + "/");
                }
            }
        }
        return patterns;
    }

    void rule(const Hole& hole, std::string_view suffix, const std::vector<std::string>& services,
              const std::vector<std::string>& places, std::string_view category) {
        const auto name =
            object_name(hole, count_, longest_name - suffix.size()) + std::string(suffix);
        const auto start = fmt::format("set rulebase security rules {} ", name);
        const std::string_view there = hole.places_are_sources() ? "source" : "destination";
        text_ += fmt::format("{}from {} to {}\n", start,
                             zones(hole.inbound ? sides_.outside : sides_.inside),
                             zones(hole.inbound ? sides_.inside : sides_.outside));
        text_ += fmt::format("{}{} any\n", start, there == "source" ? "destination" : "source");
        if (places.empty()) {
            text_ += fmt::format("{}{} any\n", start, there);
        }
        for (const auto& place : places) {
            text_ += fmt::format("{}{} {}\n", start, there, place);
        }
        text_ += fmt::format("{}application any service [ {} ] category {} action allow\n", start,
                             fmt::join(services, " "), category);
    }

    const Sides& sides_;
    ObjectNames addresses_{longest_name};
    ObjectNames services_{longest_name};
    unsigned count_ = 0;
    std::string text_;
};

}  // namespace

ExportedFile export_palo_alto(const Export& what, const Sides& sides) {
    Commands commands(sides);
    for (const auto& holes : grouped_by_destination(holes_of(what.entries, supported))) {
        commands.add(holes);
    }
    return {marked(head_lines(what), "# ") +
                "# New rules stand last: move them before the one that denies.\n" + commands.text(),
            {}};
}

}  // namespace turnpike::catalog
