// A run that is written while it goes on ends as one that is written at once.
#include "turnpike/store/live_writer.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "store/live_run.h"
#include "store/schema.h"
#include "turnpike/base/error.h"

namespace turnpike {
namespace {

using store::Access;
using store::Database;
using store::LiveWriter;
using test::content_of;
using test::LiveChanges;
using test::SampleRun;
using test::scalar;
using test::TemporaryDirectory;

// A sample and the live writer it goes to.
class LiveWriterTest : public testing::Test {
  protected:
    LiveWriterTest() : writer(directory / "live.db") { writer.begin(sample.start); }

    void commit() { writer.commit(changes.of(sample)); }
    std::string ask(const std::string& sql) {
        Database database(directory / "live.db", Access::read_only);
        return scalar(database, sql);
    }
    // What another program sees must be whole at any time.
    void expect_sound() {
        EXPECT_EQ(ask("PRAGMA integrity_check"), "ok");
        EXPECT_EQ(ask("PRAGMA foreign_key_check"), "no row");
    }

    TemporaryDirectory directory;
    SampleRun sample;
    LiveChanges changes{sample};
    LiveWriter writer;
};

TEST_F(LiveWriterTest, EndsWithWhatTheOneShotWriterWrites) {
    // Half of the flows first, with verdicts that change later.
    const auto final_result = sample.result;
    changes.clear();
    changes.flows = changes.verdicts = {0, 1, 2, 3};
    changes.dns = {0, 1};
    changes.hellos = changes.stun = changes.icmp = {0};
    sample.result.flows[3] = sample.result.flows[2];
    sample.result.requirements[0].status = verdict::Status::unmatched;
    sample.result.requirements[0].flows.clear();
    sample.result.requirements[3].flows.clear();
    sample.result.undocumented.clear();
    sample.result.warnings = {"The capture began a moment ago", "and is short"};
    sample.result.domains.pop_back();
    commit();
    sample.result = final_result;
    changes = LiveChanges{sample};
    commit();
    commit();  // and once more, as nothing was lost meanwhile
    expect_sound();
    writer.end(true);
    sample.write(directory / "once.db");
    const auto live = content_of(directory / "live.db", 1);
    EXPECT_GT(live.size(), 50U);
    EXPECT_EQ(live, content_of(directory / "once.db", 1));
}

TEST_F(LiveWriterTest, IsIncompleteUntilItsEndAndLeavesOneFile) {
    commit();
    EXPECT_EQ(ask("SELECT complete || ' ' || packets || ' ' || flows || ' ' || bytes_unseen "
                  "FROM runs"),
              "0 1000 7 1460");
    EXPECT_EQ(ask("PRAGMA journal_mode"), "wal");
    writer.end(true);
    EXPECT_EQ(ask("SELECT complete FROM runs"), "1");
    EXPECT_FALSE(std::filesystem::exists(directory / "live.db-wal"));
}

TEST_F(LiveWriterTest, NothingWaitsForAnAnswerAfterItsEnd) {
    sample.result.flows[4].inconclusive = verdict::InconclusiveReason::waiting;
    commit();
    const auto* const reason = "SELECT inconclusive_reason FROM flows WHERE flow_id = 5";
    EXPECT_EQ(ask(reason), "waiting");
    writer.end(true);
    EXPECT_EQ(ask(reason), "capture_ended");
}

TEST_F(LiveWriterTest, WritesFactsOverWhatTheyWere) {
    commit();
    sample.observation.flows[1].client().packets = 99;
    sample.observation.stun[0].error_code = 403;
    sample.observation.dns[1].rcode = 2;
    changes.clear();
    changes.flows = {1};
    changes.stun = {0};
    changes.dns = {1};
    commit();
    EXPECT_EQ(ask("SELECT packets_out FROM flows WHERE flow_id = 2"), "99");
    EXPECT_EQ(ask("SELECT outcome FROM flows WHERE flow_id = 2"), "passed");
    EXPECT_EQ(ask("SELECT error_code FROM stun_transactions"), "403");
    EXPECT_EQ(ask("SELECT group_concat(rcode) FROM dns_queries"), "NOERROR,SERVFAIL,NOERROR");
    EXPECT_EQ(ask("SELECT count(*) FROM flows"), "7");
}

TEST_F(LiveWriterTest, KeepsWhatLeftMemory) {
    commit();
    // Only the last flow is left, at another index than before.
    sample.observation.flows.erase(sample.observation.flows.begin(),
                                   sample.observation.flows.begin() + 6);
    sample.result.flows.erase(sample.result.flows.begin(), sample.result.flows.begin() + 6);
    sample.observation.dns.clear();
    sample.observation.hellos.clear();
    sample.result.undocumented.clear();
    for (auto& requirement : sample.result.requirements) {
        requirement.flows.clear();
        requirement.dns_queries.clear();
    }
    auto& signalling = sample.result.requirements[0];
    signalling.flows = {0};
    signalling.earlier_flows = {2, 4711};  // the latter was written to an earlier file
    sample.result.requirements[4].earlier_queries = {2};
    changes.clear();
    changes.flows = changes.verdicts = {0};
    commit();
    EXPECT_EQ(ask("SELECT count(*) FROM flows"), "7");
    EXPECT_EQ(ask("SELECT count(*) FROM tls_hellos"), "1");
    EXPECT_EQ(ask("SELECT flow_id FROM undocumented"), "6");
    EXPECT_EQ(ask("SELECT group_concat(flow_id) FROM evidence WHERE rule_id = 'signalling'"),
              "7,2");
    EXPECT_EQ(ask("SELECT qname FROM dns_evidence WHERE rule_id = 'chat'"), "chat.acme.example");
    expect_sound();
}

TEST_F(LiveWriterTest, AnUndocumentedFlowMayFindItsRule) {
    commit();
    sample.result.undocumented.clear();
    changes.clear();
    commit();
    EXPECT_EQ(ask("SELECT count(*) FROM undocumented"), "0");
}

TEST_F(LiveWriterTest, ReplacesCandidatesAndStoriesOfAFlow) {
    sample.observation.flows[3].tcp.make().syn = test::mark(40, 4000);
    commit();
    const std::string events = ask("SELECT count(*) FROM flow_events WHERE flow_id = 4");
    EXPECT_NE(events, "0");
    EXPECT_EQ(ask("SELECT count(*) FROM flow_candidates"), "2");
    commit();
    EXPECT_EQ(ask("SELECT count(*) FROM flow_events WHERE flow_id = 4"), events);
    EXPECT_EQ(ask("SELECT count(*) FROM flow_candidates"), "2");
    sample.result.flows[3].attribution.make().rules.clear();
    commit();
    EXPECT_EQ(ask("SELECT count(*) FROM flow_events WHERE flow_id = 4"), "0");
    EXPECT_EQ(ask("SELECT count(*) FROM flow_candidates"), "0");
}

TEST_F(LiveWriterTest, FollowsAReloadedCatalog) {
    commit();
    const std::string id =
        "SELECT q.id FROM requirement q JOIN rule r ON r.id = q.rule WHERE r.rule_id = 'media'";
    const std::string media = ask(id);
    // The same names at other addresses: chat is gone, video is new, media is worded anew.
    catalog::Revision reloaded = sample.meet;
    reloaded.rules.erase(reloaded.rules.begin() + 4);
    reloaded.rules.push_back(reloaded.rules[0]);
    reloaded.rules.back().id = "video";
    reloaded.rules[3].purpose = "Media, straight";
    auto& result = sample.result;
    result.considered = {&reloaded};
    result.requirements.erase(result.requirements.begin() + 4, result.requirements.end());
    for (std::size_t i = 0; i < 4; ++i) {
        result.requirements[i].requirement = {&reloaded, &reloaded.rules[i],
                                              &reloaded.rules[i].ports[0]};
    }
    result.requirements.emplace_back().requirement = {&reloaded, &reloaded.rules[5],
                                                      &reloaded.rules[5].ports[0]};
    result.domains.clear();
    result.alternatives.clear();
    result.undocumented.clear();
    changes.clear();
    commit();
    EXPECT_EQ(ask("SELECT group_concat(rule_id) FROM requirements"),
              "signalling,turn-udp,turn-tls,media,video");
    EXPECT_EQ(ask(id), media);
    EXPECT_EQ(ask("SELECT purpose FROM requirements WHERE rule_id = 'media'"), "Media, straight");
    EXPECT_EQ(ask("SELECT group_concat(product) FROM products"), "meet");
    EXPECT_EQ(ask("SELECT count(*) FROM dns_evidence"), "0");
    EXPECT_EQ(ask("SELECT count(*) FROM domains"), "0");
    expect_sound();
    // Back to the old one.
    const SampleRun before;
    changes.flows.clear();
    writer.commit(changes.of(before));
    EXPECT_EQ(ask("SELECT group_concat(product) FROM products"), "meet,closed,phone");
    EXPECT_EQ(ask("SELECT count(*) FROM requirements"), "7");
    expect_sound();
}

TEST_F(LiveWriterTest, APortListedTwiceIsTwoRequirements) {
    sample.result.requirements.push_back(sample.result.requirements[0]);
    commit();
    commit();
    EXPECT_EQ(ask("SELECT count(*) FROM requirements WHERE rule_id = 'signalling'"), "2");
}

TEST_F(LiveWriterTest, WritesLittleWhereNothingChanged) {
    commit();
    const auto before = writer.size();
    changes.clear();
    commit();
    EXPECT_EQ(writer.size(), before);
    ++sample.observation.quality.packets;
    commit();
    // The run's own row, and no more: a page and its header in the log.
    EXPECT_GT(writer.size(), before);
    EXPECT_LT(writer.size(), before + 2 * 4200);
}

TEST_F(LiveWriterTest, AddsARunToADatabase) {
    commit();
    writer.end(true);
    LiveWriter next(directory / "live.db");
    EXPECT_EQ(next.begin(sample.start), 2);
    next.commit(changes.of(sample));
    next.end(false);
    EXPECT_EQ(ask("SELECT group_concat(complete) FROM runs"), "1,0");
    EXPECT_EQ(ask("SELECT count(*) FROM requirements WHERE run_id = 2"), "7");
    expect_sound();
}

}  // namespace
}  // namespace turnpike
