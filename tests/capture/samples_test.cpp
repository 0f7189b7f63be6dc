// Every capture of the shared samples is readable, with the number of frames and the link types
// that an independent reader counted. Skipped where the samples are not there.
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "capture/decompress.h"
#include "capture/octet_input.h"
#include "capture/support/reading.h"
#include "turnpike/capture/source.h"

namespace turnpike::capture {
namespace {

namespace fs = std::filesystem;

const fs::path& samples() {
    static const fs::path path = fs::path(TURNPIKE_SOURCE_DIR) / ".." / "shared" / "samples";
    return path;
}

/// The lines of a gzip file.
std::vector<std::string> lines_of(const fs::path& path) {
    const std::atomic<bool> stop = false;
    auto input =
        decompress(std::make_unique<FileInput>(path.string(), stop), {}, Compression::gzip);
    std::string text;
    testing::OctetVector piece(1U << 20U);
    for (std::size_t count = input->read(piece); count != 0; count = input->read(piece)) {
        text += base::as_text(base::Bytes{piece}.first(count));
    }
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

/// What stands behind `"key":` in JSON as the samples have it, up to one of `ends`.
std::string_view value_of(std::string_view json, const std::string& key, std::string_view ends) {
    const std::string quoted = "\"" + key + "\":";
    const std::size_t begin = json.find(quoted);
    if (begin == std::string_view::npos) {
        return {};
    }
    const std::string_view rest = json.substr(begin + quoted.size());
    return rest.substr(0, rest.find_first_of(ends));
}

/// Frames by link type, in the notation of the samples: `{"1":12,"101":3`.
std::string link_types_of(const std::map<std::string, std::size_t>& counts) {
    std::string text = "{";
    for (const auto& [link_type, count] : counts) {
        text += (text.size() > 1 ? ",\"" : "\"") + link_type + "\":" + std::to_string(count);
    }
    return text;
}

TEST(Samples, AreReadAsAnIndependentReaderDoes) {
    if (!fs::exists(samples() / "truth.jsonl.gz")) {
        GTEST_SKIP() << "no shared samples beside the source";
    }
    std::size_t captures = 0;
    for (const std::string& line : lines_of(samples() / "truth.jsonl.gz")) {
        const std::string_view read = std::string_view(line).substr(line.find("\"read\":"));
        std::string name(value_of(line, "file", ","));
        std::erase(name, '"');
        const auto source = open_files({(samples() / "captures" / name).string()});
        std::size_t frames = 0;
        std::map<std::string, std::size_t> link_types;
        for (auto batch = source->next_batch(); !batch.empty(); batch = source->next_batch()) {
            for (const Frame& frame : batch) {
                ++link_types[std::to_string(frame.link_type)];
                ++frames;
            }
        }
        EXPECT_EQ(std::to_string(frames), value_of(read, "packets", ",}")) << name;
        EXPECT_EQ(link_types_of(link_types), value_of(read, "linktypes", "}")) << name;
        EXPECT_TRUE(source->cut_offs().empty()) << name;
        ++captures;
    }
    EXPECT_GT(captures, 1000U);
}

}  // namespace
}  // namespace turnpike::capture
