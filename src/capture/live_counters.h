// Counters of lost frames: 32 bits in the kernel, 64 here.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <pcap/pcap.h>

#include "capture/live_input.h"

namespace turnpike::capture {

/// A 32-bit counter seen now and then, in 64 bits. It has to be seen more often than it wraps: at a
/// hundred million lost frames a second, every 40 s.
class WidenedCounter {
  public:
    /// Adds what came since the last value seen, across one wrap; returns the sum.
    std::uint64_t see(std::uint32_t value) noexcept {
        // Unsigned subtraction is the distance on the circle.
        total_ += value - last_;
        last_ = value;
        return total_;
    }
    [[nodiscard]] std::uint64_t total() const noexcept { return total_; }

  private:
    std::uint64_t total_ = 0;
    std::uint32_t last_ = 0;
};

/// What the kernel dropped because a handle's ring was full.
class KernelCounter {
  public:
    /// Frames dropped since the first call. libpcap's own `pcap_stats` opens files under /sys,
    /// which a confined process must not, so a packet socket is asked directly.
    std::uint64_t read(pcap_t* handle) noexcept;

  private:
    bool packet_socket_ = true;
    std::uint64_t dropped_ = 0;
    WidenedCounter widened_;
};

/// What an interface's driver or adapter lost before the kernel saw it, from the files the kernel
/// shows for it. They are opened once and read again and again.
class InterfaceCounter {
  public:
    InterfaceCounter() = default;
    /// `folder` is /sys/class/net/NAME/statistics. A file that is not there counts nothing.
    explicit InterfaceCounter(const std::string& folder);
    InterfaceCounter(const InterfaceCounter&) = delete;
    InterfaceCounter& operator=(const InterfaceCounter&) = delete;
    InterfaceCounter(InterfaceCounter&& other) noexcept { files_.swap(other.files_); }
    InterfaceCounter& operator=(InterfaceCounter&& other) noexcept {
        files_.swap(other.files_);
        return *this;
    }
    ~InterfaceCounter();

    /// Frames lost since it was made.
    std::uint64_t read() noexcept;

  private:
    struct File {
        int descriptor = -1;
        std::uint64_t last = 0;
        std::uint64_t lost = 0;
    };
    std::vector<File> files_;
};

/// The counter of an interface by name; one that counts nothing where /sys shows those of another
/// network namespace, or the name is that of no interface ("any").
InterfaceCounter interface_counter(const std::string& name);

}  // namespace turnpike::capture
