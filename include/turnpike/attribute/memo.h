// Remembers what was worked out for an address or a name.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "turnpike/base/ip_address.h"
#include "turnpike/base/keyed_hash.h"

namespace turnpike::attribute {

/// Most flows lead to addresses and names that others led to just before. A fixed number of places,
/// in which newer keys displace older ones. Not thread-safe.
template <typename Key, typename Hash, std::size_t Places, typename Value>
class Memo {
  public:
    /// What `make` said of the key; valid until the next call.
    template <typename Wanted, typename Make>
    const Value& get(const Wanted& key, Make&& make) {
        Entry& entry = entries_[Hash{}(key) % Places];
        if (entry.key != key) {
            entry.value = std::forward<Make>(make)();
            entry.key = key;
        }
        return entry.value;
    }

  private:
    struct Entry {
        Key key{};  ///< no address, or no name: nothing is known, which is right for that key too
        Value value{};
    };
    std::vector<Entry> entries_{Places};
};

/// By address.
template <typename Value>
using AddressMemo = Memo<base::IpAddress, std::hash<base::IpAddress>, 8'192, Value>;
/// By name.
template <typename Value>
using NameMemo = Memo<std::string, base::KeyedTextHash, 2'048, Value>;

}  // namespace turnpike::attribute
