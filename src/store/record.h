// A row as SQLite stores it.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "store/octets.h"

namespace turnpike::store {

/// Collects the values of one row in the record format (sqlite.org/fileformat2.html 2.1). Takes
/// what Statement binds, and keeps its room from row to row.
class Record {
  public:
    static constexpr std::size_t most_columns = 32;

    void clear() noexcept {
        types_end_ = types_.data();
        size_ = 0;
    }
    void add(std::nullptr_t) noexcept { put_type(0); }
    template <typename T>
        requires std::is_integral_v<T>
    void add(T value) {
        add_integer(static_cast<std::int64_t>(value));
    }
    void add(double value) {
        put_type(7);
        append(std::bit_cast<std::uint64_t>(value), sizeof value);
    }
    void add(std::string_view text) {
        put_type(13 + 2 * text.size());
        make_room(text.size());
        std::copy(text.begin(), text.end(), values_.data() + size_);
        size_ += text.size();
    }
    void add(const std::string& text) { add(std::string_view{text}); }
    template <typename T>
    void add(const std::optional<T>& value) {
        if (value) {
            add(*value);
        } else {
            add(nullptr);
        }
    }

    /// The length of the header, its own length included.
    [[nodiscard]] std::size_t header_size() const noexcept {
        const auto types = static_cast<std::size_t>(types_end_ - types_.data());
        return types + (types + 1 < 0x80 ? 1 : 2);
    }
    [[nodiscard]] std::size_t size() const noexcept { return header_size() + size_; }
    /// Writes all of it to `at`.
    void write(std::uint8_t* at) const noexcept {
        const auto types = static_cast<std::size_t>(types_end_ - types_.data());
        at = put_varint(header_size(), at);
        std::memcpy(at, types_.data(), types);
        std::memcpy(at + types, values_.data(), size_);
    }

  private:
    void put_type(std::uint64_t type) noexcept { types_end_ = put_varint(type, types_end_); }
    void make_room(std::size_t octets) {
        if (values_.size() - size_ < octets) {
            values_.resize(2 * (size_ + octets));
        }
    }
    /// The last octets of the value, 1 to 8 of them. Eight are written: a size that is known is a
    /// single move.
    void append(std::uint64_t value, std::size_t octets) {
        make_room(sizeof value);
        const auto big_endian = to_big_endian(value << (8 * (sizeof value - octets)));
        std::memcpy(values_.data() + size_, &big_endian, sizeof big_endian);
        size_ += octets;
    }
    void add_integer(std::int64_t value) {
        if (value == 0 || value == 1) {
            put_type(8 + static_cast<std::uint64_t>(value));
            return;
        }
        // Bits without the sign's repetitions, and the sign.
        const int bits =
            65 - std::countl_zero(static_cast<std::uint64_t>(value < 0 ? ~value : value));
        constexpr std::array<std::uint8_t, 9> types{0, 1, 2, 3, 4, 5, 5, 6, 6};
        constexpr std::array<std::uint8_t, 9> octets{0, 1, 2, 3, 4, 6, 6, 8, 8};
        const auto least = static_cast<std::size_t>(bits + 7) / 8;
        put_type(types[least]);
        append(static_cast<std::uint64_t>(value), octets[least]);
    }

    std::array<std::uint8_t, most_columns * longest_varint> types_{};
    std::uint8_t* types_end_ = types_.data();
    std::vector<std::uint8_t> values_ = std::vector<std::uint8_t>(512);
    std::size_t size_ = 0;  ///< of those that are in use
};

}  // namespace turnpike::store
