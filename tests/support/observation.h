// Builds observations and catalogs by hand, for tests of what comes after inspection.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "turnpike/catalog/catalog.h"
#include "turnpike/facts/facts.h"

namespace turnpike::support {

using namespace std::chrono_literals;

inline base::Timestamp at(double seconds) {
    return base::from_nanoseconds(1'790'000'000'000'000'000 +
                                  static_cast<std::int64_t>(seconds * 1e9));
}

inline base::IpAddress address(std::string_view text) {
    return *base::IpAddress::parse(text);
}

/// An observation that counts its packets as they are added.
class ObservationBuilder {
  public:
    facts::PacketMark mark(double seconds) {
        const facts::PacketMark mark{++packets_, at(seconds)};
        auto& quality = observation.quality;
        quality.packets = packets_;
        if (!quality.first) {
            quality.first = mark;
        }
        if (mark.time > quality.last.time) {
            quality.last = mark;
        }
        recording(tap).stretches.push_back({mark.time, mark.time});
        return mark;
    }

    /// The recording of that number; all packets are of the one that `tap` names.
    facts::Recording& recording(std::uint32_t number) {
        auto& recordings = observation.quality.recordings;
        while (recordings.size() <= number) {
            const auto next = static_cast<std::uint32_t>(recordings.size());
            recordings.emplace_back().tap = next;
        }
        return recordings[number];
    }

    facts::Flow& flow(facts::Transport transport, std::string_view client, std::string_view server,
                      std::uint16_t port) {
        auto& flow = observation.flows.emplace_back();
        flow.id = observation.flows.size();
        flow.transport = transport;
        // The lower address first, as inspection has them, so that the client is not always end 0.
        flow.client_side = address(client) < address(server) ? 0 : 1;
        flow.client().endpoint = {address(client), static_cast<std::uint16_t>(49152 + flow.id)};
        flow.server().endpoint = {address(server), port};
        flow.tap = tap;
        return flow;
    }

    static void count(facts::FlowEnd& sender, const facts::PacketMark& mark, bool payload) {
        if (sender.packets++ == 0) {
            sender.first = mark;
        }
        sender.last = mark;
        sender.persisted = sender.persisted || mark.time - sender.first.time >= facts::persistence;
        sender.payload_packets += payload ? 1 : 0;
    }

    /// A datagram with payload.
    static void datagram(facts::Flow& flow, facts::Side side, const facts::PacketMark& mark) {
        count(flow.ends[side], mark, true);
        if (flow.ends[side].packets == 2) {
            flow.udp.make().second[side] = mark;
        }
    }

    /// SYNs without an answer.
    facts::Flow& unanswered_syns(std::string_view server, std::uint16_t port, double from,
                                 int count = 4, std::string_view client = "192.168.10.21") {
        auto& made = flow(facts::Transport::tcp, client, server, port);
        auto& tcp = made.tcp.make();
        for (int i = 0; i < count; ++i) {
            const auto packet = mark(from + i);
            this->count(made.client(), packet, false);
            (tcp.syns++ == 0 ? tcp.syn : tcp.last_syn) = packet;
            tcp.last_syn = packet;
        }
        return made;
    }

    /// A connection that worked, with a TLS name if given.
    facts::Flow& connection(std::string_view server, std::uint16_t port, std::string_view name,
                            double from, std::string_view client = "192.168.10.21") {
        auto& made = flow(facts::Transport::tcp, client, server, port);
        auto& tcp = made.tcp.make();
        auto& asking = made.client_of(tcp);
        auto& answering = made.server_of(tcp);
        count(made.client(), tcp.syn = tcp.last_syn = mark(from), false);
        tcp.syns = 1;
        count(made.server(), tcp.syn_ack = mark(from + 0.01), false);
        count(made.client(), tcp.established = mark(from + 0.02), false);
        count(made.client(), asking.payload = mark(from + 0.03), true);
        asking.payload_sends = 1;
        asking.payload_acked = true;
        count(made.server(), answering.payload = mark(from + 0.04), true);
        made.protocol = facts::Protocol::tls;
        made.tls.make().client_hello = asking.payload;
        made.tls.make().server_record = answering.payload;
        if (!name.empty()) {
            made.server_name.make() = name;
            made.server_name_source = facts::NameSource::sni;
        }
        return made;
    }

    /// ICE checks of the client, answered or not.
    facts::Flow& ice(std::string_view server, std::uint16_t port, double from, bool answered,
                     std::string_view client = "192.168.10.21") {
        auto& made = flow(facts::Transport::udp, client, server, port);
        made.protocol = facts::Protocol::stun;
        auto& stun = made.stun.make();
        auto& asking = made.client_of(stun);
        auto& answering = made.server_of(stun);
        stun.ice = true;
        asking.requests = 1;
        for (int i = 0; i < (answered ? 1 : 4); ++i) {
            const auto packet = mark(from + i);
            datagram(made, made.client_side, packet);
            if (i == 0) {
                stun.first_request = packet;
            } else if (!asking.repeated) {
                asking.repeated = packet;
            }
            stun.last_request = packet;
        }
        if (answered) {
            answering.responses = 1;
            count(made.server(), answering.first_response = mark(from + 0.02), true);
        }
        return made;
    }

    facts::DnsQuery& query(std::string_view name, double when, std::vector<std::string> addresses,
                           std::string_view client = "192.168.10.21", std::uint32_t ttl = 60,
                           std::uint16_t rcode = 0) {
        auto& query = observation.dns.emplace_back();
        query.query = query.last_send = mark(when);
        query.response = mark(when + 0.01);
        query.tap = tap;
        query.client = address(client);
        query.resolver = {address("192.168.10.53"), 53};
        query.name = std::string(name);
        query.type = 1;
        query.rcode = rcode;
        for (auto& text : addresses) {
            query.add_answer(1, ttl, address(text));
        }
        return query;
    }

    /// Any later packet: the capture goes on.
    void goes_on_until(double seconds) { mark(seconds); }

    facts::Observation observation;
    std::uint32_t tap = 0;  ///< which recording sees what is built next

  private:
    std::uint64_t packets_ = 0;
};

inline catalog::PortItem port(catalog::Transport transport, std::uint16_t first,
                              std::uint16_t last = 0) {
    catalog::PortItem item;
    item.transport = transport;
    item.first = first;
    item.last = last == 0 ? first : last;
    item.text =
        last == 0 ? std::to_string(first) : std::to_string(first) + "-" + std::to_string(last);
    return item;
}

inline catalog::Rule rule(std::string id, std::vector<catalog::PortItem> ports,
                          std::vector<std::string> names) {
    catalog::Rule made;
    made.id = std::move(id);
    made.purpose = made.id;
    made.ports = std::move(ports);
    for (auto& name : names) {
        catalog::NamePattern pattern;
        pattern.text = std::move(name);
        made.destinations.names.push_back(std::move(pattern));
    }
    return made;
}

/// A rule for peer-to-peer media: ANY destination, high UDP ports.
inline catalog::Rule any_rule(std::string id) {
    auto made = rule(std::move(id), {port(catalog::Transport::udp, 1024, 65535)}, {});
    made.destinations.any = true;
    made.expects = {catalog::Expectation::ice, catalog::Expectation::stun,
                    catalog::Expectation::dtls, catalog::Expectation::rtp};
    return made;
}

inline catalog::Revision revision(std::string vendor, std::string product,
                                  std::vector<catalog::Rule> rules,
                                  std::string date = "2025-01-01") {
    catalog::Revision made;
    made.vendor = made.vendor_name = std::move(vendor);
    made.product = made.product_name = std::move(product);
    made.revision = std::move(date);
    made.rules = std::move(rules);
    return made;
}

}  // namespace turnpike::support
