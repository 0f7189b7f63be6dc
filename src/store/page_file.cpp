// Appends pages to a database file under SQLite's own locks, and then makes them count.
#include "store/page_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "store/octets.h"

namespace turnpike::store {
namespace {

// Fields of the header, section 1.3.
constexpr std::size_t change_counter_at = 24;
constexpr std::size_t page_count_at = 28;
constexpr std::size_t page_size_at = 16;  // two octets, and one each for writing and reading
constexpr std::size_t reserved_at = 20;
constexpr std::size_t free_pages_at = 36;
constexpr std::size_t auto_vacuum_at = 52;
constexpr std::size_t valid_for_at = 92;
constexpr std::uint32_t rollback_mode = 1;
constexpr std::uint8_t empty_leaf = 0x0d;  // the first octet of a leaf; no cell follows

// Where SQLite's locks lie (section 1.4): the page they lie in holds nothing. Whoever is about to
// write takes the reserved octet; whoever reads shares the octets behind it, having looked at the
// pending one first (sqlite.org/lockingv3.html).
constexpr std::uint64_t pending_octet = 0x4000'0000;
constexpr std::uint64_t reserved_octet = pending_octet + 1;
constexpr std::uint64_t shared_octets = pending_octet + 2;
constexpr std::uint64_t shared_count = 510;
constexpr std::uint32_t lock_page = pending_octet / page_size + 1;

constexpr std::size_t written_at_once = 64 * page_size;

}  // namespace

std::unique_ptr<PageFile> PageFile::open(Database& database,
                                         std::span<const std::string_view> tables) {
    std::unique_ptr<PageFile> file(new PageFile(database));
    const bool fits =
        file->begin() && file->fits() &&
        std::ranges::all_of(tables, [&](std::string_view table) { return file->is_empty(table); });
    return fits ? std::move(file) : nullptr;
}

PageFile::PageFile(Database& database) : database_(database) {}

bool PageFile::begin() {
    {
        Statement roots(database_, "SELECT name, rootpage FROM sqlite_schema WHERE type = 'table'");
        while (roots.step()) {
            roots_.push_back(
                {std::string(roots.text(0)), static_cast<std::uint32_t>(roots.integer(1))});
        }
    }
    file_ = ::open(database_.path().c_str(), O_RDWR | O_CLOEXEC);
    if (file_ < 0) {
        database_.fail(SQLITE_CANTOPEN);
    }
    if (!lock(reserved_octet, 1)) {
        return false;
    }
    read(header_, 0);
    pages_before_ = big_endian_32(&header_[page_count_at]);
    pages_ = pages_before_;
    unwritten_at_ = std::uint64_t{pages_} * page_size;
    unwritten_.reserve(written_at_once);
    return true;
}

// A journal would be one that another program left when it died: SQLite has to undo that first.
bool PageFile::fits() const {
    struct stat status{};
    return big_endian_32(&header_[page_size_at]) ==
               (std::uint32_t{page_size} << 16U | rollback_mode << 8U | rollback_mode) &&
           header_[reserved_at] == 0 && big_endian_32(&header_[free_pages_at]) == 0 &&
           big_endian_32(&header_[auto_vacuum_at]) == 0 &&
           big_endian_32(&header_[valid_for_at]) == big_endian_32(&header_[change_counter_at]) &&
           ::fstat(file_, &status) == 0 &&
           std::cmp_equal(status.st_size, std::uint64_t{pages_before_} * page_size) &&
           ::access((database_.path().string() + "-journal").c_str(), F_OK) != 0;
}

bool PageFile::is_empty(std::string_view table) {
    std::array<std::uint8_t, 5> head{};
    read(head, std::uint64_t{root_of(table) - 1} * page_size);
    return head == std::array<std::uint8_t, 5>{empty_leaf};
}

PageFile::~PageFile() {
    if (file_ < 0) {
        return;
    }
    if (!finished_ && pages_ != pages_before_) {
        [[maybe_unused]] const int ignored =
            ::ftruncate(file_, static_cast<off_t>(std::uint64_t{pages_before_} * page_size));
    }
    ::close(file_);
}

// This process's own connection holds no lock between transactions.
bool PageFile::lock(std::uint64_t offset, std::uint64_t count) {
    struct flock octets{};
    octets.l_type = F_WRLCK;
    octets.l_whence = SEEK_SET;
    octets.l_start = static_cast<off_t>(offset);
    octets.l_len = static_cast<off_t>(count);
    return ::fcntl(file_, F_SETLK, &octets) == 0;
}

// As SQLite does before it writes into pages that somebody may be reading: nobody begins to read
// any more, and those who do are waited for.
void PageFile::keep_readers_out() {
    if (!wait_for_lock(
            [this] { return lock(pending_octet, 1) && lock(shared_octets, shared_count); })) {
        database_.fail(SQLITE_BUSY);
    }
}

std::uint32_t PageFile::root_of(std::string_view table) const {
    const auto found = std::ranges::find(roots_, table, &Root::table);
    if (found == roots_.end()) {
        database_.fail(SQLITE_CORRUPT);
    }
    return found->page;
}

std::uint32_t PageFile::after(std::uint32_t number) noexcept {
    return number + 1 == lock_page ? number + 2 : number + 1;
}

std::uint32_t PageFile::append(const Page& page) {
    const std::uint32_t number = next();
    if (number != pages_ + 1) {  // over the page of locks
        flush();
        unwritten_at_ += page_size;
    }
    pages_ = number;
    unwritten_.insert(unwritten_.end(), page.begin(), page.end());
    if (unwritten_.size() >= written_at_once) {
        flush();
    }
    return number;
}

void PageFile::replace(std::uint32_t number, const Page& page) {
    replacements_.push_back({number, page});
}

void PageFile::read(std::span<std::uint8_t> octets, std::uint64_t offset) {
    const ssize_t count = ::pread(file_, octets.data(), octets.size(), static_cast<off_t>(offset));
    if (!std::cmp_equal(count, octets.size())) {
        database_.fail(SQLITE_IOERR);
    }
}

void PageFile::flush() {
    write(unwritten_, unwritten_at_);
    unwritten_at_ += unwritten_.size();
    unwritten_.clear();
}

void PageFile::write(std::span<const std::uint8_t> octets, std::uint64_t offset) {
    while (!octets.empty()) {
        const ssize_t written =
            ::pwrite(file_, octets.data(), octets.size(), static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            database_.fail(errno == ENOSPC || errno == EDQUOT ? SQLITE_FULL : SQLITE_IOERR);
        }
        octets = octets.subspan(static_cast<std::size_t>(written));
        offset += static_cast<std::uint64_t>(written);
    }
}

// The pages first, then the header, which lets them exist, then the roots, which lead to them:
// after each step the file is a whole database, should the program be killed.
void PageFile::finish() {
    flush();
    keep_readers_out();
    const std::uint32_t changes = big_endian_32(&header_[change_counter_at]) + 1;
    put_big_endian_32(changes, &header_[change_counter_at]);
    put_big_endian_32(changes, &header_[valid_for_at]);
    put_big_endian_32(pages_, &header_[page_count_at]);
    write(header_, 0);
    finished_ = true;
    for (const Replacement& replacement : replacements_) {
        write(replacement.page, std::uint64_t{replacement.number - 1} * page_size);
    }
}

}  // namespace turnpike::store
