// A live verdict that rests on silence is withheld where packets were lost, then and later.
#include <gtest/gtest.h>

#include "gather/support/pipeline.h"

namespace turnpike::gather::test {
namespace {

using inspect::test::Connection;
using inspect::test::endpoint;
using verdict::InconclusiveReason;
using verdict::Status;
using namespace std::chrono_literals;

const base::Endpoint client = endpoint("10.0.0.5", 50'000);
const base::Endpoint name_server = endpoint("10.0.0.1", 53);
const base::Endpoint server = endpoint("203.0.113.2", 443);

class Losses : public ::testing::Test {
  protected:
    /// Two SYNs to the vendor, to which nothing comes back; they begin at `began_`.
    void play() {
        auto& scene = pipeline_.scene();
        const auto port = endpoint("10.0.0.5", 40'000);
        scene.udp(port, name_server, inspect::test::dns_query(1, "api.acme.example.com"));
        scene.udp(name_server, port,
                  inspect::test::dns_answer(1, "api.acme.example.com", 0, {"203.0.113.2"}));
        pipeline_.rounds(20);
        began_ = scene.now();
        Connection connection(scene, client, server);
        connection.syn();
        pipeline_.rounds(1);
        connection.syn();
    }
    void lose(base::Duration after, base::Duration length = 100ms) {
        pipeline_.scene().inspector().lost(3, began_ + after, began_ + after + length);
    }
    const verdict::RequirementVerdict& verdict() const { return pipeline_.requirement("signal"); }

    Pipeline pipeline_;
    base::Timestamp began_;
};

TEST_F(Losses, WithoutOneTheRowTurnsBlocked) {
    play();
    pipeline_.rounds(4);
    EXPECT_EQ(verdict().status, Status::blocked);
    EXPECT_EQ(verdict().reason, verdict::BlockReason::tcp_timeout);
}

TEST_F(Losses, WithinTheSilenceWithholdTheBlockWhileItIsFollowedAndAfter) {
    play();
    lose(2s);
    pipeline_.rounds(4);
    EXPECT_EQ(verdict().status, Status::inconclusive);
    EXPECT_EQ(verdict().inconclusive, InconclusiveReason::capture_loss);
    pipeline_.rounds(600);
    ASSERT_TRUE(pipeline_.window().observation().flows.empty()) << "it has left";
    EXPECT_EQ(verdict().status, Status::inconclusive);
    EXPECT_EQ(verdict().inconclusive, InconclusiveReason::capture_loss);
    EXPECT_EQ(verdict().undecided, 1U);
}

TEST_F(Losses, ThatBecomeKnownLaterTakeTheBlockBack) {
    play();
    pipeline_.rounds(4);
    ASSERT_EQ(verdict().status, Status::blocked);
    lose(2s);
    pipeline_.rounds(1);
    EXPECT_EQ(verdict().status, Status::inconclusive);
}

TEST_F(Losses, AtAnotherTimeWithholdNothing) {
    play();
    lose(-1s);
    pipeline_.rounds(60);
    lose(30s);
    pipeline_.rounds(1);
    EXPECT_EQ(verdict().status, Status::blocked);
    pipeline_.rounds(600);
    EXPECT_EQ(verdict().status, Status::blocked);
}

TEST_F(Losses, OverALongStretchWithholdWhatLiesInIt) {
    play();
    pipeline_.rounds(60);
    lose(-10s, 40s);
    pipeline_.rounds(1);
    EXPECT_EQ(verdict().status, Status::inconclusive);
}

TEST_F(Losses, ThatGoOnDoNotPushOutTheOneThatCounts) {
    play();
    lose(2s);
    for (int i = 0; i < 100; ++i) {  // asked ten times a second
        pipeline_.rounds(1);
        for (int tenth = 10; tenth > 0; --tenth) {
            const auto until = pipeline_.scene().now() - tenth * 100ms;
            pipeline_.scene().inspector().lost(1, until - 100ms, until);
        }
    }
    ASSERT_FALSE(pipeline_.window().observation().flows.empty()) << "it is still there";
    EXPECT_EQ(verdict().status, Status::inconclusive);
}

TEST_F(Losses, WithholdAFailedNameToo) {
    auto& scene = pipeline_.scene();
    pipeline_.rounds(1);
    began_ = scene.now();
    const auto port = endpoint("10.0.0.5", 40'000);
    scene.udp(port, name_server, inspect::test::dns_query(1, "turn.acme.example.com"));
    lose(1s);
    pipeline_.rounds(5);
    EXPECT_EQ(pipeline_.requirement("media").status, Status::inconclusive);
    EXPECT_EQ(pipeline_.requirement("media").inconclusive, InconclusiveReason::capture_loss);
    pipeline_.rounds(600);
    EXPECT_EQ(pipeline_.requirement("media").inconclusive, InconclusiveReason::capture_loss);
}

}  // namespace
}  // namespace turnpike::gather::test
