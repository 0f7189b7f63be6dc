// Any text as the value of the small options: rotation, the place of /metrics, a selector.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuzz/require.h"
#include "turnpike/base/error.h"
#include "turnpike/monitor/metrics_server.h"
#include "turnpike/report/report.h"
#include "turnpike/store/rotation.h"

using namespace turnpike;

namespace {

template <typename Parse>
void parse(Parse how, std::string_view text) {
    try {
        static_cast<void>(how(text));
    } catch (const base::Error& error) {
        fuzz::require(error.status() == base::ExitStatus::usage);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    parse(store::parse_rotation, text);
    parse(monitor::MetricsAddress::parse, text);
    static_cast<void>(report::selects(text, {"vendor", "product", "revision"}));
    static_cast<void>(report::parse_format(text));
    return 0;
}
