// A frame's way through decoding to the inspector.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "app/inner_filter.h"
#include "turnpike/capture/frame.h"
#include "turnpike/inspect/inspector.h"
#include "turnpike/wire/decoder.h"

namespace turnpike::app {

/// Decodes frames and feeds one inspector. Not thread-safe.
class Intake {
  public:
    /// Both must outlive this object; without a filter everything is taken.
    explicit Intake(inspect::Inspector& inspector, const InnerFilter* filter = nullptr)
        : inspector_(inspector), filter_(filter) {}

    void take(const capture::Frame& frame);
    /// The same for many, whose octets stay valid meanwhile; quicker than one by one.
    void take(std::span<const capture::Frame> frames);

    /// Frames of link types that no decoder knows, by LINKTYPE_.
    [[nodiscard]] const std::map<std::uint32_t, std::uint64_t>& unknown_link_types()
        const noexcept {
        return unknown_link_types_;
    }

  private:
    /// Decodes a frame into `packet` and announces it; false if there is nothing to inspect.
    bool decode(const capture::Frame& frame, wire::Packet& packet);
    void undecodable(const capture::Frame& frame, const wire::Decoded& decoded);

    inspect::Inspector& inspector_;
    const InnerFilter* filter_;
    wire::PacketDecoder decoder_;
    std::array<wire::Packet, inspect::Inspector::group> packets_;
    std::map<std::uint32_t, std::uint64_t> unknown_link_types_;
};

/// "USER0 (147)", or "147" where the number has no name.
std::string link_type_text(std::uint32_t link_type);

}  // namespace turnpike::app
