// The one exception type of set-up and run time; never thrown for what a packet holds.
#pragma once

#include <stdexcept>
#include <string>

namespace turnpike::base {

/// Exit statuses of the program (sysexits.h values, fixed by the interface).
enum class ExitStatus : int {
    done = 0,            ///< EX_OK
    fail_on = 1,         ///< a status named by --fail-on occurred
    usage = 64,          ///< EX_USAGE
    bad_input = 65,      ///< EX_DATAERR: not a capture, database or catalog
    cannot_open = 66,    ///< EX_NOINPUT
    cannot_create = 73,  ///< EX_CANTCREAT
    io_error = 74,       ///< EX_IOERR: what was analysed so far is kept
    no_permission = 77,  ///< EX_NOPERM
};

/// Something that ends the command: one line (or several for a catalog) that says what, where and
/// what to do, and the exit status. Caught once, in app::main.
class Error : public std::runtime_error {
  public:
    /// `message` is what the user reads, without a final line end; what came from elsewhere was
    /// made printable before (base/printable.h).
    Error(ExitStatus status, const std::string& message)
        : std::runtime_error(message), status_(status) {}
    /// What the program ends with.
    [[nodiscard]] ExitStatus status() const noexcept { return status_; }

  private:
    ExitStatus status_;
};

}  // namespace turnpike::base
