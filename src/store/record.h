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

#include "store/octets.h"

namespace turnpike::store {

/// Collects the values of one row in the record format (sqlite.org/fileformat2.html 2.1). Takes
/// what Statement binds, and keeps its room from row to row.
class Record {
  public:
    static constexpr std::size_t most_columns = 32;

    void clear() noexcept {
        types_end_ = types_.data();
        values_.clear();
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
        append(to_big_endian(std::bit_cast<std::uint64_t>(value)), sizeof value);
    }
    void add(std::string_view text) {
        put_type(13 + 2 * text.size());
        values_ += text;
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
    [[nodiscard]] std::size_t size() const noexcept { return header_size() + values_.size(); }
    /// Writes all of it to `at`.
    void write(std::uint8_t* at) const noexcept {
        const auto types = static_cast<std::size_t>(types_end_ - types_.data());
        at = put_varint(header_size(), at);
        std::memcpy(at, types_.data(), types);
        std::memcpy(at + types, values_.data(), values_.size());
    }

  private:
    void put_type(std::uint64_t type) noexcept { types_end_ = put_varint(type, types_end_); }
    void append(std::uint64_t big_endian, std::size_t octets) {
        std::array<char, sizeof big_endian> all{};
        std::memcpy(all.data(), &big_endian, sizeof big_endian);
        values_.append(all.data() + sizeof big_endian - octets, octets);
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
        append(to_big_endian(static_cast<std::uint64_t>(value)), octets[least]);
    }

    std::array<std::uint8_t, most_columns * longest_varint> types_{};
    std::uint8_t* types_end_ = types_.data();
    std::string values_;
};

}  // namespace turnpike::store
