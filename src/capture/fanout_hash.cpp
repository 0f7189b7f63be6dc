// The reference of the fanout program.
#include <algorithm>

#include "capture/fanout_rules.h"
#include "turnpike/base/cursor.h"
#include "turnpike/capture/fanout.h"

namespace turnpike::capture {
namespace {

using base::Bytes;

template <typename Range, typename Value>
bool is_one_of(const Range& range, Value value) noexcept {
    return std::ranges::find(range, value) != std::ranges::end(range);
}

/// Reads at any place; what lies behind the end makes the whole result zero, as in the kernel.
class Walk {
  public:
    explicit Walk(Bytes packet) noexcept : packet_(packet) {}

    std::uint32_t hash(std::uint32_t base, std::uint16_t ether_type) noexcept {
        outermost_ = true;
        return packet(base, ether_type);
    }

  private:
    [[nodiscard]] base::Cursor at(std::size_t offset) noexcept {
        return base::Cursor(packet_.subspan(std::min(offset, packet_.size())));
    }
    std::uint8_t u8(std::size_t offset) noexcept { return checked(at(offset), &base::Cursor::u8); }
    std::uint16_t u16(std::size_t offset) noexcept {
        return checked(at(offset), &base::Cursor::u16);
    }
    std::uint32_t u32(std::size_t offset) noexcept {
        return checked(at(offset), &base::Cursor::u32);
    }
    template <typename Value>
    Value checked(base::Cursor cursor, Value (base::Cursor::*read)() noexcept) noexcept {
        const Value value = (cursor.*read)();
        short_ = short_ || !cursor.ok();
        return value;
    }

    [[nodiscard]] std::uint32_t mixed(std::uint32_t source,
                                      std::uint32_t destination) const noexcept {
        std::uint32_t hash = (source ^ destination) * fanout::first_factor;
        hash += source + destination;
        hash ^= hash >> fanout::first_shift;
        hash *= fanout::second_factor;
        hash ^= hash >> fanout::second_shift;
        return short_ ? 0 : hash;
    }
    std::uint32_t addresses_v4(std::uint32_t place) noexcept {
        return mixed(u32(place), u32(place + 4));
    }
    std::uint32_t folded(std::uint32_t place) noexcept {
        return u32(place) ^ u32(place + 4) ^ u32(place + 8) ^ u32(place + 12);
    }
    std::uint32_t addresses_v6(std::uint32_t place) noexcept {
        return mixed(folded(place), folded(place + 16));
    }

    std::uint32_t packet(std::uint32_t base, std::uint16_t ether_type) noexcept;
    std::uint32_t packet_v4(std::uint32_t base) noexcept;
    std::uint32_t packet_v6(std::uint32_t base) noexcept;
    std::uint32_t datagram(std::uint32_t header, std::uint32_t addresses, bool v4) noexcept;
    std::uint32_t vxlan(std::uint32_t header) noexcept;
    std::uint32_t geneve(std::uint32_t header) noexcept;
    [[nodiscard]] std::uint32_t outer() noexcept {
        return outer_v4_ ? addresses_v4(outer_addresses_) : addresses_v6(outer_addresses_);
    }

    Bytes packet_;
    bool short_ = false;
    bool outermost_ = true;
    std::uint32_t outer_addresses_ = 0;
    bool outer_v4_ = true;
};

std::uint32_t Walk::packet(std::uint32_t base, std::uint16_t ether_type) noexcept {
    for (unsigned i = 0; i < fanout::most_tags && is_one_of(fanout::tags, ether_type); ++i) {
        ether_type = u16(base + 2);
        base += 4;
    }
    if (short_) {
        return 0;
    }
    if (ether_type == fanout::ipv4) {
        return packet_v4(base);
    }
    if (ether_type == fanout::ipv6) {
        return packet_v6(base);
    }
    if (outermost_) {
        return 0;
    }
    return outer();
}

std::uint32_t Walk::packet_v4(std::uint32_t base) noexcept {
    const std::uint32_t addresses = base + 12;
    const std::uint8_t protocol = u8(base + 9);
    if (is_one_of(fanout::tunnel_protocols, protocol)) {
        return 0;
    }
    if ((u16(base + 6) & fanout::fragment_bits) != 0) {
        return addresses_v4(addresses);
    }
    const std::uint32_t header_size = (u8(base) & 0x0fU) * 4;
    const std::uint32_t next = base + header_size;
    if (protocol == fanout::udp) {
        return datagram(next, addresses, true);
    }
    constexpr std::uint32_t quote_least = 8 + 20;
    if (protocol == fanout::icmp && u16(base + 2) >= header_size + quote_least &&
        is_one_of(fanout::icmp_errors, u8(next))) {
        return addresses_v4(next + 8 + 12);
    }
    return addresses_v4(addresses);
}

std::uint32_t Walk::packet_v6(std::uint32_t base) noexcept {
    const std::uint32_t addresses = base + 8;
    const std::uint32_t next = base + 40;
    const std::uint8_t protocol = u8(base + 6);
    if (is_one_of(fanout::tunnel_protocols, protocol)) {
        return 0;
    }
    if (protocol == fanout::udp) {
        return datagram(next, addresses, false);
    }
    constexpr std::uint32_t quote_least = 8 + 40;
    if (protocol == fanout::icmpv6 && u16(base + 4) >= quote_least &&
        is_one_of(fanout::icmpv6_errors, u8(next))) {
        return addresses_v6(next + 8 + 8);
    }
    return addresses_v6(addresses);
}

std::uint32_t Walk::datagram(std::uint32_t header, std::uint32_t addresses, bool v4) noexcept {
    const std::uint16_t source = u16(header);
    const std::uint16_t destination = u16(header + 2);
    // A port of either side: the answer to a client that happens to have one must not go elsewhere
    // than its question.
    const auto either = [&](const auto& ports) {
        return is_one_of(ports, source) || is_one_of(ports, destination);
    };
    if (short_ || either(fanout::tunnel_ports)) {
        return 0;
    }
    if (outermost_) {
        outermost_ = false;
        outer_addresses_ = addresses;
        outer_v4_ = v4;
        if (either(fanout::vxlan_ports)) {
            return vxlan(header);
        }
        if (either(fanout::geneve_ports)) {
            return geneve(header);
        }
    }
    return v4 ? addresses_v4(addresses) : addresses_v6(addresses);
}

std::uint32_t Walk::vxlan(std::uint32_t header) noexcept {
    if (u16(header + 4) < fanout::vxlan_least ||
        (u8(header + 8) & fanout::vxlan_vni_present) == 0) {
        return outer();
    }
    return packet(header + fanout::vxlan_inner, u16(header + fanout::vxlan_ether_type));
}

std::uint32_t Walk::geneve(std::uint32_t header) noexcept {
    if (u16(header + 4) < fanout::geneve_least || (u16(header + 8) & fanout::geneve_zero) != 0) {
        return outer();
    }
    const std::uint32_t inner =
        header + fanout::geneve_payload + (u8(header + 8) & fanout::geneve_option_words) * 4U;
    const std::uint16_t type = u16(header + 10);
    if (type == fanout::bridged_ethernet) {
        return packet(inner + 14, u16(inner + 12));
    }
    if (is_one_of(fanout::geneve_tunnels, type)) {
        return 0;
    }
    return type == fanout::ipv4 || type == fanout::ipv6 ? packet(inner, type) : outer();
}

}  // namespace

std::uint32_t fanout_hash(base::Bytes packet, std::uint16_t ether_type) noexcept {
    return Walk(packet).hash(0, ether_type);
}

}  // namespace turnpike::capture
