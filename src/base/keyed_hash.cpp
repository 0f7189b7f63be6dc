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

std::uint64_t random_seed() {
    std::random_device device;
    return (std::uint64_t{device()} << 32U) | device();
}

}  // namespace

HashKey::HashKey(std::uint64_t seed) noexcept {
    for (auto& word : secret_) {
        word = next_word(seed);
    }
}

const HashKey& HashKey::of_process() {
    static const HashKey key(random_seed());
    return key;
}

std::uint64_t HashKey::octets(const void* data, std::size_t size) const noexcept {
    constexpr std::size_t block = 16;
    const auto* at = static_cast<const std::uint8_t*>(data);
    std::uint64_t state = size;
    for (std::size_t left = size; left > 0;) {
        std::array<std::uint64_t, 2> words{};
        const std::size_t taken = left < block ? left : block;
        std::memcpy(words.data(), at, taken);
        at += taken;
        left -= taken;
        // Chained: what went before is a secret summand of the next product.
        state = fold(product(words[0] + secret_[0] + state, words[1] + secret_[1]) + state);
    }
    return fold(product(state + secret_[2], secret_[3] + size));
}

}  // namespace turnpike::base
