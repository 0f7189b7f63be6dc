// The words for the confidence of an attribution, and what proves a vendor.
#include "turnpike/attribute/attribution.h"

#include <array>

#include "turnpike/base/words.h"

namespace turnpike::attribute {
namespace {

using base::Word;

constexpr std::array confidences{
    Word{Confidence::exact, "exact"},
    Word{Confidence::dns, "dns"},
    Word{Confidence::context, "context"},
    Word{Confidence::port, "port"},
};
static_assert(base::in_order(confidences));

}  // namespace

std::string_view to_string(Confidence value) noexcept {
    return word_of(confidences, value);
}

bool proves_vendor(const std::vector<Attribution>& rules) noexcept {
    return !rules.empty() && rules.front().port != nullptr && !rules.front().shared &&
           rules.front().confidence <= Confidence::dns;
}

}  // namespace turnpike::attribute
