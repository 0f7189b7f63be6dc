// `turnpike live --list`: prints the interfaces that can be captured from.
#include "app/live_list.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <string>
#include <string_view>
#include <vector>

#include "app/output.h"
#include "turnpike/base/json_text.h"
#include "turnpike/capture/live.h"

namespace turnpike::app {
namespace {

std::string joined(const std::vector<std::string>& words) {
    return fmt::format("{}", fmt::join(words, ", "));
}

}  // namespace

namespace {

std::string quoted_list(const std::vector<std::string>& words) {
    std::string out = "[";
    for (const auto& word : words) {
        out += out.size() == 1 ? "" : ", ";
        base::append_shown_json_string(out, word);
    }
    return out + "]";
}

std::string json_line(const capture::InterfaceInfo& interface) {
    using base::shown_json_string;
    return fmt::format(
        R"({{"name": {}, "description": {}, "up": {}, "running": {}, "loopback": {}, )"
        R"("wireless": {}, "addresses": {}, "link_types": {}, "timestamps": {}, )"
        R"("nanoseconds": {}, "problem": {}}})",
        shown_json_string(interface.name), shown_json_string(interface.description), interface.up,
        interface.running, interface.loopback, interface.wireless, quoted_list(interface.addresses),
        quoted_list(interface.link_types), quoted_list(interface.timestamps), interface.nanoseconds,
        shown_json_string(interface.problem));
}

base::ExitStatus list_as_json() {
    std::string out = "[";
    for (const auto& interface : capture::list_interfaces()) {
        out += (out.size() == 1 ? "\n  " : ",\n  ") + json_line(interface);
    }
    write_out(out + "\n]\n");
    flush_out();
    return base::ExitStatus::done;
}

}  // namespace

base::ExitStatus list_interfaces(report::Format format) {
    if (format == report::Format::json) {
        return list_as_json();
    }
    for (const auto& interface : capture::list_interfaces()) {
        std::vector<std::string> marks;
        marks.emplace_back(interface.up ? (interface.running ? "up" : "up, no carrier") : "down");
        if (interface.loopback) {
            marks.emplace_back("loopback");
        }
        if (interface.wireless) {
            marks.emplace_back("wireless");
        }
        write_out(fmt::format("{}  ({})\n", interface.name, joined(marks)));
        const auto line = [](std::string_view what, const std::string& text) {
            if (!text.empty()) {
                write_out(fmt::format("  {:<12}{}\n", what, text));
            }
        };
        line("description", interface.description);
        line("addresses", joined(interface.addresses));
        line("link types", joined(interface.link_types));
        line("timestamps",
             joined(interface.timestamps) + (interface.nanoseconds ? "; nanoseconds" : ""));
        line("problem", interface.problem);
    }
    flush_out();
    return base::ExitStatus::done;
}

}  // namespace turnpike::app
