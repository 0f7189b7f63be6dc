// Reading ahead tells what frames are, and is bounded by what it holds, not only by their octets.
#include "app/read_ahead.h"

#include <gtest/gtest.h>

#include "turnpike/inspect/inspector.h"

#include <atomic>
#include <chrono>
#include <vector>

namespace turnpike::app {
namespace {

/// A source that lost nothing and whose end is known.
class WholeSource : public capture::Source {
  public:
    [[nodiscard]] capture::Progress progress() const noexcept override { return {0, 1}; }
    [[nodiscard]] capture::Drops drops() const noexcept override { return {}; }
    [[nodiscard]] std::span<const capture::Loss> losses() const noexcept override { return {}; }
    [[nodiscard]] std::span<const std::string> cut_offs() const noexcept override { return {}; }
};

/// Batches of frames without octets, as a compressed file of a few kilobytes may hold millions of.
class EmptyFrames : public WholeSource {
  public:
    static constexpr std::size_t batches = 100'000;

    std::span<const capture::Frame> next_batch() override {
        if (given_ == batches || stopped_) {
            ended_ = true;
            return {};
        }
        ++given_;
        return frames_;
    }
    [[nodiscard]] bool ended() const noexcept override { return ended_; }
    [[nodiscard]] std::string describe() const override { return "empty frames"; }
    void stop() noexcept override { stopped_ = true; }

    [[nodiscard]] std::size_t given() const noexcept { return given_; }

  private:
    std::array<capture::Frame, 256> frames_{};
    std::atomic<std::size_t> given_ = 0;
    std::atomic<bool> stopped_ = false;
    bool ended_ = false;
};

/// One batch of raw IP frames (LINKTYPE_RAW, 101).
class GivenFrames : public WholeSource {
  public:
    /// The octets must outlive the source.
    void add(std::chrono::milliseconds time, base::Bytes octets, std::uint32_t link_type = 101) {
        frames_.push_back({.time = base::from_nanoseconds(1'000'000'000) + time,
                           .number = frames_.size() + 1,
                           .link_type = link_type,
                           .wire_length = static_cast<std::uint32_t>(octets.size()),
                           .tap = 0,
                           .bytes = octets});
    }
    std::span<const capture::Frame> next_batch() override {
        ended_ = true;
        return frames_;
    }
    [[nodiscard]] bool ended() const noexcept override { return ended_; }
    [[nodiscard]] std::string describe() const override { return "given frames"; }
    void stop() noexcept override {}

  private:
    std::vector<capture::Frame> frames_;
    bool ended_ = false;
};

/// A UDP datagram from 192.0.2.1 port 5000 to 192.0.2.2 (RFC 791 3.1, RFC 768).
std::vector<std::uint8_t> datagram(std::uint8_t port, const std::vector<std::uint8_t>& payload) {
    const auto udp = static_cast<std::uint8_t>(8 + payload.size());
    const auto ip = static_cast<std::uint8_t>(20 + udp);
    std::vector<std::uint8_t> octets{0x45, 0, 0,   ip, 0, 1, 0,    0,    64, 17,   0, 0,   192, 0,
                                     2,    1, 192, 0,  2, 2, 0x13, 0x88, 0,  port, 0, udp, 0,   0};
    octets.insert(octets.end(), payload.begin(), payload.end());
    return octets;
}

TEST(ReadAhead, TellsFramesApartByPausesAndByWhatTheyHold) {
    using std::chrono::milliseconds;
    const auto udp = datagram(7, {});
    GivenFrames source;
    source.add(milliseconds{0}, {}, 99'999);
    source.add(milliseconds{1}, {});
    source.add(milliseconds{2}, udp);
    source.add(milliseconds{1'000}, udp);
    source.add(milliseconds{1'001}, {});
    inspect::Inspector inspector;
    ReadAhead ahead(source, inspector.placer());
    ASSERT_EQ(ahead.next_batch(), 5U);
    ASSERT_EQ(ahead.batch().packets().size(), 2U);
    EXPECT_EQ(ahead.batch().packets()[0].number, 3U);
    EXPECT_EQ(ahead.batch().packets()[1].number, 4U);
    const auto undecoded = ahead.batch().undecoded();
    ASSERT_EQ(undecoded.size(), 3U);
    EXPECT_EQ(undecoded[0].link_type, 99'999U);
    EXPECT_EQ(undecoded[0].outcome.kind, wire::FrameKind::unknown_link_type);
    EXPECT_EQ(undecoded[1].outcome.kind, wire::FrameKind::malformed);
    EXPECT_EQ(undecoded[2].outcome.kind, wire::FrameKind::malformed);
    const auto runs = ahead.batch().runs();
    ASSERT_EQ(runs.size(), 2U);
    EXPECT_EQ(runs[0].run.frames(), 3U);
    EXPECT_EQ(runs[0].packets_before, 0U);
    EXPECT_EQ(runs[1].run.frames(), 2U);
    EXPECT_EQ(runs[1].packets_before, 1U);
}

TEST(ReadAhead, ReadsWhatGoesToAResolver) {
    using std::chrono::milliseconds;
    // A query for the A record of "a.b" with the id 7 (RFC 1035 4.1).
    std::vector<std::uint8_t> query{0, 7, 1,   0, 0,   1, 0, 0, 0, 0, 0,
                                    0, 1, 'A', 1, 'b', 0, 0, 1, 0, 1};
    const auto to_resolver = datagram(53, query);
    query[1] = 8;
    const auto to_another = datagram(54, query);
    const auto no_dns = datagram(53, {1, 2, 3});
    GivenFrames source;
    source.add(milliseconds{0}, to_resolver);
    source.add(milliseconds{1}, to_another);
    source.add(milliseconds{2}, no_dns);
    inspect::Inspector inspector;
    ReadAhead ahead(source, inspector.placer());
    ASSERT_EQ(ahead.next_batch(), 3U);
    const auto places = ahead.batch().places();
    ASSERT_EQ(places.size(), 3U);
    const auto* const query_read = inspect::reading_as<inspect::DnsReading>(places[0].reading);
    ASSERT_NE(query_read, nullptr);
    EXPECT_FALSE(query_read->error);
    EXPECT_FALSE(query_read->response);
    EXPECT_EQ(query_read->id, 7U);
    EXPECT_EQ(query_read->said.name, "a.b");
    EXPECT_EQ(places[1].reading, nullptr);
    const auto* const no_dns_read = inspect::reading_as<inspect::DnsReading>(places[2].reading);
    ASSERT_NE(no_dns_read, nullptr);
    EXPECT_EQ(no_dns_read->error, base::ParseError::truncated);
    EXPECT_EQ(inspect::reading_as<inspect::HelloReading>(places[2].reading), nullptr);

    // What comes of it is what comes of a datagram that nobody read ahead.
    for (std::size_t i = 0; i < ahead.batch().packets().size(); ++i) {
        inspector.inspect(ahead.batch().packets().subspan(i, 1), places.subspan(i, 1));
    }
    inspect::Inspector alone;
    for (const auto& packet : ahead.batch().packets()) {
        alone.inspect(packet);
    }
    inspector.finish();
    alone.finish();
    const auto& rows = inspector.observation().dns;
    ASSERT_EQ(rows.size(), alone.observation().dns.size());
    ASSERT_EQ(rows.size(), 2U);  // the other port's as well
    for (std::size_t i = 0; i < rows.size(); ++i) {
        EXPECT_EQ(rows[i].name, "a.b");
        EXPECT_EQ(rows[i].query.number, alone.observation().dns[i].query.number);
        EXPECT_EQ(rows[i].resolver, alone.observation().dns[i].resolver);
    }
}

TEST(ReadAhead, HoldsNoMoreFramesThanOctets) {
    EmptyFrames source;
    inspect::Inspector inspector;
    ReadAhead ahead(source, inspector.placer());
    // One batch in use, and those behind it are full: the reader waits.
    const auto frames = ahead.next_batch();
    EXPECT_LE(frames * sizeof(wire::Packet), std::size_t{3} << 20U);
    std::size_t before = 0;
    for (int i = 0; i < 100 && before != source.given(); ++i) {
        before = source.given();
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
    EXPECT_LT(source.given(), EmptyFrames::batches / 10);
    // All of them come all the same.
    std::size_t all = frames;
    while (!ahead.ended()) {
        all += ahead.next_batch();
    }
    EXPECT_EQ(all, EmptyFrames::batches * 256);
}

}  // namespace
}  // namespace turnpike::app
