// The words of the interface. Those of reasons and grades stand beside what they mean in
// remedies.cpp.
#include <array>

#include "turnpike/base/words.h"
#include "turnpike/verdict/fate.h"
#include "turnpike/verdict/result.h"

namespace turnpike::verdict {
namespace {

using base::Word;

constexpr std::array outcomes{
    Word{Outcome::passed, "passed"},
    Word{Outcome::blocked, "blocked"},
    Word{Outcome::inconclusive, "inconclusive"},
};
static_assert(base::in_order(outcomes));

constexpr std::array statuses{
    Word{Status::observed, "observed"},
    Word{Status::blocked, "blocked"},
    Word{Status::inconclusive, "inconclusive"},
    Word{Status::unmatched, "unmatched"},
};
static_assert(base::in_order(statuses));

constexpr std::array stages{
    Word{Stage::none, ""},       Word{Stage::dns, "dns"},   Word{Stage::tcp, "tcp"},
    Word{Stage::udp, "udp"},     Word{Stage::tls, "tls"},   Word{Stage::http, "http"},
    Word{Stage::proxy, "proxy"}, Word{Stage::quic, "quic"}, Word{Stage::stun, "stun"},
    Word{Stage::turn, "turn"},   Word{Stage::dtls, "dtls"}, Word{Stage::media, "media"},
};
static_assert(base::in_order(stages));

constexpr std::array headline_states{
    Word{HeadlineState::fails, "fails"},
    Word{HeadlineState::fallback, "fallback"},
    Word{HeadlineState::cannot_tell, "cannot_tell"},
    Word{HeadlineState::works, "works"},
};
static_assert(base::in_order(headline_states));

constexpr std::array fates{
    Word{Fate::unknown, "unknown"},
    Word{Fate::passed, "passed"},
    Word{Fate::interrupted, "interrupted"},
    Word{Fate::died_outward, "died_outward"},
    Word{Fate::died_inward, "died_inward"},
    Word{Fate::answered, "answered"},
    Word{Fate::between, "between"},
    Word{Fate::rebuilt, "rebuilt"},
    Word{Fate::unanswered, "unanswered"},
    Word{Fate::refused, "refused"},
    Word{Fate::local, "local"},
};
static_assert(base::in_order(fates));

}  // namespace

std::string_view to_string(Outcome value) noexcept {
    return word_of(outcomes, value);
}

std::string_view to_string(Status value) noexcept {
    return word_of(statuses, value);
}

std::string_view to_string(Stage value) noexcept {
    return word_of(stages, value);
}

std::string_view to_string(HeadlineState value) noexcept {
    return word_of(headline_states, value);
}

std::string_view to_string(Fate value) noexcept {
    return word_of(fates, value);
}

std::optional<Status> parse_status(std::string_view text) noexcept {
    return value_of(statuses, text);
}

}  // namespace turnpike::verdict
