// Carries out an audit round by round: targets, repeats of what failed, the edges of ranges.
#include "turnpike/probe/audit.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

namespace turnpike::probe {
namespace {

/// The ports of a range that were tried in one address family, and whether any try was answered.
using Tries = std::map<std::uint16_t, bool>;

Tries tries_of(const Range& range, const std::vector<Target>& targets,
               const std::vector<Tried>& tried, bool v6) {
    Tries tries;
    for (const auto& one : tried) {
        if (one.attempt.to.address.is_v6() == v6 && one.made.from &&
            std::ranges::find(range.targets, one.target) != range.targets.end()) {
            tries[targets[one.target].port] |= one.made.answered;
        }
    }
    return tries;
}

bool passes_in_part(const Tries& tries) {
    const auto answered =
        std::ranges::count_if(tries, [](const auto& entry) { return entry.second; });
    return answered > 0 && static_cast<std::size_t>(answered) < tries.size();
}

}  // namespace

bool may_be_tried(const base::IpAddress& address) noexcept {
    return address && !address.is_unspecified() && !address.is_loopback() &&
           !address.is_multicast() && !address.is_broadcast();
}

Audit::Audit(Plan plan, std::map<std::string, Addresses> names,
             std::vector<base::IpAddress> responder, PlanOptions options)
    : plan_(std::move(plan)),
      names_(std::move(names)),
      responder_(std::move(responder)),
      options_(std::move(options)) {}

void Audit::run(const MakeAll& make_all, const std::function<bool()>& stopped) {
    std::vector<Tried> round;
    for (std::size_t i = 0; i < plan_.targets.size(); ++i) {
        prepare(i, round);
    }
    make(std::move(round), make_all);
    if (!stopped()) {
        make(once_more(), make_all);
    }
    while (!stopped()) {
        auto next = edges();
        if (next.empty()) {
            return;
        }
        make(std::move(next), make_all);
    }
}

void Audit::prepare(std::size_t target, std::vector<Tried>& round) {
    const auto& place = plan_.targets[target].place;
    switch (place.kind) {
        case Place::Kind::address:
            prepare(target, place.address, round);
            return;
        case Place::Kind::responder:
            for (const auto& address : responder_) {
                prepare(target, address, round);
            }
            return;
        case Place::Kind::name:
            break;
    }
    if (options_.proxy && over_tcp(plan_.targets[target].speech)) {
        prepare(target, base::IpAddress{}, round);
        return;
    }
    const auto& found = names_[place.name];
    bool any = false;
    for (const auto* const family : {&found.v4, &found.v6}) {
        const auto usable = std::ranges::find_if(*family, may_be_tried);
        if (usable != family->end()) {
            prepare(target, *usable, round);
            any = true;
        }
    }
    const auto line = fmt::format("{}: led to no address that can be tried", place.name);
    if (!any && std::ranges::find(unresolved_, line) == unresolved_.end()) {
        unresolved_.push_back(line);
    }
}

void Audit::prepare(std::size_t number, const base::IpAddress& address, std::vector<Tried>& round) {
    const auto& target = plan_.targets[number];
    Attempt attempt;
    attempt.rows = target.rows;
    attempt.speech = target.speech;
    attempt.name = target.place.name;
    attempt.to = {address, target.port};
    attempt.at_responder = target.place.kind == Place::Kind::responder || options_.rehearsal;
    attempt.answer_is_due = target.answer_is_due;
    round.push_back({number, std::move(attempt), {}});
}

void Audit::make(std::vector<Tried> round, const MakeAll& make_all) {
    std::vector<Attempt> attempts;
    attempts.reserve(round.size());
    for (const auto& one : round) {
        attempts.push_back(one.attempt);
    }
    auto made = make_all(attempts);
    for (std::size_t i = 0; i < round.size(); ++i) {
        round[i].made = std::move(made[i]);
        tried_.push_back(std::move(round[i]));
    }
}

// One lost packet is no edge.
std::vector<Tried> Audit::once_more() const {
    std::vector<Tried> round;
    std::set<std::pair<std::size_t, bool>> chosen;
    for (const auto& range : plan_.ranges) {
        for (const bool v6 : {false, true}) {
            if (!passes_in_part(tries_of(range, plan_.targets, tried_, v6))) {
                continue;
            }
            for (const auto& one : tried_) {
                const bool of_range =
                    std::ranges::find(range.targets, one.target) != range.targets.end();
                if (of_range && one.attempt.to.address.is_v6() == v6 && one.made.from &&
                    !one.made.answered && one.attempt.answer_is_due &&
                    chosen.emplace(one.target, v6).second) {
                    round.push_back({one.target, one.attempt, {}});
                }
            }
        }
    }
    return round;
}

/// The port in the middle between two that fared differently, for each such pair.
std::vector<Tried> Audit::edges() {
    std::vector<Tried> round;
    for (auto& range : plan_.ranges) {
        for (const bool v6 : {false, true}) {
            const auto tries = tries_of(range, plan_.targets, tried_, v6);
            for (auto low = tries.begin(); low != tries.end(); ++low) {
                const auto high = std::next(low);
                if (high == tries.end()) {
                    break;
                }
                if (low->second == high->second || high->first - low->first < 2) {
                    continue;
                }
                const auto model = std::ranges::find_if(tried_, [&](const Tried& one) {
                    return one.attempt.to.address.is_v6() == v6 &&
                           std::ranges::find(range.targets, one.target) != range.targets.end();
                });
                if (!model->attempt.answer_is_due) {
                    continue;
                }
                Target target = plan_.targets[model->target];
                target.rows = {range.row};
                target.port =
                    static_cast<std::uint16_t>(low->first + (high->first - low->first) / 2);
                const auto address = model->attempt.to.address;
                plan_.targets.push_back(std::move(target));
                range.targets.push_back(plan_.targets.size() - 1);
                prepare(plan_.targets.size() - 1, address, round);
            }
        }
    }
    return round;
}

}  // namespace turnpike::probe
