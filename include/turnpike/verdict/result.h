// What turnpike claims: the words of the interface and the result of one run. The meaning of every
// word is fixed in the project's verdict rules (docs: README "What the verdicts mean").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "turnpike/attribute/attribution.h"
#include "turnpike/base/time.h"
#include "turnpike/catalog/catalog.h"
#include "turnpike/facts/facts.h"

namespace turnpike::verdict {

enum class Outcome : std::uint8_t { passed, blocked, inconclusive };
enum class Status : std::uint8_t { observed, blocked, inconclusive, unmatched };
enum class BlockReason : std::uint8_t {
    none,
    dns_nxdomain,
    dns_refused,
    dns_timeout,
    dns_sinkhole,
    tcp_timeout,
    tcp_reset,
    icmp_prohibited,
    icmp_unreachable,
    tls_timeout,
    tls_reset,
    payload_timeout,
    payload_reset,
    tls_alert,
    tls_name_mismatch,
    http_denied,
    proxy_denied,
    proxy_timeout,
    udp_timeout,
    quic_timeout,
    one_way,
};
enum class Stage : std::uint8_t {
    none,
    dns,
    tcp,
    udp,
    tls,
    http,
    proxy,
    quic,
    stun,
    turn,
    dtls,
    media
};
enum class Grade : std::uint8_t { none, a, b, c };
enum class InconclusiveReason : std::uint8_t {
    none,
    midstream,
    capture_ended,
    one_sided_capture,
    capture_loss,
    truncated,
    server_refused,
    intermittent,
    losing_candidate,
    no_answer,
    no_answer_expected,
    waiting,  ///< `capture_ended` of a capture that goes on: an answer may still come
};
std::string_view to_string(Outcome value) noexcept;
std::string_view to_string(Status value) noexcept;
/// "" for none, as for the other words that can be absent.
std::string_view to_string(BlockReason value) noexcept;
std::string_view to_string(Stage value) noexcept;
std::string_view to_string(Grade value) noexcept;
std::string_view to_string(InconclusiveReason value) noexcept;
std::optional<Status> parse_status(std::string_view text) noexcept;

using attribute::Attribution;
using attribute::Confidence;

/// The verdict on one flow, in the order of Observation::flows.
struct FlowVerdict {
    Outcome outcome = Outcome::inconclusive;
    BlockReason reason = BlockReason::none;
    Stage stage = Stage::none;  ///< of a block: where it failed; else the last stage reached
    Grade grade = Grade::none;
    InconclusiveReason inconclusive = InconclusiveReason::none;
    std::vector<std::string>
        notes;  ///< "mtu", "late_reset", "stun_error 403", "interrupted 2026-..."
    std::vector<std::uint64_t> evidence;  ///< packet numbers, ascending
    std::vector<Attribution>
        attributions;         ///< best first; several are alternatives that cannot be told apart
    std::string server_name;  ///< by itself, else by DNS, else by certificate; may be empty
    facts::NameSource server_name_source = facts::NameSource::none;
    std::uint64_t control = 0;  ///< Flow::id of what worked beside a block of grade B; 0 without
    bool discounted = false;    ///< not counted for a requirement (losing candidate or family)
};

/// The verdict on one requirement.
struct RequirementVerdict {
    catalog::Requirement requirement;
    catalog::Lifecycle lifecycle = catalog::Lifecycle::active;  ///< when the capture began
    Status status = Status::unmatched;
    BlockReason reason = BlockReason::none;
    Stage stage = Stage::none;
    Grade grade = Grade::none;
    InconclusiveReason inconclusive = InconclusiveReason::none;
    std::uint32_t passed = 0;
    std::uint32_t blocked = 0;
    std::uint32_t undecided = 0;
    std::uint32_t intermittent = 0;  ///< attempts that failed where others got through
    /// Media was shown on one of its flows: a handshake alone carries no call.
    bool media = false;
    std::optional<base::Timestamp> first_seen;
    std::optional<base::Timestamp> last_seen;
    std::vector<std::uint32_t> flows;  ///< indexes into Observation::flows
    std::vector<std::uint32_t>
        dns_queries;  ///< indexes into Observation::dns that failed for this rule
    /// Ids of flows that left memory but remain evidence, best first (live capture only).
    std::vector<std::uint64_t> earlier_flows;
    /// Ids of DNS queries that left memory but remain evidence, best first.
    std::vector<std::uint64_t> earlier_queries;
};

/// The level that counted when the capture was made: a row that is announced or retired demands
/// nothing.
catalog::Level level_of(const RequirementVerdict& verdict) noexcept;
/// Its condition in words, and that it is announced or retired; empty without.
std::string condition_of(const RequirementVerdict& verdict);

/// The verdict on one domain pattern of a rule.
struct DomainVerdict {
    const catalog::Revision* revision = nullptr;
    const catalog::Rule* rule = nullptr;
    std::string pattern;
    Status status = Status::unmatched;
    BlockReason reason = BlockReason::none;
    std::vector<std::string> names_seen;
    std::vector<std::string> notes;  ///< "zone_says_no NAME"
};

/// Traffic of a known vendor that fits none of its rules.
struct Undocumented {
    const catalog::Revision* revision = nullptr;
    std::uint32_t flow = 0;
    std::string what;                        ///< "undocumented port" or "undocumented name"
    std::string detail;                      ///< "udp 4443 to x.sfu.whereby.com"
    const catalog::Rule* nearest = nullptr;  ///< the row whose destination fits
};

/// How a set of alternatives did.
enum class AlternativeState : std::uint8_t {
    fallback,  ///< another branch than the best one carried the call
    fails,     ///< media is blocked, and no branch carried it
    no_media,  ///< nothing was blocked, and no media was seen
};

/// Which branch of a set of alternatives carried the call, where that is worth saying.
struct AlternativeOutcome {
    const catalog::Revision* revision = nullptr;
    std::string group;
    AlternativeState state = AlternativeState::no_media;
    std::string text;  ///< "works, but over the fallback: ..."
};

/// How a product did, in the order in which it matters.
enum class HeadlineState : std::uint8_t { fails, fallback, cannot_tell, works };
/// "fails", "fallback", "cannot_tell", "works".
std::string_view to_string(HeadlineState value) noexcept;

/// What a reader acts on: one product that was really there.
struct Headline {
    const catalog::Revision* revision = nullptr;  ///< the newest considered of the product
    HeadlineState state = HeadlineState::cannot_tell;
    std::string headline;  ///< why, one sentence without a final stop
    std::string advice;    ///< what to do, in sentences; empty where all is well
};

/// The outcome of a name over all its questions: an answer to any client outweighs every failure.
struct NameOutcome {
    bool resolved = false;
    /// The name's own zone says that it does not exist, and no document promises that it does.
    bool zone_says_no = false;
    BlockReason reason = BlockReason::none;  ///< of a name that was never usefully answered
    Grade grade = Grade::none;
    InconclusiveReason undecided = InconclusiveReason::none;
    std::vector<std::uint32_t> queries;  ///< indexes into Observation::dns
};

/// By name as asked; views into the observation (and into the ledger of what is gone).
using NameOutcomes = std::unordered_map<std::string_view, NameOutcome>;

/// The result of one run over one observation. Points into the catalog and the observation.
struct RunResult {
    std::vector<const catalog::Revision*> considered;
    std::vector<FlowVerdict> flows;
    std::vector<RequirementVerdict> requirements;
    std::vector<DomainVerdict> domains;
    NameOutcomes names;
    std::vector<Undocumented> undocumented;
    std::vector<AlternativeOutcome> alternatives;
    std::vector<Headline> headlines;  ///< what matters most first
    std::vector<std::string>
        warnings;             ///< said once, loudly: one-sided capture, loss, encrypted DNS, ...
    bool one_sided = false;   ///< of some client only one direction is visible
    bool any_answer = false;  ///< some packet of some flow came back
};

}  // namespace turnpike::verdict
