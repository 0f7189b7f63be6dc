// The story of a flow and of a requirement, as text and as JSON.
#include "turnpike/report/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "store/sample_run.h"
#include "support/observation.h"
#include "turnpike/base/error.h"
#include "turnpike/store/reader.h"
#include "turnpike/store/writer.h"
#include "turnpike/verdict/evaluate.h"

namespace turnpike::report {
namespace {

using support::ObservationBuilder;
using support::port;
using support::revision;
using support::rule;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class ExplainTest : public ::testing::Test {
  protected:
    ExplainTest() {
        catalog_.push_back(revision(
            "acme", "calls",
            {rule("signal", {port(catalog::Transport::tcp, 443)}, {"*.acme.example.com"}),
             rule("media", {port(catalog::Transport::udp, 3478)}, {"turn.acme.example.com"})}));
        catalog_.push_back(revision(
            "aardvark", "calls",
            {rule("signal", {port(catalog::Transport::tcp, 443)}, {"*.aardvark.example.com"})}));
        built_.query("turn.acme.example.com", 0, {"203.0.113.9"});
        built_.ice("203.0.113.9", 3478, 1, false).stun.make().ice = false;
        built_.connection("203.0.113.1", 443, "evil\x1b[2J.acme.example.com", 2);
        built_.goes_on_until(20);
        store::Writer writer(path());
        writer.begin({support::at(0), "test", "0", ""});
        const auto result = verdict::evaluate(built_.observation, {&catalog_[1], &catalog_[0]});
        writer.write_facts(built_.observation);
        writer.write_verdicts(built_.observation, result);
        writer.end(built_.observation.quality, true);
    }

    std::string explain(std::string_view subject, report::Format format = report::Format::text) {
        store::Reader reader(path());
        std::string text;
        report::explain(reader, reader.runs().back(), subject, format, {},
                        [&text](std::string_view part) { text += part; });
        return text;
    }

    [[nodiscard]] std::filesystem::path path() const { return folder_ / "result.db"; }

    std::vector<catalog::Revision> catalog_;
    ObservationBuilder built_;
    test::TemporaryDirectory folder_;
};

TEST_F(ExplainTest, TellsAFlowInOrderOfPackets) {
    const auto text = explain("1");
    EXPECT_THAT(text, ContainsRegex("the client asks(.|\n)*the resolver answers(.|\n)*first packet"
                                    "(.|\n)*nothing ever came back"));
    EXPECT_THAT(text, HasSubstr("frame.number in {3, 4, 6}"));
    EXPECT_THAT(text, HasSubstr("ip.addr == 192.168.10.21 && udp.port == "));
    EXPECT_EQ(explain("flow 1"), text);
}

TEST(Explain, SaysOfARowThatIsBlockedByItsNamesThatTheyFailed) {
    const test::TemporaryDirectory folder;
    test::SampleRun().write(folder / "a.db");
    store::Reader reader(folder / "a.db");
    std::string text;
    report::explain(reader, reader.runs().back(), "chat", report::Format::text, {},
                    [&text](std::string_view part) { text += part; });
    EXPECT_THAT(text, HasSubstr("is blocked: names failed, and no flow was tried."));
    EXPECT_THAT(text, HasSubstr("Failed names: the resolver says"));
    EXPECT_THAT(text, Not(HasSubstr("0 blocked")));
}

TEST_F(ExplainTest, NamesWhatWorkedBesideAProbableBlock) {
    EXPECT_THAT(explain("1"),
                HasSubstr("Control: flow 2 worked within a minute: tcp 192.168.10.21 > "
                          "203.0.113.1 port 443"));
    EXPECT_THAT(explain("2"), Not(HasSubstr("Control:")));
}

TEST_F(ExplainTest, TellsARequirementWithItsFlows) {
    const auto text = explain("media");
    EXPECT_THAT(text, HasSubstr("rule media: udp 3478"));
    EXPECT_THAT(text, HasSubstr("1 blocked"));
    EXPECT_THAT(text, HasSubstr("Flow 1:"));
    EXPECT_EQ(explain("acme/calls udp 3478"), text);
}

TEST_F(ExplainTest, LeavesOutOtherVendorsWhoseRowsAreCalledAlike) {
    const auto text = explain("signal");
    EXPECT_THAT(text, StartsWith("acme/calls@"));
    EXPECT_THAT(text, Not(HasSubstr("aardvark")));
    EXPECT_THAT(text, HasSubstr("\n1 more row of that name saw no traffic.\n"));
    EXPECT_THAT(explain("signal", report::Format::json), Not(HasSubstr("aardvark")));
    EXPECT_THAT(explain("aardvark"), HasSubstr("is unmatched"));
}

TEST_F(ExplainTest, NothingFromTheNetworkReachesTheTerminal) {
    EXPECT_THAT(explain("signal"), Not(HasSubstr("\x1b")));
}

TEST_F(ExplainTest, AnUnknownRowIsAUsageError) {
    EXPECT_THROW(explain("nonsense"), base::Error);
    EXPECT_THROW(explain(""), base::Error);
}

TEST_F(ExplainTest, TellsItAsJson) {
    const auto flow = explain("1", report::Format::json);
    EXPECT_THAT(flow, HasSubstr(R"({"flows": [{"run_id": 1, "flow_id": 1, )"));
    EXPECT_THAT(flow, HasSubstr(R"("events": [{"run_id": 1, "flow_id": 1, "packet": )"));
    EXPECT_THAT(flow, HasSubstr(R"("filters": {"flow": "ip.addr == )"));
    EXPECT_THAT(explain("media", report::Format::json),
                HasSubstr(R"({"requirements": [{"run_id": 1, "vendor": "acme", )"));
    EXPECT_THAT(explain("2", report::Format::json), Not(HasSubstr("\x1b")));
    EXPECT_THROW(explain("1", report::Format::html), base::Error);
}

}  // namespace
}  // namespace turnpike::report
