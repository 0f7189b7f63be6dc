// One direction of a TCP connection as a stream of octets: segments put in order, overlaps and
// retransmissions removed, with bounds (RFC 9293 3.4 and 3.10.7.4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "turnpike/base/bytes.h"
#include "turnpike/base/give_back.h"
#include "turnpike/base/octet_budget.h"

namespace turnpike::flow {

/// Buffers to reuse, and a bound on what all streams, and whatever else puts payload together, hold
/// at a time.
class BufferPool : public base::OctetBudget {
  public:
    using OctetBudget::OctetBudget;

    /// An empty buffer, with room from an earlier use if possible.
    std::vector<std::uint8_t> take();
    /// Takes a buffer back for later use; frees it if it is large or there are plenty.
    void give(std::vector<std::uint8_t>&& buffer);
    /// Frees the buffers that nobody uses.
    void give_back() noexcept { base::give_back(free_); }

  private:
    std::vector<std::vector<std::uint8_t>> free_;
};

/// Puts segments in order. After `add`, `readable` is what a decoder has not consumed yet; after
/// the decoder is done with the packet, `settle` keeps the rest, because the view ends with it.
class Stream {
  public:
    /// Largest message that is put together; no protocol here needs more (a ClientHello may have
    /// 64 KiB, an RFC 4571 frame 64 KiB).
    static constexpr std::size_t buffer_limit = std::size_t{160} << 10U;
    static constexpr std::size_t held_limit = 64;  ///< segments kept that came too early

    /// `pool` must outlive the stream.
    explicit Stream(BufferPool& pool) : pool_(&pool) {}
    ~Stream() { clear(); }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    /// The sequence number of the first octet.
    void start(std::uint32_t sequence) noexcept;
    /// `start` was called, and `clear` was not since.
    [[nodiscard]] bool started() const noexcept { return started_; }
    /// The next octet that is missing.
    [[nodiscard]] std::uint32_t next() const noexcept { return next_; }

    /// Takes a segment of `length` octets of which `captured` were captured. `acknowledged` is the
    /// receiver's highest acknowledgement: octets before it will not come again. Returns true if
    /// there is something new to read.
    bool add(std::uint32_t sequence, base::Bytes captured, std::uint32_t length,
             std::uint32_t acknowledged);
    /// What is in order and not consumed. The view is valid until the next call of anything that
    /// changes the stream, and no longer than the segment given to `add` unless `settle` was
    /// called.
    [[nodiscard]] base::Bytes readable() const noexcept;
    /// The decoder is done with the first `count` octets of `readable`; more than there are means
    /// all of them.
    void consume(std::size_t count) noexcept;
    /// Octets were skipped just before what is readable now (lost to the capture, or cut by the
    /// snap length). Reading it resets it.
    [[nodiscard]] bool take_gap() noexcept;
    /// Keeps what is left of a borrowed view.
    void settle();
    /// Gives everything back; nothing more is put in order until `start`.
    void clear() noexcept;

  private:
    struct Held {
        std::uint32_t sequence = 0;
        std::uint32_t length = 0;
        std::vector<std::uint8_t> octets;
    };

    void hold(std::uint32_t sequence, base::Bytes captured, std::uint32_t length);
    void append(std::uint32_t sequence, base::Bytes captured, std::uint32_t length);
    void append_held();
    void skip_gap();
    void drop_readable() noexcept;
    void keep(base::Bytes octets);

    BufferPool* pool_;
    std::uint32_t next_ = 0;
    bool started_ = false;
    bool gap_ = false;
    bool cut_ = false;      ///< the last segment was cut: whatever comes next follows a gap
    base::Bytes borrowed_;  ///< of the segment being looked at, if nothing is buffered
    std::vector<std::uint8_t> buffer_;
    std::size_t consumed_ = 0;  ///< front of buffer_ that was read
    std::vector<Held> held_;    ///< by arrival
    std::size_t held_octets_ = 0;
};

}  // namespace turnpike::flow
