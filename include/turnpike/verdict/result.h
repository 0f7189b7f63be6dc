// What turnpike claims: the words of the interface and the result of one run. The meaning of every
// word is fixed in the project's verdict rules (docs: README "What the verdicts mean").
#pragma once

#include <boost/container/small_vector.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "turnpike/attribute/attribution.h"
#include "turnpike/base/blocks.h"
#include "turnpike/base/keyed_hash.h"
#include "turnpike/base/lazy.h"
#include "turnpike/base/time.h"
#include "turnpike/catalog/catalog.h"
#include "turnpike/catalog/index.h"
#include "turnpike/facts/facts.h"

namespace turnpike::verdict {

/// What became of one flow (docs/verdicts.md).
enum class Outcome : std::uint8_t {
    passed,        ///< the far side demonstrably answered
    blocked,       ///< silence, or a refusal that is not the server's own
    inconclusive,  ///< the packets do not tell; InconclusiveReason says why
};

/// What became of a requirement, rolled up from its flows.
enum class Status : std::uint8_t {
    observed,      ///< at least one flow passed
    blocked,       ///< none passed, and at least one was blocked
    inconclusive,  ///< it was tried, and no flow tells
    unmatched,     ///< nothing in the capture belongs to it
};

/// Why a flow is blocked: the word of the columns `block_reason`.
enum class BlockReason : std::uint8_t {
    none,              ///< not blocked
    dns_nxdomain,      ///< the resolver says that the name does not exist
    dns_refused,       ///< the resolver refuses, or fails, to answer
    dns_timeout,       ///< the resolver never answered
    dns_sinkhole,      ///< an address that leads nowhere, or an error that says so (RFC 8914)
    tcp_timeout,       ///< no answer to the SYN
    tcp_reset,         ///< a reset in answer to the SYN, or before any payload
    icmp_prohibited,   ///< an ICMP error says that an administrator forbids it
    icmp_unreachable,  ///< an ICMP error says that it cannot be reached
    tls_timeout,       ///< connected, and silence after the ClientHello
    tls_reset,         ///< connected, and cut off after the ClientHello
    payload_timeout,   ///< connected, and the first payload, no ClientHello, was never acknowledged
    payload_reset,     ///< connected, and cut off after such payload
    tls_alert,         ///< a fatal alert in place of the server's hello
    tls_name_mismatch,  ///< the certificate is for another name
    http_denied,        ///< a block page or a redirect in place of an answer
    proxy_denied,       ///< the proxy refuses to connect
    proxy_timeout,      ///< the proxy does not answer
    udp_timeout,        ///< nothing ever came back
    quic_timeout,       ///< nothing ever came back to QUIC Initials
    one_way,            ///< media flows in one direction only
};

/// The step of a call: of a block where it failed, else the last one that was reached.
enum class Stage : std::uint8_t {
    none,   ///< not known
    dns,    ///< looking the name up
    tcp,    ///< the TCP handshake
    udp,    ///< the first datagrams
    tls,    ///< the TLS handshake
    http,   ///< the HTTP request
    proxy,  ///< the proxy's leave to connect
    quic,   ///< the QUIC handshake
    stun,   ///< connectivity checks
    turn,   ///< the relay's allocation
    dtls,   ///< the DTLS handshake
    media,  ///< RTP or what carries it
};

/// How strongly the packets blame something on the path (docs/verdicts.md).
enum class Grade : std::uint8_t {
    none,  ///< not blocked
    a,     ///< confirmed: a device said so, marks agree, or the other side of the firewall shows it
    b,     ///< probable: a control of the same kind worked within 60 s
    c,     ///< suspected: the failure alone
};

/// Why a flow is inconclusive: the word of the columns `inconclusive_reason`.
enum class InconclusiveReason : std::uint8_t {
    none,                ///< not inconclusive
    midstream,           ///< its start is not in the capture
    capture_ended,       ///< the waiting was not recorded
    one_sided_capture,   ///< only one direction is in the capture
    capture_loss,        ///< packets were lost within the flow
    truncated,           ///< the snap length cut what would tell
    server_refused,      ///< the server itself said no
    intermittent,        ///< the same client got through to the same endpoint within a minute
    losing_candidate,    ///< another attempt of the same session was better
    no_answer,           ///< asked once, or taken and not answered
    no_answer_expected,  ///< nobody answers this by design
    waiting,             ///< `capture_ended` of a capture that goes on: an answer may still come
};
/// The enumerator's name: the word of the column `outcome`.
std::string_view to_string(Outcome value) noexcept;
/// The enumerator's name: the word of the columns `status`.
std::string_view to_string(Status value) noexcept;
/// "" for none, as for the other words that can be absent.
std::string_view to_string(BlockReason value) noexcept;
std::string_view to_string(Stage value) noexcept;
std::string_view to_string(Grade value) noexcept;
std::string_view to_string(InconclusiveReason value) noexcept;
/// The inverse; nothing for any other word.
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
    bool discounted = false;  ///< not counted for a requirement (losing candidate or family)
    base::Lazy<std::vector<std::string>>
        notes;  ///< "mtu", "late_reset", "stun_error 403", "interrupted 2026-..."
    boost::container::small_vector<std::uint64_t, 2> evidence;  ///< packet numbers, ascending
    base::Lazy<attribute::FlowAttribution> attribution;
    std::uint64_t control = 0;  ///< Flow::id of what worked beside a block of grade B; 0 without
};

/// In blocks, which take the places that are free; no one piece of memory has room for all of them.
using FlowVerdicts = base::Blocks<FlowVerdict>;

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
    /// The recording ends while one of its flows is under way: it waits for an answer, or it began
    /// too late to show media.
    bool being_tried = false;
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
    /// Of what fails: why a fallback may yet carry it, as a clause; empty if none was under way.
    std::string unfinished;
};

/// How a product did, in the order in which it matters.
enum class HeadlineState : std::uint8_t {
    fails,        ///< a required row is blocked
    fallback,     ///< works, over a way that is not the preferred one
    cannot_tell,  ///< the capture does not show it
    works,        ///< all that was seen passed
};
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
    /// All its questions belong to the database before: that it was answered still counts, but
    /// that it failed is told there.
    bool told_before = false;
    BlockReason reason = BlockReason::none;  ///< of a name that was never usefully answered
    Grade grade = Grade::none;
    InconclusiveReason undecided = InconclusiveReason::none;
    std::vector<std::uint32_t> queries;  ///< indexes into Observation::dns
    /// All patterns of the catalog that cover the name, and the rules that it is about by the most
    /// specific of them (attribute::rules_of_name). Of most names there are none.
    std::vector<catalog::NameMatch> patterns;
    std::vector<attribute::Attribution> rules;
};

/// What became of names, in the order of their first questions. Names are views into the
/// observation (and into the ledger of what is gone).
class NameOutcomes {
  public:
    using Entry = std::pair<std::string_view, NameOutcome>;

    /// Asks for memory ahead.
    void reserve(std::size_t names);
    /// The outcome of a name, made if there is none. References end when another one is made.
    NameOutcome& operator[](std::string_view name);
    /// Null if there is none.
    [[nodiscard]] const NameOutcome* find(std::string_view name) const noexcept {
        return find_hashed(hash_of(name));
    }
    /// The same for who has the hash already.
    [[nodiscard]] const NameOutcome* find_hashed(std::uint64_t hash) const noexcept;
    /// Nobody can make two names that have the same.
    [[nodiscard]] static std::uint64_t hash_of(std::string_view name) noexcept {
        return base::HashKey::of_process().text(name);
    }

    [[nodiscard]] auto begin() noexcept { return entries_.begin(); }
    [[nodiscard]] auto end() noexcept { return entries_.end(); }
    [[nodiscard]] auto begin() const noexcept { return entries_.begin(); }
    [[nodiscard]] auto end() const noexcept { return entries_.end(); }

  private:
    std::vector<Entry> entries_;
    boost::unordered_flat_map<std::uint64_t, std::uint32_t> places_;  ///< by hash
};

/// The result of one run over one observation. Points into the catalog and the observation.
struct RunResult {
    std::vector<const catalog::Revision*> considered;
    FlowVerdicts flows;
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
