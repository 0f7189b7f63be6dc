// Frames from interfaces and from mirrors that send them over UDP, as they arrive.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "turnpike/base/ip_address.h"
#include "turnpike/capture/source.h"

namespace turnpike::capture {

/// Where time stamps come from (pcap-tstamp(7)).
enum class TimestampOrigin : std::uint8_t {
    best,              ///< the adapter's if it keeps host time, else the host's
    host,              ///< the kernel's
    adapter,           ///< the network adapter's, in step with the host's clock
    adapter_unsynced,  ///< the network adapter's own clock
};

/// A UDP port on which mirrored frames arrive, as cloud traffic mirroring sends them.
struct MirrorListener {
    /// What the frames are wrapped in.
    enum class Kind : std::uint8_t {
        vxlan,   ///< RFC 7348
        geneve,  ///< RFC 8926
    };
    Kind kind = Kind::vxlan;
    std::uint16_t port = 4789;
    std::string address;                       ///< to bind to; empty: all, IPv4 and IPv6
    std::vector<base::Prefix> senders = {};    ///< whose datagrams are taken; empty: anybody's
    std::vector<std::uint32_t> networks = {};  ///< virtual network identifiers taken; empty: all
};
/// "vxlan:4789", "vxlan", "geneve:6081", "vxlan:4789@192.0.2.1", "vxlan:4789@[2001:db8::1]", each
/// followed by any number of ",from=192.0.2.0/24" and ",vni=7". Throws base::Error (usage).
MirrorListener parse_mirror_listener(std::string_view text);

/// What a live run listens to, and how.
struct LiveOptions {
    std::vector<std::string> interfaces;  ///< names; "any" is all of them
    std::vector<MirrorListener> listeners;
    /// pcap-filter(7), in the kernel, of interfaces; empty: everything. It looks behind the one tag
    /// that the kernel takes off and no further: "udp port 3478" misses frames with two tags and
    /// those in tunnels, and the word `vlan` moves the offsets of all that follows it, alternatives
    /// included. InnerFilter is for those. Datagrams of listeners are not filtered.
    std::string filter;
    std::size_t ring_octets = std::size_t{64} << 20U;  ///< of each handle's TPACKET_V3 ring
    std::uint32_t snap_length = 262'144;               ///< octets of a frame that are captured
    bool promiscuous = true;
    TimestampOrigin timestamps = TimestampOrigin::best;
    /// A block of the ring is handed over after this time even if it is not full: results are at
    /// most this late.
    std::chrono::milliseconds hand_over{20};
    unsigned workers = 1;  ///< sources to deal the frames to
};

/// Opens all interfaces and listeners for every worker and returns one source a worker. Several
/// interfaces are merged in time order within each source. All packets between two addresses, both
/// directions, fragments and ICMP errors that quote them, come from the same source, whichever
/// interface or VXLAN wrapping they arrive in (PACKET_FANOUT with a program of its own).
/// Throws base::Error: usage (unknown interface with the nearest name, a filter that does not
/// compile), no_permission with the command that would grant it, cannot_open.
/// A source of several inputs holds a frame back until no other of its inputs can bring an earlier
/// one: twice `hand_over` and 10 ms at most. One to which nothing is dealt ends with `stop`. After
/// `stop` what had arrived is still delivered, for as long. What comes of listeners is the first
/// worker's. Of several workers the first reports what happens to interfaces.
/// `stop` may be called on each; drops are summed over a source's handles, in 64 bits, and polled
/// often enough that the kernel's 32-bit counters cannot wrap unseen.
std::vector<std::unique_ptr<Source>> open_live(const LiveOptions& options);

/// What `turnpike live --list` shows of an interface.
struct InterfaceInfo {
    std::string name;
    std::string description;
    bool up = false;
    bool running = false;
    bool loopback = false;
    bool wireless = false;
    std::vector<std::string> addresses;
    std::vector<std::string> link_types;  ///< names (pcap-linktype(7)); empty without permission
    std::vector<std::string> timestamps;  ///< names (pcap-tstamp(7)); empty without permission
    bool nanoseconds = false;
    std::string problem;  ///< why it cannot be opened; empty if it can
};
/// Every interface that carries packets, in libpcap's order. Throws base::Error (cannot_open) if
/// the system does not list them; an interface that cannot be opened says so in `problem`.
std::vector<InterfaceInfo> list_interfaces();

/// A pcap-filter(7) expression that is applied to the innermost IP packet, whatever tags and
/// tunnels were around it: libpcap's own `vlan` keyword moves the offsets of everything that
/// follows it, and libpcap looks into few tunnels.
class InnerFilter {
  public:
    /// Throws base::Error (usage) if it does not compile for IP packets.
    explicit InnerFilter(const std::string& expression);
    ~InnerFilter();
    InnerFilter(const InnerFilter&) = delete;
    InnerFilter& operator=(const InnerFilter&) = delete;
    /// `packet` begins with an IPv4 or IPv6 header; `length` is its length on the wire.
    [[nodiscard]] bool matches(base::Bytes packet, std::uint32_t length) const noexcept;

  private:
    struct Program;
    std::unique_ptr<Program> program_;
};

}  // namespace turnpike::capture
