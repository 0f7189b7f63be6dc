// The JSON lines of a live run: columns, hostile text, slow readers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "monitor/json_object.h"
#include "monitor/pipe.h"
#include "monitor/sample_state.h"
#include "turnpike/base/json_text.h"
#include "turnpike/monitor/lines.h"

namespace turnpike::monitor {
namespace {

TEST(JsonLines, AChangeHasTheColumnsOfTheView) {
    const Pipe pipe;
    JsonLines lines(pipe.writer());
    ASSERT_TRUE(lines.update(sample_state()));
    EXPECT_EQ(pipe.read(),
              R"({"type": "requirement", "time": "2026-09-21T14:14:54.000000Z", "vendor": "zoom", )"
              R"("product": "meetings", "revision": "undated", "rule_id": "meetings-udp", )"
              R"("purpose": "meetings media", "level": "required", "transport": "udp", )"
              R"("ports": "8801-8810", "destination": "*.zoom.us, *.zoom.com", )"
              R"("status": "blocked", "previous_status": "inconclusive", )"
              R"("block_reason": "udp_timeout", "stage": "transport", "grade": "B", )"
              R"("inconclusive_reason": null, "flows_passed": 1, "flows_blocked": 3, )"
              R"("flows_inconclusive": 5, "first_seen": "2026-09-21T14:13:30.000000Z", )"
              R"("last_seen": "2026-09-21T14:14:52.000000Z", )"
              R"("evidence": "flow 12: 10.1.2.3:50200 > 170.114.20.9:8801, stun, 7 requests )"
              R"(unanswered"})"
              "\n");
}

TEST(JsonLines, AFinishedFlowHasTheColumnsOfTheView) {
    const Pipe pipe;
    JsonLines lines(pipe.writer());
    State state;
    FinishedFlow flow;
    flow.flow_id = 7;
    flow.transport = "tcp";
    flow.client = {*base::IpAddress::parse("10.1.2.3"), 50123};
    flow.server = {*base::IpAddress::parse("2001:db8::1"), 443};
    flow.first_seen = base::from_nanoseconds(1'790'000'000'123'456'789);
    flow.last_seen = at(2);
    flow.packets_out = 10;
    flow.packets_in = 12;
    flow.bytes_out = 1000;
    flow.bytes_in = 18'446'744'073'709'551'615U;
    flow.protocol = "tls";
    flow.server_name = "us04web.zoom.us";
    flow.outcome = "passed";
    flow.vendor = "zoom";
    flow.product = "meetings";
    flow.revision = "undated";
    flow.rule_id = "web";
    flow.confidence = "exact";
    state.finished = {flow};
    ASSERT_TRUE(lines.update(state));
    EXPECT_EQ(pipe.read(),
              R"({"type": "flow", "flow_id": 7, "transport": "tcp", "client_ip": "10.1.2.3", )"
              R"("client_port": 50123, "server_ip": "2001:db8::1", "server_port": 443, )"
              R"("first_seen": "2026-09-21T14:13:20.123456Z", )"
              R"("last_seen": "2026-09-21T14:13:22.000000Z", "packets_out": 10, )"
              R"("packets_in": 12, "bytes_out": 1000, "bytes_in": 18446744073709551615, )"
              R"("protocol": "tls", "server_name": "us04web.zoom.us", "outcome": "passed", )"
              R"("block_reason": null, "stage": null, "grade": null, )"
              R"("inconclusive_reason": null, "vendor": "zoom", "product": "meetings", )"
              R"("revision": "undated", "rule_id": "web", "confidence": "exact"})"
              "\n");
}

TEST(JsonLines, AnythingBecomesValidTextOnOneLine) {
    EXPECT_EQ(base::shown_json_string("a\"b\\c"), R"("a\"b\\c")");
    EXPECT_EQ(base::shown_json_string("a\nb\x01\x7f"), R"("a b\\x01\\x7f")");
    EXPECT_EQ(base::shown_json_string("caf\xc3\xa9 \xff\xc3"), "\"caf\xc3\xa9 \\\\xff\\\\xc3\"");
    EXPECT_EQ(base::shown_json_string(std::string_view("\0", 1)), R"("\\x00")");
}

TEST(JsonLines, SaysWhatASlowReaderMissed) {
    const Pipe pipe;
    JsonLines lines(pipe.writer());
    State state;
    state.notices.assign(20'000, std::string(1000, 'x'));
    ASSERT_TRUE(lines.update(state)) << "20 MB into a pipe that nobody reads";
    state.notices.clear();
    std::string got;
    for (std::string piece; !(piece = pipe.read()).empty();) {
        got += piece;
        ASSERT_TRUE(lines.update(state));
    }
    const auto lost = got.find(R"({"type": "lost", )");
    ASSERT_NE(lost, std::string::npos);
    const auto kept = static_cast<std::size_t>(std::ranges::count(got, '\n')) - 1;
    EXPECT_THAT(got.substr(lost),
                testing::HasSubstr("\"lines\": " + std::to_string(20'000 - kept) + "}\n"));
    EXPECT_THAT(got, testing::EndsWith("}\n"));
}

TEST(JsonLines, SaysThatTheReaderIsGone) {
    Pipe pipe;
    JsonLines lines(pipe.writer());
    pipe.close_reader();
    EXPECT_FALSE(lines.update(sample_state()));
}

}  // namespace
}  // namespace turnpike::monitor
