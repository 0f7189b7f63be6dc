// A small catalog and harvests made by hand, for tests of what a live run does with them.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/live_catalog.h"
#include "app/live_judgement.h"
#include "app/live_rounds.h"
#include "app/program.h"
#include "store/sample_run.h"
#include "support/observation.h"

namespace turnpike::test {

/// A catalog of one product with these rules.
inline std::string catalog_of(std::string_view rules) {
    return R"(vendor: acme
name: Acme
products:
  - product: calls
    name: Calls
    revisions:
      - revision: undated
        source: {title: Test, location: here, kind: vendor}
        rules:
)" + std::string(rules);
}

inline std::string calls_catalog() {
    return catalog_of(R"(          - id: signaling
            purpose: signaling
            ports: {tcp: [443]}
            names: "*.acme.example.com"
          - id: media
            purpose: media
            ports: {udp: [3478]}
            networks: [203.0.113.0/24]
)");
}

/// A folder with the catalog above in it.
class CatalogFolder {
  public:
    CatalogFolder() {
        std::filesystem::create_directory(places().front());
        write(calls_catalog());
    }
    void write(std::string_view text) const { write_file(document(), text); }
    [[nodiscard]] std::filesystem::path document() const { return places().front() / "acme.yaml"; }
    [[nodiscard]] std::vector<std::filesystem::path> places() const {
        return {directory_ / "catalog"};
    }
    [[nodiscard]] std::filesystem::path operator/(const char* name) const {
        return directory_ / name;
    }
    [[nodiscard]] const std::filesystem::path& path() const { return directory_.path(); }
    std::shared_ptr<const app::LiveCatalog> load() const {
        return std::make_shared<const app::LiveCatalog>(places(), app::AnalyzeOptions{});
    }

  private:
    TemporaryDirectory directory_;
};

/// All that was built, as one worker's harvest: every flow has ended or none has.
inline inspect::Harvest harvest_of(const facts::Observation& observation, bool ended) {
    inspect::Harvest harvest;
    for (const auto& flow : observation.flows) {
        harvest.flows.push_back({flow, ended});
    }
    harvest.quality = observation.quality;
    harvest.flows_followed = ended ? 0 : observation.flows.size();
    return harvest;
}

inline app::Round round_of(const facts::Observation& observation, double until,
                           bool ended = false) {
    app::Round round{support::at(until), {}};
    round.harvests.push_back(harvest_of(observation, ended));
    return round;
}

/// The verdict on the rule's only requirement.
inline const verdict::RequirementVerdict& requirement(const app::LiveJudgement& judgement,
                                                      std::string_view rule) {
    for (const auto& verdict : judgement.result().requirements) {
        if (verdict.requirement.rule->id == rule) {
            return verdict;
        }
    }
    throw std::runtime_error("no such requirement");
}

}  // namespace turnpike::test
