// Compressed captures give the same frames, whole, cut and damaged.
#include "capture/decompress.h"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/support/compress.h"
#include "capture/support/octets.h"
#include "capture/support/reading.h"

namespace turnpike::capture {
namespace {

using testing::compress_with;
using testing::content;
using testing::error_of;
using testing::gzip;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::OctetVector;
using testing::PcapFile;
using testing::read_octets;
using testing::Reading;
using ::testing::SizeIs;
using testing::zstd;

/// Enough frames for many buffers of a decompressor, partly compressible.
const OctetVector& capture() {
    static const OctetVector octets = [] {
        PcapFile file;
        for (std::uint32_t i = 0; i < 1500; ++i) {
            OctetVector frame = content(100 + i % 300, static_cast<std::uint8_t>(i));
            for (std::size_t k = 0; k < frame.size(); k += 11) {
                frame[k] = static_cast<std::uint8_t>(
                    (std::size_t{i} * 2654435761U + k * std::size_t{40503}) >> 13U);
            }
            file.record(1000 + i, i, frame);
        }
        return file.done();
    }();
    return octets;
}

const Reading& plain() {
    static const Reading reading = read_octets(capture());
    return reading;
}

class Compressed : public ::testing::TestWithParam<const char*> {
  protected:
    static OctetVector compress(const OctetVector& octets) {
        const std::string name = GetParam();
        if (name == "gzip") {
            return gzip(octets);
        }
        return name == "zstd" ? zstd(octets) : compress_with(GetParam(), octets);
    }
};
INSTANTIATE_TEST_SUITE_P(All, Compressed,
                         ::testing::Values("gzip", "zstd", "xz", "bzip2", "lz4", "compress",
                                           "lzip"),
                         [](const auto& kind) { return std::string(kind.param); });

TEST_P(Compressed, GivesTheSameFrames) {
    const OctetVector compressed = compress(capture());
    EXPECT_LT(compressed.size(), capture().size());
    for (const std::size_t piece : {SIZE_MAX, std::size_t{4096}, std::size_t{333}}) {
        const auto reading = read_octets(compressed, piece);
        EXPECT_EQ(reading.frames, plain().frames);
        EXPECT_THAT(reading.cut_offs, IsEmpty());
    }
}

TEST_P(Compressed, CutOffGivesFramesUpToThere) {
    const std::string name = GetParam();
    if (name == "bzip2" || name == "lz4") {
        GTEST_SKIP() << "a block of " << name << " is larger than this file";
    }
    OctetVector compressed = compress(capture());
    compressed.resize(compressed.size() * 3 / 4);
    const auto reading = read_octets(compressed);
    ASSERT_GT(reading.frames.size(), 100U);
    ASSERT_LT(reading.frames.size(), plain().frames.size());
    for (std::size_t i = 0; i < reading.frames.size(); ++i) {
        ASSERT_EQ(reading.frames[i], plain().frames[i]);
    }
    ASSERT_THAT(reading.cut_offs, SizeIs(1));
    EXPECT_THAT(reading.cut_offs[0], HasSubstr("FILE: "));
    EXPECT_THAT(reading.cut_offs[0], HasSubstr("of the uncompressed data; read up to there"));
}

TEST_P(Compressed, TextIsNoCapture) {
    const std::string_view text = "So we beat on, boats against the current, and so forth.\n";
    const auto [message, status] =
        error_of([&] { read_octets(compress({text.begin(), text.end()})); });
    EXPECT_EQ(message,
              "FILE: not a capture file (neither pcap nor pcapng, plain or compressed; give what "
              "tcpdump, dumpcap or Wireshark wrote)");
    EXPECT_EQ(status, 65);
}

TEST_P(Compressed, EveryPrefixOfASmallFileEndsCleanly) {
    const OctetVector whole =
        compress(PcapFile().record(1, 0, content(20)).record(2, 0, content(30)).done());
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const OctetVector prefix(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        const auto [message, status] = error_of([&] {
            const auto reading = read_octets(prefix);
            // What is missing may be a checksum or a mark of the end only; compress has neither.
            EXPECT_LE(reading.frames.size(), 2U);
            if (reading.frames.size() < 2 && GetParam() != std::string("compress")) {
                EXPECT_THAT(reading.cut_offs, SizeIs(1)) << size;
            }
        });
        if (status != 0) {
            EXPECT_EQ(status, 65) << size;
            EXPECT_THAT(message, HasSubstr("FILE: not a capture file (")) << size;
        }
    }
}

TEST(Decompress, EverythingBeforeACutOfGzipAndZstdComesOut) {
    // Smaller than any buffer of a decompressor.
    PcapFile file;
    for (std::uint32_t i = 0; i < 40; ++i) {
        file.record(i, 0, content(50, static_cast<std::uint8_t>(i)));
    }
    OctetVector compressed = gzip(file.done());
    compressed.resize(compressed.size() - 20);
    const auto reading = read_octets(compressed);
    EXPECT_GT(reading.frames.size(), 30U);
    ASSERT_THAT(reading.cut_offs, SizeIs(1));
    EXPECT_THAT(reading.cut_offs[0],
                HasSubstr("FILE: the compressed data is cut off after packet"));
}

TEST(Decompress, EverythingBeforeDamageInZstdComesOut) {
    const OctetVector file = PcapFile().record(1, 0, content(20)).record(2, 0, content(30)).done();
    const auto size = static_cast<std::uint8_t>(file.size());
    // RFC 8878 section 3.1.1: magic, a frame of any size, a window of 1 MB; a raw block, and one of
    // the type that does not exist.
    OctetVector frame{0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x50};
    frame.insert(frame.end(),
                 {static_cast<std::uint8_t>(size << 3U), static_cast<std::uint8_t>(size >> 5U), 0});
    frame.insert(frame.end(), file.begin(), file.end());
    frame.insert(frame.end(), {0x07, 0, 0, 1, 2, 3});
    const auto reading = read_octets(frame);
    EXPECT_EQ(reading.frames, read_octets(file).frames);
    ASSERT_THAT(reading.cut_offs, SizeIs(1));
    EXPECT_THAT(reading.cut_offs[0], HasSubstr("the zstd data is damaged after packet 2"));
}

TEST(Decompress, GzipFilesMayHaveSeveralMembersAndPadding) {
    const OctetVector& octets = capture();
    const auto middle = octets.begin() + 1234;
    OctetVector file = gzip({octets.begin(), middle});
    const OctetVector second = gzip({middle, octets.end()});
    file.insert(file.end(), second.begin(), second.end());
    EXPECT_EQ(read_octets(file).frames, plain().frames);
    EXPECT_EQ(read_octets(file, 100).frames, plain().frames);
    file.resize(file.size() + 512);  // as tapes pad
    const auto padded = read_octets(file);
    EXPECT_EQ(padded.frames, plain().frames);
    EXPECT_THAT(padded.cut_offs, IsEmpty());
}

TEST(Decompress, ZstdFilesMayHaveSeveralFramesAndSkippableOnes) {
    const OctetVector& octets = capture();
    const auto middle = octets.begin() + 1234;
    // RFC 8878 section 3.1.2: magic, size 3, three octets.
    OctetVector file{0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'a', 'b', 'c'};
    for (const OctetVector& part : {zstd({octets.begin(), middle}), zstd({middle, octets.end()})}) {
        file.insert(file.end(), part.begin(), part.end());
    }
    EXPECT_EQ(read_octets(file).frames, plain().frames);
}

TEST(Decompress, DamagedDataEndsTheFile) {
    for (OctetVector file : {gzip(capture()), zstd(capture())}) {
        for (std::size_t i = file.size() / 2; i < file.size() / 2 + 64; ++i) {
            file[i] ^= 0xFFU;
        }
        const auto reading = read_octets(file);
        EXPECT_GT(reading.frames.size(), 100U);
        ASSERT_THAT(reading.cut_offs, SizeIs(1));
        EXPECT_THAT(reading.cut_offs[0], ::testing::ContainsRegex("data is damaged|damaged after"));
    }
}

TEST(Decompress, AnEmptyCompressedFileIsNoCapture) {
    const auto [message, status] = error_of([] { read_octets(gzip({})); });
    EXPECT_EQ(message, "FILE: not a capture file (it is empty)");
    EXPECT_EQ(status, 65);
}

TEST(Decompress, PcapngComesOutAsWell) {
    const OctetVector file = testing::PcapngFile().interface(1).enhanced(0, 5, content(6)).done();
    EXPECT_EQ(read_octets(zstd(file)).frames, read_octets(file).frames);
}

}  // namespace
}  // namespace turnpike::capture
