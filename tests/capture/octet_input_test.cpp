// Reading files and pipes: sizes, errors, and a stop while waiting.
#include "capture/octet_input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/support/octets.h"
#include "capture/support/reading.h"

namespace turnpike::capture {
namespace {

using testing::content;
using testing::error_of;
using testing::OctetVector;
using testing::TemporaryDirectory;

class FileInputTest : public ::testing::Test {
  protected:
    TemporaryDirectory directory_;
    std::atomic<bool> stop_ = false;
};

TEST_F(FileInputTest, ReadsAFileAndKnowsItsSize) {
    FileInput input(directory_.write("a", content(100)), stop_);
    EXPECT_TRUE(input.is_regular());
    EXPECT_EQ(input.octets_total(), 100U);
    std::array<std::uint8_t, 64> octets{};
    EXPECT_EQ(input.read(octets), 64U);
    EXPECT_EQ(input.octets_read(), 64U);
    EXPECT_EQ(input.read(octets), 36U);
    EXPECT_EQ(octets[35], content(100)[99]);
    EXPECT_EQ(input.read(octets), 0U);
    EXPECT_EQ(input.failure(), "");
}

TEST_F(FileInputTest, SaysWhyAFileCannotBeOpened) {
    const std::string missing = directory_.path("missing");
    EXPECT_EQ(
        error_of([&] { FileInput(missing, stop_); }),
        std::pair(
            missing +
                ": cannot be opened: No such file or directory; check the path and its permissions",
            66));
    const std::string directory = directory_.path("");
    EXPECT_EQ(error_of([&] { FileInput(directory, stop_); }),
              std::pair(directory + ": is a directory; name the capture files in it", 66));
    if (::geteuid() != 0) {
        const std::string secret = directory_.write("secret", content(1));
        ::chmod(secret.c_str(), 0);
        EXPECT_EQ(
            error_of([&] { FileInput(secret, stop_); }),
            std::pair(
                secret +
                    ": cannot be opened: Permission denied; check the path and its permissions",
                66));
    }
}

TEST_F(FileInputTest, AFileThatShrinksEnds) {
    const std::string path = directory_.write("a", content(100'000));
    FileInput input(path, stop_);
    std::array<std::uint8_t, 1000> octets{};
    EXPECT_EQ(input.read(octets), 1000U);
    ASSERT_EQ(::truncate(path.c_str(), 1500), 0);
    EXPECT_EQ(input.read(octets), 500U);
    EXPECT_EQ(input.read(octets), 0U);
}

TEST_F(FileInputTest, SaysWhyReadingFailed) {
    // The first page of a process is never mapped: reading there fails.
    FileInput input("/proc/self/mem", stop_);
    std::array<std::uint8_t, 16> octets{};
    EXPECT_EQ(input.read(octets), 0U);
    EXPECT_EQ(input.failure(), "reading failed: Input/output error");
}

TEST_F(FileInputTest, StopEndsTheWaitForAPipe) {
    const std::string path = directory_.path("pipe");
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    const int keep_open = ::open(path.c_str(), O_RDWR);
    FileInput input(path, stop_);
    EXPECT_FALSE(input.is_regular());
    EXPECT_EQ(input.octets_total(), std::nullopt);
    std::jthread stopper([this] {
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
        stop_ = true;
    });
    std::array<std::uint8_t, 16> octets{};
    EXPECT_EQ(input.read(octets), 0U);
    EXPECT_EQ(input.failure(), "");
    ::close(keep_open);
}

}  // namespace
}  // namespace turnpike::capture
