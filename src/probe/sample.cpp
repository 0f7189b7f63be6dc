// Chooses ports and addresses by chance, the same for the same seed.
#include "probe/sample.h"

#include <algorithm>
#include <array>
#include <random>
#include <set>

namespace turnpike::probe {
namespace {

/// The same on every machine: std::hash and the distributions of the library need not be.
std::mt19937_64 generator(std::uint64_t seed, std::string_view salt) {
    std::uint64_t state = 0xcbf2'9ce4'8422'2325 ^ seed;  // FNV-1a
    for (const char letter : salt) {
        state = (state ^ static_cast<unsigned char>(letter)) * 0x100'0000'01b3;
    }
    return std::mt19937_64(state);
}

}  // namespace

std::vector<std::size_t> sample_positions(std::size_t size, std::size_t count, std::uint64_t seed,
                                          std::string_view salt) {
    std::set<std::size_t> chosen;
    if (count >= size) {
        for (std::size_t i = 0; i < size; ++i) {
            chosen.insert(i);
        }
    }
    auto random = generator(seed, salt);
    while (chosen.size() < std::min(size, count)) {
        chosen.insert(random() % size);
    }
    return {chosen.begin(), chosen.end()};
}

std::vector<std::uint16_t> sample_ports(std::uint16_t first, std::uint16_t last, std::size_t count,
                                        std::uint64_t seed, std::string_view salt) {
    const std::size_t size = std::size_t{last} - first + 1U;
    std::set<std::size_t> chosen{0, size - 1};
    if (count > 2) {
        for (const auto position : sample_positions(
                 size, std::min(size, count) - std::min<std::size_t>(size, 2), seed, salt)) {
            chosen.insert(position);
        }
    }
    if (count >= size) {
        for (std::size_t i = 0; i < size; ++i) {
            chosen.insert(i);
        }
    }
    std::vector<std::uint16_t> ports;
    for (const auto position : chosen) {
        ports.push_back(static_cast<std::uint16_t>(first + position));
    }
    return ports;
}

std::vector<base::IpAddress> sample_addresses(const base::Prefix& network, std::size_t count,
                                              std::uint64_t seed) {
    const auto octets = network.address.octets();
    const unsigned host_bits = static_cast<unsigned>(octets.size()) * 8 - network.length;
    constexpr unsigned most_bits = 16;  // a choice of that many is wide enough
    const std::size_t size = std::size_t{1} << std::min(host_bits, most_bits);
    // Neither the network's own address nor its broadcast.
    const bool has_ends = network.address.is_v4() && host_bits > 1;
    const std::size_t usable = has_ends ? size - 2 : size;
    std::vector<base::IpAddress> addresses;
    for (const auto position : sample_positions(usable, count, seed, base::to_string(network))) {
        std::array<std::uint8_t, 16> bytes{};
        std::ranges::copy(octets, bytes.begin());
        auto number = position + (has_ends ? 1 : 0);
        for (auto i = octets.size(); i > 0 && number > 0; --i) {
            bytes[i - 1] = static_cast<std::uint8_t>(bytes[i - 1] | (number & 0xffU));
            number >>= 8U;
        }
        addresses.push_back(base::IpAddress::from_octets(base::Bytes(bytes).first(octets.size())));
    }
    return addresses;
}

}  // namespace turnpike::probe
