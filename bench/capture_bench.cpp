// Reading frames from a file, side by side with an empty loop over libpcap. The file is generated,
// sits in the page cache, and both must count the same frames and octets before they are timed.
// TURNPIKE_BENCH_MB sets its size (default 500).
#include <pcap/pcap.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "turnpike/capture/source.h"

namespace {

namespace fs = std::filesystem;

/// What a reader found, to be compared.
struct Count {
    std::uint64_t frames = 0;
    std::uint64_t octets = 0;
    friend bool operator==(const Count&, const Count&) = default;
};

/// Captures of a call mix, written once and removed at the end.
class Captures {
  public:
    Captures()
        : directory_(fs::temp_directory_path() / ("turnpike-bench-" + std::to_string(::getpid()))) {
        fs::create_directory(directory_);
        const char* const megabytes = std::getenv("TURNPIKE_BENCH_MB");
        const std::uint64_t size =
            std::strtoull(megabytes == nullptr ? "500" : megabytes, nullptr, 10) << 20U;
        write(pcap(), size, &Captures::pcap_header, &Captures::pcap_record);
        write(pcapng(), size, &Captures::pcapng_header, &Captures::pcapng_record);
    }
    Captures(const Captures&) = delete;
    Captures& operator=(const Captures&) = delete;
    ~Captures() { fs::remove_all(directory_); }

    [[nodiscard]] std::string pcap() const { return (directory_ / "mix.pcap").string(); }
    [[nodiscard]] std::string pcapng() const { return (directory_ / "mix.pcapng").string(); }

  private:
    using Words = std::vector<std::uint32_t>;

    static void put(std::string& out, const Words& words) {
        out.append(reinterpret_cast<const char*>(words.data()), words.size() * sizeof(words[0]));
    }
    static void pcap_header(std::string& out) {
        put(out, {0xA1B2C3D4, 0x00040002, 0, 0, 262144, 1});
    }
    static void pcap_record(std::string& out, std::uint32_t i, const std::string& frame) {
        const auto size = static_cast<std::uint32_t>(frame.size());
        put(out, {1'700'000'000 + i / 1000, i % 1000 * 1000, size, size});
        out += frame;
    }
    static void pcapng_header(std::string& out) {
        put(out, {0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0xFFFFFFFF, 0xFFFFFFFF, 28, 1, 20, 1, 0, 20});
    }
    static void pcapng_record(std::string& out, std::uint32_t i, const std::string& frame) {
        const auto size = static_cast<std::uint32_t>(frame.size());
        const std::uint32_t length = 32 + ((size + 3) & ~3U);
        const std::uint64_t time = 1'700'000'000'000'000 + std::uint64_t{i} * 1000;
        put(out, {6, length, 0, static_cast<std::uint32_t>(time >> 32U),
                  static_cast<std::uint32_t>(time), size, size});
        out += frame;
        out.resize((out.size() + 3) & ~std::size_t{3});
        put(out, {length});
    }
    /// Audio, video, acknowledgements and signalling by turns.
    template <typename Header, typename Record>
    static void write(const std::string& path, std::uint64_t size, Header header, Record record) {
        constexpr std::array<std::size_t, 8> sizes{214, 1080, 66, 214, 1210, 120, 214, 66};
        constexpr std::size_t piece = 4U << 20U;
        std::ofstream file(path, std::ios::binary);
        std::string out;
        header(out);
        std::uint32_t i = 0;
        for (std::uint64_t written = 0; written < size;) {
            while (out.size() < piece) {
                record(out, i, std::string(sizes[i % sizes.size()], static_cast<char>(i)));
                ++i;
            }
            file.write(out.data(), static_cast<std::streamsize>(out.size()));
            written += out.size();
            out.clear();
        }
    }

    fs::path directory_;
};

const Captures& captures() {
    static const Captures files;
    return files;
}

Count read_with_turnpike(const std::string& path) {
    Count count;
    const auto source = turnpike::capture::open_files({path});
    for (auto batch = source->next_batch(); !batch.empty(); batch = source->next_batch()) {
        count.frames += batch.size();
        for (const auto& frame : batch) {
            count.octets += frame.bytes.size();
        }
    }
    return count;
}

Count read_with_libpcap(const std::string& path) {
    Count count;
    std::array<char, PCAP_ERRBUF_SIZE> error{};
    pcap_t* const pcap = ::pcap_open_offline(path.c_str(), error.data());
    if (pcap == nullptr) {
        return count;
    }
    pcap_pkthdr* header = nullptr;
    const u_char* octets = nullptr;
    while (::pcap_next_ex(pcap, &header, &octets) == 1) {
        ++count.frames;
        count.octets += header->caplen;
    }
    ::pcap_close(pcap);
    return count;
}

template <Count (*Read)(const std::string&), std::string (Captures::*Path)() const>
void read_file(benchmark::State& state) {
    const std::string path = (captures().*Path)();
    const Count expected = read_with_libpcap(path);
    if (expected.frames == 0 || Read(path) != expected) {
        state.SkipWithError("the readers do not agree");
        return;
    }
    for (auto _ : state) {
        benchmark::DoNotOptimize(Read(path));
    }
    const auto rounds = static_cast<std::int64_t>(state.iterations());
    state.SetItemsProcessed(rounds * static_cast<std::int64_t>(expected.frames));
    state.SetBytesProcessed(rounds * static_cast<std::int64_t>(fs::file_size(path)));
}

/// The two loops by turns over the same file, so that both see the same machine; the ratio is the
/// figure to look at.
void ratio_to_libpcap(benchmark::State& state) {
    using Clock = std::chrono::steady_clock;
    const std::string path = captures().pcap();
    std::chrono::duration<double> ours{};
    std::chrono::duration<double> theirs{};
    for (auto _ : state) {
        const auto begin = Clock::now();
        const Count a = read_with_turnpike(path);
        const auto middle = Clock::now();
        const Count b = read_with_libpcap(path);
        const auto end = Clock::now();
        if (a != b) {
            state.SkipWithError("the readers do not agree");
            return;
        }
        ours += middle - begin;
        theirs += end - middle;
    }
    state.counters["turnpike/libpcap"] = ours / theirs;
}

BENCHMARK(read_file<read_with_turnpike, &Captures::pcap>)
    ->Name("capture/pcap/turnpike")
    ->Unit(benchmark::kMillisecond);
BENCHMARK(read_file<read_with_libpcap, &Captures::pcap>)
    ->Name("capture/pcap/libpcap")
    ->Unit(benchmark::kMillisecond);
BENCHMARK(read_file<read_with_turnpike, &Captures::pcapng>)
    ->Name("capture/pcapng/turnpike")
    ->Unit(benchmark::kMillisecond);
BENCHMARK(read_file<read_with_libpcap, &Captures::pcapng>)
    ->Name("capture/pcapng/libpcap")
    ->Unit(benchmark::kMillisecond);
BENCHMARK(ratio_to_libpcap)->Name("capture/pcap/ratio")->Unit(benchmark::kMillisecond);

}  // namespace
