#include "turnpike/gather/window.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace turnpike::gather {
namespace {

using inspect::Harvest;
using inspect::HarvestedFlow;
using inspect::HarvestedRow;

constexpr std::uint64_t key_of(std::size_t worker, std::uint64_t id) noexcept {
    return (std::uint64_t{worker} << 48U) | id;
}

/// When a fact appeared, as far as all workers agree on it: their packet numbers do not.
base::Timestamp appeared(const facts::Flow& flow) noexcept {
    return flow.first_seen();
}
base::Timestamp appeared(const facts::DnsQuery& row) noexcept {
    return row.query ? row.query.time : row.response.time;
}
base::Timestamp appeared(const facts::TlsHello& row) noexcept {
    return row.at.time;
}
base::Timestamp appeared(const facts::StunTransaction& row) noexcept {
    return row.request ? row.request.time : row.response.time;
}
base::Timestamp appeared(const facts::RtpStream& row) noexcept {
    return row.first.time;
}
base::Timestamp appeared(const facts::IcmpError& row) noexcept {
    return row.at.time;
}

/// Packets may share a time: between workers the endpoints decide, within one its own order.
auto order_of(const facts::Flow& flow, std::uint64_t id) noexcept {
    return std::tuple(appeared(flow), flow.client, flow.server, flow.transport, id);
}

std::uint64_t unseen(const facts::Flow& flow) noexcept {
    return flow.tcp->unseen_out + flow.tcp->unseen_in;
}

/// DNS outlives its flow: an answer counts for as long as its time to live.
constexpr bool outlives_flow(const facts::DnsQuery*) noexcept {
    return true;
}
constexpr bool outlives_flow(const void*) noexcept {
    return false;
}

/// A row as it is now takes the place of what it was.
template <typename Row>
void update_row(Row& now, Row& row) {
    now.id = row.id;
    now.flow = row.flow;
    row = std::move(now);
}

// ---- quality of the whole capture from that of its parts ----

void add_problems(const std::vector<facts::DecodeCount>& part,
                  std::map<std::pair<std::string, std::string>, std::uint64_t>& sums) {
    for (const auto& problem : part) {
        sums[{problem.protocol, problem.reason}] += problem.count;
    }
}

/// Workers see parts of what each interface brought. Where none of them saw anything for long,
/// nothing came.
void add(const std::vector<facts::Recording>& part, std::vector<facts::Recording>& sum) {
    for (const auto& recording : part) {
        if (recording.tap >= sum.size()) {
            sum.resize(recording.tap + 1);
        }
        auto& whole = sum[recording.tap];
        whole.tap = recording.tap;
        whole.link_type = std::max(whole.link_type, recording.link_type);
        whole.stretches.insert(whole.stretches.end(), recording.stretches.begin(),
                               recording.stretches.end());
        whole.same_flows_as.insert(whole.same_flows_as.end(), recording.same_flows_as.begin(),
                                   recording.same_flows_as.end());
    }
}

void add(const facts::CaptureQuality& part, facts::CaptureQuality& sum) {
    sum.packets += part.packets;
    sum.bytes += part.bytes;
    sum.dropped += part.dropped;
    sum.malformed += part.malformed;
    sum.duplicates += part.duplicates;
    sum.cut += part.cut;
    sum.backward_steps += part.backward_steps;
    sum.ip_packets += part.ip_packets;
    sum.non_ip += part.non_ip;
    sum.fragments += part.fragments;
    sum.copying = sum.copying || part.copying;
    sum.cut_off = sum.cut_off || part.cut_off;
    if (part.first && (!sum.first || part.first.time < sum.first.time)) {
        sum.first = part.first;
    }
    if (part.last && (!sum.last || part.last.time > sum.last.time)) {
        sum.last = part.last;
    }
    sum.losses.insert(sum.losses.end(), part.losses.begin(), part.losses.end());
    add(part.recordings, sum.recordings);
}

}  // namespace

std::uint32_t Window::Places::add(std::uint64_t new_key) {
    const auto place = static_cast<std::uint32_t>(key.size());
    key.push_back(new_key);
    changed.push_back(true);
    ended.push_back(false);
    index.emplace(new_key, place);
    return place;
}

void Window::Places::keep(const std::vector<bool>& kept) {
    std::uint32_t next = 0;
    for (std::uint32_t i = 0; i < key.size(); ++i) {
        if (!kept[i]) {
            index.erase(key[i]);
            continue;
        }
        if (next != i) {
            index[key[i]] = next;
            key[next] = key[i];
            changed[next] = changed[i];
            ended[next] = ended[i];
        }
        ++next;
    }
    key.resize(next);
    changed.resize(next);
    ended.resize(next);
}

std::vector<std::uint32_t> Window::Places::changed_indexes() const {
    std::vector<std::uint32_t> indexes;
    for (std::uint32_t i = 0; i < changed.size(); ++i) {
        if (changed[i]) {
            indexes.push_back(i);
        }
    }
    return indexes;
}

void Window::accept(std::span<Harvest> harvests) {
    accept_flows(harvests);
    accept_rows(harvests, &Harvest::dns, observation_.dns, dns_);
    accept_rows(harvests, &Harvest::hellos, observation_.hellos, hellos_);
    accept_rows(harvests, &Harvest::stun, observation_.stun, stun_);
    accept_rows(harvests, &Harvest::rtp, observation_.rtp, rtp_);
    accept_rows(harvests, &Harvest::icmp, observation_.icmp, icmp_);
    accept_quality(harvests);
    link_rows();
}

void Window::advance(base::Timestamp now) noexcept {
    auto& quality = observation_.quality;
    if (quality.first) {
        quality.last.time = std::max(quality.last.time, now);
    }
}

void Window::accept_flows(std::span<Harvest> harvests) {
    struct Fresh {
        std::uint64_t key;
        HarvestedFlow* harvested;
    };
    std::vector<Fresh> fresh;
    boost::unordered_flat_map<std::uint64_t, std::size_t> places;  // in `fresh`, by key
    for (std::size_t worker = 0; worker < harvests.size(); ++worker) {
        for (auto& harvested : harvests[worker].flows) {
            const std::uint64_t key = key_of(worker, harvested.flow.id);
            if (const auto known = flows_.index.find(key); known != flows_.index.end()) {
                update_flow(known->second, harvested);
            } else if (const auto [place, is_new] = places.emplace(key, fresh.size()); is_new) {
                fresh.push_back({key, &harvested});
            } else {  // harvested more than once in a long round: the last state counts
                fresh[place->second].harvested = &harvested;
            }
        }
    }
    std::ranges::stable_sort(fresh, {}, [](const Fresh& entry) {
        return order_of(entry.harvested->flow, entry.harvested->flow.id);
    });
    for (const Fresh& entry : fresh) {
        flows_.add(entry.key);
        observation_.flows.emplace_back().id = ++flows_.last_id;
        update_flow(static_cast<std::uint32_t>(observation_.flows.size() - 1), *entry.harvested);
    }
}

void Window::update_flow(std::uint32_t index, HarvestedFlow& harvested) {
    facts::Flow& flow = observation_.flows[index];
    unseen_octets_ += unseen(harvested.flow) - unseen(flow);
    harvested.flow.id = flow.id;
    flow = std::move(harvested.flow);
    flows_.changed[index] = true;
    flows_.ended[index] = flows_.ended[index] || harvested.ended;
}

template <typename Row>
void Window::accept_rows(std::span<Harvest> harvests,
                         std::vector<HarvestedRow<Row>> Harvest::* list, std::vector<Row>& rows,
                         Places& places) {
    struct Fresh {
        std::uint64_t key;
        std::uint32_t flow;
        HarvestedRow<Row>* row;
    };
    std::vector<Fresh> fresh;
    for (std::size_t worker = 0; worker < harvests.size(); ++worker) {
        for (auto& harvested : harvests[worker].*list) {
            const auto flow = flows_.index.find(key_of(worker, harvested.flow));
            const std::uint64_t key = key_of(worker, harvested.row.id);
            const auto known = places.index.find(key);
            if (known != places.index.end()) {
                update_row(harvested.row, rows[known->second]);
                places.changed[known->second] = true;
            } else if (flow != flows_.index.end()) {
                fresh.push_back({key, flow->second, &harvested});
            }
        }
    }
    std::ranges::stable_sort(fresh, {}, [](const Fresh& entry) {
        return std::tuple(appeared(entry.row->row), entry.flow, entry.row->row.id);
    });
    for (const Fresh& entry : fresh) {
        if (places.index.contains(entry.key)) {  // harvested more than once in a long round
            update_row(entry.row->row, rows[places.index.at(entry.key)]);
            continue;
        }
        places.add(entry.key);
        Row& row = rows.emplace_back(std::move(entry.row->row));
        row.id = ++places.last_id;
        row.flow = entry.flow;
    }
}

void Window::accept_quality(std::span<Harvest> harvests) {
    facts::CaptureQuality sum;
    std::map<std::pair<std::string, std::string>, std::uint64_t> problems;
    for (const Harvest& harvest : harvests) {
        add(harvest.quality, sum);
        add_problems(harvest.quality.problems, problems);
    }
    for (const auto& [what, count] : problems) {
        sum.problems.push_back({what.first, what.second, count});
    }
    sum.unseen_octets = unseen_octets_;
    observation_.quality = std::move(sum);
    followed_ = 0;
    for (const Harvest& harvest : harvests) {
        followed_ += harvest.flows_followed;
    }
}

Changed Window::changed() const {
    return {flows_.changed_indexes(), dns_.changed_indexes(), hellos_.changed_indexes(),
            stun_.changed_indexes(),  rtp_.changed_indexes(), icmp_.changed_indexes()};
}

void Window::committed() {
    for (Places* const places : {&flows_, &dns_, &hellos_, &stun_, &rtp_, &icmp_}) {
        places->changed.assign(places->changed.size(), false);
    }
}

template <typename Row, typename Keep>
void Window::drop_rows(std::vector<Row>& rows, Places& places, Keep keep) {
    std::vector<bool> kept(rows.size());
    std::size_t next = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        Row& row = rows[i];
        const std::uint32_t flow = row.flow == no_flow ? no_flow : moved_[row.flow];
        const bool has_flow = flow != no_flow || outlives_flow(&row);
        kept[i] = has_flow && keep(row, i);
        if (kept[i]) {
            row.flow = flow;
            if (next != i) {
                rows[next] = std::move(row);
            }
            ++next;
        }
    }
    rows.resize(next);
    places.keep(kept);
}

void Window::drop(const Kept& kept) {
    moved_.assign(observation_.flows.size(), no_flow);
    std::uint32_t next = 0;
    for (std::uint32_t i = 0; i < moved_.size(); ++i) {
        if (!kept.flows[i]) {
            continue;
        }
        if (next != i) {
            observation_.flows[next] = std::move(observation_.flows[i]);
        }
        moved_[i] = next++;
    }
    observation_.flows.resize(next);
    flows_.keep(kept.flows);
    const auto always = [](const auto&, std::size_t) { return true; };
    drop_rows(observation_.dns, dns_,
              [&](const facts::DnsQuery&, std::size_t i) { return kept.dns[i]; });
    drop_rows(observation_.hellos, hellos_, always);
    drop_rows(observation_.stun, stun_, [&](const facts::StunTransaction& row, std::size_t i) {
        constexpr std::uint16_t binding = 0x001;  // RFC 8489 18.2
        return (kept.stun.empty() || kept.stun[i]) &&
               (row.method != binding || !row.response ||
                row.response.time >= kept.transactions_since);
    });
    drop_rows(observation_.rtp, rtp_, [&](const facts::RtpStream& row, std::size_t) {
        return row.last.time >= kept.streams_since;
    });
    drop_rows(observation_.icmp, icmp_, always);
    link_rows();
}

void Window::link_rows() {
    for (facts::Flow& flow : observation_.flows) {
        flow.transactions.clear();
        flow.streams.clear();
        flow.icmp.clear();
    }
    for (std::uint32_t i = 0; i < observation_.stun.size(); ++i) {
        observation_.flows[observation_.stun[i].flow].transactions.push_back(i);
    }
    for (std::uint32_t i = 0; i < observation_.rtp.size(); ++i) {
        observation_.flows[observation_.rtp[i].flow].streams.push_back(i);
    }
    for (std::uint32_t i = 0; i < observation_.icmp.size(); ++i) {
        observation_.flows[observation_.icmp[i].flow].icmp.push_back(i);
    }
}

void Window::restart() {
    const auto number = [](auto& rows, Places& places) {
        places.last_id = 0;
        for (auto& row : rows) {
            row.id = ++places.last_id;
        }
        places.changed.assign(places.changed.size(), true);
    };
    number(observation_.flows, flows_);
    number(observation_.dns, dns_);
    number(observation_.hellos, hellos_);
    number(observation_.stun, stun_);
    number(observation_.rtp, rtp_);
    number(observation_.icmp, icmp_);
}

}  // namespace turnpike::gather
