// Reads and replaces files, asks the user, and makes text safe to show, for the catalog's
// actions.
#include "app/catalog_files.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <system_error>

#include "app/new_file.h"
#include "app/output.h"
#include "turnpike/base/error.h"
#include "turnpike/base/text.h"

namespace turnpike::app {

using base::Error;
using base::ExitStatus;

std::string read_whole(const std::filesystem::path& file,
                       const std::function<void()>& before_reading) {
    constexpr std::uintmax_t largest = std::uintmax_t{32} << 20U;
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    if (!error && size > largest) {
        throw Error(ExitStatus::bad_input, fmt::format("{}: {} bytes are too many (at most {})",
                                                       base::escape(file.string()), size, largest));
    }
    std::ifstream stream(file, std::ios::binary);
    if (error || !stream) {
        throw Error(ExitStatus::cannot_open,
                    fmt::format("{}: cannot be opened: {}; check the path and its permissions",
                                base::escape(file.string()),
                                error ? error.message() : std::strerror(errno)));
    }
    before_reading();
    return {std::istreambuf_iterator<char>(stream), {}};
}

std::string read_start(const std::filesystem::path& file, std::size_t octets) {
    std::ifstream stream(file, std::ios::binary);
    std::string text(octets, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(octets));
    text.resize(static_cast<std::size_t>(std::max(std::streamsize{0}, stream.gcount())));
    return text;
}

void replace_file(const std::filesystem::path& file, std::string_view text) {
    std::error_code error;
    std::filesystem::create_directories(file.parent_path(), error);
    auto draft = file;
    draft += fmt::format(".{}.new", ::getpid());
    create_file(draft, text);
    std::filesystem::rename(draft, file, error);
    if (error) {
        std::error_code ignored;
        std::filesystem::remove(draft, ignored);
        throw Error(ExitStatus::cannot_create,
                    fmt::format("{}: {}", base::escape(file.string()), error.message()));
    }
}

bool asked(std::string_view question) {
    write_out(fmt::format("{} [y/N] ", question));
    flush_out();
    std::string answer;
    std::getline(std::cin, answer);
    answer = base::to_lower(answer);
    if (::isatty(STDIN_FILENO) == 0) {
        write_out("\n");  // nobody pressed Enter
    }
    return answer == "y" || answer == "yes";
}

std::string escaped_lines(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        out += base::escape(text.substr(0, end)) + '\n';
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

}  // namespace turnpike::app
