// Merges the harvests of all workers into one observation, and drops what need not stay.
#include "turnpike/gather/window.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace turnpike::gather {
namespace {

using inspect::Harvest;
using inspect::HarvestedFlow;

std::uint64_t packets_of(const facts::Flow& flow) noexcept {
    return flow.client().packets + flow.server().packets;
}

/// Packets may share a time: between workers the endpoints decide, within one its own order.
auto order_of(const facts::Flow& flow, std::uint64_t id) noexcept {
    return std::tuple(flow.first_seen(), flow.client().endpoint, flow.server().endpoint,
                      flow.transport, id);
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
    // The machine's clock is one: whoever has packets on both sides of a step sees it.
    sum.backward_steps = std::max(sum.backward_steps, part.backward_steps);
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

std::uint32_t WindowList::add(std::uint64_t new_key) {
    const auto place = static_cast<std::uint32_t>(key.size());
    key.push_back(new_key);
    changed.push_back(true);
    told.push_back(false);
    index.emplace(new_key, place);
    return place;
}

void WindowList::keep(const std::vector<bool>& kept) {
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
            told[next] = told[i];
        }
        ++next;
    }
    key.resize(next);
    changed.resize(next);
    told.resize(next);
}

std::vector<std::uint32_t> WindowList::changed_indexes() const {
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
    accept_rows(harvests);
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
            const std::uint64_t key = WindowList::key_of(worker, harvested.flow.id);
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
        ended_.push_back(false);
        observation_.flows.emplace_back().id = ++flows_.last_id;
        update_flow(static_cast<std::uint32_t>(observation_.flows.size() - 1), *entry.harvested);
    }
}

void Window::update_flow(std::uint32_t index, HarvestedFlow& harvested) {
    facts::Flow& flow = observation_.flows[index];
    // That it ended is no news of what it did.
    const bool goes_on = !harvested.ended || packets_of(harvested.flow) > packets_of(flow);
    unseen_octets_ += harvested.flow.tcp->unseen() - flow.tcp->unseen();
    harvested.flow.id = flow.id;
    flow = std::move(harvested.flow);
    flows_.changed[index] = true;
    flows_.told[index] = flows_.told[index] && !goes_on;
    ended_[index] = ended_[index] || harvested.ended;
}

void Window::accept_rows(std::span<Harvest> harvests) {
    const auto flow_of = [this](std::size_t worker, std::uint64_t id) {
        const auto known = flows_.index.find(WindowList::key_of(worker, id));
        return known == flows_.index.end() ? no_flow : known->second;
    };
    rows_.for_each([&]<typename Kind>(Kind, RowWindow<Kind>& window) {
        std::vector<inspect::HarvestedRows<Kind>*> workers;
        for (Harvest& harvest : harvests) {
            workers.push_back(&harvest.rows.of<Kind>());
        }
        window.accept(workers, Kind::rows(observation_), flow_of);
    });
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

bool Window::told(std::uint32_t flow) const noexcept {
    return flow != no_flow && flows_.told[flow];
}

// What was told before waits with its rows until there is news of it.
Changed Window::changed() const {
    Changed changed{flows_.changed_indexes(), {}};
    std::erase_if(changed.flows, [this](std::uint32_t i) { return told(i); });
    changed.rows.for_each([this]<typename Kind>(Kind, auto& indexes) {
        indexes = rows_.of<Kind>().list().changed_indexes();
        const auto& rows = Kind::rows(observation_);
        std::erase_if(indexes, [&](std::uint32_t i) { return told(rows[i].flow); });
    });
    return changed;
}

void Window::committed() {
    const Changed stored = changed();
    for (const std::uint32_t i : stored.flows) {
        flows_.changed[i] = false;
    }
    rows_.for_each([&stored]<typename Kind>(Kind, RowWindow<Kind>& window) {
        for (const std::uint32_t i : stored.rows.of<Kind>()) {
            window.list().changed[i] = false;
        }
    });
}

std::vector<std::uint32_t> Window::drop_flows(const std::vector<bool>& kept) {
    std::vector<std::uint32_t> moved(observation_.flows.size(), no_flow);
    std::uint32_t next = 0;
    for (std::uint32_t i = 0; i < moved.size(); ++i) {
        if (!kept[i]) {
            continue;
        }
        if (next != i) {
            observation_.flows[next] = std::move(observation_.flows[i]);
            ended_[next] = ended_[i];
        }
        moved[i] = next++;
    }
    observation_.flows.resize(next);
    ended_.resize(next);
    flows_.keep(kept);
    return moved;
}

void Window::drop(const Kept& kept) {
    const auto moved = drop_flows(kept.flows);
    rows_.for_each([&]<typename Kind>(Kind, RowWindow<Kind>& window) {
        window.drop(kept.rows.of<Kind>(), moved, Kind::rows(observation_));
    });
    link_rows();
}

// Flows list their rows by index.
void Window::link_rows() {
    facts::for_each_kind(facts::RowKinds{}, [this]<typename Kind>(Kind) {
        if constexpr (facts::is_listed_by_flow<Kind>) {
            for (facts::Flow& flow : observation_.flows) {
                if (flow.rare.present()) {
                    Kind::of_flow(flow.rare.make()).clear();
                }
            }
            const auto& rows = Kind::rows(observation_);
            for (std::uint32_t i = 0; i < rows.size(); ++i) {
                Kind::of_flow(observation_.flows[rows[i].flow].rare.make()).push_back(i);
            }
        }
    });
}

void Window::restart(const Told& told) {
    flows_.restart(observation_.flows, told.flows);
    rows_.for_each([&]<typename Kind>(Kind, RowWindow<Kind>& window) {
        window.list().restart(Kind::rows(observation_), told.rows.of<Kind>());
    });
}

}  // namespace turnpike::gather
