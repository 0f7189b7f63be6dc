// The words for the confidence of an attribution.
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

}  // namespace turnpike::attribute
