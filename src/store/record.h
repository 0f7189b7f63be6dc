// A row as SQLite stores it.
#pragma once

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
        used_ = 0;
    }
    /// Makes a row of a table whose first column is its INTEGER PRIMARY KEY, which stands before
    /// the record: there is no value in its place.
    template <typename... Values>
    void set_row(const Values&... values) {
        clear();
        add(nullptr);
        (add(values), ...);
    }
    void add(std::nullptr_t) noexcept { put_type(0); }
    template <typename T>
        requires std::is_integral_v<T>
    void add(T value) {
        add_integer(static_cast<std::int64_t>(value));
    }
    void add(double value) {
        put_type(7);
        put_word(to_big_endian(std::bit_cast<std::uint64_t>(value)), sizeof value);
    }
    void add(std::string_view text) {
        put_type(13 + 2 * text.size());
        if (!text.empty()) {  // it may have no octets to point at
            std::memcpy(room_for(text.size()), text.data(), text.size());
        }
        used_ += text.size();
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
    [[nodiscard]] std::size_t size() const noexcept { return header_size() + used_; }
    /// Writes all of it to `at`.
    void write(std::uint8_t* at) const noexcept {
        const auto types = static_cast<std::size_t>(types_end_ - types_.data());
        at = put_varint(header_size(), at);
        std::memcpy(at, types_.data(), types);
        std::memcpy(at + types, values_.data(), used_);
    }

  private:
    void put_type(std::uint64_t type) noexcept { types_end_ = put_varint(type, types_end_); }
    std::uint8_t* room_for(std::size_t octets) {
        if (values_.size() - used_ < octets) {
            values_.resize(2 * (used_ + octets));
        }
        return values_.data() + used_;
    }
    /// The first octets of a word, which is written whole: copying a few costs more.
    void put_word(std::uint64_t word, std::size_t octets) {
        std::memcpy(room_for(sizeof word), &word, sizeof word);
        used_ += octets;
    }
    void add_integer(std::int64_t value) {
        if (value == 0 || value == 1) {
            put_type(8 + static_cast<std::uint64_t>(value));
            return;
        }
        // Bits without the sign's repetitions, and the sign.
        const int bits =
            65 - std::countl_zero(static_cast<std::uint64_t>(value < 0 ? ~value : value));
        static constexpr std::array<std::uint8_t, 9> types{0, 1, 2, 3, 4, 5, 5, 6, 6};
        static constexpr std::array<std::uint8_t, 9> octets{0, 1, 2, 3, 4, 6, 6, 8, 8};
        const auto least = static_cast<std::size_t>(bits + 7) / 8;
        put_type(types[least]);
        const std::size_t count = octets[least];
        put_word(to_big_endian(static_cast<std::uint64_t>(value) << (64 - 8 * count)), count);
    }

    std::array<std::uint8_t, most_columns * longest_varint> types_{};
    std::uint8_t* types_end_ = types_.data();
    std::vector<std::uint8_t> values_ = std::vector<std::uint8_t>(256);  ///< with room behind them
    std::size_t used_ = 0;                                               ///< octets of values
};

}  // namespace turnpike::store
