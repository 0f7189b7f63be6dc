// Any text after --listen: what is understood is printed and read back as the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "capture/mirror_listener.h"
#include "fuzz/require.h"
#include "turnpike/base/error.h"

using namespace turnpike;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        const auto listener = capture::parse_mirror_listener(text);
        const auto again = capture::parse_mirror_listener(capture::to_string(listener));
        require(again.port == listener.port && again.address == listener.address);
    } catch (const base::Error& error) {
        require(error.status() == base::ExitStatus::usage);
        require(std::string_view(error.what()).find('\n') == std::string_view::npos);
    }
    return 0;
}
