// Finds packets that a mirror port delivered twice.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "turnpike/base/keyed_hash.h"
#include "turnpike/base/time.h"
#include "turnpike/wire/packet.h"

namespace turnpike::flow {

/// How often an equal packet was seen just before this one, and what that means. One octet, made in
/// a register: three, written one by one and copied together, keep the processor waiting.
struct Sighting {
    bool repeated : 1 = false;      ///< an equal packet came within the window
    bool identified : 1 = false;    ///< it carries an IP id, which real repetitions do not share
    bool beyond_first : 1 = false;  ///< it repeats one that had its usual number of copies already
};

/// Remembers fingerprints of recent packets. Hop count, MAC addresses, VLAN tags and wrappings are
/// not part of a fingerprint, since they may differ between copies.
///
/// With an IP id an equal packet within milliseconds is a copy. Without one (IPv6, or id zero) it
/// is a copy only if the capture as a whole shows copying: real equal acknowledgements come
/// microseconds apart.
class CopyFilter {
  public:
    /// Fingerprints are hashed under `secret`, so that nobody can make different packets that look
    /// equal.
    explicit CopyFilter(const base::HashKey& secret);

    /// What tells this packet from others. `flow_hash` and `source_is_low` come from its flow key.
    /// Also fetches the place where its like would be, so do something else before `see`.
    [[nodiscard]] std::uint64_t fingerprint(const wire::Packet& packet, std::uint64_t flow_hash,
                                            bool source_is_low) const noexcept;
    /// Records the packet.
    Sighting see(const wire::Packet& packet, std::uint64_t fingerprint) noexcept;

    /// Whether what was seen is a copy; `copying`: the capture as a whole is known to show copying.
    [[nodiscard]] static bool is_copy(const Sighting& sighting, bool copying) noexcept {
        return sighting.repeated && (sighting.identified || (copying && !sighting.beyond_first));
    }
    /// The capture as a whole shows copying.
    [[nodiscard]] bool copying() const noexcept { return copying_; }
    /// Once enough was seen to tell that it does or does not; from then on always.
    [[nodiscard]] bool decided() const noexcept { return decided_; }

  private:
    struct Entry {
        std::uint64_t fingerprint = 0;
        std::uint32_t microseconds = 0;  ///< low bits of the time of the last sighting
        std::uint32_t copies = 0;        ///< repetitions since the original
    };
    /// What packets of one kind say about copying in general.
    struct Evidence {
        std::uint64_t originals = 0;
        std::uint64_t copies = 0;
    };

    void learn(bool identified, bool repeated) noexcept;
    void judge() noexcept;

    base::HashKey secret_;
    std::vector<Entry> entries_;
    Evidence identified_;    ///< packets with an IP id
    Evidence unidentified_;  ///< packets without, as far as nobody sends the like twice
    bool copying_ = false;
    bool decided_ = false;
    std::uint32_t usual_copies_ = 1;
};

}  // namespace turnpike::flow
