// Reads the kernel's loss counters, and widens them to 64 bits.
#include "capture/live_counters.h"

#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <fstream>
#include <optional>

namespace turnpike::capture {
namespace {

/// The number a file of /sys holds, or nothing if the interface is gone.
std::optional<std::uint64_t> read_number(int descriptor) noexcept {
    std::array<char, 24> text{};
    const ssize_t size = ::pread(descriptor, text.data(), text.size(), 0);
    std::uint64_t value = 0;
    if (size <= 0 || std::from_chars(text.data(), text.data() + size, value).ec != std::errc{}) {
        return std::nullopt;
    }
    return value;
}

}  // namespace

std::uint64_t KernelCounter::read(pcap_t* handle) noexcept {
    tpacket_stats_v3 stats{};
    socklen_t size = sizeof stats;
    if (packet_socket_ &&
        ::getsockopt(::pcap_fileno(handle), SOL_PACKET, PACKET_STATISTICS, &stats, &size) == 0) {
        dropped_ += stats.tp_drops;  // the kernel begins again at zero with each answer
        return dropped_;
    }
    packet_socket_ = false;  // a netfilter log or the like
    pcap_stat counters{};
    if (::pcap_stats(handle, &counters) == 0) {
        widened_.see(counters.ps_drop);
    }
    return dropped_ + widened_.total();
}

InterfaceCounter::InterfaceCounter(const std::string& folder) {
    // Those that libpcap sums up as ps_ifdrop: no room in the adapter's ring, and its FIFO.
    for (const char* const name : {"rx_missed_errors", "rx_fifo_errors"}) {
        const int descriptor = ::open((folder + "/" + name).c_str(), O_RDONLY | O_CLOEXEC);
        if (descriptor >= 0) {
            files_.push_back(
                {.descriptor = descriptor, .last = read_number(descriptor).value_or(0), .lost = 0});
        }
    }
}

InterfaceCounter::~InterfaceCounter() {
    for (const File& file : files_) {
        ::close(file.descriptor);
    }
}

std::uint64_t InterfaceCounter::read() noexcept {
    std::uint64_t sum = 0;
    for (File& file : files_) {
        if (const auto value = read_number(file.descriptor)) {
            // Some drivers begin again at zero when the interface goes down and up.
            file.lost += *value >= file.last ? *value - file.last : *value;
            file.last = *value;
        }
        sum += file.lost;
    }
    return sum;
}

InterfaceCounter interface_counter(const std::string& name) {
    const std::string folder = "/sys/class/net/" + name;
    unsigned shown = 0;
    std::ifstream(folder + "/ifindex") >> shown;
    const unsigned index = ::if_nametoindex(name.c_str());
    return index != 0 && shown == index ? InterfaceCounter(folder + "/statistics")
                                        : InterfaceCounter();
}

}  // namespace turnpike::capture
