// Packets in, facts out: follows flows, runs the decoders over their payloads and writes what was
// seen into a facts::Observation. Knows no vendor, rule or verdict.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "turnpike/base/parse_error.h"
#include "turnpike/base/time.h"
#include "turnpike/facts/facts.h"
#include "turnpike/inspect/frame_log.h"
#include "turnpike/inspect/harvest.h"
#include "turnpike/inspect/placer.h"
#include "turnpike/wire/packet.h"

namespace turnpike::inspect {

/// When the look-ahead ends of several inspectors that share one observation. Thread-safe.
class LookAhead {
  public:
    /// The first caller decides; everybody gets what was decided.
    base::Timestamp end_at(base::Timestamp proposal) noexcept {
        std::int64_t decided = 0;
        const std::int64_t proposed = proposal.time_since_epoch().count();
        return base::from_nanoseconds(end_.compare_exchange_strong(decided, proposed) ? proposed
                                                                                      : decided);
    }
    /// Nothing before the first packet.
    [[nodiscard]] std::optional<base::Timestamp> end() const noexcept {
        const std::int64_t decided = end_;
        return decided == 0 ? std::nullopt : std::optional{base::from_nanoseconds(decided)};
    }

  private:
    std::atomic<std::int64_t> end_{0};
};

/// Bounds of an Inspector. Whatever exceeds one is counted in CaptureQuality::problems.
struct Options {
    std::size_t max_flows = 1'000'000;       ///< flows followed at a time; the oldest idle one goes
    std::size_t max_recorded = 100'000'000;  ///< flows (and rows of each other kind) kept as facts
    /// Octets that the facts may take with all that is made of them, roughly; 0: no bound. Beyond
    /// it the oldest that nothing connects to a vendor is given up: first flows that nobody
    /// answered, then DNS queries, then other flows (facts::given_up). Where that is not enough, or
    /// `harvested`, what is new is refused, and its packets are counted.
    std::size_t memory = 0;
    std::size_t reassembly_octets = std::size_t{64} << 20U;  ///< payload put together at a time
    std::size_t look_ahead_packets = 1'000;  ///< held back to see whether the capture copies
    base::Duration look_ahead_time = std::chrono::seconds{2};
    /// Shared with the inspectors that see other packets of the same observation: all of them look
    /// ahead while the first packets come, and none later. Null: this one is alone.
    std::shared_ptr<LookAhead> shared_look_ahead = nullptr;
    bool vlan_in_key = false;     ///< equal addresses in different VLANs are different flows
    bool tunnel_in_key = false;   ///< and so in different tunnels (VNI, GRE key, TEID ...)
    std::uint64_t hash_seed = 0;  ///< 0: a random one
    /// The observation goes on without an end in sight: facts are handed over by `harvest`, flows
    /// that are over or idle are ended, and `observation` has no use.
    bool harvested = false;
    /// Whether an address belongs to a network of servers only. Between such an address and one
    /// that is none, the first is the server, whoever spoke first over UDP: relays ask back. Called
    /// once a flow, possibly by several inspectors at a time. Empty: no network is known.
    std::function<bool(const base::IpAddress&)> is_server = {};
    /// Whether a name (lower case) is one that a vendor's document names. Only asked when memory
    /// runs short. Empty: no name is.
    std::function<bool(std::string_view)> is_vendors_name = {};
};

/// Turns the packets of one observation into facts. For every frame, in the order of capture:
/// `frame()`, then `inspect()` with its packet, or `no_packet()` / `malformed()` where there is
/// none. At the end `finish()`, once. Not thread-safe.
///
/// The first packets are held back (copied) until it is clear whether the capture holds mirror
/// copies, so facts appear late by up to Options::look_ahead_time of capture time.
class Inspector {
  public:
    /// Keeps a copy of the options; memory is taken as flows and facts come.
    explicit Inspector(const Options& options = {});
    ~Inspector();
    Inspector(const Inspector&) = delete;
    Inspector& operator=(const Inspector&) = delete;
    Inspector(Inspector&&) noexcept;
    Inspector& operator=(Inspector&&) noexcept;

    /// Counts a frame and moves the clock. `captured` is less than `on_wire` if it was cut. Times
    /// before 1970 and after 2116 are taken as those bounds.
    void frame(base::Timestamp time, std::uint64_t number, std::uint32_t captured,
               std::uint32_t on_wire, Tap tap = {}) {
        frames().add(FrameRun({time, number, captured, on_wire, tap}));
    }
    /// The same for who announces many.
    [[nodiscard]] FrameLog& frames() noexcept;
    /// As many packets as are worth being inspected together.
    static constexpr std::size_t group = Placer::group;
    /// The packet of the frame just announced. Views in it are not kept after the call.
    void inspect(const wire::Packet& packet);
    /// At most `group` packets in order, whose frames were announced, as this inspector's placer
    /// placed them; their times must lie within bounds. The same as one by one, but what is known
    /// of their flows is fetched for all of them before it is needed.
    void inspect(std::span<const wire::Packet> packets, std::span<const Placed> places);
    /// At most two groups that come after those inspected next: asks for the memory that will be
    /// looked at first.
    void expect(std::span<const wire::Packet> packets, std::span<const Placed> places) noexcept;
    /// For who looks at packets ahead of time. All of them must be placed by it, or none.
    [[nodiscard]] Placer& placer() noexcept;
    /// The frame holds no IP packet (ARP, LLDP, ...).
    void no_packet();
    /// The frame could not be decoded to its end; `layer` is a word such as "ipv4" or "vxlan".
    void malformed(std::string_view layer, base::ParseError reason);
    /// Something besides whole frames could not be decoded, so many times more than was said
    /// before. Both texts must live as long as the program.
    void problem(std::string_view layer, std::string_view reason, std::uint64_t times);
    /// The frame was a fragment of an IP packet that is not complete yet.
    void fragment();
    /// `count` packets were lost between these times (kernel, interface or pcapng counters).
    void lost(std::uint64_t count, base::Timestamp from, base::Timestamp to);
    /// A file ended in the middle of a record.
    void cut_off();
    /// What changed since the last harvest; Options::harvested must be set. `now` is the clock of
    /// the capture, which may be ahead of the last packet: flows end when they are idle for long,
    /// and packets that were held back for the look-ahead are inspected.
    Harvest harvest(base::Timestamp now);
    /// The end of the observation: packets held back are inspected, open transactions closed.
    void finish();

    /// Where the facts of the newest flow are kept; null before the first. Not to be looked into:
    /// for who prepares the memory behind it.
    [[nodiscard]] const void* newest_flow() const noexcept;
    /// The facts so far, brought up to date by this call; after `finish()` complete, in order, and
    /// the caller's to add to. Before it an element without an id is one that was given up.
    [[nodiscard]] facts::Observation& observation();

  private:
    class State;
    std::unique_ptr<State> state_;
};

}  // namespace turnpike::inspect
