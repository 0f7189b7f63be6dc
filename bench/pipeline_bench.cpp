// The whole way of a capture, and its stages one by one: frames to facts, facts to verdicts, both
// to rows. TURNPIKE_BENCH_CAPTURE names a capture to use; without it one of 20 MB is generated.
#include <sys/wait.h>
#include <unistd.h>

#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "app/catalog_choice.h"
#include "app/engine.h"
#include "turnpike/app/main.h"
#include "turnpike/capture/source.h"
#include "turnpike/store/reader.h"
#include "turnpike/store/writer.h"
#include "turnpike/verdict/evaluate.h"

namespace turnpike {
namespace {

constexpr unsigned flow_count = 1000;
constexpr unsigned packets_a_flow = 100;
constexpr std::size_t payload_size = 160;  // 20 ms of G.711

void append(std::string& bytes, std::uint64_t value, unsigned size) {
    while (size-- > 0) {
        bytes += static_cast<char>(value >> (8 * size));
    }
}

// One RTP packet (RFC 3550 5.1) of a flow in one direction, with its pcap record header.
void append_packet(std::string& file, unsigned flow, unsigned index, bool out) {
    constexpr unsigned frame_size = 14 + 20 + 8 + 12 + payload_size;
    const std::uint64_t time = 1'763'715'900'000'000'000ULL +
                               static_cast<std::uint64_t>(index) * 10'000'000 + flow * 1000ULL;
    append(file, time / 1'000'000'000, 4);
    append(file, time % 1'000'000'000, 4);
    append(file, frame_size, 4);
    append(file, frame_size, 4);
    append(file, 0x020000000001, 6);
    append(file, 0x020000000002, 6);
    append(file, 0x0800, 2);
    append(file, 0x4500, 2);
    append(file, frame_size - 14, 2);
    append(file, static_cast<std::uint16_t>(flow * 7 + index), 2);
    append(file, 0x40004011, 4);
    append(file, 0, 2);
    const std::uint32_t client = 0x0a000000U + flow;
    const std::uint32_t server = 0xcb007100U + flow % 200;
    append(file, out ? client : server, 4);
    append(file, out ? server : client, 4);
    append(file, out ? 40'000 : 20'000, 2);
    append(file, out ? 20'000 : 40'000, 2);
    append(file, frame_size - 34, 2);
    append(file, 0, 2);
    append(file, 0x8000, 2);  // version 2, PCMU
    append(file, index / 2, 2);
    append(file, index / 2 * 160, 4);
    append(file, flow * 2 + (out ? 0U : 1U), 4);
    file.append(payload_size, '\x55');
}

std::string generated_capture() {
    std::string file;
    append(file, 0xa1b23c4d, 4);  // big-endian, nanoseconds
    append(file, 0x00020004, 4);
    append(file, 0, 8);
    append(file, 65535, 4);
    append(file, 1, 4);
    for (unsigned index = 0; index < packets_a_flow; ++index) {
        for (unsigned flow = 0; flow < flow_count; ++flow) {
            append_packet(file, flow, index, index % 2 == 0);
        }
    }
    return file;
}

const std::string& capture_path() {
    static const std::string path = [] {
        if (const char* named = std::getenv("TURNPIKE_BENCH_CAPTURE")) {
            return std::string(named);
        }
        const auto place = std::filesystem::temp_directory_path() / "turnpike_pipeline_bench.pcap";
        std::ofstream(place, std::ios::binary) << generated_capture();
        return place.string();
    }();
    return path;
}

bool generated() {
    return std::getenv("TURNPIKE_BENCH_CAPTURE") == nullptr;
}

const catalog::Catalog& catalog() {
    static const auto loaded = app::load_catalog({TURNPIKE_SOURCE_DIR "/catalog"});
    return loaded;
}

// A capture that was read, for the stages behind the reading.
struct ReadCapture {
    std::unique_ptr<capture::Source> source = capture::open_files({capture_path()});
    app::Engine engine{*source};
    ReadCapture() {
        engine.read([](std::uint64_t) {});
    }
};

ReadCapture& read_capture() {
    static ReadCapture capture;
    return capture;
}

void set_rate(benchmark::State& state) {
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                            static_cast<std::int64_t>(std::filesystem::file_size(capture_path())));
}

void frames_to_facts(benchmark::State& state) {
    for (auto _ : state) {
        const auto source = capture::open_files({capture_path()});
        app::Engine engine(*source);
        const auto reading = engine.read([](std::uint64_t) {});
        const auto& facts = engine.observation();
        if (generated() &&
            (reading.frames != flow_count * packets_a_flow || facts.flows.size() != flow_count ||
             facts.rtp.size() != 2 * flow_count)) {
            state.SkipWithError("the facts are not those of the generated capture");
        }
    }
    set_rate(state);
}
BENCHMARK(frames_to_facts)->Unit(benchmark::kMillisecond)->UseRealTime();

void facts_to_verdicts(benchmark::State& state) {
    const auto& facts = read_capture().engine.observation();
    const auto revisions = catalog().current();
    for (auto _ : state) {
        const auto result = verdict::evaluate(facts, revisions);
        if (result.flows.size() != facts.flows.size()) {
            state.SkipWithError("not every flow has a verdict");
        }
    }
}
BENCHMARK(facts_to_verdicts)->Unit(benchmark::kMillisecond)->UseRealTime();

void facts_and_verdicts_to_rows(benchmark::State& state) {
    const auto& facts = read_capture().engine.observation();
    const auto result = verdict::evaluate(facts, catalog().current());
    const auto path = std::filesystem::temp_directory_path() / "turnpike_pipeline_bench.db";
    for (auto _ : state) {
        std::filesystem::remove(path);
        {
            store::Writer writer(path);
            writer.begin({});
            writer.write_facts(facts);
            writer.write_verdicts(facts, result);
            writer.end(facts.quality, true);
        }
        if (store::Reader(path).runs().at(0).flows != facts.flows.size()) {
            state.SkipWithError("not every flow is in the database");
        }
    }
    std::filesystem::remove(path);
}
BENCHMARK(facts_and_verdicts_to_rows)->Unit(benchmark::kMillisecond)->UseRealTime();

void analyze(benchmark::State& state) {
    const auto path = (std::filesystem::temp_directory_path() / "turnpike_pipeline.db").string();
    std::vector<std::string> words{
        "turnpike", "analyze", "--quiet",     "--catalog", TURNPIKE_SOURCE_DIR "/catalog",
        "--output", path,      capture_path()};
    std::vector<char*> arguments;
    for (auto& word : words) {
        arguments.push_back(word.data());
    }
    for (auto _ : state) {
        std::filesystem::remove(path);
        // A process of its own, as it is for users: it confines itself for good.
        const pid_t child = ::fork();
        if (child == 0) {
            ::_exit(app::main(static_cast<int>(arguments.size()), arguments.data()));
        }
        int status = -1;
        if (::waitpid(child, &status, 0) != child || status != 0) {
            state.SkipWithError("analyze failed");
        }
    }
    std::filesystem::remove(path);
    set_rate(state);
}
BENCHMARK(analyze)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace turnpike
