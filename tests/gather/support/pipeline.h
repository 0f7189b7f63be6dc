// What happens to packets in a live run, without threads, sources and a database: inspected,
// harvested, merged, judged, and let go.
#pragma once

#include <string_view>
#include <vector>

#include "inspect/support/messages.h"
#include "inspect/support/scene.h"
#include "support/observation.h"
#include "turnpike/gather/retention.h"
#include "turnpike/gather/window.h"
#include "turnpike/verdict/evaluate.h"
#include "turnpike/verdict/ledger.h"

namespace turnpike::gather::test {

/// A vendor with signalling on *.acme.example.com, TCP 443, and a relay on UDP 3478.
inline catalog::Revision acme() {
    using support::port;
    return support::revision(
        "acme", "calls",
        {support::rule("signal", {port(catalog::Transport::tcp, 443)}, {"*.acme.example.com"}),
         support::rule("media", {port(catalog::Transport::udp, 3478)}, {"turn.acme.example.com"}),
         support::any_rule("direct")});
}

class Pipeline {
  public:
    Pipeline() : revision_(acme()), index_(std::vector<const catalog::Revision*>{&revision_}) {}

    inspect::test::Scene& scene() { return scene_; }
    const Window& window() const { return window_; }
    const verdict::Ledger& ledger() const { return ledger_; }
    /// Of the last round. Its flows and names are not in the window any more.
    const verdict::RunResult& result() const { return result_; }
    /// Rows that the inspector holds, of the kind that it has most of.
    std::size_t held() {
        const auto& seen = scene_.inspector().observation();
        return std::max({seen.flows.size(), seen.dns.size(), seen.hellos.size(), seen.stun.size(),
                         seen.rtp.size(), seen.icmp.size()});
    }

    /// What is done once a second. What is on its way out leaves after `result` was made.
    void round() {
        auto harvest = scene_.inspector().harvest(scene_.now());
        window_.accept({&harvest, 1});
        window_.advance(scene_.now());
        result_ = verdict::evaluate(window_.observation(), index_, {.past = &ledger_});
        window_.committed();
        const auto kept = retention_.choose(window_, result_, index_);
        ledger_.settle(window_.observation(), result_, index_, kept.flows,
                       kept.rows.of<facts::DnsKind>());
        window_.drop(kept);
    }
    void rounds(int count) {
        for (int i = 0; i < count; ++i) {
            scene_.wait(std::chrono::seconds{1});
            scene_.other_frame();
            round();
        }
    }
    const verdict::RequirementVerdict& requirement(std::string_view rule) const {
        for (const auto& verdict : result_.requirements) {
            if (verdict.requirement.rule->id == rule) {
                return verdict;
            }
        }
        throw std::runtime_error("no such requirement");
    }

  private:
    static inspect::Options options() {
        inspect::Options options;
        options.hash_seed = 1;
        options.harvested = true;
        options.look_ahead_packets = 1;
        return options;
    }
    catalog::Revision revision_;
    catalog::Index index_;
    inspect::test::Scene scene_{options()};
    Window window_;
    Retention retention_;
    verdict::Ledger ledger_;
    verdict::RunResult result_;
};

}  // namespace turnpike::gather::test
