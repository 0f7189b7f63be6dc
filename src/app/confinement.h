// What a run still needs once its input and its database are open, as the guard wants to know it.
#pragma once

#include <filesystem>

#include "turnpike/guard/guard.h"

namespace turnpike::app {

/// Has SQLite put what it cannot sort in memory into the folder of the database: others will be
/// closed. To be called before SQLite is used for the first time.
void spill_beside(const std::filesystem::path& database);

/// The needs of a process that writes to this database, which need not exist yet.
guard::Needs needs_of_writing(const std::filesystem::path& database);

/// The needs of a process that only reads it. Where a log lies beside it somebody may be writing,
/// and SQLite needs an index of the log, which readers make and write, too.
guard::Needs needs_of_reading(const std::filesystem::path& database);

/// guard::confine for a process that has nowhere else to say what is missing: prints it.
void confine_and_tell(const guard::Needs& needs);

/// Adds that the process removes this Unix socket when it ends, whoever it is by then. An empty
/// path: there is none.
void need_socket(const std::filesystem::path& socket, guard::Needs& needs);

}  // namespace turnpike::app
