// The hash for every key that packets choose: without its secret nobody can make keys that collide.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "turnpike/base/bytes.h"
#include "turnpike/base/wide.h"

namespace turnpike::base {

/// A secret and the hash under it. Sums of products in which both factors are blinded (NH of UMAC,
/// RFC 4418 5.2), folded by one more blinded product: no input makes a product zero unless it
/// contains a secret word.
class HashKey {
  public:
    /// The same seed gives the same hashes.
    explicit HashKey(std::uint64_t seed) noexcept;
    /// The key of this process, random at its start, for tables without one of their own. Nothing
    /// that is stored or printed may depend on it, nor on the order of a table that does.
    static const HashKey& of_process() {
        static const HashKey key(random_seed());
        return key;
    }

    /// Of two words.
    [[nodiscard]] std::uint64_t words(std::uint64_t a, std::uint64_t b) const noexcept {
        return fold(product(a + secret_[0], b + secret_[1]));
    }
    /// Of an even number of words, at most eight.
    template <std::size_t Count>
        requires(Count % 2 == 0 && Count <= 8)
    [[nodiscard]] std::uint64_t words(const std::array<std::uint64_t, Count>& all) const noexcept {
        UnsignedWide sum = 0;
        for (std::size_t i = 0; i < Count; i += 2) {
            sum += product(all[i] + secret_[i], all[i + 1] + secret_[i + 1]);
        }
        return fold(sum);
    }
    /// Of octets of any number.
    [[nodiscard]] std::uint64_t octets(const void* data, std::size_t size) const noexcept;
    [[nodiscard]] std::uint64_t octets(Bytes bytes) const noexcept {
        return octets(bytes.data(), bytes.size());
    }
    /// Of the octets of a text.
    [[nodiscard]] std::uint64_t text(std::string_view text) const noexcept {
        return octets(text.data(), text.size());
    }

  private:
    static constexpr std::size_t secret_words = 10;

    static std::uint64_t random_seed();
    static UnsignedWide product(std::uint64_t a, std::uint64_t b) noexcept {
        return static_cast<UnsignedWide>(a) * b;
    }
    [[nodiscard]] std::uint64_t fold(UnsignedWide sum) const noexcept {
        const UnsignedWide last = product(static_cast<std::uint64_t>(sum) ^ secret_[8],
                                          static_cast<std::uint64_t>(sum >> 64U) ^ secret_[9]);
        return static_cast<std::uint64_t>(last) ^ static_cast<std::uint64_t>(last >> 64U);
    }

    std::array<std::uint64_t, secret_words> secret_{};
};

/// For tables by text that came in packets; finds by views too.
struct KeyedTextHash {
    using is_transparent = void;
    using is_avalanching = void;
    std::size_t operator()(std::string_view text) const { return HashKey::of_process().text(text); }
};

/// The same for numbers, such as link addresses.
struct KeyedNumberHash {
    using is_avalanching = void;
    std::size_t operator()(std::uint64_t number) const {
        return HashKey::of_process().words(number, 0);
    }
};

}  // namespace turnpike::base
