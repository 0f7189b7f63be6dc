// Any octets as a result database: it is read within its bounds, or refused with its name.
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "fuzz/require.h"
#include "turnpike/base/error.h"
#include "turnpike/report/report.h"
#include "turnpike/store/reader.h"

using namespace turnpike;
using fuzz::require;

namespace {

const std::filesystem::path& file() {
    static const std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("turnpike-fuzz-" + std::to_string(::getpid()));
    return path;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::ofstream(file(), std::ios::binary)
        .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
    try {
        store::Reader reader(file());
        for (const auto& run : reader.runs()) {
            std::size_t octets = 0;
            report::render(reader, run, report::Format::json, {},
                           [&octets](std::string_view text) { octets += text.size(); });
        }
    } catch (const base::Error& error) {
        require(std::string_view(error.what()).find(file().filename().string()) !=
                std::string_view::npos);
    }
    std::filesystem::remove(file());
    return 0;
}
