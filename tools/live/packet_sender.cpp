// Sends the frames of a capture file from memory, at a steady rate, and counts them exactly:
// what the load table and the soak run measure against.
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "renumber.h"

namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr const char* usage =
    "usage: packet_sender -i INTERFACE [--rate PACKETS_PER_SECOND] [--seconds S] [--loops N]\n"
    "                     [--renumber] CAPTURE\n"
    "Without --rate as fast as it goes; without --seconds and --loops once. --renumber moves the\n"
    "clients (all of 10.0.0.0/8) to other addresses in every loop.\n";

constexpr std::size_t batch = 64;  // frames a system call
/// Frames that became due are sent this often: fine enough for any ring, and the sender sleeps.
constexpr auto tick = 200us;

struct UsageError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct Options {
    std::string interface;
    std::string capture;
    double rate = 0;  // frames a second; 0: no limit
    double seconds = std::numeric_limits<double>::infinity();
    std::uint64_t loops = 0;  // 0: until the time is over
    bool renumber = false;
};

Options parse(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        const auto value = [&]() -> std::string {
            if (++i == argc) {
                throw UsageError(std::string(word) + " needs a value");
            }
            return argv[i];
        };
        if (word == "-i") {
            options.interface = value();
        } else if (word == "--rate") {
            options.rate = std::stod(value());
        } else if (word == "--seconds") {
            options.seconds = std::stod(value());
        } else if (word == "--loops") {
            options.loops = std::stoull(value());
        } else if (word == "--renumber") {
            options.renumber = true;
        } else if (word.starts_with('-') || !options.capture.empty()) {
            throw UsageError("unexpected " + std::string(word));
        } else {
            options.capture = word;
        }
    }
    if (options.interface.empty() || options.capture.empty()) {
        throw UsageError("an interface and a capture are needed");
    }
    if (options.loops == 0 && options.seconds == std::numeric_limits<double>::infinity()) {
        options.loops = 1;
    }
    return options;
}

/// All frames of a file, end to end.
struct Frames {
    std::vector<std::uint8_t> octets;
    std::vector<std::size_t> ends;

    [[nodiscard]] std::size_t size() const { return ends.size(); }
    load::Octets operator[](std::size_t index) {
        const std::size_t start = index == 0 ? 0 : ends[index - 1];
        return load::Octets(octets).subspan(start, ends[index] - start);
    }
};

Frames read(const std::string& path) {
    std::array<char, PCAP_ERRBUF_SIZE> error{};
    pcap_t* const file = pcap_open_offline(path.c_str(), error.data());
    if (file == nullptr) {
        throw std::runtime_error(error.data());
    }
    Frames frames;
    pcap_pkthdr* header = nullptr;
    const u_char* data = nullptr;
    int status = 0;
    while ((status = pcap_next_ex(file, &header, &data)) == 1) {
        frames.octets.insert(frames.octets.end(), data, data + header->caplen);
        frames.ends.push_back(frames.octets.size());
    }
    const bool ethernet = pcap_datalink(file) == DLT_EN10MB;
    pcap_close(file);
    if (status != PCAP_ERROR_BREAK || !ethernet || frames.size() == 0) {
        throw std::runtime_error(path + ": not a whole capture of Ethernet frames");
    }
    return frames;
}

int open_socket(const std::string& interface) {
    // Protocol 0: this socket only sends.
    const int descriptor = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_ifindex = static_cast<int>(if_nametoindex(interface.c_str()));
    if (descriptor < 0 || address.sll_ifindex == 0 ||
        bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        throw std::runtime_error(interface + ": " + std::strerror(errno));
    }
    // No queueing discipline: what the device does not take is refused, so nothing sent is lost.
    const int on = 1;
    if (setsockopt(descriptor, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on) != 0) {
        throw std::runtime_error(std::string("PACKET_QDISC_BYPASS: ") + std::strerror(errno));
    }
    return descriptor;
}

volatile std::sig_atomic_t interrupted = 0;
void interrupt(int /*signal*/) {
    interrupted = 1;
}

class Sender {
  public:
    Sender(const Options& options, Frames frames)
        : options_(options), frames_(std::move(frames)), socket_(open_socket(options.interface)) {
        for (std::size_t i = 0; options_.renumber && i < frames_.size(); ++i) {
            renumbering_.learn(frames_[i]);
        }
    }

    void run() {
        started_ = Clock::now();
        while (interrupted == 0 && (options_.loops == 0 || loop_ < options_.loops)) {
            const std::chrono::duration<double> elapsed = Clock::now() - started_;
            if (elapsed.count() >= options_.seconds) {
                break;
            }
            const std::uint64_t due =
                options_.rate > 0 ? static_cast<std::uint64_t>(elapsed.count() * options_.rate)
                                  : packets_ + batch;
            if (due > packets_) {
                send(std::min<std::uint64_t>(due - packets_, batch));
            } else {
                std::this_thread::sleep_for(tick);
            }
        }
        const std::chrono::duration<double> elapsed = Clock::now() - started_;
        std::printf("sent %llu packets, %llu octets in %.3f s (%.0f packets/s, %llu loops)\n",
                    static_cast<unsigned long long>(packets_),
                    static_cast<unsigned long long>(octets_), elapsed.count(),
                    static_cast<double>(packets_) / elapsed.count(),
                    static_cast<unsigned long long>(loop_));
    }

  private:
    /// Sends the next frames, at most `count` and to the end of the file.
    void send(std::size_t count) {
        count = std::min(count, frames_.size() - next_);
        std::array<mmsghdr, batch> messages{};
        std::array<iovec, batch> parts{};
        for (std::size_t i = 0; i < count; ++i) {
            const load::Octets frame = frames_[next_ + i];
            if (options_.renumber) {
                renumbering_.apply(frame, next_ + i, loop_);
            }
            parts[i] = {frame.data(), frame.size()};
            messages[i].msg_hdr.msg_iov = &parts[i];
            messages[i].msg_hdr.msg_iovlen = 1;
        }
        for (std::size_t done = 0; done < count && interrupted == 0;) {
            const int taken =
                sendmmsg(socket_, &messages[done], static_cast<unsigned>(count - done), 0);
            if (taken < 0 && errno != ENOBUFS && errno != EAGAIN && errno != EINTR) {
                throw std::runtime_error(options_.interface + ": " + std::strerror(errno) +
                                         " after " + std::to_string(packets_) + " packets");
            }
            for (int i = 0; i < taken; ++i, ++done, ++packets_, ++next_) {
                octets_ += parts[done].iov_len;
            }
        }
        if (next_ == frames_.size()) {
            next_ = 0;
            ++loop_;
        }
    }

    const Options& options_;
    Frames frames_;
    load::Renumbering renumbering_;
    int socket_;
    Clock::time_point started_;
    std::size_t next_ = 0;  // frame of the file
    std::uint64_t loop_ = 0;
    std::uint64_t packets_ = 0;
    std::uint64_t octets_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    try {
        const Options options = parse(argc, argv);
        Sender sender(options, read(options.capture));
        std::signal(SIGINT, interrupt);
        std::signal(SIGTERM, interrupt);
        prctl(PR_SET_TIMERSLACK, 1);  // nanosecond; else 50 microseconds are added to every sleep
        sender.run();
        return 0;
    } catch (const UsageError& error) {
        std::fprintf(stderr, "packet_sender: %s\n%s", error.what(), usage);
        return 64;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "packet_sender: %s\n", error.what());
        return 74;
    }
}
