// Remembers what was worked out for a name.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "turnpike/base/keyed_hash.h"

namespace turnpike::attribute {

/// Most flows lead to names that others led to just before. A fixed number of places, in which
/// newer names displace older ones. Not thread-safe.
template <typename Value>
class NameMemo {
  public:
    /// What `make` said of the name; valid until the next call.
    template <typename Make>
    const Value& get(std::string_view name, Make&& make) {
        Entry& entry = entries_[base::HashKey::of_process().text(name) % places];
        if (entry.name != name) {
            entry.value = std::forward<Make>(make)();
            entry.name = name;
        }
        return entry.value;
    }

  private:
    static constexpr std::size_t places = 2'048;
    struct Entry {
        std::string name;  ///< empty: nothing is known, which is right for no name too
        Value value{};
    };
    std::vector<Entry> entries_{places};
};

}  // namespace turnpike::attribute
