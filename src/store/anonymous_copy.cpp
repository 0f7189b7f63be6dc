// Copies a database page by page, and replaces its texts column by column.
#include "turnpike/store/anonymous_copy.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "store/database.h"
#include "store/foreign_hands.h"
#include "turnpike/store/reader.h"

namespace turnpike::store {
namespace {

/// Tables that hold the catalog's own words.
constexpr std::array<std::string_view, 2> of_catalog{"product", "rule"};
/// Columns that hold one name and nothing else.
constexpr std::array<std::string_view, 5> names{"server_name", "qname", "sni", "realm",
                                                "certificate_outside"};
/// Columns that hold words of the catalog in other tables, or none of anybody's.
constexpr std::array<std::string_view, 2> kept{"pattern", "version"};

struct TextColumn {
    std::string table;
    std::string name;
};

template <std::size_t Size>
bool among(const std::array<std::string_view, Size>& list, std::string_view word) noexcept {
    return std::ranges::find(list, word) != list.end();
}

std::vector<std::string> first_texts(Database& database, const std::string& sql, int column) {
    Statement query(database, sql);
    std::vector<std::string> texts;
    while (query.step()) {
        texts.emplace_back(query.text(column));
    }
    return texts;
}

/// Every column of text that may tell about somebody, whatever layout the database has.
std::vector<TextColumn> text_columns_of(Database& database) {
    std::vector<TextColumn> columns;
    for (const auto& table :
         first_texts(database, "SELECT name FROM sqlite_schema WHERE type = 'table'", 0)) {
        if (among(of_catalog, table) || table.starts_with("sqlite_")) {
            continue;
        }
        Statement query(database, fmt::format("PRAGMA table_info({})", table));
        while (query.step()) {
            constexpr int name = 1;
            constexpr int type = 2;
            if (query.text(type) == "TEXT" && !among(kept, query.text(name))) {
                columns.push_back({table, std::string(query.text(name))});
            }
        }
    }
    return columns;
}

void copy_pages(const std::filesystem::path& from, Database& to) {
    const Database source(from, Access::read_only);
    auto* const copy = sqlite3_backup_init(to.handle(), "main", source.handle(), "main");
    if (copy == nullptr) {
        to.fail(sqlite3_errcode(to.handle()));
    }
    constexpr int all_pages = -1;
    sqlite3_backup_step(copy, all_pages);
    if (const int code = sqlite3_backup_finish(copy); code != SQLITE_OK) {
        to.fail(code);
    }
    // Nothing else is to be made beside it.
    to.execute("PRAGMA journal_mode = DELETE");
}

using Cleaner = std::function<std::string(std::string_view)>;

void call_cleaner(sqlite3_context* context, int, sqlite3_value** values) {
    const auto& cleaner = *static_cast<const Cleaner*>(sqlite3_user_data(context));
    const auto* const text = reinterpret_cast<const char*>(sqlite3_value_text(values[0]));
    const auto size = static_cast<std::size_t>(sqlite3_value_bytes(values[0]));
    const auto clean = cleaner({text, size});
    sqlite3_result_text64(context, clean.data(), clean.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

void add_function(Database& database, const char* name, const Cleaner& cleaner) {
    // SQLite does not change what it is only given back.
    sqlite3_create_function(database.handle(), name, 1, SQLITE_UTF8, const_cast<Cleaner*>(&cleaner),
                            call_cleaner, nullptr, nullptr);
}

}  // namespace

void copy_anonymously(const std::filesystem::path& from, const std::filesystem::path& to,
                      const TextCleaners& cleaners) {
    const Reader checked(from);  // that it is a database of this program, in all its ways to say no
    Database database(to, Access::create);
    copy_pages(from, database);
    require_own_schema(database);
    add_function(database, "clean_name", cleaners.of_name);
    add_function(database, "clean_text", cleaners.of_text);
    const auto columns = text_columns_of(database);
    for (const auto& [table, column] : columns) {
        if (among(names, column)) {
            for (const auto& name :
                 first_texts(database,
                             fmt::format("SELECT DISTINCT {0} FROM {1} WHERE {0} IS NOT NULL",
                                         column, table),
                             0)) {
                cleaners.learn(name);
            }
        }
    }
    Transaction transaction(database);
    for (const auto& [table, column] : columns) {
        database.execute(fmt::format("UPDATE {0} SET {1} = {2}({1}) WHERE {1} IS NOT NULL", table,
                                     column, among(names, column) ? "clean_name" : "clean_text"));
    }
    // File names tell about people in ways that no rule knows.
    database.execute("UPDATE run SET source = 'an anonymised capture'");
    if (database.integer("SELECT 1 FROM sqlite_schema WHERE name = 'comparison'")) {
        database.execute("UPDATE comparison SET inside = 'the inside', outside = 'the outside'");
    }
    transaction.commit();
}

}  // namespace turnpike::store
