// What a run still needs once its input and its database are open, as the guard wants to know it.
#pragma once

#include <filesystem>

#include "turnpike/guard/guard.h"

namespace turnpike::app {

/// Has SQLite put what it cannot sort in memory into the folder of the database: others will be
/// closed. To be called before SQLite is used for the first time.
void spill_beside(const std::filesystem::path& database);

/// The needs of a process that goes on writing to this database, which exists by now.
guard::Needs needs_of_writing(const std::filesystem::path& database);

/// Adds that the process removes this Unix socket when it ends, whoever it is by then. An empty
/// path: there is none.
void need_socket(const std::filesystem::path& socket, guard::Needs& needs);

}  // namespace turnpike::app
