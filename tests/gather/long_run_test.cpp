// Hours of new flows: memory stays bounded, and nothing is lost of the sums.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "gather/support/pipeline.h"

namespace turnpike::gather::test {
namespace {

using namespace inspect::test;
using namespace std::chrono_literals;
using verdict::Status;

const base::Endpoint resolver = endpoint("10.0.0.1", 53);
const base::Endpoint relay = endpoint("203.0.113.3", 3'478);

constexpr auto tick = 3s;

/// A small office, tick by tick.
class Office {
  public:
    explicit Office(Pipeline& pipeline) : scene_(pipeline.scene()) {
        resolve("turn.acme.example.com", {"203.0.113.3"});
        resolve("down.acme.example.com", {"203.0.113.2"});
        scene_.udp(caller_, relay, stun_message(allocate_request, 1));
        scene_.udp(relay, caller_, stun_message(allocate_success, 1));
        ++flows;
    }

    /// Everything is new: clients use every port once.
    void play() {
        ++now_;
        resolve("api.acme.example.com", {"203.0.113.1"});
        resolve(fmt::format("www{}.example.org", now_), {"198.51.100.1"});
        visit("203.0.113.1", "api.acme.example.com");
        ++passed;
        visit("198.51.100.1", fmt::format("www{}.example.org", now_));
        scene_.udp(next_port(), endpoint("198.51.100.2", 3'478),
                   stun_message(binding_request, now_));
        ++flows;
        if (now_ % 10 == 0) {
            keep_call_alive();
            fail();
        }
        if (now_ % 30 == 0) {
            refuse(fmt::format("x{}.acme.example.com", now_ / 30 % 5));
        }
        scene_.jump(began_ + now_ * tick);
    }
    /// The repeat of what failed in the tick before.
    void repeat() {
        if (failing_) {
            failing_->syn();
            failing_.reset();
        }
    }

    std::uint64_t flows = 0;
    std::uint32_t passed = 0;   ///< of the rule "signal"
    std::uint32_t blocked = 0;  ///< of the rule "signal"

  private:
    base::Endpoint next_port() {
        ++count_;
        return endpoint(fmt::format("10.0.0.{}", 10 + count_ % 20),
                        static_cast<std::uint16_t>(10'000 + count_ % 50'000));
    }
    void resolve(std::string_view name, const std::vector<std::string_view>& addresses) {
        const auto port = next_port();
        ++flows;
        scene_.udp(port, resolver, dns_query(count_ & 0xffffU, name));
        scene_.udp(resolver, port, dns_answer(count_ & 0xffffU, name, 0, addresses));
    }
    void refuse(std::string_view name) {
        const auto port = next_port();
        ++flows;
        scene_.udp(port, resolver, dns_query(count_ & 0xffffU, name));
        scene_.udp(resolver, port, dns_answer(count_ & 0xffffU, name, 3));
    }
    void visit(std::string_view address, std::string_view name) {
        Connection connection(scene_, next_port(), endpoint(address, 443));
        ++flows;
        connection.open();
        connection.send(0, tls_client_hello(name));
        connection.send(1, tls_server_hello());
        connection.fin(0);
        connection.fin(1);
        connection.ack(0);
    }
    void fail() {
        resolve("down.acme.example.com", {"203.0.113.2"});
        failing_.emplace(scene_, next_port(), endpoint("203.0.113.2", 443));
        failing_->syn();
        ++flows;
        ++blocked;
    }
    void keep_call_alive() {
        scene_.udp(caller_, relay, stun_message(binding_request, now_));
        scene_.udp(relay, caller_, stun_message(binding_success, now_));
        for (unsigned i = 0; i < 10; ++i) {
            const unsigned sequence = now_ + i;
            const auto media =
                channel_data(0x4000, rtp(0, sequence, sequence * 160, 7 + now_ / 600));
            scene_.udp(caller_, relay, media);
            scene_.udp(relay, caller_, media);
        }
    }

    Scene& scene_;
    base::Endpoint caller_ = endpoint("10.0.0.5", 60'000);
    std::optional<Connection> failing_;
    base::Timestamp began_ = scene_.now();
    unsigned now_ = 0;
    unsigned count_ = 0;
};

/// The most rows of each kind at a time.
struct Peaks {
    std::size_t flows = 0;
    std::size_t dns = 0;
    std::size_t messages = 0;
    std::size_t names = 0;
    std::size_t held = 0;

    void look(Pipeline& pipeline) {
        const auto& seen = pipeline.window().observation();
        flows = std::max(flows, seen.flows.size());
        dns = std::max(dns, seen.dns.size());
        messages = std::max(
            messages, seen.hellos.size() + seen.stun.size() + seen.rtp.size() + seen.icmp.size());
        names = std::max(names, pipeline.ledger().names().size());
        held = std::max(held, pipeline.held());
    }
};

TEST(LongRun, KeepsItsMemoryAndItsSums) {
    constexpr int hour = 1h / tick;
    constexpr int length = 2 * hour;
    Pipeline pipeline;
    Office office(pipeline);
    Peaks early;
    Peaks late;
    for (int time = 0; time < length; ++time) {
        office.repeat();
        office.play();
        pipeline.round();
        (time < hour ? early : late).look(pipeline);
        const auto& signal = pipeline.requirement("signal");
        ASSERT_EQ(signal.passed, office.passed) << "at " << time;
        ASSERT_LE(signal.blocked, office.blocked);
        ASSERT_GE(signal.blocked + 1, office.blocked) << "at " << time;
        const auto& media = pipeline.requirement("media");
        ASSERT_EQ(media.status, Status::observed) << "the call goes on at " << time;
        ASSERT_EQ(media.passed, 1U);
    }
    pipeline.rounds(400);
    EXPECT_EQ(pipeline.requirement("signal").passed, static_cast<std::uint32_t>(length));
    EXPECT_EQ(pipeline.requirement("signal").blocked, static_cast<std::uint32_t>(length / 10));
    EXPECT_EQ(pipeline.requirement("signal").undecided, 0U);
    EXPECT_EQ(pipeline.requirement("media").passed, 1U);
    EXPECT_EQ(pipeline.window().flows_seen(), office.flows);
    EXPECT_EQ(pipeline.window().observation().quality.packets, pipeline.scene().number());

    // Flows: signalling 150 s, unanswered UDP 120 s, silent SYNs 280 s, DNS 8 s, controls.
    EXPECT_LT(late.flows, 250U);
    // Answers of the vendor for 420 s, of others for 60 s.
    EXPECT_LT(late.dns, 250U);
    EXPECT_LT(late.messages, 250U);
    EXPECT_LE(late.names, 8U);
    EXPECT_LT(late.held, 250U);
    EXPECT_LE(late.flows, early.flows + 10) << "no more in the second hour than in the first";
    EXPECT_LE(late.dns, early.dns + 10);
    EXPECT_LE(late.messages, early.messages + 10);
    EXPECT_LE(late.held, early.held + 10);

    EXPECT_LT(pipeline.window().observation().flows.size(), 5U) << "quiet after a quiet time";
    EXPECT_LT(pipeline.held(), 250U);
}

TEST(LongRun, MediaStayTheVendorsThoughTheSignallingIsOver) {
    Pipeline pipeline;
    auto& scene = pipeline.scene();
    const auto near = endpoint("10.0.0.5", 50'000);
    const auto far = endpoint("198.51.100.7", 41'000);
    const Octets ice = stun_attribute(0x0024, Writer().u32(1).done());  // PRIORITY
    Connection signalling(scene, endpoint("10.0.0.5", 40'000), endpoint("203.0.113.1", 443));
    signalling.open();
    signalling.send(0, tls_client_hello("api.acme.example.com"));
    signalling.send(1, tls_server_hello());
    scene.udp(near, far, stun_message(binding_request, 1, {ice}));
    scene.udp(far, near, stun_message(binding_success, 1));
    signalling.fin(0);
    signalling.fin(1);
    for (unsigned i = 0; i < 900; ++i) {
        scene.udp(near, far, rtp(0, i, i * 160, 7));
        scene.udp(far, near, rtp(0, i, i * 160, 8));
        pipeline.rounds(1);
        ASSERT_EQ(pipeline.requirement("direct").status, Status::observed) << "at " << i;
    }
    EXPECT_EQ(pipeline.window().observation().flows.size(), 2U);
}

}  // namespace
}  // namespace turnpike::gather::test
