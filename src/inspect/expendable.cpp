#include "expendable.h"

#include <utility>

namespace turnpike::inspect {
namespace {

// Measured, with their strings and with what attribution and verdicts keep of them.
constexpr std::size_t octets_of_a_query = 900;
constexpr std::size_t octets_of_a_hello = 600;
constexpr std::size_t octets_of_a_transaction = 500;
constexpr std::size_t octets_of_a_stream = 200;

bool has_rows(const facts::Flow& flow) noexcept {
    return !flow.icmp.empty() || !flow.transactions.empty() || !flow.streams.empty();
}

bool was_understood(const facts::Flow& flow) noexcept {
    return flow.protocol != facts::Protocol::unknown || !flow.server_name.empty() ||
           flow.encrypted_dns || flow.tls.present() || flow.http.present() ||
           flow.proxy.present() || flow.stun.present() || flow.media.present() ||
           flow.dtls.present() || flow.quic.present();
}

}  // namespace

std::size_t octets_of(const facts::Observation& observation) noexcept {
    return observation.flows.size() * octets_of_a_flow +
           observation.dns.size() * octets_of_a_query +
           observation.hellos.size() * octets_of_a_hello +
           observation.stun.size() * octets_of_a_transaction +
           observation.rtp.size() * octets_of_a_stream;
}

Expendable::Expendable(const facts::Observation& observation,
                       const std::function<bool(const base::IpAddress&)>& is_server)
    : observation_(observation), is_server_(is_server) {
    for (const auto& query : observation.dns) {
        for (const auto& answer : query.answers) {
            if (answer.address) {
                named_.insert(answer.address);
            }
        }
    }
}

bool Expendable::contains(const facts::Flow& flow) const {
    const bool answered = flow.in.packets > 0 && flow.out.packets > 0;
    return !answered && !was_understood(flow) && !has_rows(flow) &&
           !named_.contains(flow.server.address) && !named_.contains(flow.client.address) &&
           !(is_server_ && (is_server_(flow.server.address) || is_server_(flow.client.address)));
}

Expendable::Kept Expendable::renumber(std::size_t most) const {
    Kept kept;
    kept.index.reserve(observation_.flows.size());
    std::uint32_t next = 0;
    for (const auto& flow : observation_.flows) {
        if (kept.given_up < most && contains(flow)) {
            kept.index.push_back(gone);
            ++kept.given_up;
        } else {
            kept.index.push_back(next++);
        }
    }
    return kept;
}

void Expendable::move(const Kept& kept, facts::Observation& observation) {
    auto& flows = observation.flows;
    for (std::size_t i = 0; i < flows.size(); ++i) {
        if (kept.index[i] != gone && kept.index[i] != i) {
            flows[kept.index[i]] = std::move(flows[i]);
        }
    }
    flows.resize(flows.size() - kept.given_up);
    const auto follow = [&](auto& rows) {
        for (auto& row : rows) {
            row.flow = kept.index[row.flow];
        }
    };
    follow(observation.dns);
    follow(observation.hellos);
    follow(observation.stun);
    follow(observation.rtp);
    follow(observation.icmp);
}

}  // namespace turnpike::inspect
