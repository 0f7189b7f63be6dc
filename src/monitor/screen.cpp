// The screen from top to bottom: what is captured and how well, what limits every verdict, the
// requirements, and what happened lately. The upper part is never cut in favour of the lower.
#include <fmt/core.h>

#include <algorithm>

#include "monitor/ink.h"
#include "monitor/screen_rows.h"
#include "monitor/wording.h"
#include "turnpike/base/printable.h"
#include "turnpike/monitor/terminal.h"

namespace turnpike::monitor {
namespace {

using base::from_catalog;
using base::from_network;

class Screen {
  public:
    Screen(const State& state, const Recollection& recollection, std::size_t width,
           std::size_t height)
        : state_(state), recollection_(recollection), width_(width), height_(height) {}

    std::vector<Line> lines() {
        title();
        rates();
        losses();
        alarms();
        const auto events = event_lines();
        if (!small()) {
            lines_.emplace_back();
        }
        // What is left after the events and the empty line before them.
        const std::size_t used = lines_.size() + (events.empty() ? 0 : events.size() + 1);
        auto rows = requirement_lines(state_, width_, height_ - std::min(height_, used));
        std::ranges::move(rows, std::back_inserter(lines_));
        if (!events.empty()) {
            const std::size_t start = height_ - std::min(height_, events.size());
            lines_.resize(std::max(lines_.size(), start));
            std::ranges::copy(events, std::back_inserter(lines_));
        }
        if (lines_.size() > height_) {
            lines_.resize(height_);
        }
        return std::move(lines_);
    }

  private:
    // So few lines that the requirements need them all.
    [[nodiscard]] bool small() const noexcept { return height_ < 16; }
    [[nodiscard]] bool tiny() const noexcept { return height_ < 11; }
    void title();
    void rates();
    void losses();
    void alarms();
    [[nodiscard]] std::vector<Line> event_lines() const;
    // As many of `parts` as fit a line, the first always.
    void parts_line(std::initializer_list<std::string> parts);
    void paragraph(std::string_view text, std::size_t hang, std::size_t most, Ink ink);
    void limited(const std::vector<std::string>& texts, std::string_view mark, std::size_t most);

    const State& state_;
    const Recollection& recollection_;
    std::size_t width_;
    std::size_t height_;
    std::vector<Line> lines_;
};

void Screen::title() {
    Line line("turnpike live: " + from_network(state_.source), Ink::bold);
    const std::string right = fmt::format("up {}   {} UTC", run_time(state_.now - state_.started),
                                          clock_time(state_.now));
    const std::string hint = "Ctrl-C ends and reports   ";
    const std::size_t left = width_ - std::min(width_, line.columns() + 3);
    if (hint.size() + right.size() <= left) {
        line.tab(width_ - right.size() - hint.size()).add(hint, Ink::dim).add(right);
    } else if (right.size() <= left) {
        line.tab(width_ - right.size()).add(right);
    }
    lines_.push_back(std::move(line));
}

void Screen::parts_line(std::initializer_list<std::string> parts) {
    Line line;
    for (const auto& part : parts) {
        const std::size_t gap = line.columns() == 0 ? 0 : 3;
        if (part.empty() || (gap != 0 && line.columns() + gap + base::columns_of(part) > width_)) {
            continue;
        }
        line.add(std::string(gap, ' ')).add(part);
    }
    lines_.push_back(std::move(line));
}

void Screen::rates() {
    const Counters& now = state_.counters;
    const auto& samples = recollection_.samples();
    const bool known = !samples.empty() && samples.front().time < state_.now;
    const Counters none;
    const Counters& before = known ? samples.front().counters : none;
    const auto time = state_.now - (known ? samples.front().time : state_.started);
    parts_line({packet_rate(now, before, time), bit_rate(now, before, time),
                base::counted(now.packets, "packet") + ", " + volume(now.octets),
                "memory " + volume(now.resident_octets),
                "database " + from_catalog(state_.database)});
    if (small()) {
        return;
    }
    parts_line({"flows: " + flow_text(now),
                now.malformed == 0 ? "" : base::grouped(now.malformed) + " malformed",
                now.duplicates == 0 ? "" : base::grouped(now.duplicates) + " duplicates"});
}

// In words, because this decides whether a verdict can be trusted.
void Screen::losses() {
    const Counters& now = state_.counters;
    const auto lost = drop_text(now, {});
    const auto& samples = recollection_.samples();
    Line line("dropped: ");
    if (lost.empty()) {
        line.add("nothing", Ink::good);
    } else {
        line.add(lost, Ink::unsure);
        const std::uint64_t lately =
            samples.empty() ? 0 : since(dropped(now), dropped(samples.front().counters));
        if (lately != 0) {
            line.add(fmt::format(", {} lately", base::grouped(lately)), Ink::bad);
        }
    }
    lines_.push_back(std::move(line));
    if (now.unseen_octets != 0 && !tiny()) {
        lines_.push_back(Line("unseen: ")
                             .add(volume(now.unseen_octets) +
                                      " acknowledged by the far side, never captured here",
                                  Ink::unsure));
    }
}

void Screen::paragraph(std::string_view text, std::size_t hang, std::size_t most, Ink ink) {
    for (auto& line : wrapped(text, width_, hang, most, ink)) {
        lines_.push_back(std::move(line));
    }
}

void Screen::limited(const std::vector<std::string>& texts, std::string_view mark,
                     std::size_t most) {
    const std::size_t shown = texts.size() > most ? most : texts.size();
    for (std::size_t i = 0; i < shown; ++i) {
        const auto more = i + 1 == shown && shown < texts.size()
                              ? fmt::format("({} more) ", texts.size() - shown)
                              : std::string{};
        paragraph(std::string(mark) + more + from_network(texts[i]), mark.size(),
                  height_ < 30 ? 1 : 2, Ink::unsure);
    }
}

void Screen::alarms() {
    if (!state_.trouble.empty()) {
        paragraph("! nothing is stored: " + from_network(state_.trouble), 2, small() ? 1 : 2,
                  Ink::bad);
    }
    if (tiny()) {
        return;
    }
    const std::size_t most = height_ < 30 ? 1 : 4;
    limited(state_.warnings, "! ", most);
    if (!small()) {
        limited(state_.alternatives, "", most);
    }
}

// The newest first. The newest change has its evidence below it.
std::vector<Line> Screen::event_lines() const {
    const std::size_t room = small() ? 0 : height_ < 30 ? 3 : height_ < 40 ? 6 : 10;
    const auto& events = recollection_.events();
    if (room == 0 || events.empty()) {
        return {};
    }
    std::vector<Line> lines;
    bool evidence_shown = false;
    for (auto event = events.rbegin(); event != events.rend() && lines.size() < room; ++event) {
        const Ink ink = event->kind == Recollection::Kind::change_to_blocked ? Ink::bad
                        : event->kind == Recollection::Kind::notice          ? Ink::unsure
                                                                             : Ink::none;
        lines.emplace_back(clock_time(event->time) + "  ", Ink::dim).add(event->text, ink);
        if (!evidence_shown && !event->evidence.empty() && lines.size() < room) {
            constexpr std::size_t column = 10;
            const std::size_t most = std::min<std::size_t>(2, room - lines.size());
            std::ranges::move(
                wrapped(std::string(column, ' ') + event->evidence, width_, column, most, Ink::dim),
                std::back_inserter(lines));
            evidence_shown = true;
        }
    }
    return lines;
}

}  // namespace

std::vector<std::string> render_screen(const State& state, const Recollection& recollection,
                                       std::size_t width, std::size_t height, bool color) {
    std::vector<std::string> rendered;
    for (const auto& line : Screen(state, recollection, width, height).lines()) {
        rendered.push_back(line.render(width, color));
    }
    return rendered;
}

}  // namespace turnpike::monitor
