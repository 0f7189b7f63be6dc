// The display that writes a line for each change, trouble and minute, for people or the journal.
#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string_view>

#include "monitor/wording.h"
#include "turnpike/base/printable.h"
#include "turnpike/monitor/lines.h"
#include "turnpike/monitor/summary.h"

namespace turnpike::monitor {
namespace {

constexpr auto summed_every = std::chrono::seconds{60};
constexpr auto display_patience = std::chrono::milliseconds{300};

template <typename T>
bool read_number(std::string_view text, T& value) noexcept {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

bool leads_to_journal(int descriptor) noexcept {
    const char* const named = std::getenv("JOURNAL_STREAM");
    if (named == nullptr) {
        return false;
    }
    const std::string_view stream(named);
    const std::size_t colon = stream.find(':');
    dev_t device = 0;
    ino_t inode = 0;
    struct stat status{};
    return colon != std::string_view::npos && read_number(stream.substr(0, colon), device) &&
           read_number(stream.substr(colon + 1), inode) && ::fstat(descriptor, &status) == 0 &&
           status.st_dev == device && status.st_ino == inode;
}

LineDisplay::LineDisplay(int descriptor, bool journal) : outlet_(descriptor), journal_(journal) {}

bool LineDisplay::update(const State& state) {
    tell_trouble(state);
    for (const auto& notice : state.notices) {
        line(state.now, Priority::warning, base::from_network(notice));
    }
    for (const auto& change : state.changes) {
        if (change.requirement >= state.requirements.size()) {
            continue;
        }
        const auto& requirement = state.requirements[change.requirement];
        auto text = change_text(change, requirement);
        if (!requirement.evidence.empty()) {
            text += "; " + base::from_network(requirement.evidence);
        }
        line(change.time, requirement.status == "blocked" ? Priority::warning : Priority::notice,
             text);
    }
    tell_summary(state);
    return outlet_.flush();
}

void LineDisplay::close() noexcept {
    outlet_.drain(display_patience);
}

void LineDisplay::line(base::Timestamp time, Priority priority, const std::string& text) {
    outlet_.add(journal_ ? fmt::format("<{}>{}\n", static_cast<int>(priority), text)
                         : fmt::format("{} {}\n", log_time(time), text));
}

// Trouble lasts: told when it begins, changes and ends.
void LineDisplay::tell_trouble(const State& state) {
    if (state.trouble == trouble_) {
        return;
    }
    trouble_ = state.trouble;
    if (trouble_.empty()) {
        line(state.now, Priority::notice, "results are stored again");
    } else {
        line(state.now, Priority::error, "nothing is stored: " + base::from_network(trouble_));
    }
}

// Rates and drops of the last minute; with them what limits all verdicts, where that is new: its
// words hold counts that change all the time.
void LineDisplay::tell_summary(const State& state) {
    if (!summed_) {
        summed_at_ = state.started;
        summed_.emplace();
    }
    if (state.now - summed_at_ < summed_every) {
        return;
    }
    State before;
    before.now = summed_at_;
    before.counters = *summed_;
    line(state.now, Priority::info, summary_line(state, &before));
    std::vector<std::string> telling = state.warnings;
    telling.insert(telling.end(), state.alternatives.begin(), state.alternatives.end());
    for (const auto& text : telling) {
        if (std::ranges::find(told_, text) == told_.end()) {
            line(state.now, Priority::notice, base::from_network(text));
        }
    }
    told_ = std::move(telling);
    summed_at_ = state.now;
    summed_ = state.counters;
}

}  // namespace turnpike::monitor
