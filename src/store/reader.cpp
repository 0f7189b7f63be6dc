#include "turnpike/store/reader.h"

#include <fmt/core.h>

#include <utility>

#include "store/database.h"
#include "store/file_check.h"
#include "store/foreign_hands.h"
#include "store/older_layout.h"
#include "store/schema.h"
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

// Reads the columns of one row, left to right, into the fields of a struct.
class Fields {
  public:
    explicit Fields(const Statement& statement) noexcept : statement_(statement) {}

    template <typename... Targets>
    void into(Targets&... targets) {
        (read(targets), ...);
    }

  private:
    void read(std::string& target) { target = statement_.text(column_++); }
    void read(bool& target) { target = statement_.integer(column_++) != 0; }
    void read(std::int64_t& target) { target = statement_.integer(column_++); }
    void read(std::uint64_t& target) {
        target = static_cast<std::uint64_t>(statement_.integer(column_++));
    }
    void read(ProductName& target) { into(target.vendor, target.product, target.revision); }
    void read(RequirementName& target) {
        into(target.product, target.rule_id, target.transport, target.ports);
    }

    const Statement& statement_;
    int column_ = 0;
};

// Runs a query with the run as its only parameter; `fill` reads a row into an element.
template <typename Row, typename Fill>
std::vector<Row> read_rows(Database& database, std::string_view sql, std::int64_t run, Fill fill) {
    Statement query(database, sql);
    query.bind_all(run);
    std::vector<Row> rows;
    while (query.step()) {
        Fields fields(query);
        fill(fields, rows.emplace_back());
    }
    return rows;
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
Reader::~Reader() = default;
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;

std::vector<RunRow> Reader::runs() {
    Statement query(
        *database_,
        "SELECT run_id, started_at, source, first_packet, last_packet, packets, bytes, "
        "packets_dropped, packets_malformed, packets_duplicate, complete, "
        "turnpike_version, selectors, packets_cut, packets_ip, packets_non_ip, "
        "packets_fragments, backward_steps, cut_off, one_sided, copying, flows, "
        "flows_passed, flows_blocked, flows_inconclusive, bytes_unseen, answered FROM runs "
        "ORDER BY run_id");
    std::vector<RunRow> rows;
    while (query.step()) {
        auto& r = rows.emplace_back();
        Fields(query).into(
            r.run_id, r.started_at, r.source, r.first_packet, r.last_packet, r.packets, r.bytes,
            r.packets_dropped, r.packets_malformed, r.packets_duplicate, r.complete,
            r.turnpike_version, r.selectors, r.packets_cut, r.packets_ip, r.packets_non_ip,
            r.packets_fragments, r.backward_steps, r.cut_off, r.one_sided, r.copying, r.flows,
            r.flows_passed, r.flows_blocked, r.flows_inconclusive, r.bytes_unseen, r.answered);
    }
    return rows;
}

std::vector<ProductRow> Reader::products(std::int64_t run) {
    return read_rows<ProductRow>(
        *database_,
        "SELECT vendor, product, revision, vendor_name, product_name, source_title, "
        "source_location, allow_listable, use_instead FROM products WHERE run_id = ?",
        run, [](Fields& fields, ProductRow& r) {
            fields.into(r.name, r.vendor_name, r.product_name, r.source_title, r.source_location,
                        r.allow_listable, r.use_instead);
        });
}

std::vector<RequirementRow> Reader::requirements(std::int64_t run) {
    return read_rows<RequirementRow>(
        *database_,
        "SELECT vendor, product, revision, rule_id, transport, ports, purpose, level, destination, "
        "status, block_reason, stage, grade, flows_passed, flows_blocked, flows_inconclusive, "
        "first_seen, last_seen, inconclusive_reason, condition, direction, duplex, "
        "alternative_group, alternative_branch, preference, notes FROM requirements "
        "WHERE run_id = ?",
        run, [](Fields& fields, RequirementRow& r) {
            fields.into(r.name, r.purpose, r.level, r.destination, r.status, r.block_reason,
                        r.stage, r.grade, r.flows_passed, r.flows_blocked, r.flows_inconclusive,
                        r.first_seen, r.last_seen, r.inconclusive_reason, r.condition, r.direction,
                        r.duplex, r.alternative_group, r.alternative_branch, r.preference, r.notes);
        });
}

std::vector<DomainRow> Reader::domains(std::int64_t run) {
    return read_rows<DomainRow>(*database_,
                                "SELECT vendor, product, revision, rule_id, pattern, status, "
                                "block_reason, names_seen FROM domains WHERE run_id = ?",
                                run, [](Fields& fields, DomainRow& r) {
                                    fields.into(r.product, r.rule_id, r.pattern, r.status,
                                                r.block_reason, r.names_seen);
                                });
}

std::vector<EvidenceRow> Reader::evidence(std::int64_t run) {
    return read_rows<EvidenceRow>(
        *database_,
        "SELECT vendor, product, revision, rule_id, transport, ports, flow_id, client_ip, "
        "client_port, server_ip, server_port, protocol, server_name, first_seen, last_seen, "
        "outcome, block_reason, stage, grade, inconclusive_reason, confidence, notes, evidence, "
        "control_flow_id FROM evidence WHERE run_id = ?",
        run, [](Fields& fields, EvidenceRow& r) {
            fields.into(r.requirement, r.flow_id, r.client_ip, r.client_port, r.server_ip,
                        r.server_port, r.protocol, r.server_name, r.first_seen, r.last_seen,
                        r.outcome, r.block_reason, r.stage, r.grade, r.inconclusive_reason,
                        r.confidence, r.notes, r.evidence, r.control_flow_id);
        });
}

std::vector<DnsEvidenceRow> Reader::dns_evidence(std::int64_t run) {
    return read_rows<DnsEvidenceRow>(
        *database_,
        "SELECT vendor, product, revision, rule_id, transport, ports, client_ip, resolver_ip, "
        "qname, qtype, rcode, answers, time, sends, packet FROM dns_evidence WHERE run_id = ?",
        run, [](Fields& fields, DnsEvidenceRow& r) {
            fields.into(r.requirement, r.client_ip, r.resolver_ip, r.qname, r.qtype, r.rcode,
                        r.answers, r.time, r.sends, r.packet);
        });
}

std::vector<UndocumentedRow> Reader::undocumented(std::int64_t run) {
    return read_rows<UndocumentedRow>(
        *database_,
        "SELECT vendor, product, revision, what, detail, nearest_rule_id, flow_id, outcome, "
        "block_reason, evidence FROM undocumented WHERE run_id = ?",
        run, [](Fields& fields, UndocumentedRow& r) {
            fields.into(r.product, r.what, r.detail, r.nearest_rule_id, r.flow_id, r.outcome,
                        r.block_reason, r.evidence);
        });
}

std::vector<AlternativeRow> Reader::alternatives(std::int64_t run) {
    return read_rows<AlternativeRow>(
        *database_,
        "SELECT vendor, product, revision, alternative_group, text FROM alternatives "
        "WHERE run_id = ?",
        run, [](Fields& fields, AlternativeRow& r) {
            fields.into(r.product, r.alternative_group, r.text);
        });
}

std::vector<std::string> Reader::warnings(std::int64_t run) {
    return read_rows<std::string>(*database_, "SELECT text FROM warnings WHERE run_id = ?", run,
                                  [](Fields& fields, std::string& text) { fields.into(text); });
}

std::vector<DecodeProblemRow> Reader::decode_problems(std::int64_t run) {
    auto rows = read_rows<DecodeProblemRow>(
        *database_, "SELECT protocol, reason, count FROM decode_problems WHERE run_id = ?", run,
        [](Fields& fields, DecodeProblemRow& r) { fields.into(r.protocol, r.reason, r.count); });
    // It was decoded; a warning says that it was given up.
    std::erase_if(rows, [](const auto& row) { return row.reason == facts::given_up_reason; });
    return rows;
}

std::span<const std::string_view> Reader::views() noexcept {
    return view_names();
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
            auto& cell = cells[static_cast<std::size_t>(column)];
            switch (query.type(column)) {
                case SQLITE_INTEGER:
                    cell = query.integer(column);
                    break;
                case SQLITE_FLOAT:
                    cell = query.real(column);
                    break;
                case SQLITE_NULL:
                    cell = std::monostate{};
                    break;
                default:
                    cell = query.text(column);
            }
        }
        row(cells);
    }
}

}  // namespace turnpike::store
