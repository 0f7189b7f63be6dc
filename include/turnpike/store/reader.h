// Reads a result database: typed rows for reports that people read, plain rows for machines.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace turnpike::store {

class Database;

/// Rows of the views as the interface names their columns. Times are ISO 8601 text; an empty text
/// stands for NULL.
struct RunRow {
    std::int64_t run_id = 0;
    std::string started_at;
    std::string source;
    std::string first_packet;
    std::string last_packet;
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;  ///< of the packets on the wire
    std::uint64_t packets_dropped = 0;
    std::uint64_t packets_malformed = 0;
    std::uint64_t packets_duplicate = 0;
    bool complete = false;
    std::string turnpike_version;
    std::string selectors;  ///< of --require; empty: every current revision
    std::uint64_t packets_cut = 0;
    std::uint64_t packets_ip = 0;
    std::uint64_t packets_non_ip = 0;
    std::uint64_t packets_fragments = 0;
    std::uint64_t backward_steps = 0;
    bool cut_off = false;
    bool one_sided = false;
    bool answered = true;  ///< some packet of some flow came back
    bool copying = false;
    std::uint64_t flows = 0;
    std::uint64_t flows_passed = 0;
    std::uint64_t flows_blocked = 0;
    std::uint64_t flows_inconclusive = 0;
    std::uint64_t bytes_unseen = 0;  ///< acknowledged, but never seen
};

/// Which product's document a row belongs to.
struct ProductName {
    std::string vendor;
    std::string product;
    std::string revision;
    /// "vendor/product@revision", as `--require` takes it.
    [[nodiscard]] std::string selector() const { return vendor + "/" + product + "@" + revision; }
    friend auto operator<=>(const ProductName&, const ProductName&) = default;
};

/// A row of the view `products`: a document that the run was judged by.
struct ProductRow {
    ProductName name;
    std::string vendor_name;
    std::string product_name;
    std::string source_title;
    std::string source_location;
    bool allow_listable = true;
    std::string use_instead;
};

/// Names one requirement: a rule, a transport and a port item.
struct RequirementName {
    ProductName product;
    std::string rule_id;
    std::string transport;
    std::string ports;
    friend auto operator<=>(const RequirementName&, const RequirementName&) = default;
};

/// A row of the view `requirements`, with its verdict.
struct RequirementRow {
    RequirementName name;
    std::string purpose;
    std::string level;
    std::string destination;
    std::string status;
    std::string block_reason;
    std::string stage;
    std::string grade;
    std::uint64_t flows_passed = 0;
    std::uint64_t flows_blocked = 0;
    std::uint64_t flows_inconclusive = 0;
    std::string first_seen;
    std::string last_seen;
    std::string inconclusive_reason;
    std::string condition;
    std::string direction;
    std::string duplex;
    std::string alternative_group;
    std::string alternative_branch;
    std::int64_t preference = 0;
    std::string notes;
};

/// A row of the view `domains`: one name pattern of a rule, with its verdict.
struct DomainRow {
    ProductName product;
    std::string rule_id;
    std::string pattern;
    std::string status;
    std::string block_reason;
    std::string names_seen;
};

/// A flow that a requirement's status rests on.
struct EvidenceRow {
    RequirementName requirement;
    std::int64_t flow_id = 0;
    std::string client_ip;
    std::int64_t client_port = 0;
    std::string server_ip;
    std::int64_t server_port = 0;
    std::string protocol;
    std::string server_name;
    std::string first_seen;
    std::string last_seen;
    std::string outcome;
    std::string block_reason;
    std::string stage;
    std::string grade;
    std::string inconclusive_reason;
    std::string confidence;
    std::string notes;
    std::string evidence;              ///< packet numbers, "1,5,9"
    std::int64_t control_flow_id = 0;  ///< what worked beside a block of grade B; 0 without
};

/// A DNS failure that a requirement's status rests on.
struct DnsEvidenceRow {
    RequirementName requirement;
    std::string client_ip;
    std::string resolver_ip;
    std::string qname;
    std::string qtype;
    std::string rcode;
    std::string answers;
    std::string time;
    std::uint64_t sends = 0;
    std::int64_t packet = 0;
};

/// A row of the view `undocumented`: traffic of a known vendor that fits none of its rules.
struct UndocumentedRow {
    ProductName product;
    std::string what;
    std::string detail;
    std::string nearest_rule_id;
    std::int64_t flow_id = 0;
    std::string outcome;
    std::string block_reason;
    std::string evidence;
};

/// A row of the view `alternatives`: which of several ways carried the call, where it is worth
/// saying.
struct AlternativeRow {
    ProductName product;
    std::string alternative_group;
    std::string text;
};

/// A row of the view `decode_problems`: how often a protocol could not be decoded for a reason.
struct DecodeProblemRow {
    std::string protocol;
    std::string reason;
    std::uint64_t count = 0;
};

/// What a reader acts on: how a product that was there did.
struct HeadlineRow {
    std::int64_t rank = 0;
    ProductName product;
    std::string state;  ///< "works", "fallback", "fails", "cannot_tell"
    std::string headline;
    std::string advice;
};

/// Blocked flows of one kind: one client, destination port and reason.
struct BlockedGroup {
    std::string transport;
    std::int64_t server_port = 0;
    std::string block_reason;
    std::string client_ip;
    std::uint64_t flows = 0;
    std::int64_t example_flow = 0;  ///< the first of them
    std::string server;             ///< its name, else its address
};

/// What the flows of a run come down to.
struct FlowGroups {
    /// Everything that was blocked, of a vendor or not: the most frequent groups, those first.
    std::vector<BlockedGroup> blocked;
    std::uint64_t blocked_in_all = 0;  ///< how many groups there are
    /// How many attempts failed where the same client got through to the same place.
    std::vector<std::pair<RequirementName, std::uint64_t>> intermittent;
    bool any_one_sided = false;  ///< of some flow only one direction is in the capture
};

/// Flows that share a name or a protocol.
struct NamedFlows {
    std::string name;
    std::uint64_t flows = 0;
    std::uint64_t passed = 0;
    std::uint64_t blocked = 0;
};

/// A value of a view as SQLite has it; text is valid during the call that delivers it.
using Cell = std::variant<std::monostate, std::int64_t, double, std::string_view>;

/// A result database open for reading. Throws base::Error: cannot_open, bad_input for a file that
/// is no turnpike database (or one of another layout), io_error.
class Reader {
  public:
    /// Opens a file that nobody in this process writes to.
    explicit Reader(const std::filesystem::path& path);
    /// For the process that writes to the file meanwhile: opens it by SQLite only, for to open and
    /// close it otherwise would give up the locks of the writer (sqlite.org/howtocorrupt.html 2.2).
    static Reader beside_writer(const std::filesystem::path& path);
    /// What a Writer of this process has written into memory, while it exists. Has no path.
    static Reader of_memory();
    ~Reader();
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    Reader(Reader&&) noexcept;
    Reader& operator=(Reader&&) noexcept;

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
    /// All runs, oldest first.
    [[nodiscard]] std::vector<RunRow> runs();
    /// No run of a higher number is there.
    [[nodiscard]] bool is_newest(std::int64_t run);
    /// The documents that the run considered. This and the following: in the order they were
    /// written; empty for a run that the database does not hold.
    [[nodiscard]] std::vector<ProductRow> products(std::int64_t run);
    /// Every requirement of those documents.
    [[nodiscard]] std::vector<RequirementRow> requirements(std::int64_t run);
    /// Every name pattern of those documents.
    [[nodiscard]] std::vector<DomainRow> domains(std::int64_t run);
    /// The flows that the requirements' statuses rest on.
    [[nodiscard]] std::vector<EvidenceRow> evidence(std::int64_t run);
    /// The DNS failures that they rest on.
    [[nodiscard]] std::vector<DnsEvidenceRow> dns_evidence(std::int64_t run);
    /// Traffic of the vendors that no rule names.
    [[nodiscard]] std::vector<UndocumentedRow> undocumented(std::int64_t run);
    /// What is to be said of alternatives.
    [[nodiscard]] std::vector<AlternativeRow> alternatives(std::int64_t run);
    /// What limits all verdicts of the run, a sentence each.
    [[nodiscard]] std::vector<std::string> warnings(std::int64_t run);
    /// What could not be decoded, without what was decoded and given up to save memory.
    [[nodiscard]] std::vector<DecodeProblemRow> decode_problems(std::int64_t run);

    /// By rank.
    [[nodiscard]] std::vector<HeadlineRow> headlines(std::int64_t run);
    /// False for files of versions that wrote none.
    [[nodiscard]] bool knows_headlines();
    /// One pass over all verdicts on flows. `most_blocked`: groups at most.
    [[nodiscard]] FlowGroups flow_groups(std::int64_t run, std::size_t most_blocked);
    /// The server names with the most flows, the most frequent first; at most so many.
    [[nodiscard]] std::vector<NamedFlows> top_names(std::int64_t run, std::size_t most);
    /// The same of protocols.
    [[nodiscard]] std::vector<NamedFlows> top_protocols(std::int64_t run, std::size_t most);

    /// The flows whose media went one way and on which a STUN transaction was answered; true where
    /// one of TURN was.
    [[nodiscard]] std::map<std::int64_t, bool> answered_one_way(std::int64_t run);

    /// Streams of media were counted second by second.
    [[nodiscard]] bool any_media_seconds(std::int64_t run);

    /// The names of all views, in the order in which a full report shows them.
    [[nodiscard]] static std::span<const std::string_view> views();
    /// The columns of one of `views`, in order.
    [[nodiscard]] std::vector<std::string> columns(std::string_view view);
    /// Calls `row` with every row of a view that belongs to the run, in the order they were
    /// written.
    void each_row(std::string_view view, std::int64_t run,
                  const std::function<void(std::span<const Cell>)>& row);

  private:
    Reader(std::filesystem::path path, std::unique_ptr<Database> database);

    std::filesystem::path path_;
    std::unique_ptr<Database> database_;
};

}  // namespace turnpike::store
