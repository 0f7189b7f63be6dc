// What the program prints: results on standard output, errors and warnings on standard error.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "turnpike/base/error.h"

namespace turnpike::app {

/// Standard output takes no more (io_error): the disk is full, or the reader of a pipe has gone.
class OutputError : public base::Error {
  public:
    explicit OutputError(const std::string& message)
        : base::Error(base::ExitStatus::io_error, message) {}
};

/// Writes to standard output. Throws OutputError if it cannot.
void write_out(std::string_view text);
/// Pushes out what is buffered; throws like write_out.
void flush_out();

/// One line on standard error: "turnpike: ..." (each line of a longer message by itself).
void print_error(std::string_view message) noexcept;

/// Whether standard output is a terminal that shows colors (NO_COLOR and TERM=dumb say no).
bool output_shows_color() noexcept;
/// The columns of the terminal that standard output is, 60 to 200; nothing if it is none.
std::optional<std::size_t> output_width() noexcept;
/// Whether standard error is a terminal.
bool errors_go_to_terminal() noexcept;

}  // namespace turnpike::app
