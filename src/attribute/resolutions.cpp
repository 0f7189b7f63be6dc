#include "turnpike/attribute/resolutions.h"

#include <algorithm>

namespace turnpike::attribute {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration grace = 120s;

constexpr std::uint16_t type_cname = 5;  // RFC 1035 3.2.2

/// The shortest time to live on the way to the addresses: what a stub resolver would honour.
std::uint32_t time_to_live(const facts::DnsQuery& query) {
    std::uint32_t shortest = UINT32_MAX;
    for (const auto& answer : query.answers) {
        shortest = std::min(shortest, answer.ttl);
    }
    return shortest;
}

}  // namespace

Resolutions::Resolutions(const facts::Observation& observation) {
    for (const auto& query : observation.dns) {
        if (!query.response || query.rcode.value_or(1) != 0 || query.answers.empty()) {
            continue;
        }
        Entry entry{query.name, false, query.client, query.response.time,
                    query.response.time + std::chrono::seconds{time_to_live(query)} + grace};
        for (const auto& answer : query.answers) {
            const auto& server = answer.address;
            if (!server || server.is_unspecified() || server.is_loopback()) {
                continue;
            }
            entry.name = query.name;
            entry.alias = false;
            add(server, entry);
            for (const auto& link : query.answers) {
                if (link.type == type_cname) {
                    entry.name = link.text;
                    entry.alias = true;
                    add(server, entry);
                }
            }
        }
    }
}

void Resolutions::add(const base::IpAddress& server, const Entry& entry) {
    auto& entries = by_server_[server];
    const auto known = std::ranges::find_if(entries, [&entry](const Entry& other) {
        return other.name == entry.name && other.client == entry.client &&
               entry.from <= other.until && other.from <= entry.until;
    });
    if (known == entries.end()) {
        entries.push_back(entry);
        return;
    }
    known->from = std::min(known->from, entry.from);
    known->until = std::max(known->until, entry.until);
    known->alias = known->alias && entry.alias;
}

void Resolutions::find(const base::IpAddress& client, const base::IpAddress& server,
                       base::Timestamp when, std::vector<ResolvedName>& names) const {
    names.clear();
    const auto entries = by_server_.find(server);
    if (entries == by_server_.end()) {
        return;
    }
    const auto collect = [&](bool own) {
        for (const auto& entry : entries->second) {
            const bool known = std::ranges::any_of(
                names, [&entry](const ResolvedName& name) { return name.name == entry.name; });
            if (!known && (entry.client == client) == own && entry.from <= when &&
                when <= entry.until) {
                names.push_back({entry.name, entry.alias, !own});
            }
        }
    };
    collect(true);
    if (names.empty()) {
        collect(false);
    }
}

}  // namespace turnpike::attribute
