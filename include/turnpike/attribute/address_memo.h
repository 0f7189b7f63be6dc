// Remembers what was worked out for an address.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "turnpike/base/ip_address.h"

namespace turnpike::attribute {

/// Most flows lead to addresses that others led to just before. A fixed number of places, in which
/// newer addresses displace older ones. Not thread-safe.
template <typename Value>
class AddressMemo {
  public:
    /// What `make` said of the address; valid until the next call.
    template <typename Make>
    const Value& get(const base::IpAddress& address, Make&& make) {
        Entry& entry = entries_[address.hash() % places];
        if (entry.address != address) {
            entry.value = std::forward<Make>(make)();
            entry.address = address;
        }
        return entry.value;
    }

  private:
    static constexpr std::size_t places = 8'192;
    struct Entry {
        base::IpAddress address;  ///< none: nothing is known, which is right for no address too
        Value value{};
    };
    std::vector<Entry> entries_{places};
};

}  // namespace turnpike::attribute
