// Any words behind a verb, one a line: understood, or one line that says what is wrong.
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "app/command_line.h"
#include "fuzz/require.h"
#include "turnpike/base/error.h"

using namespace turnpike;

namespace {

template <typename Parse>
void parse(Parse how, const std::vector<std::string>& words) {
    try {
        static_cast<void>(how(words));
    } catch (const base::Error& error) {
        fuzz::require(error.status() == base::ExitStatus::usage);
        fuzz::require(std::string_view(error.what()).find('\n') == std::string_view::npos);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::istringstream text(std::string(reinterpret_cast<const char*>(data), size));
    std::vector<std::string> words;
    for (std::string word; std::getline(text, word);) {
        if (word != "--help" && !word.starts_with("-h")) {  // prints it
            words.push_back(word);
        }
    }
    parse(app::parse_analyze, words);
    parse(app::parse_live, words);
    parse(app::parse_report, words);
    parse(app::parse_catalog, words);
    return 0;
}
