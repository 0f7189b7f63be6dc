// Harvests by hand, for tests of what comes after the inspectors.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/observation.h"
#include "turnpike/inspect/harvest.h"

namespace turnpike::gather::test {

using namespace support;

/// Packet numbers are the worker's own, so they say nothing here but "there was one".
inline facts::PacketMark mark(double seconds) {
    return {1, at(seconds)};
}

/// A flow of a worker that began then and was answered at once.
inline facts::Flow flow(std::uint64_t id, double began, std::string_view client = "192.168.10.21",
                        facts::Transport transport = facts::Transport::udp) {
    facts::Flow flow;
    flow.id = id;
    flow.transport = transport;
    flow.client().endpoint = {address(client), 50'000};
    flow.server().endpoint = {address("203.0.113.1"), 443};
    flow.client().packets = flow.server().packets = 1;
    flow.client().first = flow.client().last = flow.server().first = flow.server().last =
        mark(began);
    return flow;
}

inline facts::DnsQuery query(std::uint64_t id, double asked, std::string_view name,
                             std::vector<std::uint32_t> times_to_live = {}) {
    facts::DnsQuery query;
    query.id = id;
    query.client = address("192.168.10.21");
    query.resolver = {address("192.168.10.53"), 53};
    query.name = std::string(name);
    query.type = 1;
    query.query = query.last_send = mark(asked);
    for (const auto ttl : times_to_live) {
        query.response = mark(asked);
        query.rcode = 0;
        query.add_answer(1, ttl, address("203.0.113.1"));
    }
    return query;
}

inline facts::StunTransaction transaction(std::uint64_t id, double asked, std::uint16_t method,
                                          bool answered) {
    facts::StunTransaction row;
    row.id = id;
    row.method = method;
    row.request = row.last_request = mark(asked);
    if (answered) {
        row.response = mark(asked);
        row.outcome = facts::StunOutcome::success;
    }
    return row;
}

inline facts::TlsHello hello(std::uint64_t id, double when, std::string_view name) {
    facts::TlsHello row;
    row.id = id;
    row.at = mark(when);
    row.sni = std::string(name);
    return row;
}

inline facts::RtpStream stream(std::uint64_t id, double began, double last) {
    facts::RtpStream row;
    row.id = id;
    row.first = mark(began);
    row.last = mark(last);
    return row;
}

inline facts::IcmpError icmp(std::uint64_t id, double when) {
    facts::IcmpError row;
    row.id = id;
    row.at = mark(when);
    return row;
}

/// What one worker hands over.
class HarvestOf {
  public:
    HarvestOf& flow(facts::Flow flow, bool ended = false) {
        harvest_.flows.push_back({std::move(flow), ended});
        harvest_.flows_followed += ended ? 0 : 1;
        return *this;
    }
    HarvestOf& row(std::uint64_t flow, facts::DnsQuery row) {
        harvest_.rows.of<facts::DnsKind>().push_back({flow, std::move(row)});
        return *this;
    }
    HarvestOf& row(std::uint64_t flow, facts::TlsHello row) {
        harvest_.rows.of<facts::HelloKind>().push_back({flow, std::move(row)});
        return *this;
    }
    HarvestOf& row(std::uint64_t flow, facts::StunTransaction row) {
        harvest_.rows.of<facts::StunKind>().push_back({flow, std::move(row)});
        return *this;
    }
    HarvestOf& row(std::uint64_t flow, facts::RtpStream row) {
        harvest_.rows.of<facts::RtpKind>().push_back({flow, std::move(row)});
        return *this;
    }
    HarvestOf& row(std::uint64_t flow, facts::IcmpError row) {
        harvest_.rows.of<facts::IcmpKind>().push_back({flow, std::move(row)});
        return *this;
    }
    HarvestOf& quality(facts::CaptureQuality quality) {
        harvest_.quality = std::move(quality);
        return *this;
    }
    [[nodiscard]] facts::Flow& last_flow() { return harvest_.flows.back().flow; }
    [[nodiscard]] const inspect::Harvest& done() const { return harvest_; }

  private:
    inspect::Harvest harvest_;
};

}  // namespace turnpike::gather::test
