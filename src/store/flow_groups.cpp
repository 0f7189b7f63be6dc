// What the flows of a run come down to: what was blocked, and what the traffic was. Asked of the
// tables, not of the view `flows`: its joins and its GROUP BY took a third of a run over a flood.
#include <algorithm>
#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <functional>
#include <iterator>
#include <map>
#include <ranges>
#include <string>
#include <tuple>
#include <utility>

#include "store/database.h"
#include "store/row_key.h"
#include "turnpike/base/keyed_hash.h"
#include "turnpike/store/reader.h"
#include "turnpike/verdict/result.h"

namespace turnpike::store {
namespace {

using verdict::InconclusiveReason;
using verdict::Outcome;

std::int64_t first_key(std::int64_t run) noexcept {
    return row_key(run, 0);
}
std::int64_t last_key(std::int64_t run) noexcept {
    return row_key(run, 0xffff'ffffU);
}

std::uint64_t count_of(const Statement& query, int column) {
    return static_cast<std::uint64_t>(query.integer(column));
}

/// Counts flows by client, port and reason. A flood has a group for each of a million clients, so
/// that a group is only a fingerprint, a count and an example, which tells the rest.
class BlockedCount {
  public:
    void add(std::string_view transport, std::int64_t port, std::string_view reason,
             std::string_view client, std::int64_t flow) {
        const auto& hash = base::HashKey::of_process();
        const auto fingerprint =
            hash.words(std::array{hash.text(transport), static_cast<std::uint64_t>(port),
                                  hash.text(reason), hash.text(client)});
        auto& group = groups_.try_emplace(fingerprint, Group{0, flow}).first->second;
        ++group.flows;
        group.example = std::min(group.example, flow);
    }
    [[nodiscard]] std::uint64_t groups() const noexcept { return groups_.size(); }
    /// The most frequent, those first; the earlier example first where equal.
    [[nodiscard]] std::vector<BlockedGroup> most_frequent(Database& database,
                                                          std::size_t most) const {
        std::vector<Group> groups;
        groups.reserve(groups_.size());
        for (const auto& [fingerprint, group] : groups_) {
            groups.push_back(group);
        }
        const auto kept =
            groups.begin() + static_cast<std::ptrdiff_t>(std::min(most, groups.size()));
        std::ranges::partial_sort(groups, kept, [](const Group& a, const Group& b) {
            return std::pair(b.flows, a.example) < std::pair(a.flows, b.example);
        });
        groups.erase(kept, groups.end());
        return with_texts(database, groups);
    }

  private:
    struct Group {
        std::uint64_t flows = 0;
        std::int64_t example = 0;  ///< the key of the first of them
    };
    static std::vector<BlockedGroup> with_texts(Database& database,
                                                const std::vector<Group>& groups) {
        Statement query(database,
                        "SELECT transport, server_port, block_reason, client_ip, "
                        "CASE WHEN server_name <> '' THEN server_name ELSE server_ip END "
                        "FROM flow JOIN flow_verdict ON flow = id WHERE id = ?");
        std::vector<BlockedGroup> rows;
        for (const Group& group : groups) {
            query.bind_all(group.example);
            if (query.step()) {
                const auto text = [&query](int column) { return std::string(query.text(column)); };
                rows.push_back({text(0), query.integer(1), text(2), text(3), group.flows,
                                static_cast<std::int64_t>(number_of(group.example)), text(4)});
            }
            query.reset();
        }
        return rows;
    }

    boost::unordered_flat_map<std::uint64_t, Group> groups_;
};

/// Counts flows by product, rule, transport and port item.
class RequirementCount {
  public:
    void add(std::int64_t product, std::int64_t rule, std::string_view transport,
             std::string_view ports) {
        ++flows_[{product, rule, std::string(transport), std::string(ports)}];
    }
    [[nodiscard]] std::vector<std::pair<RequirementName, std::uint64_t>> with_names(
        Database& database) const {
        Statement query(database,
                        "SELECT product.vendor, product.product, product.revision, rule.rule_id "
                        "FROM product, rule WHERE product.id = ? AND rule.id = ?");
        std::vector<std::pair<RequirementName, std::uint64_t>> rows;
        for (const auto& [key, flows] : flows_) {
            const auto& [product, rule, transport, ports] = key;
            query.bind_all(product, rule);
            if (query.step()) {
                const auto text = [&query](int column) { return std::string(query.text(column)); };
                rows.emplace_back(
                    RequirementName{{text(0), text(1), text(2)}, text(3), transport, ports}, flows);
            }
            query.reset();
        }
        return rows;
    }

  private:
    std::map<std::tuple<std::int64_t, std::int64_t, std::string, std::string>, std::uint64_t>
        flows_;
};

}  // namespace

// CROSS JOIN: only flows whose verdict is asked for are looked up (sqlite.org/optoverview.html,
// "Manual Control Of Query Plans Using CROSS JOIN").
FlowGroups Reader::flow_groups(std::int64_t run, std::size_t most_blocked) {
    Statement query(*database_,
                    "SELECT outcome = ?1, inconclusive_reason = ?2, flow_verdict.flow, transport, "
                    "server_port, block_reason, client_ip, product, rule, ports "
                    "FROM flow_verdict CROSS JOIN flow ON flow.id = flow_verdict.flow "
                    "WHERE flow_verdict.flow BETWEEN ?4 AND ?5 AND "
                    "(outcome = ?1 OR inconclusive_reason IN (?2, ?3))");
    query.bind_all(to_string(Outcome::blocked), to_string(InconclusiveReason::one_sided_capture),
                   to_string(InconclusiveReason::intermittent), first_key(run), last_key(run));
    BlockedCount blocks;
    RequirementCount failures;
    FlowGroups groups;
    constexpr int rule = 8;
    while (query.step()) {
        if (query.integer(0) != 0) {
            blocks.add(query.text(3), query.integer(4), query.text(5), query.text(6),
                       query.integer(2));
        } else if (query.integer(1) != 0) {
            groups.any_one_sided = true;
        } else if (query.type(rule) != SQLITE_NULL) {
            failures.add(query.integer(7), query.integer(rule), query.text(3), query.text(9));
        }
    }
    groups.blocked = blocks.most_frequent(*database_, most_blocked);
    groups.blocked_in_all = blocks.groups();
    groups.intermittent = failures.with_names(*database_);
    return groups;
}

std::vector<NamedFlows> Reader::top_names(std::int64_t run, std::size_t most) {
    Statement query(*database_,
                    "SELECT server_name, count(*) AS flows, sum(outcome = ?), sum(outcome = ?) "
                    "FROM flow_verdict WHERE flow BETWEEN ? AND ? AND server_name <> '' "
                    "GROUP BY server_name ORDER BY flows DESC, server_name LIMIT ?");
    query.bind_all(to_string(Outcome::passed), to_string(Outcome::blocked), first_key(run),
                   last_key(run), most);
    std::vector<NamedFlows> rows;
    while (query.step()) {
        rows.push_back({std::string(query.text(0)), count_of(query, 1), count_of(query, 2),
                        count_of(query, 3)});
    }
    return rows;
}

// Counted here, for there are few: SQLite would sort all flows by their protocol.
std::vector<NamedFlows> Reader::top_protocols(std::int64_t run, std::size_t most) {
    Statement query(*database_,
                    "SELECT protocol, outcome = ?, outcome = ? FROM flow LEFT JOIN flow_verdict "
                    "ON flow_verdict.flow = flow.id WHERE flow.id BETWEEN ? AND ? AND "
                    "protocol <> ''");
    query.bind_all(to_string(Outcome::passed), to_string(Outcome::blocked), first_key(run),
                   last_key(run));
    std::map<std::string, NamedFlows, std::less<>> protocols;
    while (query.step()) {
        const auto protocol = query.text(0);
        auto found = protocols.find(protocol);
        if (found == protocols.end()) {
            const std::string name(protocol);
            found = protocols.emplace(name, NamedFlows{name}).first;
        }
        ++found->second.flows;
        found->second.passed += count_of(query, 1);
        found->second.blocked += count_of(query, 2);
    }
    std::vector<NamedFlows> rows;
    std::ranges::copy(protocols | std::views::values, std::back_inserter(rows));
    std::ranges::stable_sort(rows, std::ranges::greater{}, &NamedFlows::flows);  // else by name
    rows.resize(std::min(most, rows.size()));
    return rows;
}

}  // namespace turnpike::store
