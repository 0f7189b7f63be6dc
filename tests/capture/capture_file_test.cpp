// Reading errors, batches, and frames that come while a pipe is still being written.
#include "capture/capture_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/support/octets.h"
#include "capture/support/reading.h"

namespace turnpike::capture {
namespace {

using testing::content;
using ::testing::ElementsAre;
using testing::error_of;
using testing::MemoryInput;
using testing::PcapFile;
using testing::read_octets;
using ::testing::SizeIs;

TEST(CaptureFile, AReadErrorEndsItWithTheReason) {
    const auto reading = read_octets(PcapFile().record(1, 0, content(20)).done(), SIZE_MAX,
                                     "reading failed: Input/output error");
    EXPECT_THAT(reading.frames, SizeIs(1));
    EXPECT_THAT(reading.cut_offs,
                ElementsAre("FILE: reading failed: Input/output error after packet 1 at octet 60; "
                            "read up to there"));
}

TEST(CaptureFile, AReadErrorInTheFileHeaderRefusesIt) {
    EXPECT_EQ(error_of([] { read_octets({0xa1, 0xb2}, 1, "reading failed: why"); }),
              std::pair(std::string("FILE: not a capture file (reading failed: why)"), 65));
}

TEST(CaptureFile, BatchesAreBoundedAndViewsStayValidUntilTheNext) {
    PcapFile file;
    for (std::uint32_t i = 0; i < 1000; ++i) {
        file.record(i, 0, content(10, static_cast<std::uint8_t>(i)));
    }
    CaptureFile capture("FILE", std::make_unique<MemoryInput>(file.done()));
    std::size_t seen = 0;
    for (auto batch = capture.next_batch(); !batch.empty(); batch = capture.next_batch()) {
        EXPECT_LE(batch.size(), 256U);
        for (const Frame& frame : batch) {
            EXPECT_THAT(frame.bytes,
                        ::testing::ElementsAreArray(content(10, static_cast<std::uint8_t>(seen))));
            ++seen;
        }
    }
    EXPECT_EQ(seen, 1000U);
    EXPECT_TRUE(capture.next_batch().empty());
}

TEST(CaptureFile, FramesComeAsSoonAsTheirOctetsDo) {
    // The layout of a microsecond file shows with the second record's header, so one is held back.
    const auto octets =
        PcapFile({.magic = 0xA1B23C4D}).record(1, 0, content(20)).record(2, 0, content(20)).done();
    auto input = std::make_unique<MemoryInput>(octets, 24 + 36);
    const MemoryInput& arrived = *input;
    CaptureFile capture("FILE", std::move(input));
    EXPECT_THAT(capture.next_batch(), SizeIs(1));
    EXPECT_EQ(arrived.octets_read(), 24U + 36U);
    EXPECT_EQ(capture.octets_read(), 24U + 36U);
}

}  // namespace
}  // namespace turnpike::capture
