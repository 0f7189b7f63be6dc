// Capture files from anywhere: the octets are a whole file, of any format and compression. What
// must hold is that reading ends, stays within the file and counts from 1.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>

#include "capture/capture_file.h"
#include "capture/octet_input.h"
#include "turnpike/base/bytes.h"
#include "turnpike/base/error.h"

namespace {

using turnpike::base::Bytes;
using turnpike::capture::CaptureFile;
using turnpike::capture::OctetInput;

// A decompression bomb would only cost time here: the reader keeps one buffer.
constexpr std::size_t most_batches = 200;

/// Gives out the input in pieces, so that records are cut by the buffer as well.
class PiecesOfMemory final : public OctetInput {
  public:
    PiecesOfMemory(Bytes octets, std::size_t piece) : octets_(octets), piece_(piece) {}
    std::size_t read(std::span<std::uint8_t> into) override {
        const std::size_t count = std::min({into.size(), piece_, octets_.size() - position_});
        std::copy_n(octets_.data() + position_, count, into.data());
        position_ += count;
        return count;
    }
    [[nodiscard]] const std::string& failure() const noexcept override { return failure_; }
    [[nodiscard]] std::uint64_t octets_read() const noexcept override { return position_; }

  private:
    Bytes octets_;
    std::size_t piece_;
    std::size_t position_ = 0;
    std::string failure_;
};

/// A sum over all that was read, so that every octet of a view is touched.
struct Digest {
    std::uint64_t frames = 0;
    std::uint64_t octets = 0;
    std::uint64_t sum = 0;
    friend bool operator==(const Digest&, const Digest&) = default;
};

Digest read(Bytes octets, std::size_t piece) {
    Digest digest;
    try {
        CaptureFile file("FILE", std::make_unique<PiecesOfMemory>(octets, piece));
        for (std::size_t i = 0; i < most_batches; ++i) {
            const auto batch = file.next_batch();
            if (batch.empty()) {
                break;
            }
            for (const auto& frame : batch) {
                if (frame.number != ++digest.frames || frame.wire_length < frame.bytes.size()) {
                    std::abort();
                }
                digest.octets += frame.bytes.size();
                for (const std::uint8_t octet : frame.bytes) {
                    digest.sum = digest.sum * 31 + octet;
                }
            }
        }
        static_cast<void>(file.drops());
    } catch (const turnpike::base::Error&) {
        // Not a capture.
    }
    return digest;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes octets{data, size};
    const Digest whole = read(octets, size + 1);
    // Batches differ by pieces, so only an input that ends within the limit compares.
    const Digest pieces = read(octets, 13);
    if (whole.frames < most_batches && whole != pieces) {
        std::abort();
    }
    return 0;
}
