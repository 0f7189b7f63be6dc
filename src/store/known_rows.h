// Small tables of a run that change while it goes on: what was written last is remembered, so that
// only rows that differ are written.
#pragma once

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>

#include "store/batch.h"
#include "store/columns.h"
#include "store/database.h"
#include "store/row_values.h"
#include "store/schema.h"

namespace turnpike::store {

/// The octets of a row's values in a row, to tell whether it changed.
class RowImage {
  public:
    template <typename... Values>
    const std::string& of(const Values&... values) {
        octets_.clear();
        (add(values), ...);
        return octets_;
    }

  private:
    template <typename T>
        requires std::is_integral_v<T>
    void add(T value) {
        const auto octets =
            std::bit_cast<std::array<char, sizeof(std::int64_t)>>(static_cast<std::int64_t>(value));
        octets_.append(octets.data(), octets.size());
    }
    void add(std::string_view text) {
        add(text.size());
        octets_ += text;
    }
    void add(std::nullptr_t) { octets_ += '\0'; }
    template <typename T>
    void add(const std::optional<T>& value) {
        if (value) {
            octets_ += '\1';
            add(*value);
        } else {
            add(nullptr);
        }
    }

    std::string octets_;
};

/// The rows of one table and one run as they were written last, by a name that outlives reloads of
/// the catalog. A copy is what a failed transaction falls back on.
struct KnownRows {
    struct Row {
        std::uint64_t number = 0;
        std::uint64_t round = 0;  ///< when it was put last
        std::string image;
    };
    std::unordered_map<std::string, Row> by_name;
    std::uint64_t last_number = 0;
    std::uint64_t round = 0;
};

/// What becomes of a row that was not put in a round.
enum class Leftover : std::uint8_t {
    removed,
    forgotten,  ///< stays as it is and will not be put again
};

/// One round of bringing such a table to what a result says: `put` every row there is, then perhaps
/// `remove_rest`. The entries of a table have `key` and `run`, which are set here. Keeps references
/// to its arguments.
template <typename Declared>
class KnownTable {
  public:
    KnownTable(Database& database, Batch& batch, std::int64_t run, const Declared& table,
               KnownRows& rows)
        : database_(database), batch_(batch), run_(run), table_(table), rows_(rows) {
        ++rows.round;
    }

    /// Puts the entry under that name, and returns its key, which is made here. New names are
    /// numbered in the order they come.
    template <typename Entry>
    std::int64_t put(const std::string& name, Entry entry) {
        const auto [row, fresh] = rows_.by_name.try_emplace(name);
        if (fresh) {
            row->second.number = ++rows_.last_number;
        }
        return write(row->second, entry);
    }
    /// The same for a table whose rows have numbers instead of names.
    template <typename Entry>
    std::int64_t put_at(std::uint64_t number, Entry entry) {
        auto& row = rows_.by_name[fmt::to_string(number)];
        row.number = number;
        return write(row, entry);
    }

    /// Whether the row of that number was last written with this entry.
    template <typename Entry>
    [[nodiscard]] bool holds(std::uint64_t number, Entry entry) {
        const auto row = rows_.by_name.find(fmt::to_string(number));
        if (row == rows_.by_name.end()) {
            return false;
        }
        entry.key = row_key(run_, number);
        entry.run = run_;
        bool same = false;
        table_.columns.with_values(entry, rooms_, [&](const auto&... values) {
            same = row->second.image == image_.of(values...);
        });
        return same;
    }

    /// Calls `visit(key, row)` with every row that was not put in this round.
    template <typename Visit>
    void each_of_the_rest(Visit visit) {
        for (auto& [name, row] : rows_.by_name) {
            if (row.round != rows_.round) {
                visit(row_key(run_, row.number), row);
            }
        }
    }

    /// Asks `fate(key)` for every row that was not put in this round.
    template <typename Judge>
    void settle_rest(Judge fate) {
        std::erase_if(rows_.by_name, [&](const auto& entry) {
            const auto& row = entry.second;
            if (row.round == rows_.round) {
                return false;
            }
            const std::int64_t key = row_key(run_, row.number);
            if (fate(key) == Leftover::removed) {
                remove(key);
            }
            return true;
        });
    }
    /// Deletes every row that was not put in this round.
    void remove_rest() {
        settle_rest([](std::int64_t) { return Leftover::removed; });
    }

  private:
    template <typename Entry>
    std::int64_t write(KnownRows::Row& row, Entry& entry) {
        row.round = rows_.round;
        entry.key = row_key(run_, row.number);
        entry.run = run_;
        table_.columns.with_values(entry, rooms_, [&](const auto&... values) {
            if (const auto& image = image_.of(values...); image != row.image) {
                insert(values...);
                row.image = image;
                batch_.row_written();
            }
        });
        return entry.key;
    }
    template <typename... Values>
    void insert(const Values&... values) {
        if (!insert_) {
            insert_.emplace(database_, fmt::format("{} {}", verb(Writing::replace),
                                                   into(table_.name, table_.columns)));
        }
        insert_->run(values...);
    }
    void remove(std::int64_t key) {
        if (!remove_) {
            remove_.emplace(database_, fmt::format("DELETE FROM {} WHERE {} = ?", table_.name,
                                                   table_.columns.info.front().name));
        }
        remove_->run(key);
        batch_.row_written();
    }

    Database& database_;
    Batch& batch_;
    std::int64_t run_;
    const Declared& table_;
    KnownRows& rows_;
    std::optional<Statement> insert_;
    std::optional<Statement> remove_;
    RowImage image_;
    Declared::Rooms rooms_;
};

}  // namespace turnpike::store
