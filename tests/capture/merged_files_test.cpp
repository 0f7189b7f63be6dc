// Files as one observation, through the public interface.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <filesystem>
#include <memory>
#include <random>
#include <set>
#include <thread>

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/support/compress.h"
#include "capture/support/octets.h"
#include "capture/support/reading.h"
#include "turnpike/capture/source.h"

namespace turnpike::capture {
namespace {

using testing::content;
using ::testing::ElementsAre;
using testing::error_of;
using ::testing::Field;
using ::testing::IsEmpty;
using testing::KeptFrame;
using testing::OctetVector;
using testing::PcapFile;
using testing::PcapngFile;
using testing::read_all;
using testing::read_paths;
using ::testing::SizeIs;
using testing::TemporaryDirectory;

std::vector<std::int64_t> seconds_of(const testing::Reading& reading) {
    std::vector<std::int64_t> seconds;
    for (const KeptFrame& frame : reading.frames) {
        seconds.push_back(frame.time / 1'000'000'000);
    }
    return seconds;
}

void expect_numbered(const testing::Reading& reading) {
    for (std::size_t i = 0; i < reading.frames.size(); ++i) {
        ASSERT_EQ(reading.frames[i].number, i + 1);
    }
}

OctetVector capture_of(std::initializer_list<std::uint32_t> seconds) {
    PcapFile file;
    for (const std::uint32_t second : seconds) {
        file.record(second, 0, content(20, static_cast<std::uint8_t>(second)));
    }
    return file.done();
}

class OpenFiles : public ::testing::Test {
  protected:
    TemporaryDirectory directory_;
};

TEST_F(OpenFiles, ReadsOneFile) {
    const std::string path = directory_.write("a.pcap", capture_of({5, 6, 7}));
    const auto source = open_files({path});
    EXPECT_FALSE(source->ended());
    EXPECT_EQ(source->describe(), path);
    const auto size = std::filesystem::file_size(path);
    EXPECT_EQ(source->progress().octets_total, size);
    const auto reading = read_all(*source);
    EXPECT_THAT(seconds_of(reading), ElementsAre(5, 6, 7));
    expect_numbered(reading);
    EXPECT_THAT(reading.cut_offs, IsEmpty());
    EXPECT_EQ(source->progress().octets_read, size);
    EXPECT_TRUE(source->next_batch().empty());
}

TEST_F(OpenFiles, MergesByTimeWhateverTheOrderOfNames) {
    std::vector<std::string> paths{
        directory_.write("c.pcap", capture_of({1, 4, 8, 9})),
        directory_.write("b.pcapng", PcapngFile()
                                         .interface(101)
                                         .enhanced(0, 2'000'000, content(9))
                                         .enhanced(0, 7'000'000, content(9))
                                         .done()),
        directory_.write("a.pcap.gz", testing::gzip(capture_of({3, 5, 6, 10, 11}))),
    };
    std::ranges::sort(paths);
    do {
        const auto reading = read_paths(paths);
        EXPECT_THAT(seconds_of(reading), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
        expect_numbered(reading);
    } while (std::ranges::next_permutation(paths).found);
}

TEST_F(OpenFiles, EqualTimesComeInTheOrderOfNames) {
    const OctetVector one = PcapFile().record(1, 0, content(1)).record(1, 0, content(2)).done();
    const OctetVector two = PcapFile().record(1, 0, content(3)).record(1, 0, content(4)).done();
    const std::string a = directory_.write("a", one);
    const std::string b = directory_.write("b", two);
    const auto sizes = [](const testing::Reading& reading) {
        std::vector<std::size_t> all;
        for (const KeptFrame& frame : reading.frames) {
            all.push_back(frame.bytes.size());
        }
        return all;
    };
    EXPECT_THAT(sizes(read_paths({a, b})), ElementsAre(1, 2, 3, 4));
    EXPECT_THAT(sizes(read_paths({b, a})), ElementsAre(3, 4, 1, 2));
}

TEST_F(OpenFiles, ClockStepsWithinAFileLoseNothingAndKeepItsOrder) {
    const std::string stepping = directory_.write("a", capture_of({10, 11, 3, 4, 12}));
    const std::string steady = directory_.write("b", capture_of({1, 5, 11, 20}));
    const auto reading = read_paths({stepping, steady});
    EXPECT_THAT(seconds_of(reading), ElementsAre(1, 5, 10, 11, 3, 4, 11, 12, 20));
    expect_numbered(reading);
}

// More than any buffer holds, and frames of every size up to that of a jumbo frame.
OctetVector large_capture(std::uint8_t seed) {
    PcapFile file;
    for (std::uint32_t i = 0; i < 3'000; ++i) {
        file.record(i, 0, content(1 + i * 7 % 9'000, static_cast<std::uint8_t>(seed + i)));
    }
    return file.done();
}

TEST_F(OpenFiles, KeepsOctetsAsLongAsTheyAreHeld) {
    const std::string path = directory_.write("a", large_capture(1));
    const auto expected = read_paths({path});
    std::vector<std::shared_ptr<const void>> kept;
    std::vector<Frame> frames;
    auto source = open_files({path});
    while (!source->ended()) {
        const auto batch = source->next_batch();
        frames.insert(frames.end(), batch.begin(), batch.end());
        kept.push_back(source->keep_octets());
        EXPECT_TRUE(kept.back() || batch.empty());
    }
    source.reset();
    ASSERT_EQ(frames.size(), expected.frames.size());
    for (std::size_t i = 0; i < frames.size(); ++i) {
        ASSERT_TRUE(std::ranges::equal(frames[i].bytes, expected.frames[i].bytes)) << i;
    }
}

// Who holds nothing any more gets his buffers filled again: memory does not grow with the file.
TEST_F(OpenFiles, UsesTheSameBuffersAgain) {
    const auto source = open_files({directory_.write("a", large_capture(2))});
    std::set<const void*> buffers;
    std::deque<std::shared_ptr<const void>> held;
    while (!source->ended()) {
        static_cast<void>(source->next_batch());
        held.push_back(source->keep_octets());
        buffers.insert(held.back().get());
        if (held.size() > 4) {
            held.pop_front();
        }
    }
    buffers.erase(nullptr);
    EXPECT_GT(buffers.size(), 1U);
    EXPECT_LE(buffers.size(), 6U);
}

TEST_F(OpenFiles, DoesNotKeepABatchOfSeveralFiles) {
    const auto source = open_files(
        {directory_.write("a", capture_of({1, 3})), directory_.write("b", capture_of({2, 4}))});
    EXPECT_THAT(source->next_batch(), SizeIs(3));
    EXPECT_EQ(source->keep_octets(), nullptr);
    EXPECT_THAT(source->next_batch(), SizeIs(1));
    EXPECT_NE(source->keep_octets(), nullptr);
}

TEST_F(OpenFiles, FilesWithoutFramesAreFine) {
    const std::string empty = directory_.write("a", PcapFile().done());
    EXPECT_THAT(read_paths({empty}).frames, IsEmpty());
    EXPECT_THAT(seconds_of(read_paths({empty, directory_.write("b", capture_of({1, 2})), empty})),
                ElementsAre(1, 2));
}

TEST_F(OpenFiles, TheSameFileTwiceIsReadTwice) {
    const std::string path = directory_.write("a", capture_of({1, 2}));
    EXPECT_THAT(seconds_of(read_paths({path, path})), ElementsAre(1, 1, 2, 2));
}

TEST_F(OpenFiles, ARingBufferOfHundredsOfFilesNeedsFewDescriptors) {
    std::vector<std::string> paths;
    for (std::uint32_t i = 0; i < 300; ++i) {
        const std::uint32_t first = 1000 + 10 * i;
        paths.push_back(directory_.write(fmt::format("ring_{:05}.pcap", i),
                                         capture_of({first, first + 5, first + 9})));
    }
    std::ranges::shuffle(paths, std::mt19937(7));
    struct rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const struct rlimit few{64, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
    const auto source = open_files(paths);
    const auto reading = read_all(*source);
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    const auto seconds = seconds_of(reading);
    EXPECT_THAT(seconds, SizeIs(900));
    EXPECT_TRUE(std::ranges::is_sorted(seconds));
    expect_numbered(reading);
    EXPECT_EQ(source->describe(),
              fmt::format("{}, {}, {} and 297 more files", paths[0], paths[1], paths[2]));
    EXPECT_EQ(source->progress().octets_read, source->progress().octets_total);
}

TEST_F(OpenFiles, ManyFramesOfOverlappingFilesComeInOrder) {
    std::mt19937 random(11);
    std::vector<std::string> paths;
    std::vector<std::vector<KeptFrame>> alone;
    for (int i = 0; i < 5; ++i) {
        PcapFile file;
        std::uint32_t second = 1000 + static_cast<std::uint32_t>(random() % 500);
        for (int k = 0; k < 2000; ++k) {
            second += static_cast<std::uint32_t>(random() % 3);
            file.record(second, static_cast<std::uint32_t>(k), content(40 + random() % 900));
        }
        paths.push_back(directory_.write(fmt::format("{}", i), file.done()));
        alone.push_back(read_paths({paths.back()}).frames);
    }
    const auto reading = read_paths(paths);
    expect_numbered(reading);
    ASSERT_THAT(reading.frames, SizeIs(10'000));
    EXPECT_TRUE(std::ranges::is_sorted(reading.frames, {}, &KeptFrame::time));
    // Each frame of each file, whole: sorting all by time gives the same.
    std::vector<KeptFrame> expected;
    for (const auto& frames : alone) {
        expected.insert(expected.end(), frames.begin(), frames.end());
    }
    std::ranges::stable_sort(expected, {}, &KeptFrame::time);
    for (std::size_t i = 0; i < expected.size(); ++i) {
        expected[i].number = i + 1;
    }
    EXPECT_EQ(reading.frames, expected);
}

TEST_F(OpenFiles, AFileThatIsCutOffDoesNotEndTheOthers) {
    OctetVector cut = capture_of({1, 3, 5});
    cut.resize(cut.size() - 4);
    const std::string a = directory_.write("a", cut);
    const std::string b = directory_.write("b", capture_of({2, 4, 6}));
    const auto reading = read_paths({a, b});
    EXPECT_THAT(seconds_of(reading), ElementsAre(1, 2, 3, 4, 6));
    EXPECT_THAT(reading.cut_offs,
                ElementsAre(a + ": packet 3 is cut off at octet 128; read up to there"));
}

TEST_F(OpenFiles, AFileCutInItsFirstRecordIsReported) {
    OctetVector cut = capture_of({1});
    cut.resize(cut.size() - 1);
    const std::string a = directory_.write("a", cut);
    const std::string b = directory_.write("b", capture_of({2}));
    const auto reading = read_paths({b, a});
    EXPECT_THAT(seconds_of(reading), ElementsAre(2));
    EXPECT_THAT(reading.cut_offs,
                ElementsAre(a + ": packet 1 is cut off at octet 59; read up to there"));
}

TEST_F(OpenFiles, AFileThatVanishesBeforeItsTurnIsReported) {
    std::vector<std::string> paths;
    for (std::uint32_t i = 0; i < 40; ++i) {
        paths.push_back(directory_.write(fmt::format("{}", i), capture_of({100 + i})));
    }
    const auto source = open_files(paths);
    std::filesystem::remove(paths[39]);
    const auto reading = read_all(*source);
    EXPECT_THAT(reading.frames, SizeIs(39));
    EXPECT_THAT(
        reading.cut_offs,
        ElementsAre(
            paths[39] +
            ": cannot be opened: No such file or directory; check the path and its permissions"));
}

TEST_F(OpenFiles, DropsAndLossesOfAllFilesAreKept) {
    PcapngFile one;
    one.interface(1).enhanced(0, 1'000'000, content(6), one.option(4, 2));
    PcapngFile two;
    two.interface(1).enhanced(0, 2'000'000, content(6));
    two.statistics(0, 9'000'000, two.option(7, 30));
    PcapngFile three;  // no frames at all
    three.interface(1).statistics(0, 8'000'000, three.option(5, 400));
    const auto reading =
        read_paths({directory_.write("a", one.done()), directory_.write("b", two.done()),
                    directory_.write("c", three.done())});
    EXPECT_THAT(reading.frames, SizeIs(2));
    EXPECT_EQ(reading.drops,
              (Drops{.known = true, .by_kernel = 30, .by_interface = 400, .unplaced = 2}));
    EXPECT_THAT(reading.losses,
                ::testing::UnorderedElementsAre(Field(&Loss::frames, 2), Field(&Loss::frames, 30),
                                                Field(&Loss::frames, 400)));
}

TEST_F(OpenFiles, AFileCannotHaveLostWhatCameBeforeIt) {
    PcapngFile counted;  // no statistics say since when
    counted.interface(1).enhanced(0, 5'000'000, content(6));
    counted.statistics(0, 9'000'000, counted.option(7, 30));
    const auto reading = read_paths({directory_.write("a", counted.done())});
    ASSERT_THAT(reading.losses, SizeIs(1));
    EXPECT_EQ(reading.losses[0].from.time_since_epoch().count(), reading.frames[0].time);
    EXPECT_EQ(reading.losses[0].delivered, 1U);
}

TEST_F(OpenFiles, FramesKnowTheirFile) {
    const auto source = open_files(
        {directory_.write("a", capture_of({2, 3})), directory_.write("b", capture_of({1, 4}))});
    std::vector<std::uint32_t> taps;
    while (!source->ended()) {
        for (const auto& frame : source->next_batch()) {
            taps.push_back(frame.tap);
        }
    }
    EXPECT_THAT(taps, ElementsAre(1, 0, 0, 1));
}

TEST_F(OpenFiles, StopEndsItWithoutACutOff) {
    PcapFile file;
    for (std::uint32_t i = 0; i < 5000; ++i) {
        file.record(i, 0, content(50));
    }
    const auto source = open_files({directory_.write("a", file.done())});
    EXPECT_FALSE(source->next_batch().empty());
    source->stop();
    EXPECT_TRUE(source->next_batch().empty());
    EXPECT_TRUE(source->ended());
    EXPECT_THAT(source->cut_offs(), IsEmpty());
}

TEST_F(OpenFiles, OneBadFileRefusesAll) {
    const std::string good = directory_.write("a.pcap", capture_of({1}));
    const std::string text = directory_.write("b.txt", OctetVector(100, 'x'));
    EXPECT_EQ(error_of([&] { open_files({good, text}); }),
              std::pair(text + ": not a capture file (neither pcap nor pcapng, plain or "
                               "compressed; give what tcpdump, dumpcap or Wireshark wrote)",
                        65));
    const std::string empty = directory_.write("c", {});
    EXPECT_EQ(error_of([&] { open_files({empty}); }),
              std::pair(empty + ": not a capture file (it is empty)", 65));
    const std::string missing = directory_.path("d");
    EXPECT_EQ(
        error_of([&] { open_files({good, missing}); }),
        std::pair(
            missing +
                ": cannot be opened: No such file or directory; check the path and its permissions",
            66));
}

TEST_F(OpenFiles, WrongUseIsRefused) {
    EXPECT_EQ(error_of([] { open_files({}); }).second, 64);
    EXPECT_EQ(error_of([] { open_files({"-", "-"}); }).second, 64);
}

/// Writes octets into a pipe a few at a time, as a slow capturing program would.
class SlowPipe {
  public:
    SlowPipe(OctetVector octets, std::size_t piece) : octets_(std::move(octets)) {
        EXPECT_EQ(::pipe2(ends_.data(), O_CLOEXEC), 0);
        writer_ = std::jthread([this, piece] {
            for (std::size_t at = 0; at < octets_.size(); at += piece) {
                const std::size_t count = std::min(piece, octets_.size() - at);
                EXPECT_EQ(::write(ends_[1], octets_.data() + at, count),
                          static_cast<ssize_t>(count));
                std::this_thread::sleep_for(std::chrono::microseconds(300));
            }
            ::close(ends_[1]);
        });
    }
    SlowPipe(const SlowPipe&) = delete;
    SlowPipe& operator=(const SlowPipe&) = delete;
    ~SlowPipe() {
        writer_.join();
        ::close(ends_[0]);
    }
    [[nodiscard]] int reading_end() const { return ends_[0]; }

  private:
    OctetVector octets_;
    std::array<int, 2> ends_{};
    std::jthread writer_;
};

/// Puts another descriptor in the place of standard input for a while.
class StandardInput {
  public:
    explicit StandardInput(int descriptor) : saved_(::dup(STDIN_FILENO)) {
        ::dup2(descriptor, STDIN_FILENO);
    }
    StandardInput(const StandardInput&) = delete;
    StandardInput& operator=(const StandardInput&) = delete;
    ~StandardInput() {
        ::dup2(saved_, STDIN_FILENO);
        ::close(saved_);
    }

  private:
    int saved_;
};

TEST_F(OpenFiles, ReadsStandardInputAsItArrives) {
    const OctetVector pcapng = PcapngFile()
                                   .interface(1)
                                   .enhanced(0, 1'000'000, content(60))
                                   .enhanced(0, 2'000'000, content(70))
                                   .done();
    const OctetVector pcap = capture_of({1, 2});
    for (const OctetVector& octets : {pcap, pcapng, testing::gzip(pcap), testing::zstd(pcapng),
                                      testing::compress_with("xz", pcap)}) {
        const SlowPipe pipe(octets, 7);
        const StandardInput in_place(pipe.reading_end());
        const auto source = open_files({"-"});
        EXPECT_EQ(source->describe(), "standard input");
        EXPECT_EQ(source->progress().octets_total, std::nullopt);
        const auto reading = read_all(*source);
        EXPECT_THAT(seconds_of(reading), ElementsAre(1, 2));
        EXPECT_THAT(reading.cut_offs, IsEmpty());
        EXPECT_EQ(source->progress().octets_read, octets.size());
    }
}

TEST_F(OpenFiles, StandardInputThatEndsEarlyIsCutOff) {
    OctetVector octets = capture_of({1, 2});
    octets.pop_back();
    const SlowPipe pipe(octets, 16);
    const StandardInput in_place(pipe.reading_end());
    const auto reading = read_paths({"-"});
    EXPECT_THAT(seconds_of(reading), ElementsAre(1));
    EXPECT_THAT(reading.cut_offs,
                ElementsAre("standard input: packet 2 is cut off at octet 95; read up to there"));
}

TEST_F(OpenFiles, StandardInputMergesWithFiles) {
    const std::string file = directory_.write("a", capture_of({2, 4}));
    const SlowPipe pipe(capture_of({1, 3, 5}), 11);
    const StandardInput in_place(pipe.reading_end());
    EXPECT_THAT(seconds_of(read_paths({file, "-"})), ElementsAre(1, 2, 3, 4, 5));
}

TEST_F(OpenFiles, StandardInputFromAFileIsReadOnceAndKnowsItsSize) {
    std::vector<std::string> paths;
    for (std::uint32_t i = 0; i < 40; ++i) {
        paths.push_back(directory_.write(fmt::format("{}", i), capture_of({10 + i})));
    }
    paths.emplace_back("-");
    const std::string path = directory_.write("in", capture_of({1, 100}));
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const StandardInput in_place(descriptor);
    const auto source = open_files(paths);
    EXPECT_NE(source->progress().octets_total, std::nullopt);
    const auto reading = read_all(*source);
    EXPECT_THAT(reading.frames, SizeIs(42));
    EXPECT_THAT(reading.cut_offs, IsEmpty());
    ::close(descriptor);
}

TEST_F(OpenFiles, AnEmptyStandardInputIsNoCapture) {
    const SlowPipe pipe({}, 1);
    const StandardInput in_place(pipe.reading_end());
    EXPECT_EQ(error_of([] { open_files({"-"}); }),
              std::pair(std::string("standard input: not a capture file (it is empty)"), 65));
}

}  // namespace
}  // namespace turnpike::capture
