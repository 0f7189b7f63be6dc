// compile_catalog OUT FILE...: a step of the build, which parses the built-in catalog once for all
// starts.
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <vector>

#include "turnpike/catalog/compiled.h"

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fputs("compile_catalog OUT FILE...\n", stderr);
        return 64;
    }
    try {
        const std::vector<std::filesystem::path> files(argv + 2, argv + argc);
        std::ofstream out(argv[1], std::ios::binary);
        out << turnpike::catalog::compile(files) << std::flush;
        return out ? 0 : 73;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 65;
    }
}
