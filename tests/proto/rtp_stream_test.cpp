// Sequence validation, loss and jitter of one RTP source (RFC 3550 appendix A).
#include "turnpike/proto/rtp_stream.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>

namespace turnpike::proto {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t pcmu = 0;
constexpr auto packet_time = 20ms;
constexpr std::uint32_t samples = 160;  // of 8000 Hz in 20 ms

base::Timestamp at(base::Duration since_start) {
    return base::from_nanoseconds(1'700'000'000'000'000'000) + since_start;
}

RtpPacket packet(std::uint16_t sequence, std::uint32_t timestamp = 0, std::uint8_t type = pcmu) {
    RtpPacket made;
    made.sequence = sequence;
    made.timestamp = timestamp;
    made.payload_type = type;
    made.ssrc = 42;
    return made;
}

// The n-th packet of a perfectly regular call whose sequence numbers begin at `first`.
RtpArrival regular(RtpStreamState& stream, std::uint16_t first, std::uint32_t n,
                   base::Duration delay = 0ms) {
    return stream.update(packet(static_cast<std::uint16_t>(first + n), n * samples),
                         at(n * packet_time + delay));
}

TEST(RtpStream, CountsARegularCall) {
    RtpStreamState stream;
    for (std::uint32_t n = 0; n < 50; ++n) {
        EXPECT_EQ(regular(stream, 100, n), RtpArrival::in_order);
        EXPECT_EQ(stream.confirmed(), n >= 1);
    }
    EXPECT_EQ(stream.ssrc(), 42U);
    EXPECT_EQ(stream.packets(), 50U);
    EXPECT_EQ(stream.lost(), 0);
    ASSERT_TRUE(stream.jitter_ms());
    EXPECT_NEAR(*stream.jitter_ms(), 0.0, 1e-6);
}

TEST(RtpStream, SequenceNumbersWrap) {
    RtpStreamState stream;
    for (std::uint32_t n = 0; n < 20; ++n) {
        EXPECT_EQ(regular(stream, 65530, n), RtpArrival::in_order);
    }
    EXPECT_EQ(stream.lost(), 0);
    EXPECT_EQ(stream.restarts(), 0U);
}

TEST(RtpStream, LossAcrossAWrapIsCounted) {
    RtpStreamState stream;
    for (std::uint32_t n = 0; n < 20; ++n) {
        if (n < 4 || n > 8) {  // 65534, 65535, 0, 1 and 2 are missing
            regular(stream, 65530, n);
        }
    }
    EXPECT_EQ(stream.lost(), 5);
    EXPECT_EQ(stream.packets(), 15U);
}

TEST(RtpStream, LatePacketsAreNotLost) {
    RtpStreamState stream;
    for (const std::uint32_t n : {0U, 1U, 3U, 4U, 2U, 5U}) {
        const auto how = regular(stream, 100, n);
        EXPECT_EQ(how, n == 2 ? RtpArrival::reordered : RtpArrival::in_order);
    }
    EXPECT_EQ(stream.lost(), 0);
    EXPECT_EQ(stream.reordered(), 1U);
}

TEST(RtpStream, APacketFromBeforeTheFirstMovesTheBeginning) {
    RtpStreamState stream;
    for (const std::uint32_t n : {2U, 0U, 3U, 4U}) {
        regular(stream, 65535, n);
    }
    EXPECT_EQ(stream.lost(), 1);  // n = 1
}

TEST(RtpStream, DuplicatesCountOnce) {
    RtpStreamState stream;
    for (const std::uint32_t n : {0U, 1U, 1U, 2U, 4U, 0U, 5U}) {
        const auto how = regular(stream, 100, n);
        if (n == 0 && stream.packets() > 1) {
            EXPECT_EQ(how, RtpArrival::duplicate);
        }
    }
    EXPECT_EQ(stream.duplicates(), 2U);
    EXPECT_EQ(stream.packets(), 7U);
    EXPECT_EQ(stream.lost(), 1);  // n = 3
}

TEST(RtpStream, DuplicatesAreSeenAcrossTheWholeMisorderWindow) {
    for (std::uint32_t gap = 1; gap < 101; ++gap) {
        RtpStreamState stream;
        regular(stream, 1000, 0);
        regular(stream, 1000, gap);
        EXPECT_EQ(regular(stream, 1000, 0),
                  gap <= 100 ? RtpArrival::duplicate : RtpArrival::rejected)
            << gap;
        if (gap > 1) {
            EXPECT_EQ(regular(stream, 1000, 1), RtpArrival::reordered) << gap;
            EXPECT_EQ(regular(stream, 1000, 1), RtpArrival::duplicate) << gap;
        }
    }
}

TEST(RtpStream, TheLimitsOfAppendixA1) {
    RtpStreamState stream;
    regular(stream, 1000, 0);
    regular(stream, 1000, 1);
    // MAX_MISORDER is 100: 101 behind is a jump.
    EXPECT_EQ(stream.update(packet(1001 - 101), at(1s)), RtpArrival::rejected);
    EXPECT_EQ(stream.update(packet(1001 - 100), at(1s)), RtpArrival::reordered);
    // MAX_DROPOUT is 3000: 3000 ahead is a jump, 2999 is loss.
    EXPECT_EQ(stream.update(packet(1001 + 3000), at(1s)), RtpArrival::rejected);
    EXPECT_EQ(stream.update(packet(1001 + 2999), at(1s)), RtpArrival::in_order);
}

TEST(RtpStream, ARestartNeedsTwoInSequenceAndLosesNothing) {
    RtpStreamState stream;
    for (std::uint32_t n = 0; n < 10; ++n) {
        if (n != 5) {
            regular(stream, 100, n);
        }
    }
    EXPECT_EQ(regular(stream, 40000, 10), RtpArrival::rejected);
    EXPECT_EQ(regular(stream, 40000, 11), RtpArrival::restarted);
    EXPECT_EQ(regular(stream, 40000, 13), RtpArrival::in_order);
    EXPECT_EQ(stream.restarts(), 1U);
    EXPECT_EQ(stream.lost(), 2);  // one before, one after
    EXPECT_EQ(stream.packets(), 12U);
}

TEST(RtpStream, NoiseIsNeverConfirmed) {
    RtpStreamState stream;
    std::uint16_t sequence = 1;
    for (int n = 0; n < 200; ++n) {
        sequence = static_cast<std::uint16_t>(sequence * 25173U + 13849U);
        stream.update(packet(sequence), at(n * packet_time));
    }
    EXPECT_FALSE(stream.confirmed());
}

TEST(RtpStream, JitterFollowsAppendixA8) {
    // Every second packet 16 ms late: |D| is 16 ms = 128 units each time.
    RtpStreamState stream;
    double expected = 0;
    for (std::uint32_t n = 0; n < 40; ++n) {
        regular(stream, 1, n, n % 2 == 0 ? 0ms : 16ms);
        if (n > 0) {
            expected += (128 - expected) / 16;
        }
    }
    ASSERT_TRUE(stream.jitter_ms());
    EXPECT_NEAR(*stream.jitter_ms(), expected / 8, 1e-6);
}

TEST(RtpStream, ATimestampWrapIsNoJump) {
    RtpStreamState stream;
    const std::uint32_t start = 0xffffffff - 2 * samples;
    for (std::uint32_t n = 0; n < 10; ++n) {
        stream.update(packet(static_cast<std::uint16_t>(n), start + n * samples),
                      at(n * packet_time));
    }
    EXPECT_NEAR(stream.jitter_ms().value(), 0.0, 1e-6);
}

TEST(RtpStream, AJumpingTimestampIsNoJitter) {
    RtpStreamState stream;
    for (std::uint32_t n = 0; n < 20; ++n) {
        const std::uint32_t offset = n < 10 ? 0U : 3'000'000'000U;
        stream.update(packet(static_cast<std::uint16_t>(n), offset + n * samples),
                      at(n * packet_time));
    }
    EXPECT_NEAR(stream.jitter_ms().value(), 0.0, 1e-6);
}

TEST(RtpStream, TheStartOfATalkSpurtIsNoJitter) {
    RtpStreamState stream;
    for (std::uint32_t n = 0; n < 20; ++n) {
        // After the tenth packet a second of silence in which the sender's clock stood still.
        auto made = packet(static_cast<std::uint16_t>(n), n * samples);
        made.marker = n == 10;
        stream.update(made, at(n * packet_time + (n < 10 ? 0ms : 1000ms)));
    }
    EXPECT_NEAR(stream.jitter_ms().value(), 0.0, 1e-6);
}

TEST(RtpStream, TheMarkerOfVideoIsTheEndOfAFrame) {
    constexpr std::uint8_t h263 = 34;
    RtpStreamState stream;
    for (std::uint32_t n = 0; n < 20; ++n) {
        auto made = packet(static_cast<std::uint16_t>(n), n * 3000, h263);
        made.marker = true;
        stream.update(made, at(n * base::Duration(33'333'333)));
    }
    EXPECT_TRUE(stream.jitter_ms());
}

TEST(RtpStream, EventsAndComfortNoiseStandAside) {
    RtpStreamState stream;
    const std::array<std::uint8_t, 4> event{1, 10, 0, 160};  // RFC 4733 2.3
    for (std::uint32_t n = 0; n < 30; ++n) {
        auto made = packet(static_cast<std::uint16_t>(n), n * samples);
        if (n >= 10 && n < 14) {  // all with the timestamp of the event's beginning
            made.payload_type = 101;
            made.payload = event;
            made.timestamp = 10 * samples;
        } else if (n == 20) {
            made.payload_type = 13;
        }
        stream.update(made, at(n * packet_time));
    }
    EXPECT_EQ(stream.payload_type(), pcmu);
    EXPECT_EQ(stream.packets(), 30U);
    EXPECT_NEAR(stream.jitter_ms().value(), 0.0, 1e-6);
}

TEST(RtpStream, NoClockNoJitter) {
    RtpStreamState stream;
    for (std::uint32_t n = 0; n < 10; ++n) {
        stream.update(packet(static_cast<std::uint16_t>(n), n * 960, 111), at(n * packet_time));
    }
    EXPECT_FALSE(stream.jitter_ms());
    EXPECT_EQ(stream.payload_type(), 111);
}

TEST(RtpStream, AnotherPayloadTypeStartsAnew) {
    RtpStreamState stream;
    for (std::uint32_t n = 0; n < 20; ++n) {
        const std::uint8_t type = n < 10 ? 0 : 8;
        stream.update(
            packet(static_cast<std::uint16_t>(n), n * samples + (n < 10 ? 0U : 800U), type),
            at(n * packet_time));
    }
    EXPECT_EQ(stream.payload_type(), 8);
    EXPECT_NEAR(stream.jitter_ms().value(), 0.0, 1e-6);
}

}  // namespace
}  // namespace turnpike::proto
