// The displays that write lines: for people and the journal, and as JSON for programs.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "turnpike/monitor/outlet.h"
#include "turnpike/monitor/state.h"

namespace turnpike::monitor {

/// Whether `descriptor` is the stream to the journal that JOURNAL_STREAM names by device and inode
/// (systemd.exec(5)).
bool leads_to_journal(int descriptor) noexcept;

/// Plain lines where no screen can be redrawn: one for each status change, notice and trouble, and
/// a summary every minute. For the journal each line starts with its priority in place of the time
/// (sd-daemon(3)).
class LineDisplay {
  public:
    /// `descriptor` is borrowed and must outlive this; `journal`: it leads to the journal.
    LineDisplay(int descriptor, bool journal);

    /// Writes what is new. False: the reader is gone.
    [[nodiscard]] bool update(const State& state);
    /// Writes what still waits, before anything else is printed.
    void close() noexcept;

  private:
    /// As the journal has them (sd-daemon(3)).
    enum class Priority : std::uint8_t {
        error = 3,    ///< nothing is stored
        warning = 4,  ///< a row is blocked, or the run says something of itself
        notice = 5,   ///< a row changed
        info = 6,     ///< the sum of a minute
    };
    void line(base::Timestamp time, Priority priority, const std::string& text);
    void tell_trouble(const State& state);
    void tell_summary(const State& state);

    Outlet outlet_;
    bool journal_;
    std::string trouble_;
    std::vector<std::string> told_;  ///< warnings and alternatives that were told already
    base::Timestamp summed_at_;
    std::optional<Counters> summed_;  ///< at the last summary
};

/// One JSON object (RFC 8259) a line: "requirement" for each change of a requirement's status,
/// "flow" for each finished flow, "notice" for what happened to the capture, "lost" with the number
/// of lines that a slow reader missed. Keys are the columns of the database views; absent values
/// are null; times are ISO 8601 UTC with microseconds; octets that are no UTF-8 become \xNN text.
class JsonLines {
  public:
    /// `descriptor` is borrowed and must outlive this.
    explicit JsonLines(int descriptor);

    /// Writes what is new and flushes. False: the reader is gone.
    [[nodiscard]] bool update(const State& state);
    /// Writes what still waits.
    bool close() noexcept;

  private:
    Outlet outlet_;
    std::uint64_t told_lost_ = 0;
};

}  // namespace turnpike::monitor
