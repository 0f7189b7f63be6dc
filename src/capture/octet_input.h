// Where the octets of a capture file come from: a descriptor, or a decompressor in front of one.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace turnpike::capture {

/// A stream of octets.
class OctetInput {
  public:
    OctetInput() = default;
    OctetInput(const OctetInput&) = delete;
    OctetInput& operator=(const OctetInput&) = delete;
    virtual ~OctetInput() = default;

    /// Waits for at least one octet and says how many were put at the front of `into` (not empty).
    /// Zero means the end, a failure, or that the reader was asked to stop.
    virtual std::size_t read(std::span<std::uint8_t> into) = 0;
    /// Why the octets ended early, as a phrase; "" if the end is the end.
    [[nodiscard]] virtual const std::string& failure() const noexcept = 0;
    /// Octets taken from the file as stored (compressed, if it is).
    [[nodiscard]] virtual std::uint64_t octets_read() const noexcept = 0;
};

/// Reads a descriptor with read(2): measured on a page-cached capture, copying into a buffer that
/// stays in the second-level cache is faster than a mapping, and a file that shrinks meanwhile is
/// no signal but an end.
class FileInput final : public OctetInput {
  public:
    /// Opens a file, or standard input for "-". `stop` ends waiting for a pipe and must outlive
    /// this object. Throws base::Error (cannot_open).
    FileInput(const std::string& path, const std::atomic<bool>& stop);
    ~FileInput() override;

    std::size_t read(std::span<std::uint8_t> into) override;
    [[nodiscard]] const std::string& failure() const noexcept override { return failure_; }
    [[nodiscard]] std::uint64_t octets_read() const noexcept override { return octets_read_; }
    /// Unknown for a pipe.
    [[nodiscard]] std::optional<std::uint64_t> octets_total() const noexcept { return total_; }
    /// A regular file can be closed and opened again; a pipe cannot.
    [[nodiscard]] bool is_regular() const noexcept { return total_.has_value(); }

  private:
    [[nodiscard]] bool wait_for_octets() const;

    const std::atomic<bool>& stop_;
    int descriptor_ = -1;
    std::optional<std::uint64_t> total_;
    std::uint64_t octets_read_ = 0;
    std::string failure_;
};

}  // namespace turnpike::capture
