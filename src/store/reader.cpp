// Reads the rows of views into structures, and opens databases even where no lock can be made.
#include "turnpike/store/reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "store/database.h"
#include "store/file_check.h"
#include "store/foreign_hands.h"
#include "store/older_layout.h"
#include "store/row_fields.h"
#include "store/views.h"
#include "turnpike/base/error.h"
#include "turnpike/facts/given_up.h"

namespace turnpike::store {
namespace {

using base::Error;
using base::ExitStatus;

// A file that was left in the mode of a log needs lock files, to be read even. Where none can be
// made, and neither a log nor a journal is there, the file alone is the whole truth. A lock of
// somebody else, or what he left undone, is no such case.
bool needs_no_locks(Database& database) {
    const int code = sqlite3_exec(database.handle(), "SELECT run_id FROM run LIMIT 1", nullptr,
                                  nullptr, nullptr) &
                     0xff;
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED) {
        database.fail(code);  // it has been waited for
    }
    const auto beside = [&database](const char* suffix) {
        std::error_code ignored;
        return std::filesystem::exists(database.path().string() + suffix, ignored);
    };
    return (code == SQLITE_CANTOPEN || code == SQLITE_READONLY) && !beside("-wal") &&
           !beside("-journal");
}

std::unique_ptr<Database> open_for_reading(const std::filesystem::path& path) {
    const FileKind kind = look_at(path);
    require_own_layout(path, kind);
    if (kind == FileKind::absent) {
        throw Error(
            ExitStatus::cannot_open,
            fmt::format("{}: there is no such file; 'turnpike analyze' makes one", name_of(path)));
    }
    if (kind == FileKind::unreadable) {
        throw Error(ExitStatus::cannot_open,
                    fmt::format("{}: cannot be opened; check its permissions", name_of(path)));
    }
    if (kind != FileKind::turnpike && kind != FileKind::older_layout) {
        throw Error(ExitStatus::bad_input,
                    fmt::format("{}: is not a turnpike database; give the file that 'turnpike "
                                "analyze' wrote",
                                name_of(path)));
    }
    auto database = std::make_unique<Database>(path, Access::read_only);
    if (needs_no_locks(*database)) {
        database = std::make_unique<Database>(path, Access::frozen);
    }
    require_own_schema(*database);
    see_as_current(*database);
    use_own_views(*database);
    return database;
}

}  // namespace

Reader::Reader(const std::filesystem::path& path) : Reader(path, open_for_reading(path)) {}
Reader::Reader(std::filesystem::path path, std::unique_ptr<Database> database)
    : path_(std::move(path)), database_(std::move(database)) {}
Reader Reader::beside_writer(const std::filesystem::path& path) {
    auto database = std::make_unique<Database>(path, Access::read_only);
    use_own_views(*database);
    return {path, std::move(database)};
}
Reader Reader::of_memory() {
    return {{}, std::make_unique<Database>(std::filesystem::path(), Access::in_memory)};
}
Reader::~Reader() = default;
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;

std::vector<RunRow> Reader::runs() {
    Statement query(*database_,
                    fmt::format("SELECT {} FROM runs ORDER BY run_id", column_list<RunRow>()));
    std::vector<RunRow> rows;
    while (query.step()) {
        each_field(rows.emplace_back(), FieldReader(query));
    }
    return rows;
}

bool Reader::is_newest(std::int64_t run) {
    Statement query(*database_, "SELECT 1 FROM runs WHERE run_id > ? LIMIT 1");
    query.bind_all(run);
    return !query.step();
}

std::vector<ProductRow> Reader::products(std::int64_t run) {
    return rows_of<ProductRow>(*database_, "products", run);
}

std::vector<RequirementRow> Reader::requirements(std::int64_t run) {
    return rows_of<RequirementRow>(*database_, "requirements", run);
}

std::vector<DomainRow> Reader::domains(std::int64_t run) {
    return rows_of<DomainRow>(*database_, "domains", run);
}

std::vector<EvidenceRow> Reader::evidence(std::int64_t run) {
    return rows_of<EvidenceRow>(*database_, "evidence", run);
}

std::vector<DnsEvidenceRow> Reader::dns_evidence(std::int64_t run) {
    return rows_of<DnsEvidenceRow>(*database_, "dns_evidence", run);
}

std::vector<UndocumentedRow> Reader::undocumented(std::int64_t run) {
    return rows_of<UndocumentedRow>(*database_, "undocumented", run);
}

std::vector<AlternativeRow> Reader::alternatives(std::int64_t run) {
    return rows_of<AlternativeRow>(*database_, "alternatives", run);
}

std::vector<std::string> Reader::warnings(std::int64_t run) {
    Statement query(*database_, "SELECT text FROM warnings WHERE run_id = ?");
    query.bind_all(run);
    std::vector<std::string> texts;
    while (query.step()) {
        texts.emplace_back(query.text(0));
    }
    return texts;
}

std::vector<DecodeProblemRow> Reader::decode_problems(std::int64_t run) {
    auto rows = rows_of<DecodeProblemRow>(*database_, "decode_problems", run);
    // It was decoded; a warning says that it was given up.
    std::erase_if(rows, [](const auto& row) { return facts::is_given_up(row.reason); });
    return rows;
}

std::vector<HeadlineRow> Reader::headlines(std::int64_t run) {
    return rows_of<HeadlineRow>(*database_, "headlines", run, "ORDER BY rank");
}

bool Reader::knows_headlines() {
    return database_->integer("SELECT 1 FROM main.sqlite_schema WHERE name = 'headlines'")
        .has_value();
}

std::map<std::int64_t, bool> Reader::answered_one_way(std::int64_t run) {
    Statement query(*database_,
                    "SELECT flow_id, max(method <> 'binding') FROM stun_transactions "
                    "WHERE run_id = ? AND outcome IN ('success', 'error') AND flow_id IN "
                    "(SELECT flow_id FROM flows WHERE run_id = ? AND block_reason = 'one_way') "
                    "GROUP BY flow_id");
    query.bind_all(run, run);
    std::map<std::int64_t, bool> answered;
    while (query.step()) {
        answered.emplace(query.integer(0), query.integer(1) != 0);
    }
    return answered;
}

bool Reader::any_media_seconds(std::int64_t run) {
    Statement query(*database_, "SELECT 1 FROM rtp_seconds WHERE run_id = ? LIMIT 1");
    query.bind_all(run);
    return query.step();
}

std::span<const std::string_view> Reader::views() {
    static const std::vector<std::string_view> names = [] {
        std::vector<std::string_view> list;
        std::ranges::transform(all_views(), std::back_inserter(list), &View::name);
        return list;
    }();
    return names;
}

std::vector<std::string> Reader::columns(std::string_view view) {
    const Statement query(*database_, fmt::format("SELECT * FROM {} LIMIT 0", view));
    std::vector<std::string> names;
    names.reserve(static_cast<std::size_t>(query.columns()));
    for (int column = 0; column < query.columns(); ++column) {
        names.emplace_back(query.name(column));
    }
    return names;
}

void Reader::each_row(std::string_view view, std::int64_t run,
                      const std::function<void(std::span<const Cell>)>& row) {
    Statement query(*database_, fmt::format("SELECT * FROM {} WHERE run_id = ?", view));
    query.bind_all(run);
    std::vector<Cell> cells(static_cast<std::size_t>(query.columns()));
    while (query.step()) {
        for (int column = 0; column < query.columns(); ++column) {
            cells[static_cast<std::size_t>(column)] = cell_of(query, column);
        }
        row(cells);
    }
}

}  // namespace turnpike::store
