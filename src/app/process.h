// What the process itself needs before anything else happens.
#pragma once

namespace turnpike::app {

/// Opens what is closed of descriptors 0 to 2 on /dev/null, so that no file or link gets their
/// numbers and with them what is meant for the terminal; has a file that may not grow (ulimit -f)
/// be an error, not a signal.
void prepare_process() noexcept;

}  // namespace turnpike::app
