// A frame's way through decoding to the inspector.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/inner_filter.h"
#include "turnpike/capture/frame.h"
#include "turnpike/inspect/inspector.h"
#include "turnpike/wire/decoder.h"

namespace turnpike::app {

class ReadAhead;

/// Decodes a frame; the packet's time lies within the bounds of an inspector.
inline wire::Decoded decode_frame(wire::PacketDecoder& decoder, const capture::Frame& frame,
                                  wire::Packet& packet) {
    packet.tap = frame.tap;
    return decoder.decode(frame.link_type, frame.bytes, frame.wire_length,
                          inspect::within_bounds(frame.time), frame.number, packet);
}

/// What a decoder met that no frame's result told.
struct Hidden {
    std::vector<wire::DecodeProblem> problems;
    wire::FragmentCounts fragments;
};
Hidden hidden_from_results(const wire::PacketDecoder& decoder);

/// A frame without anything to inspect, and why.
struct Undecoded {
    std::uint32_t link_type = 0;  ///< LINKTYPE_ value
    wire::Decoded outcome;
};

/// What a frame tells before anybody looks into it.
inline inspect::FrameRun::Frame outside_of(const capture::Frame& frame) noexcept {
    return {frame.time,
            frame.number,
            static_cast<std::uint32_t>(frame.bytes.size()),
            frame.wire_length,
            {frame.tap, frame.link_type}};
}

/// Decodes frames and feeds one inspector. Not thread-safe.
class Intake {
  public:
    /// Both must outlive this object; without a filter everything is taken.
    explicit Intake(inspect::Inspector& inspector, const InnerFilter* filter = nullptr)
        : inspector_(inspector), frames_(inspector.frames()), filter_(filter) {}

    void take(const capture::Frame& frame);
    /// The same for a batch that was decoded ahead, where there is no filter.
    void take(const ReadAhead& batch);

    /// Tells the inspector what is new in `hidden`; at the end also which fragments never became a
    /// datagram.
    void tell(const Hidden& hidden, bool at_end);
    /// The same of what `take` of single frames met.
    void tell_hidden(bool at_end) { tell(hidden_from_results(decoder_), at_end); }

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
    const InnerFilter* filter_;
    wire::PacketDecoder decoder_;
    wire::Packet packet_;
    Hidden told_;
    std::map<std::uint32_t, std::uint64_t> unknown_link_types_;
};

/// "USER0 (147)", or "147" where the number has no name.
std::string link_type_text(std::uint32_t link_type);

}  // namespace turnpike::app
