// The catalog's closed word lists, both ways.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "turnpike/base/words.h"
#include "turnpike/catalog/catalog.h"

namespace turnpike::catalog {

using base::Word;

/// Every value of an enumeration with its word, in declaration order.
template <typename T>
std::span<const Word<T>> words() noexcept;

template <>
std::span<const Word<Transport>> words<Transport>() noexcept;
template <>
std::span<const Word<Level>> words<Level>() noexcept;
template <>
std::span<const Word<RuleDirection>> words<RuleDirection>() noexcept;
template <>
std::span<const Word<Duplex>> words<Duplex>() noexcept;
template <>
std::span<const Word<Expectation>> words<Expectation>() noexcept;
template <>
std::span<const Word<Tier>> words<Tier>() noexcept;
template <>
std::span<const Word<Lifecycle>> words<Lifecycle>() noexcept;
template <>
std::span<const Word<DemandKind>> words<DemandKind>() noexcept;
template <>
std::span<const Word<Carried>> words<Carried>() noexcept;
template <>
std::span<const Word<MediaSign>> words<MediaSign>() noexcept;

template <typename T>
std::optional<T> parse_word(std::string_view text) noexcept {
    for (const auto& word : words<T>()) {
        if (word.text == text) {
            return word.value;
        }
    }
    return std::nullopt;
}

}  // namespace turnpike::catalog
