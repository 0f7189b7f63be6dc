// Replays the files of a corpus folder through a fuzz target, and each of them cut at a few places.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

// The name and form that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);  // NOLINT

int main(int argc, char** argv) {
    if (argc != 2 || !std::filesystem::is_directory(argv[1])) {
        std::fputs("usage: NAME_fuzz CORPUS_FOLDER\n", stderr);
        return 64;
    }
    std::size_t inputs = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[1])) {
        if (!entry.is_regular_file()) {
            continue;
        }
        std::ifstream file(entry.path(), std::ios::binary);
        const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
        const std::vector<std::uint8_t> octets(bytes.begin(), bytes.end());
        LLVMFuzzerTestOneInput(octets.data(), octets.size());
        const std::size_t step = std::max<std::size_t>(1, octets.size() / 64);
        for (std::size_t size = 0; size < octets.size(); size += step) {
            // A copy of the exact size, so that a sanitizer sees every read past its end.
            const std::vector<std::uint8_t> prefix(
                octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(size));
            LLVMFuzzerTestOneInput(prefix.data(), prefix.size());
        }
        ++inputs;
    }
    std::printf("%zu inputs\n", inputs);
    return inputs == 0 ? 1 : 0;
}
