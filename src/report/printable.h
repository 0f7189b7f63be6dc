// The names of base/printable.h, for the reports.
#pragma once

#include "turnpike/base/printable.h"

namespace turnpike::report {

using base::columns_of;
using base::counted;
using base::fitting;
using base::from_catalog;
using base::from_network;
using base::grouped;
using base::join_nonzero;
using base::shortened;
using base::shortened_list;
using base::volume;
using base::wrapped;

}  // namespace turnpike::report
