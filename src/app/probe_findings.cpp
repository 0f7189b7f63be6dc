// Turns an audit's attempts into declarations for the verdicts, and into the sentences that it
// prints.
#include "app/probe_findings.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "turnpike/base/printable.h"

namespace turnpike::app {
namespace {

using probe::Tried;
using verdict::Outcome;

verdict::Witness witness_of(const Tried& one, bool tcp) {
    const auto& seen = *one.made.testimony;
    verdict::Witness witness;
    witness.words = seen.proofs > 0;
    witness.connected = seen.accepted > 0;
    witness.arrived = tcp ? seen.syns > 0 || witness.connected : witness.words;
    witness.answered = tcp ? seen.syns > 0 : seen.answers > 0;
    return witness;
}

/// SYNs came from addresses that may be this host's outside, or anybody's: that proves nothing.
bool is_ambiguous(const proof::Testimony& seen) {
    return seen.syns == 0 && seen.accepted == 0 && seen.strangers > 0;
}

bool answered_elsewhere(const std::vector<Tried>& tried, const Tried& one) {
    return std::ranges::any_of(tried, [&one](const Tried& other) {
        return other.target == one.target && other.attempt.to == one.attempt.to &&
               other.made.answered;
    });
}

/// The verdicts on attempts, by this host's end of them.
class Verdicts {
  public:
    Verdicts(const facts::Observation& observation, const verdict::RunResult& result) {
        for (std::size_t i = 0; i < result.flows.size(); ++i) {
            const auto& flow = observation.flows[i];
            by_end_[{flow.transport, flow.client().endpoint, flow.server().endpoint}] =
                &result.flows[i];
        }
    }
    /// Null if the capture has no packet of it.
    [[nodiscard]] const verdict::FlowVerdict* of(const Tried& one) const {
        const auto transport =
            probe::over_tcp(one.attempt.speech) ? facts::Transport::tcp : facts::Transport::udp;
        const auto found = by_end_.find({transport, one.made.from, one.made.to});
        return found == by_end_.end() ? nullptr : found->second;
    }

  private:
    std::map<std::tuple<facts::Transport, base::Endpoint, base::Endpoint>,
             const verdict::FlowVerdict*>
        by_end_;
};

struct Stretch {
    unsigned first = 0;
    unsigned last = 0;
    bool passes = false;
};

std::string ports_text(unsigned first, unsigned last) {
    return first == last ? fmt::format("{}", first) : fmt::format("{}-{}", first, last);
}

/// "1024-49151 pass, 49152-65535 are blocked", of the ports that were tried.
std::string stretches_text(const std::map<unsigned, bool>& ports) {
    std::vector<Stretch> stretches;
    for (const auto& [port, passes] : ports) {
        if (!stretches.empty() && stretches.back().passes == passes) {
            stretches.back().last = port;
        } else {
            stretches.push_back({port, port, passes});
        }
    }
    std::string text;
    for (const auto& stretch : stretches) {
        const bool one = stretch.first == stretch.last;
        text += fmt::format(
            "{}{} {}", text.empty() ? "" : ", ", ports_text(stretch.first, stretch.last),
            stretch.passes ? (one ? "passes" : "pass") : (one ? "is blocked" : "are blocked"));
    }
    return text;
}

class Findings {
  public:
    Findings(const probe::Audit& audit, const facts::Observation& observation,
             const verdict::RunResult& result)
        : audit_(audit), verdicts_(observation, result) {}

    std::vector<std::string> list() {
        opening();
        ranges();
        add("Tried in part", audit_.plan().in_part);
        add("Not probed", audit_.plan().not_probed);
        add("Not probed", audit_.unresolved());
        troubles();
        remarks();
        return std::move(lines_);
    }

  private:
    void opening() {
        const auto begun = std::ranges::count_if(
            audit_.tried(), [](const Tried& one) { return static_cast<bool>(one.made.from); });
        lines_.push_back(fmt::format(
            "AUDIT WITHOUT A CALL: {} attempts were made from this host, and only their packets "
            "were captured.",
            begun));
    }

    void add(std::string_view title, const std::vector<std::string>& lines) {
        for (const auto& line : lines) {
            lines_.push_back(fmt::format("{}: {}", title, line));
        }
    }

    void ranges() {
        for (const auto& range : audit_.plan().ranges) {
            for (const bool v6 : {false, true}) {
                tell(range, v6);
            }
        }
    }

    void tell(const probe::Range& range, bool v6) {
        std::map<unsigned, bool> ports;  // passed in any try
        for (const auto& one : audit_.tried()) {
            const auto* const verdict = verdicts_.of(one);
            if (verdict == nullptr || one.attempt.to.address.is_v6() != v6 ||
                std::ranges::find(range.targets, one.target) == range.targets.end() ||
                verdict->outcome == Outcome::inconclusive) {
                continue;
            }
            ports[one.attempt.to.port] |= verdict->outcome == Outcome::passed;
        }
        if (ports.empty()) {
            return;
        }
        const auto all = probe::ports_of(*range.row.port);
        lines_.push_back(fmt::format(
            "{}{}: {} of {} tried{} {}", probe::describe(range.row), v6 ? " over IPv6" : "",
            base::grouped(ports.size()), base::counted(all, "port"),
            ports.size() < all ? "; of these" : ":", stretches_text(ports)));
    }

    /// What never left this host, by reason.
    void troubles() {
        std::map<std::string, std::set<std::string>> by_reason;
        for (const auto& one : audit_.tried()) {
            const auto where = base::to_string(one.attempt.to);
            if (!one.made.trouble.empty()) {
                by_reason[one.made.trouble].insert(where);
            } else if (one.made.from && verdicts_.of(one) == nullptr) {
                by_reason["this host's own firewall let no packet of it out"].insert(where);
            }
        }
        for (const auto& [reason, places] : by_reason) {
            lines_.push_back(fmt::format(
                "Not probed: {} ({}{})", reason, *places.begin(),
                places.size() > 1 ? fmt::format(" and {} more", places.size() - 1) : ""));
        }
    }

    void remarks() {
        std::set<std::string> told;
        for (const auto& one : audit_.tried()) {
            if (!one.made.remark.empty() && told.insert(one.made.remark).second) {
                lines_.push_back(one.made.remark);
            }
        }
    }

    const probe::Audit& audit_;
    Verdicts verdicts_;
    std::vector<std::string> lines_;
};

}  // namespace

verdict::Declarations declare(const std::vector<Tried>& tried) {
    verdict::Declarations declarations;
    for (const auto& one : tried) {
        if (!one.made.from) {
            continue;
        }
        const bool tcp = probe::over_tcp(one.attempt.speech);
        verdict::Declared declared;
        for (const auto& row : one.attempt.rows) {
            declared.rows.push_back({row.revision, row.rule, row.port});
        }
        declared.answer_is_due = one.attempt.answer_is_due;
        // Where another try got through, a packet was lost, and nothing is blocked.
        if (one.made.testimony && !is_ambiguous(*one.made.testimony) &&
            (one.made.answered || !answered_elsewhere(tried, one))) {
            declared.witness = witness_of(one, tcp);
        }
        const auto transport = tcp ? facts::Transport::tcp : facts::Transport::udp;
        if (one.made.check_from) {
            auto check = declared;
            check.witness.reset();
            declarations.add(transport, one.made.check_from, one.made.to, std::move(check));
        }
        declarations.add(transport, one.made.from, one.made.to, std::move(declared));
    }
    return declarations;
}

void advise_without_a_call(std::vector<verdict::Headline>& headlines) {
    constexpr std::string_view of_a_call = "Make a call ";
    for (auto& headline : headlines) {
        auto& advice = headline.advice;
        const auto begin = advice.find(of_a_call);
        if (begin == std::string::npos) {
            continue;
        }
        const auto end = std::min(advice.find(". ", begin), advice.size() - 1) + 1;
        advice.replace(begin, end - begin,
                       "See below what was not probed; name its servers with --name, and run "
                       "'turnpike respond' outside for what needs a far end (--responder).");
    }
}

std::vector<std::string> findings(const probe::Audit& audit, const facts::Observation& observation,
                                  const verdict::RunResult& result) {
    return Findings(audit, observation, result).list();
}

}  // namespace turnpike::app
