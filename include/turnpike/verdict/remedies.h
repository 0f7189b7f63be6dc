// What the words of a verdict mean to somebody who runs a firewall, and what to do about them. One
// table, for headlines and for every report.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace turnpike::verdict {

/// Where a word stands: one word may mean different things in different columns.
enum class WordKind : std::uint8_t {
    block_reason,         ///< words of BlockReason
    inconclusive_reason,  ///< words of InconclusiveReason
    grade,                ///< words of Grade
    note,                 ///< first words of FlowVerdict::notes
};

/// One word explained.
struct Remedy {
    std::string_view meaning;  ///< a clause without a final stop
    std::string_view remedy;   ///< sentences; empty for a grade
    bool pressing = true;      ///< false: worth knowing, and no reason to do anything now
};

/// All words of a kind that are explained; of notes, their first words.
std::vector<std::string_view> words_with_remedies(WordKind kind);
/// The explanation of a word; of a note ("tls_alert 40") its first word counts. Null if unknown.
const Remedy* find_remedy(WordKind kind, std::string_view word) noexcept;

/// A block that is no silence, by its word: the server, or what stands before it, said something.
[[nodiscard]] bool something_answered(std::string_view block_reason) noexcept;

/// A row that is blocked, in the words of the interface.
struct BlockedRow {
    std::string_view transport;    ///< "tcp", "udp"
    std::string_view ports;        ///< "443", "5866-6000", "unstated"
    std::string_view destination;  ///< patterns and networks, or "ANY"
    std::string_view direction;    ///< "outbound", "inbound", "both"
    std::string_view reason;       ///< a block reason
    std::string_view failed_name;  ///< of a DNS failure; may be empty
    std::string_view seen;         ///< addresses that were tried, where the destination is ANY
};
/// What to do about it, in one imperative sentence: "Open outbound UDP port 443 to ..., answers
/// included." Safe to show.
std::string opening_advice(const BlockedRow& row);

}  // namespace turnpike::verdict
