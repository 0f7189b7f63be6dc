// Databases that an earlier turnpike wrote: brought up to date to be written to, and read as they
// are.
#pragma once

#include "store/database.h"

namespace turnpike::store {

/// Brings the tables and views of an older database up to date, in one transaction, keeping all its
/// rows. Does nothing to one that is up to date.
void bring_up_to_date(Database& database);

/// Lets a connection that cannot write read an older database through the views of this layout, by
/// views of its own; what was not recorded then is 0 or missing. Does nothing to one that is up to
/// date.
void see_as_current(Database& database);

}  // namespace turnpike::store
