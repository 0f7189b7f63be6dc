// The metrics: what they tell, that counters only rise, and how many series there can be.
#include "turnpike/monitor/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>

#include "monitor/sample_state.h"

namespace turnpike::monitor {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Metrics, TellEverythingThatIsCounted) {
    Metrics metrics("1.2.3");
    State state = sample_state();
    Counters& counters = state.counters;
    counters.dropped_by_kernel = 11;
    counters.dropped_by_interface = 12;
    counters.dropped_by_turnpike = 13;
    counters.unseen_octets = 14;
    counters.duplicates = 15;
    counters.malformed = 16;
    state.problems = {{"tls", "bad length", 17}};
    state.warnings = {"loss"};
    FinishedFlow flow;
    flow.outcome = "blocked";
    state.finished = {flow, flow, {}};
    metrics.update(state);
    const auto text = metrics.text();
    for (const char* line : {
             "# TYPE turnpike_packets_total counter\nturnpike_packets_total 1234567\n",
             "\nturnpike_bytes_total 987654321\n",
             "\nturnpike_packets_dropped_total{place=\"kernel\"} 11\n",
             "\nturnpike_packets_dropped_total{place=\"interface\"} 12\n",
             "\nturnpike_packets_dropped_total{place=\"turnpike\"} 13\n",
             "\nturnpike_unseen_bytes_total 14\n",
             "\nturnpike_packets_duplicate_total 15\n",
             "\nturnpike_packets_malformed_total 16\n",
             "\nturnpike_decode_errors_total{protocol=\"tls\",reason=\"bad length\"} 17\n",
             "\nturnpike_flows_active 12\n",
             "\nturnpike_flows_total{outcome=\"blocked\"} 2\n",
             "\nturnpike_flows_total{outcome=\"none\"} 1\n",
             "\nturnpike_flows_total{outcome=\"passed\"} 0\n",
             "\nturnpike_flows_judged{outcome=\"passed\"} 300\n",
             "\nturnpike_requirements{product=\"meetings\",revision=\"undated\",status=\"blocked\","
             "vendor=\"zoom\"} 1\n",
             "\nturnpike_requirements{product=\"phone\",revision=\"undated\",status=\"observed\","
             "vendor=\"zoom\"} 0\n",
             "\nturnpike_requirement_changes_total{status=\"blocked\"} 1\n",
             "\nturnpike_warnings 1\n",
             "\nturnpike_store_ok 1\n",
             "\nturnpike_last_update_timestamp_seconds 1790000095\n",
             "\nprocess_resident_memory_bytes 45000000\n",
             "\nprocess_start_time_seconds 1790000000\n",
             "turnpike_build_info{version=\"1.2.3\"} 1\n",
         }) {
        EXPECT_THAT(text, HasSubstr(line));
    }
}

TEST(Metrics, CountersOnlyRise) {
    Metrics metrics("1");
    State state = sample_state();
    FinishedFlow flow;
    flow.outcome = "passed";
    state.finished = {flow};
    metrics.update(state);
    metrics.update(state);
    EXPECT_THAT(metrics.text(), HasSubstr("\nturnpike_packets_total 1234567\n"));
    EXPECT_THAT(metrics.text(), HasSubstr("\nturnpike_flows_total{outcome=\"passed\"} 2\n"));
    state.counters.packets = 5;
    state.trouble = "disk full";
    metrics.update(state);
    EXPECT_THAT(metrics.text(), HasSubstr("\nturnpike_packets_total 1234567\n"));
    EXPECT_THAT(metrics.text(), HasSubstr("\nturnpike_store_ok 0\n"));
}

TEST(Metrics, ForgetProductsThatTheCatalogDropped) {
    Metrics metrics("1");
    State state = sample_state();
    metrics.update(state);
    EXPECT_THAT(metrics.text(), HasSubstr("product=\"phone\""));
    state.requirements.resize(6);
    state.changes = {{at(1), "", 1000}};
    metrics.update(state);
    EXPECT_THAT(metrics.text(), Not(HasSubstr("product=\"phone\"")));
    EXPECT_THAT(metrics.text(), HasSubstr("product=\"meetings\""));
}

TEST(Metrics, SeriesAreBounded) {
    Metrics metrics("1");
    State state;
    for (int i = 0; i < 1000; ++i) {
        state.problems.push_back({"protocol " + std::to_string(i), "bad", 2});
    }
    metrics.update(state);
    metrics.update(state);
    const auto text = metrics.text();
    EXPECT_THAT(text, HasSubstr("{protocol=\"other\",reason=\"other\"} 1600\n"));
    EXPECT_LT(text.size(), 50'000U);
}

TEST(Metrics, TheSampleAlertsNameOnlyWhatExists) {
    std::ostringstream alerts;
    alerts << std::ifstream(TURNPIKE_SOURCE_DIR "/packaging/turnpike.alerts.yml").rdbuf();
    Metrics metrics("1");
    State state = sample_state();
    metrics.update(state);
    const std::string known = metrics.text();
    const std::string text = alerts.str();
    const std::regex name("(turnpike|process)_[a-z_]+");
    std::size_t found = 0;
    for (std::sregex_iterator at(text.begin(), text.end(), name), end; at != end; ++at) {
        EXPECT_THAT(known, HasSubstr("# TYPE " + at->str() + " "));
        ++found;
    }
    EXPECT_GT(found, 8U);
}

}  // namespace
}  // namespace turnpike::monitor
