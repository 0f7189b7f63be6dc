// Packets' way to the inspector, and of what could not be decoded.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "app/packet_batch.h"
#include "turnpike/inspect/inspector.h"

namespace turnpike::app {

/// Feeds one inspector. Not thread-safe.
class Intake {
  public:
    /// It must outlive this object.
    explicit Intake(inspect::Inspector& inspector)
        : inspector_(inspector), frames_(inspector.frames()) {}

    /// A batch of a PacketReader that has finished it, with the inspector's own placer.
    void take(const PacketBatch& batch);

    /// Tells the inspector what is new in `hidden`; at the end also which fragments never became a
    /// datagram.
    void tell(const Hidden& hidden, bool at_end);

    /// Frames of link types that no decoder knows, by LINKTYPE_.
    [[nodiscard]] const std::map<std::uint32_t, std::uint64_t>& unknown_link_types()
        const noexcept {
        return unknown_link_types_;
    }

  private:
    void undecodable(const Undecoded& frame);
    void tell(std::string_view layer, std::string_view reason, std::uint64_t count,
              std::uint64_t told);

    inspect::Inspector& inspector_;
    inspect::FrameLog& frames_;
    Hidden told_;
    std::map<std::uint32_t, std::uint64_t> unknown_link_types_;
};

/// "USER0 (147)", or "147" where the number has no name.
std::string link_type_text(std::uint32_t link_type);

}  // namespace turnpike::app
