// Any catalog entry, written for every firewall: whatever its texts hold, no line of the output
// holds a control character.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "fuzz/require.h"
#include "turnpike/base/error.h"
#include "turnpike/catalog/catalog.h"
#include "turnpike/catalog/export.h"
#include "turnpike/catalog/import.h"

using namespace turnpike;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    try {
        const auto parsed = catalog::parse_catalog(text, "FILE");
        const auto entries = catalog::export_revisions(parsed.choose({}), base::Timestamp{});
        for (const auto& word : catalog::firewall_words()) {
            const auto file = catalog::render_export(entries, *catalog::parse_firewall(word),
                                                     {.inside = {"lan0"}, .outside = {"wan0"}});
            fuzz::require(std::ranges::none_of(file.text, [](char c) {
                return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' && c != '\r';
            }));
        }
    } catch (const base::Error&) {
        return 0;  // no entry, or a side that this firewall does not have
    }
    return 0;
}
