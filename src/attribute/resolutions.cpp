// Keeps DNS answers as stretches of time, so that those in force at a time are found quickly.
#include "turnpike/attribute/resolutions.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <ranges>
#include <span>
#include <utility>

#include "turnpike/base/give_back.h"
#include "turnpike/base/keyed_hash.h"

namespace turnpike::attribute {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration grace = 120s;

/// Who asks for a name connects at once. Of several names of an address it is that one.
constexpr base::Duration just_asked = 2s;

constexpr std::size_t few = 32;  // of which looking at each is quicker than a tree

/// The shortest time to live on the way to the addresses: what a stub resolver would honour.
std::uint32_t time_to_live(const facts::DnsQuery& query) {
    std::uint32_t shortest = UINT32_MAX;
    for (const auto& answer : query.answers) {
        shortest = std::min(shortest, answer.ttl);
    }
    return shortest;
}

bool counts(const facts::DnsQuery& query) {
    return query.response && query.rcode.value_or(1) == 0;
}

// Most flows of a network without much DNS lead to addresses that no answer gave out.
AddressSieve answered_addresses(const facts::Observation& observation) {
    std::size_t answers = 0;
    for (const auto& query : observation.dns) {
        answers += query.answers.size();
    }
    AddressSieve answered(answers);
    for (const auto& query : observation.dns) {
        if (counts(query)) {
            for (const auto& answer : query.answers) {
                answered.add(answer.address);
            }
        }
    }
    return answered;
}

// Whether the second, of the same chain, went on before the first was over, which then takes it in.
bool takes_in(Leases::Lease& lease, base::Timestamp from, base::Timestamp until) {
    if (from > lease.until || lease.from > until) {
        return false;
    }
    lease.from = std::min(lease.from, from);
    lease.until = std::max(lease.until, until);
    return true;
}

}  // namespace

void Leases::add(std::uint32_t chain, base::Timestamp from, base::Timestamp until) {
    if (all_.empty() || all_.back().chain != chain || !takes_in(all_.back(), from, until)) {
        all_.push_back({chain, static_cast<std::uint32_t>(all_.size()), from, until});
    }
}

void Leases::join() {
    std::ranges::sort(all_, {}, [](const Lease& lease) {
        return std::uint64_t{lease.chain} << 32U | lease.rank;
    });
    std::size_t last = 0;
    for (std::size_t i = 1; i < all_.size(); ++i) {
        const Lease& lease = all_[i];
        if (lease.chain != all_[last].chain || !takes_in(all_[last], lease.from, lease.until)) {
            all_[++last] = lease;
        }
    }
    all_.resize(last + 1);
}

void Leases::settle() {
    if (all_.size() < 2) {
        return;
    }
    join();
    std::ranges::sort(all_, {},
                      [](const Lease& lease) { return std::pair(lease.from, lease.rank); });
    if (all_.size() <= few) {
        return;
    }
    const std::size_t leaves = std::bit_ceil(all_.size());
    latest_end_.assign(2 * leaves, base::Timestamp::min());
    for (std::size_t i = 0; i < all_.size(); ++i) {
        latest_end_[leaves + i] = all_[i].until;
    }
    for (std::size_t node = leaves - 1; node > 0; --node) {
        latest_end_[node] = std::max(latest_end_[2 * node], latest_end_[2 * node + 1]);
    }
}

template <typename Visit>
void Leases::each_latest(base::Timestamp when, Visit visit) const {
    if (!latest_end_.empty()) {
        visit_below(1, 0, latest_end_.size() / 2, when, visit);
        return;
    }
    for (const Lease& lease : std::views::reverse(all_)) {
        if (lease.from <= when && when <= lease.until && !visit(lease)) {
            return;
        }
    }
}

template <typename Visit>
bool Leases::visit_below(std::size_t node, std::size_t begin, std::size_t end, base::Timestamp when,
                         Visit& visit) const {
    if (begin >= all_.size() || all_[begin].from > when || latest_end_[node] < when) {
        return true;
    }
    if (end - begin == 1) {
        return visit(all_[begin]);
    }
    const std::size_t middle = begin + (end - begin) / 2;
    return visit_below(2 * node + 1, middle, end, when, visit) &&
           visit_below(2 * node, begin, middle, when, visit);
}

Resolutions::Resolutions(const facts::Observation& observation)
    : answered_(answered_addresses(observation)) {
    for (const auto& flow : observation.flows) {
        const auto& server = flow.server().address();
        if (answered_.may_hold(server)) {
            want({flow.client().address(), server});
            want({base::IpAddress{}, server});
        }
    }
    for (const auto& query : observation.dns) {
        if (counts(query)) {
            add(query);
        }
    }
    for (auto& leases : leases_) {
        leases.settle();
    }
    base::give_back(names_by_hash_);
    base::give_back(chains_by_hash_);
}

// Nobody can make two texts that differ and have one hash.
std::uint32_t Resolutions::name_of(std::string_view text) {
    const auto fresh = static_cast<std::uint32_t>(texts_.size());
    const auto [known, is_fresh] =
        names_by_hash_.try_emplace(base::HashKey::of_process().text(text), fresh);
    if (is_fresh) {
        texts_.push_back(text);
    }
    return known->second;
}

// Most answers repeat the names of an earlier one, which then stand here once.
std::uint32_t Resolutions::chain_of(const facts::DnsQuery& query) {
    const std::size_t begin = names_.size();
    names_.push_back(name_of(query.name));
    for (const auto& answer : query.answers) {
        if (answer.is_alias()) {
            names_.push_back(name_of(query.data_of(answer)));
        }
    }
    const std::uint64_t hash = base::HashKey::of_process().octets(
        &names_[begin], (names_.size() - begin) * sizeof names_[begin]);
    const auto fresh = static_cast<std::uint32_t>(chains_.size());
    const auto [known, is_fresh] = chains_by_hash_.try_emplace(hash, fresh);
    if (is_fresh) {
        chains_.push_back({begin, names_.size() - begin});
    } else {
        names_.resize(begin);
    }
    return known->second;
}

void Resolutions::want(const Ends& ends) {
    if (by_ends_.try_emplace(fingerprint(ends), static_cast<std::uint32_t>(leases_.size()))
            .second) {
        leases_.emplace_back();
    }
}

Leases* Resolutions::wanted(const Ends& ends) {
    const auto place = by_ends_.find(fingerprint(ends));
    return place == by_ends_.end() ? nullptr : &leases_[place->second];
}

void Resolutions::add(const facts::DnsQuery& query) {
    std::optional<std::uint32_t> chain;
    // What is captured in two places may show the answer behind what the client made of it.
    const auto from = query.start().time;
    const auto until = query.response.time + std::chrono::seconds{time_to_live(query)} + grace;
    for (const auto& answer : query.answers) {
        const auto& server = answer.address;
        if (!server || server.is_unspecified() || server.is_loopback()) {
            continue;
        }
        if (auto* const of_anybody = wanted({base::IpAddress{}, server})) {
            chain = chain ? chain : chain_of(query);
            of_anybody->add(*chain, from, until);
            if (auto* const of_client = wanted({query.client, server})) {
                of_client->add(*chain, from, until);
            }
        }
    }
}

void Resolutions::find(const base::IpAddress& client, const base::IpAddress& server,
                       base::Timestamp when, std::vector<ResolvedName>& names) const {
    names.clear();
    if (!answered_.may_hold(server)) {
        return;
    }
    collect({client, server}, when, names);
    if (names.empty()) {
        collect({base::IpAddress{}, server}, when, names);
        for (auto& name : names) {
            name.other_client = true;
        }
    }
}

void Resolutions::collect(const Ends& ends, base::Timestamp when,
                          std::vector<ResolvedName>& names) const {
    const auto place = by_ends_.find(fingerprint(ends));
    if (place == by_ends_.end()) {
        return;
    }
    std::array<const Leases::Lease*, most_names> latest;  // NOLINT(*-member-init)
    std::size_t count = 0;
    leases_[place->second].each_latest(when, [&](const Leases::Lease& lease) {
        latest[count++] = &lease;
        return count < latest.size();
    });
    const auto chosen = std::span(latest).first(count);
    std::ranges::sort(chosen, [when](const Leases::Lease* a, const Leases::Lease* b) {
        const bool a_just = when - a->from <= just_asked;
        const bool b_just = when - b->from <= just_asked;
        if (a_just && b_just) {
            return a->from != b->from ? a->from > b->from : a->rank < b->rank;
        }
        return a_just != b_just ? a_just : a->rank < b->rank;
    });
    std::array<std::uint32_t, most_names> seen;  // NOLINT(*-member-init): written before it is read
    for (const auto* const lease : chosen) {
        const Chain& chain = chains_[lease->chain];
        for (std::size_t i = 0; i < chain.size && names.size() < most_names; ++i) {
            const std::uint32_t name = names_[chain.begin + i];
            const bool alias = i > 0;
            const auto known = static_cast<std::size_t>(
                std::ranges::find(seen.begin(), seen.begin() + names.size(), name) - seen.begin());
            if (known < names.size()) {
                names[known].alias = names[known].alias && alias;
            } else {
                seen[names.size()] = name;
                names.push_back({texts_[name], alias, false});
            }
        }
    }
}

}  // namespace turnpike::attribute
