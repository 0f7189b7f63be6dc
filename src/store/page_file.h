// Pages written straight into a database file that nobody else writes meanwhile.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "store/database.h"

namespace turnpike::store {

/// The page size that is written: SQLite's default. Files of another one are left to SQLite.
inline constexpr std::size_t page_size = 4096;
using Page = std::array<std::uint8_t, page_size>;

/// Appends pages to a database in rollback mode (docs/decisions/pages.md; sections of
/// sqlite.org/fileformat2.html). While it exists nobody else can write the file, and the
/// connection must not be used. What was appended counts once `finish` was called; before that the
/// file holds what it held, for those who read it too.
class PageFile {
  public:
    /// Nothing if this is no job for it: unless the database is in rollback mode with pages of the
    /// usual size, all of them in use, nobody else is about to write, and the tables, by name, are
    /// empty. Throws base::Error like Database.
    static std::unique_ptr<PageFile> open(Database& database,
                                          std::span<const std::string_view> tables);
    ~PageFile();
    PageFile(const PageFile&) = delete;
    PageFile& operator=(const PageFile&) = delete;

    /// The page that holds the root of one of the tables.
    [[nodiscard]] std::uint32_t root_of(std::string_view table) const;

    /// Adds a page behind all others; its number.
    std::uint32_t append(const Page& page);
    /// The number that the next page will have.
    [[nodiscard]] std::uint32_t next() const noexcept { return after(pages_); }
    /// The number of the page that follows the one with this number.
    [[nodiscard]] static std::uint32_t after(std::uint32_t number) noexcept;
    /// `finish` puts this into the place of a page that is there.
    void replace(std::uint32_t number, const Page& page);

    /// Makes everything part of the database. Waits for those who are reading it, and throws
    /// base::Error if they do not end within `busy_timeout_ms`.
    void finish();

  private:
    explicit PageFile(Database& database);
    bool begin();
    bool lock(std::uint64_t offset, std::uint64_t count);
    void keep_readers_out();
    void read(std::span<std::uint8_t> octets, std::uint64_t offset);
    [[nodiscard]] bool fits() const;
    [[nodiscard]] bool is_empty(std::string_view table);
    void write(std::span<const std::uint8_t> octets, std::uint64_t offset);
    void flush();

    struct Root {
        std::string table;
        std::uint32_t page = 0;
    };
    struct Replacement {
        std::uint32_t number = 0;
        Page page{};
    };

    Database& database_;
    std::vector<Root> roots_;
    int file_ = -1;
    std::array<std::uint8_t, 100> header_{};
    std::uint32_t pages_before_ = 0;
    std::uint32_t pages_ = 0;
    std::vector<std::uint8_t> unwritten_;
    std::uint64_t unwritten_at_ = 0;  ///< where its first octet belongs
    std::vector<Replacement> replacements_;
    bool finished_ = false;
};

}  // namespace turnpike::store
