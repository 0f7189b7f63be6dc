// A whole capture file, compressed or not: read, decoded, inspected, judged by a small catalog,
// stored and rendered, as `turnpike analyze` does it.
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "app/engine.h"
#include "fuzz/require.h"
#include "turnpike/base/error.h"
#include "turnpike/catalog/catalog.h"
#include "turnpike/catalog/import.h"
#include "turnpike/catalog/index.h"
#include "turnpike/report/report.h"
#include "turnpike/store/reader.h"
#include "turnpike/store/writer.h"
#include "turnpike/verdict/evaluate.h"

using namespace turnpike;

namespace {

constexpr const char* entry = R"(
vendor: test
name: Test
products:
  - product: calls
    name: Calls
    revisions:
      - revision: undated
        source: {title: Test, location: here, kind: vendor}
        rules:
          - {id: signaling, purpose: signaling, ports: {tcp: [443]}, names: "*.example.org"}
          - {id: media, purpose: media, ports: {udp: [3478, 10000-20000]}, names: "*.example.org"}
          - {id: anywhere, purpose: media, ports: {udp: [1024-65535]}, names: ANY}
)";

const catalog::Index& index() {
    static const catalog::Catalog parsed = catalog::parse_catalog(entry, "FILE");
    static const catalog::Index made(parsed.choose({}), parsed.public_ech_names());
    return made;
}

std::filesystem::path file(const char* suffix) {
    return std::filesystem::temp_directory_path() /
           ("turnpike-fuzz-" + std::to_string(::getpid()) + suffix);
}

std::string rendered(store::Reader& reader, report::Format format) {
    std::string all;
    report::render(reader, reader.runs().at(0), format, {},
                   [&all](std::string_view text) { all += text; });
    return all;
}

/// JSON that another reader takes, UTF-8 and all.
void require_readable(const std::string& json) {
    boost::json::error_code error;
    boost::json::parse(json, error);
    fuzz::require(!error);
}

void analyze(const std::filesystem::path& capture, const std::filesystem::path& database) {
    const auto source = capture::open_files({capture.string()});
    app::Engine engine(*source, {.max_flows = 64, .max_recorded = 1'000, .hash_seed = 1});
    const auto reading = engine.read([](std::uint64_t) {});
    auto& observation = engine.observation();
    const auto result = verdict::evaluate(observation, index(), {});
    {
        store::Writer writer(database);
        writer.begin({.started_at = {}, .source = "FILE", .version = "0", .selectors = ""});
        writer.write_facts(observation);
        writer.write_verdicts(observation, result);
        writer.end(observation.quality, reading.breaks.empty());
    }
    store::Reader reader(database);
    require_readable(rendered(reader, report::Format::json));
    fuzz::require(!rendered(reader, report::Format::text).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto capture = file(".pcap");
    const auto database = file(".db");
    std::filesystem::remove(database);
    std::ofstream(capture, std::ios::binary)
        .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
    try {
        analyze(capture, database);
    } catch (const base::Error& error) {
        fuzz::require(error.status() == base::ExitStatus::bad_input);
    }
    std::filesystem::remove(capture);
    std::filesystem::remove(database);
    return 0;
}
