// Replays the files of a corpus folder through a fuzz target, and each of them cut at a few places.
// With TURNPIKE_FUZZ_SECONDS it goes on with changed copies of them for so long: no match for
// libFuzzer, but it needs no build of its own. TURNPIKE_FUZZ_SEED repeats a run that has failed.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

// The name and form that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);  // NOLINT

namespace {

using Octets = std::vector<std::uint8_t>;
using Random = std::mt19937_64;

std::vector<Octets> read_corpus(const char* folder) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file()) {
            paths.push_back(entry.path());
        }
    }
    std::ranges::sort(paths);
    std::vector<Octets> inputs;
    for (const auto& path : paths) {
        std::ifstream file(path, std::ios::binary);
        const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
        inputs.emplace_back(bytes.begin(), bytes.end());
    }
    return inputs;
}

void replay(const Octets& octets) {
    LLVMFuzzerTestOneInput(octets.data(), octets.size());
    const std::size_t step = std::max<std::size_t>(1, octets.size() / 64);
    for (std::size_t size = 0; size < octets.size(); size += step) {
        // A copy of the exact size, so that a sanitizer sees every read past its end.
        const Octets prefix(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(size));
        LLVMFuzzerTestOneInput(prefix.data(), prefix.size());
    }
}

std::size_t below(Random& random, std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random);
}

/// One input with a few octets changed, taken out or doubled, or with the end of another one.
Octets changed(const std::vector<Octets>& inputs, Random& random) {
    Octets octets = inputs[below(random, inputs.size())];
    for (std::size_t changes = 1 + below(random, 4); changes > 0 && !octets.empty(); --changes) {
        const std::size_t place = below(random, octets.size());
        const auto at = octets.begin() + static_cast<std::ptrdiff_t>(place);
        const auto to = at + static_cast<std::ptrdiff_t>(
                                 below(random, std::min<std::size_t>(octets.size() - place, 64)));
        switch (below(random, 5)) {
            case 0:
                *at = static_cast<std::uint8_t>(random());
                break;
            case 1:
                *at ^= static_cast<std::uint8_t>(1U << below(random, 8));
                break;
            case 2:
                octets.erase(at, to);
                break;
            case 3: {
                const Octets again(at, to);
                octets.insert(at, again.begin(), again.end());
                break;
            }
            default: {
                const Octets& other = inputs[below(random, inputs.size())];
                octets.erase(at, octets.end());
                octets.insert(
                    octets.end(),
                    other.begin() + static_cast<std::ptrdiff_t>(below(random, other.size() + 1)),
                    other.end());
            }
        }
    }
    octets.shrink_to_fit();
    return octets;
}

/// Returns how many changed inputs were tried.
std::size_t change_for(std::chrono::duration<double> time, const std::vector<Octets>& inputs) {
    const char* const given = std::getenv("TURNPIKE_FUZZ_SEED");
    const std::uint64_t seed =
        given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    std::printf("TURNPIKE_FUZZ_SEED=%llu\n", static_cast<unsigned long long>(seed));
    std::fflush(stdout);
    Random random(seed);
    const auto end = std::chrono::steady_clock::now() + time;
    std::size_t tried = 0;
    for (; std::chrono::steady_clock::now() < end; ++tried) {
        const Octets octets = changed(inputs, random);
        LLVMFuzzerTestOneInput(octets.data(), octets.size());
    }
    return tried;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2 || !std::filesystem::is_directory(argv[1])) {
        std::fputs("usage: [TURNPIKE_FUZZ_SECONDS=N] NAME_fuzz CORPUS_FOLDER\n", stderr);
        return 64;
    }
    const auto inputs = read_corpus(argv[1]);
    std::ranges::for_each(inputs, replay);
    std::printf("%zu inputs\n", inputs.size());
    if (inputs.empty()) {
        return 1;
    }
    if (const char* const seconds = std::getenv("TURNPIKE_FUZZ_SECONDS")) {
        std::printf(
            "%zu changed inputs\n",
            change_for(std::chrono::duration<double>(std::strtod(seconds, nullptr)), inputs));
    }
    return 0;
}
