// Rows that refer to a feed, filled from its rows.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "turnpike/catalog/catalog.h"

namespace turnpike::catalog {

/// What the user gave for a setting; nothing if he did not.
using SettingValue = std::function<std::optional<std::string_view>(std::string_view)>;

/// The networks of the newest state of the feed that `destinations` refers to take the place of its
/// own, whose marks stay; the feed's names are added. Nothing happens if there is no such feed.
void fill_from_feed(Destinations& destinations, const Catalog& catalog,
                    const SettingValue& value_of);

}  // namespace turnpike::catalog
