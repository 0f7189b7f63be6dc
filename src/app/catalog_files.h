// Files and questions that the catalog's actions share.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace turnpike::app {

/// The whole of a file of at most 32 MiB, the longest of the feeds has 2. `before_reading` is
/// called once it is open. Throws base::Error (cannot_open, bad_input if it is larger).
std::string read_whole(
    const std::filesystem::path& file, const std::function<void()>& before_reading = [] {});
/// The first octets of a file; fewer if it is shorter, none if it cannot be read.
std::string read_start(const std::filesystem::path& file, std::size_t octets);
/// Writes a file in one step, its directory too if there is none: whoever reads it finds the old
/// text or the new one. Throws base::Error (cannot_create, io_error).
void replace_file(const std::filesystem::path& file, std::string_view text);

/// Asks on standard output; true if standard input answers "y" or "yes".
bool asked(std::string_view question);
/// Text of others, fit for a terminal, line by line.
std::string escaped_lines(std::string_view text);

}  // namespace turnpike::app
