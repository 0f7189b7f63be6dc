// Which packets show that waiting was recorded.
#include "verdict/recorded_time.h"

#include <gtest/gtest.h>

#include "support/observation.h"

namespace turnpike::verdict {
namespace {

using namespace support;

constexpr std::uint32_t ethernet = 1;  // LINKTYPE_ of www.tcpdump.org/linktypes.html
constexpr std::uint32_t raw_ip = 101;

class RecordedTimeTest : public ::testing::Test {
  protected:
    /// A file with packets at these times.
    std::uint32_t file(const std::vector<double>& packets, std::uint32_t link_type = ethernet) {
        const auto tap = static_cast<std::uint32_t>(built_.observation.quality.recordings.size());
        auto& recording = built_.recording(tap);
        recording.link_type = link_type;
        for (const double time : packets) {
            recording.stretches.push_back({at(time), at(time)});
        }
        return tap;
    }
    /// A client that this file saw.
    void client_in(std::uint32_t tap, std::string_view client) {
        built_.flow(facts::Transport::tcp, client, "203.0.113.1", 443).tap = tap;
    }
    [[nodiscard]] bool went_on(std::uint32_t tap, double after) const {
        return RecordedTime(built_.observation).went_on_after(tap, at(after));
    }

    ObservationBuilder built_;
};

TEST_F(RecordedTimeTest, APacketBetweenThreeAndSixtySecondsLaterShowsIt) {
    const auto tap = file({0, 3});
    EXPECT_TRUE(went_on(tap, 0));
    EXPECT_FALSE(went_on(tap, 0.1));
    EXPECT_FALSE(went_on(tap, 3));
}

TEST_F(RecordedTimeTest, APacketFromTheOtherSideOfALongerGapShowsNothing) {
    const auto near = file({0, 60});
    EXPECT_TRUE(went_on(near, 0));
    const auto far = file({0, 60.1, 61});
    EXPECT_FALSE(went_on(far, 0));
}

TEST_F(RecordedTimeTest, PacketsInBetweenMakeALongWaitRecorded) {
    const auto tap = file({0, 50, 100, 150});
    for (const double time : {0.0, 20.0, 99.0, 147.0}) {
        EXPECT_TRUE(went_on(tap, time)) << time;
    }
    EXPECT_FALSE(went_on(tap, 147.1));
}

TEST_F(RecordedTimeTest, AnUnknownRecordingShowsNothing) {
    EXPECT_FALSE(went_on(0, 0));
    file({0, 10});
    EXPECT_FALSE(went_on(7, 0));
}

TEST_F(RecordedTimeTest, ARotatedFileContinuesTheOneBefore) {
    const auto first = file({0, 1});
    const auto second = file({4, 20});
    client_in(first, "192.168.10.21");
    EXPECT_FALSE(went_on(first, 1)) << "other hosts";
    client_in(second, "192.168.10.21");
    EXPECT_TRUE(went_on(first, 1));
    EXPECT_TRUE(went_on(second, 4));
}

TEST_F(RecordedTimeTest, FlowsThatGoOnShowTheSameHosts) {
    const auto first = file({0, 1});
    const auto second = file({4, 20});
    EXPECT_FALSE(went_on(first, 1));
    built_.recording(second).same_flows_as = {first};
    EXPECT_TRUE(went_on(first, 1));
}

TEST_F(RecordedTimeTest, RotationOverManyFilesIsOneRecording) {
    std::uint32_t before = file({0});
    const auto first = before;
    for (const double time : {1.0, 2.0, 3.5}) {
        const auto next = file({time});
        built_.recording(next).same_flows_as = {before};
        before = next;
    }
    EXPECT_TRUE(went_on(first, 0));
}

TEST_F(RecordedTimeTest, AFileThatOverlapsContinuesNothing) {
    const auto first = file({0, 2});
    const auto second = file({1, 20});
    built_.recording(second).same_flows_as = {first};
    EXPECT_FALSE(went_on(first, 0));
}

TEST_F(RecordedTimeTest, AFileOfAnotherLinkTypeContinuesNothing) {
    const auto first = file({0, 1});
    const auto second = file({4, 20}, raw_ip);
    built_.recording(second).same_flows_as = {first};
    EXPECT_FALSE(went_on(first, 1));
}

TEST_F(RecordedTimeTest, AFileThatBeginsMoreThanAMinuteLaterContinuesNothing) {
    const auto first = file({0, 1});
    const auto second = file({61.5, 80});
    built_.recording(second).same_flows_as = {first};
    EXPECT_FALSE(went_on(first, 1));
    built_.recording(second).stretches = {{at(60.5), at(60.5)}, {at(80), at(80)}};
    EXPECT_TRUE(went_on(first, 1));
}

TEST_F(RecordedTimeTest, WhatSeveralWorkersSawOfOneInterfaceIsOneRecording) {
    const auto tap = file({0, 4});
    built_.recording(tap).stretches = {{at(2), at(40)}, {at(0), at(1)}, {at(41), at(50)}};
    EXPECT_TRUE(went_on(tap, 0));
    EXPECT_TRUE(went_on(tap, 47));
    EXPECT_FALSE(went_on(tap, 47.1));
}

}  // namespace
}  // namespace turnpike::verdict
