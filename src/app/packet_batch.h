// Frames on their way to an inspector, decoded and placed: what every way of taking packets in has
// in common, whether one thread does it all or two share it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "app/inner_filter.h"
#include "turnpike/capture/frame.h"
#include "turnpike/inspect/dns_reading.h"
#include "turnpike/inspect/frame_log.h"
#include "turnpike/inspect/hello_reading.h"
#include "turnpike/inspect/placer.h"
#include "turnpike/wire/decoder.h"

namespace turnpike::app {

/// A frame without anything to inspect, and why.
struct Undecoded {
    std::uint32_t link_type = 0;  ///< LINKTYPE_ value
    wire::Decoded outcome;
};

/// What a decoder met that no frame's result told.
struct Hidden {
    std::vector<wire::DecodeProblem> problems;
    wire::FragmentCounts fragments;
};

/// What a PacketReader made of frames. It keeps its room from one use to the next.
class PacketBatch {
  public:
    /// A run of frames, and how many packets of the batch come before it.
    struct Run {
        inspect::FrameRun run;
        std::size_t packets_before = 0;
    };

    /// Empties it.
    void begin() noexcept;
    /// Takes back what another core has read, ahead of being filled: the packets after those that
    /// come next. Only for who hands batches from core to core (base::own_lines).
    void own_next() noexcept;

    /// How many frames it was made of, and the octets that were captured of them.
    [[nodiscard]] std::size_t frames() const noexcept { return frames_; }
    [[nodiscard]] std::size_t octets() const noexcept { return octets_; }
    /// The frames without a packet, in order.
    [[nodiscard]] std::span<const Undecoded> undecoded() const noexcept { return undecoded_; }
    /// All frames, in order.
    [[nodiscard]] std::span<const Run> runs() const noexcept { return runs_; }
    /// The packets of those frames that hold a whole one, in order. Their views point into the
    /// frames.
    [[nodiscard]] std::span<const wire::Packet> packets() const noexcept {
        return std::span(packets_).first(placed_);
    }
    /// Where each packet belongs.
    [[nodiscard]] std::span<const inspect::Placed> places() const noexcept {
        return std::span(places_).first(placed_);
    }

  private:
    friend class PacketReader;

    /// What payloads say. They stay where they are, and keep their room.
    template <typename Type>
    class Readings {
      public:
        void begin_again() noexcept { taken_ = 0; }
        /// One that is free; the same until it is taken.
        Type& next() {
            if (taken_ == all_.size()) {
                all_.emplace_back();
            }
            return all_[taken_];
        }
        void take() noexcept { ++taken_; }

      private:
        std::deque<Type> all_;
        std::size_t taken_ = 0;
    };

    std::size_t frames_ = 0;
    std::size_t octets_ = 0;
    std::vector<Run> runs_;
    std::vector<Undecoded> undecoded_;
    std::vector<wire::Packet> packets_;  ///< of which the first `whole_` are filled
    std::vector<inspect::Placed> places_;
    std::size_t whole_ = 0;
    std::size_t placed_ = 0;  ///< of those
    Readings<inspect::DnsReading> dns_;
    Readings<inspect::HelloReading> hellos_;
    std::vector<std::vector<std::uint8_t>> joined_;  ///< payload that was put together
};

/// Decodes frames, places their packets, and reads what payloads say by themselves. It keeps no
/// flows, so that it can work ahead of the inspector whose placer it uses. Not thread-safe.
class PacketReader {
  public:
    /// Both must outlive this object. Without a filter every frame is taken; with one, frames that
    /// it does not match are as if they had not come.
    explicit PacketReader(inspect::Placer& placer, const InnerFilter* filter = nullptr)
        : placer_(placer), filter_(filter), dns_(placer.secret()), hellos_(placer.secret()) {}

    /// Adds frames to a batch, whose packets point into their octets.
    void read(std::span<const capture::Frame> frames, PacketBatch& batch);
    /// Places the last packets of a batch, which are fewer than are placed together.
    void finish(PacketBatch& batch);
    /// No frame comes any more: adds to a batch what waits for fragments, and finishes it.
    void end(PacketBatch& batch);
    /// What the results do not tell of the frames up to here.
    [[nodiscard]] Hidden hidden() const;

  private:
    void read_matching(std::span<const capture::Frame> frames, PacketBatch& batch);
    static std::size_t note(std::span<const capture::Frame> frames, PacketBatch& batch);
    wire::Decoded decode(const capture::Frame& frame, PacketBatch& batch);
    void add_incomplete(base::Timestamp now, PacketBatch& batch);
    void add(const capture::Frame& frame, const wire::Decoded& outcome, PacketBatch& batch);
    void note_fragments();
    void take(PacketBatch& batch);
    void place(PacketBatch& batch);
    const inspect::Reading* read_payload(const wire::Packet& packet, PacketBatch& batch);
    const inspect::Reading* read_dns(const wire::Packet& packet, PacketBatch& batch);
    const inspect::Reading* read_hello(const wire::Packet& packet, PacketBatch& batch);

    inspect::Placer& placer_;
    const InnerFilter* filter_;
    wire::PacketDecoder decoder_;
    base::Timestamp incomplete_due_ = base::Timestamp::max();
    inspect::DnsReader dns_;
    inspect::HelloReader hellos_;
};

}  // namespace turnpike::app
