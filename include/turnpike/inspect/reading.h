// What a payload says by itself, read by whoever looks at packets ahead of the Inspector.
#pragma once

#include <cstdint>

namespace turnpike::inspect {

/// A DnsReading or a HelloReading. Packets carry one pointer for both: they go from one processor's
/// cache to another's, and every octet counts there.
struct Reading {
    /// Which of them.
    enum class Kind : std::uint8_t { dns, hello };

    Kind kind;

  protected:
    explicit constexpr Reading(Kind of_kind) noexcept : kind(of_kind) {}
};

/// The reading as the type that it has; null if it is another's, or there is none.
template <typename Type>
const Type* reading_as(const Reading* reading) noexcept {
    return reading != nullptr && reading->kind == Type::own_kind ? static_cast<const Type*>(reading)
                                                                 : nullptr;
}

}  // namespace turnpike::inspect
