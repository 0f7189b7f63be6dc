// Changes the addresses of a frame's clients, and mends the checksums.
#include "renumber.h"

namespace load {
namespace {

constexpr std::uint32_t own_network = 10U << 24U;
constexpr std::uint64_t most_hosts = 1U << 24U;
constexpr std::size_t ethernet_header_size = 14;
constexpr std::size_t smallest_ip_header = 20;    // RFC 791, without options
constexpr std::size_t place_of_source = 12;       // RFC 791, 3.1
constexpr std::size_t place_of_destination = 16;  // RFC 791, 3.1
constexpr std::uint8_t protocol_tcp = 6;
constexpr std::uint8_t protocol_udp = 17;

std::uint16_t word(Octets frame, std::size_t at) {
    return static_cast<std::uint16_t>(frame[at] << 8U | frame[at + 1]);
}

std::uint32_t address(Octets frame, std::size_t at) {
    return std::uint32_t{word(frame, at)} << 16U | word(frame, at + 2);
}

void put(Octets frame, std::size_t at, std::uint16_t value) {
    frame[at] = static_cast<std::uint8_t>(value >> 8U);
    frame[at + 1] = static_cast<std::uint8_t>(value & 0xFFU);
}

/// The checksum at `at` after a word that it covers changed (RFC 1624, equation 3).
void adjust(Octets frame, std::size_t at, std::uint16_t before, std::uint16_t after) {
    std::uint32_t sum = static_cast<std::uint16_t>(~word(frame, at));
    sum += static_cast<std::uint16_t>(~before);
    sum += after;
    sum = (sum & 0xFFFFU) + (sum >> 16U);
    sum = (sum & 0xFFFFU) + (sum >> 16U);
    put(frame, at, static_cast<std::uint16_t>(~sum));
}

/// Where the IPv4 header begins; 0 if there is none.
std::size_t ipv4_header(Octets frame) {
    std::size_t at = ethernet_header_size;
    while (frame.size() >= at + 4 && word(frame, at - 2) == 0x8100) {
        at += 4;
    }
    const bool whole = frame.size() >= at + smallest_ip_header && word(frame, at - 2) == 0x0800;
    return whole && frame[at] >> 4U == 4 ? at : 0;
}

/// Where the checksum of TCP or UDP stands; 0 if there is none.
std::size_t transport_checksum(Octets frame, std::size_t header) {
    const std::size_t transport = header + std::size_t{4} * (frame[header] & 0x0FU);
    const bool first_fragment = (word(frame, header + 6) & 0x1FFFU) == 0;
    const std::uint8_t protocol = frame[header + 9];
    const std::size_t at = transport + (protocol == protocol_tcp ? 16U : 6U);
    if (!first_fragment || (protocol != protocol_tcp && protocol != protocol_udp) ||
        frame.size() < at + 2) {
        return 0;
    }
    return protocol == protocol_udp && word(frame, at) == 0 ? 0 : at;  // RFC 768: 0 is no checksum
}

}  // namespace

void Renumbering::learn(Octets frame) {
    Places places;
    if (const std::size_t header = ipv4_header(frame); header != 0) {
        places.header = static_cast<std::uint16_t>(header);
        places.checksum = static_cast<std::uint16_t>(transport_checksum(frame, header));
        places.source = client(address(frame, header + place_of_source));
        places.destination = client(address(frame, header + place_of_destination));
    }
    frames_.push_back(places);
}

std::optional<std::uint32_t> Renumbering::client(std::uint32_t address) {
    if ((address & ~(most_hosts - 1)) != own_network) {
        return std::nullopt;
    }
    const auto next = static_cast<std::uint32_t>(numbers_.size());
    return numbers_.try_emplace(address, next).first->second;
}

void Renumbering::apply(Octets frame, std::size_t index, std::uint64_t loop) const {
    const Places& places = frames_[index];
    if (places.source) {
        move(frame, places, places.header + place_of_source, *places.source, loop);
    }
    if (places.destination) {
        move(frame, places, places.header + place_of_destination, *places.destination, loop);
    }
}

void Renumbering::move(Octets frame, const Places& places, std::size_t at, std::uint32_t number,
                       std::uint64_t loop) const {
    // From 10.0.0.1 on, in loops of as many as there are clients.
    const std::uint64_t host = (1 + number + loop * numbers_.size()) % most_hosts;
    const std::uint32_t after = own_network | static_cast<std::uint32_t>(host);
    for (const std::size_t half : {std::size_t{0}, std::size_t{2}}) {
        const std::uint16_t old = word(frame, at + half);
        const auto now = static_cast<std::uint16_t>(half == 0 ? after >> 16U : after & 0xFFFFU);
        put(frame, at + half, now);
        adjust(frame, places.header + std::size_t{10}, old, now);
        if (places.checksum != 0) {
            adjust(frame, places.checksum, old, now);
        }
    }
}

}  // namespace load
