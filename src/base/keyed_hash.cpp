// Makes the secret of the hash, and hashes octets under it.
#include "turnpike/base/keyed_hash.h"

#include <random>

namespace turnpike::base {
namespace {

// SplitMix64 (Steele, Lea and Flood 2014): words from a seed, each a bijection of its number.
std::uint64_t next_word(std::uint64_t& state) noexcept {
    state += 0x9e3779b97f4a7c15ULL;
    std::uint64_t word = state;
    word = (word ^ (word >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    word = (word ^ (word >> 27U)) * 0x94d049bb133111ebULL;
    return word ^ (word >> 31U);
}

template <typename Word>
std::uint64_t load(const std::uint8_t* at) noexcept {
    Word word = 0;
    std::memcpy(&word, at, sizeof word);
    return word;
}

// One to 15 octets as two words. Which they are is clear with their number; some stand in both.
std::array<std::uint64_t, 2> load_rest(const std::uint8_t* at, std::size_t size) noexcept {
    if (size >= sizeof(std::uint64_t)) {
        return {load<std::uint64_t>(at), load<std::uint64_t>(at + size - sizeof(std::uint64_t))};
    }
    if (size >= sizeof(std::uint32_t)) {
        return {load<std::uint32_t>(at), load<std::uint32_t>(at + size - sizeof(std::uint32_t))};
    }
    return {std::uint64_t{at[0]} << 16U | std::uint64_t{at[size / 2]} << 8U | at[size - 1], 0};
}

}  // namespace

HashKey::HashKey(std::uint64_t seed) noexcept {
    for (auto& word : secret_) {
        word = next_word(seed);
    }
}

std::uint64_t HashKey::random_seed() {
    std::random_device device;
    return (std::uint64_t{device()} << 32U) | device();
}

std::uint64_t HashKey::octets(const void* data, std::size_t size) const noexcept {
    constexpr std::size_t block = 16;
    const auto* at = static_cast<const std::uint8_t*>(data);
    std::uint64_t state = size;
    // Chained: what went before is a secret summand of the next product.
    const auto take = [&](std::uint64_t first, std::uint64_t second) {
        state = fold(product(first + secret_[0] + state, second + secret_[1]) + state);
    };
    std::size_t left = size;
    for (; left >= block; left -= block, at += block) {
        take(load<std::uint64_t>(at), load<std::uint64_t>(at + sizeof(std::uint64_t)));
    }
    if (left > 0) {
        const auto [first, second] = load_rest(at, left);
        take(first, second);
    }
    return fold(product(state + secret_[2], secret_[3] + size));
}

}  // namespace turnpike::base
