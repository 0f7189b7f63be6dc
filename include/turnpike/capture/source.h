// Where frames come from: capture files, or (elsewhere) an interface, behind one interface.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "turnpike/base/time.h"
#include "turnpike/capture/frame.h"

namespace turnpike::capture {

/// How far a source is, for a progress line. Octets are those of the files as stored, so of the
/// compressed ones where a file is compressed.
struct Progress {
    std::uint64_t octets_read = 0;
    std::optional<std::uint64_t> octets_total;  ///< unknown for a pipe or an interface
};

/// Frames that the capturing side counted but did not deliver, since the start.
struct Drops {
    bool known = false;              ///< a counter was there; only then does zero mean none
    std::uint64_t by_kernel = 0;     ///< pcapng isb_osdrop, ps_drop
    std::uint64_t by_interface = 0;  ///< pcapng isb_ifdrop, ps_ifdrop
    std::uint64_t unplaced = 0;      ///< counted between two frames, without saying by whom

    /// All frames that were counted and not delivered, by whomever.
    [[nodiscard]] std::uint64_t total() const noexcept {
        return by_kernel + by_interface + unplaced;
    }
    /// Adds without wrapping around.
    Drops& operator+=(const Drops& other) noexcept;
    friend bool operator==(const Drops&, const Drops&) = default;
};

/// Frames lost somewhere in a stretch of time: a verdict about a flow in it may rest on the gap.
/// The same frames may be reported twice, narrowly (between two frames) and widely (by a counter
/// at the end of the capture); for sums use Drops.
struct Loss {
    base::Timestamp from;  ///< 1970 if the capture does not say since when it counted
    base::Timestamp to;
    std::uint64_t frames = 0;  ///< how many were lost
    /// Frames delivered meanwhile, where a counter was read only now and then; 0 where it is known
    /// exactly what was lost.
    std::uint64_t delivered = 0;
    friend bool operator==(const Loss&, const Loss&) = default;
};

/// A stream of frames. Not thread-safe, except `stop`.
class Source {
  public:
    Source() = default;
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;
    virtual ~Source() = default;

    /// The next frames, in the order of the observation; they and their octets are valid until the
    /// next call. Blocks until there is something to say. An empty batch is the end if `ended()`;
    /// a live source also returns one now and then while nothing arrives, so that clocks move on.
    /// A file source returns an empty batch only at its end.
    /// What a file cannot give any more is no exception but in `cut_offs`.
    virtual std::span<const Frame> next_batch() = 0;
    /// The octets of the last batch stay where they are as long as what this returns is held, also
    /// when the source is gone. Null where that cannot be: they must be copied to be kept.
    [[nodiscard]] virtual std::shared_ptr<const void> keep_octets() { return nullptr; }
    /// No frame will come any more.
    [[nodiscard]] virtual bool ended() const noexcept = 0;

    /// How much of the input was read so far.
    [[nodiscard]] virtual Progress progress() const noexcept = 0;
    /// The sum since the start, of all files or interfaces of the source.
    [[nodiscard]] virtual Drops drops() const noexcept = 0;
    /// The losses that became known with the last batch; valid until the next call of next_batch.
    [[nodiscard]] virtual std::span<const Loss> losses() const noexcept = 0;
    /// One line for each file that ended in the middle of a record, in nonsense or in a read error:
    /// "FILE: packet N is cut off at octet M ...", N counted within that file. What came before was
    /// delivered. Empty if all is whole; complete once the source has ended.
    [[nodiscard]] virtual std::span<const std::string> cut_offs() const noexcept = 0;
    /// Of a live source: no frame with an earlier time will come any more, whether frames arrive or
    /// not. Nothing for files: their clock is that of their frames.
    [[nodiscard]] virtual std::optional<base::Timestamp> clock() const noexcept {
        return std::nullopt;
    }
    /// What happened to the source itself since this was last called, one line each: "eth0: the
    /// interface went down". Files have nothing to say.
    [[nodiscard]] virtual std::vector<std::string> take_notices() { return {}; }
    /// The source in a few words for reports: file names, "standard input", an interface.
    [[nodiscard]] virtual std::string describe() const = 0;

    /// Asks the source to end soon; the call of next_batch under way may still deliver. Safe from
    /// a signal handler and from any thread.
    virtual void stop() noexcept = 0;
};

/// Of so many files each is opened once only; of more, some are opened again when their time comes.
constexpr std::size_t most_files_opened_once = 32;

/// Opens pcap and pcapng files, plain or compressed (gzip, zstd, xz, bzip2, lz4), as one
/// observation: frames of several files come merged by time, each file in its own order, numbered
/// from 1 over all. "-" is standard input. All files are looked into before the first frame is
/// delivered. Once those that are opened once only are open, and before the first octet of any is
/// read, `before_reading` is called: for giving up privileges. Throws base::Error: bad_input if one
/// is no capture, cannot_open if one cannot be opened, usage if there are none or standard input is
/// named twice.
std::unique_ptr<Source> open_files(const std::vector<std::string>& paths,
                                   const std::function<void()>& before_reading = {});

}  // namespace turnpike::capture
