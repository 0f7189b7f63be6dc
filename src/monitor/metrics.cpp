// Keeps Prometheus metrics in step with the state of a live run.
#include "turnpike/monitor/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>

#include "monitor/wording.h"

namespace turnpike::monitor {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Labels;
using prometheus::Registry;

Family<Counter>& counters(Registry& registry, const char* name, const char* help) {
    return BuildCounter().Name(name).Help(help).Register(registry);
}

Family<Gauge>& gauges(Registry& registry, const char* name, const char* help) {
    return BuildGauge().Name(name).Help(help).Register(registry);
}

Counter& counter(Registry& registry, const char* name, const char* help) {
    return counters(registry, name, help).Add({});
}

Gauge& gauge(Registry& registry, const char* name, const char* help) {
    return gauges(registry, name, help).Add({});
}

// The State holds sums, the library counts up. Doubles hold 2^53 exactly: 9 petabytes.
void raise(Counter& metric, std::uint64_t sum) {
    const double more = static_cast<double>(sum) - metric.Value();
    if (more > 0) {
        metric.Increment(more);
    }
}

double seconds(base::Timestamp time) {
    return std::chrono::duration<double>(time.time_since_epoch()).count();
}

// Verdicts of finished flows; a flow that fits no rule is judged as well.
std::string outcome_label(const std::string& outcome) {
    return outcome.empty() ? "none" : outcome;
}

// Pairs of protocol and reason that get a series of their own. turnpike knows about twenty
// protocols and seven reasons.
constexpr std::size_t most_problems = 200;

}  // namespace

struct Metrics::Families {
    explicit Families(const std::string& version) {
        gauges(registry, "turnpike_build_info", "1, labelled with the version.")
            .Add({{"version", version}})
            .Set(1);
        for (const char* outcome : {"passed", "blocked", "inconclusive"}) {
            finished.Add({{"outcome", outcome}});  // zero is a value; absence is not
        }
    }

    void update_requirements(const State& state);
    void update_problems(const State& state);
    void update_flows(const State& state);
    void update_changes(const State& state);

    Registry registry;
    Counter& packets = counter(registry, "turnpike_packets_total", "Packets captured.");
    Counter& octets = counter(registry, "turnpike_bytes_total", "Bytes of the packets captured.");
    Family<Counter>& drops =
        counters(registry, "turnpike_packets_dropped_total",
                 "Packets lost before they were inspected, by the place that lost them; turnpike: "
                 "facts that found no room in memory or on disk.");
    Counter& by_kernel = drops.Add({{"place", "kernel"}});
    Counter& by_interface = drops.Add({{"place", "interface"}});
    Counter& by_turnpike = drops.Add({{"place", "turnpike"}});
    Counter& unseen = counter(registry, "turnpike_unseen_bytes_total",
                              "Bytes that the far side acknowledged but the capture never saw.");
    Counter& duplicates = counter(registry, "turnpike_packets_duplicate_total",
                                  "Mirror copies of packets, set aside.");
    Counter& malformed = counter(registry, "turnpike_packets_malformed_total",
                                 "Packets whose headers could not be decoded.");
    Family<Counter>& problems =
        counters(registry, "turnpike_decode_errors_total",
                 "Messages that could not be decoded, by protocol and reason.");
    Gauge& active = gauge(registry, "turnpike_flows_active", "Flows that are going on.");
    Family<Counter>& finished =
        counters(registry, "turnpike_flows_total", "Finished flows by their last verdict.");
    Family<Gauge>& judged = gauges(registry, "turnpike_flows_judged",
                                   "Flows of vendors by their present verdict, finished or not.");
    Gauge& passed = judged.Add({{"outcome", "passed"}});
    Gauge& blocked = judged.Add({{"outcome", "blocked"}});
    Gauge& inconclusive = judged.Add({{"outcome", "inconclusive"}});
    Family<Gauge>& requirements =
        gauges(registry, "turnpike_requirements", "Requirements of a product by their status.");
    std::map<Labels, Gauge*> requirement_gauges;
    Family<Counter>& changes = counters(registry, "turnpike_requirement_changes_total",
                                        "Changes of requirements, by the status they came to.");
    Gauge& warnings = gauge(registry, "turnpike_warnings",
                            "Things that limit every verdict just now, such as loss.");
    Gauge& store_ok = gauge(registry, "turnpike_store_ok",
                            "1 while results are stored; 0 while the disk is full or similar.");
    Counter& notices = counter(registry, "turnpike_notices_total",
                               "Things that happened to the capture, such as an interface down.");
    Gauge& updated =
        gauge(registry, "turnpike_last_update_timestamp_seconds", "When these numbers were taken.");
    Gauge& memory = gauge(registry, "process_resident_memory_bytes", "Resident memory.");
    Gauge& started = gauge(registry, "process_start_time_seconds", "When the run began.");
    std::size_t problem_series = 0;
};

void Metrics::Families::update_requirements(const State& state) {
    std::map<Labels, StatusCounts> products;
    for (const auto& row : state.requirements) {
        products[{{"vendor", row.vendor}, {"product", row.product}, {"revision", row.revision}}]
            .add(row.status);
    }
    std::map<Labels, Gauge*> now;
    for (const auto& [product, counts] : products) {
        for (const auto& [status, count] :
             {std::pair{"observed", counts.observed}, std::pair{"blocked", counts.blocked},
              std::pair{"inconclusive", counts.inconclusive},
              std::pair{"unmatched", counts.unmatched}}) {
            Labels labels = product;
            labels.emplace("status", status);
            Gauge& metric = requirements.Add(labels);
            metric.Set(static_cast<double>(count));
            now.emplace(std::move(labels), &metric);
        }
    }
    // Products that a reread catalog no longer has.
    for (const auto& [labels, metric] : requirement_gauges) {
        if (!now.contains(labels)) {
            requirements.Remove(metric);
        }
    }
    requirement_gauges = std::move(now);
}

void Metrics::Families::update_problems(const State& state) {
    std::uint64_t others = 0;
    for (const auto& problem : state.problems) {
        const Labels labels{{"protocol", problem.protocol}, {"reason", problem.reason}};
        if (!problems.Has(labels)) {
            if (problem_series == most_problems) {
                others += problem.count;
                continue;
            }
            ++problem_series;
        }
        raise(problems.Add(labels), problem.count);
    }
    if (others != 0) {
        raise(problems.Add({{"protocol", "other"}, {"reason", "other"}}), others);
    }
}

void Metrics::Families::update_flows(const State& state) {
    active.Set(static_cast<double>(state.counters.flows_active));
    passed.Set(static_cast<double>(state.counters.flows_passed));
    blocked.Set(static_cast<double>(state.counters.flows_blocked));
    inconclusive.Set(static_cast<double>(state.counters.flows_inconclusive));
    for (const auto& flow : state.finished) {
        finished.Add({{"outcome", outcome_label(flow.outcome)}}).Increment();
    }
}

void Metrics::Families::update_changes(const State& state) {
    for (const auto& change : state.changes) {
        if (change.requirement < state.requirements.size()) {
            changes.Add({{"status", state.requirements[change.requirement].status}}).Increment();
        }
    }
    notices.Increment(static_cast<double>(state.notices.size()));
}

Metrics::Metrics(const std::string& version) : families_(std::make_unique<Families>(version)) {}

Metrics::~Metrics() = default;

void Metrics::update(const State& state) {
    Families& to = *families_;
    const Counters& now = state.counters;
    raise(to.packets, now.packets);
    raise(to.octets, now.octets);
    raise(to.by_kernel, now.dropped_by_kernel);
    raise(to.by_interface, now.dropped_by_interface);
    raise(to.by_turnpike, now.dropped_by_turnpike);
    raise(to.unseen, now.unseen_octets);
    raise(to.duplicates, now.duplicates);
    raise(to.malformed, now.malformed);
    to.update_flows(state);
    to.update_requirements(state);
    to.update_changes(state);
    to.update_problems(state);
    to.warnings.Set(static_cast<double>(state.warnings.size()));
    to.store_ok.Set(state.trouble.empty() ? 1 : 0);
    to.memory.Set(static_cast<double>(now.resident_octets));
    to.started.Set(seconds(state.started));
    to.updated.Set(seconds(state.now));
}

std::string Metrics::text() const {
    return prometheus::TextSerializer{}.Serialize(families_->registry.Collect());
}

}  // namespace turnpike::monitor
