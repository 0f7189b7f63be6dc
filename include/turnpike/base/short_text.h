// Text that is never longer than it has room for, without memory of its own.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace turnpike::base {

/// Up to `Room` octets; text beyond is cut off.
template <std::size_t Room>
class ShortText {
  public:
    static_assert(Room <= UINT8_MAX);

    constexpr ShortText() = default;
    /// A copy of the first `Room` octets.
    constexpr explicit(false) ShortText(std::string_view text) noexcept
        : size_(static_cast<std::uint8_t>(std::min(text.size(), Room))) {
        std::ranges::copy(text.substr(0, Room), octets_.begin());
    }
    /// The same of a literal.
    constexpr explicit(false) ShortText(const char* text) noexcept
        : ShortText(std::string_view(text)) {}

    /// The octets, for as long as this lives and keeps them.
    [[nodiscard]] constexpr std::string_view view() const noexcept {
        return {octets_.data(), size_};
    }
    /// Nothing is kept.
    [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }

    friend constexpr bool operator==(const ShortText& a, const ShortText& b) noexcept {
        return a.view() == b.view();
    }

  private:
    std::uint8_t size_ = 0;
    std::array<char, Room> octets_{};
};

}  // namespace turnpike::base
