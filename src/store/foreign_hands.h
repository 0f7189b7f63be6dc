// What protects from a database that somebody else may have made: it is a program in SQL, run by
// whoever opens it (sqlite.org/security.html).
#pragma once

#include "store/database.h"

namespace turnpike::store {

/// Switches off what a schema could do by itself, and sets limits. For every connection, before
/// anything is read.
void defend(Database& database);

/// Throws base::Error (bad_input) if the schema is not what this program writes: tables with these
/// columns and indexes, no triggers, nothing virtual. Further tables and views of other people are
/// left alone; nothing of them is ever read. Of an older layout only what may act by itself is
/// looked for.
void require_own_schema(Database& database);

/// Puts this program's own text in place of the views in the file, for this connection only. For
/// the current layout.
void use_own_views(Database& database);

}  // namespace turnpike::store
