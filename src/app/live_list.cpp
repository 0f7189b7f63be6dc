// `turnpike live --list`: prints the interfaces that can be captured from.
#include "app/live_list.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <string>
#include <string_view>
#include <vector>

#include "app/output.h"
#include "turnpike/capture/live.h"

namespace turnpike::app {
namespace {

std::string joined(const std::vector<std::string>& words) {
    return fmt::format("{}", fmt::join(words, ", "));
}

}  // namespace

base::ExitStatus list_interfaces() {
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
