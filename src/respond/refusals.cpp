// Counts refused datagrams, and prints a line about them now and then.
#include "respond/refusals.h"

#include <fmt/core.h>

namespace turnpike::respond {

void Refusals::add(const base::Endpoint& source, const proof::Decoded& decoded) {
    ++count_;
    const auto from = base::to_string(source);
    switch (decoded.refusal) {
        case proof::Refusal::not_ours:
            say(fmt::format("{}: not a probe", from));
            break;
        case proof::Refusal::wrong_key:
            say(fmt::format("{}: made with another key; give both sides the same file", from));
            break;
        case proof::Refusal::wrong_time:
            say(fmt::format(
                "{}: its clock is {} s {} this one; set both (at most {} s may lie "
                "between them)",
                from, std::abs(decoded.clock_off.count()),
                decoded.clock_off.count() > 0 ? "ahead of" : "behind", proof::tolerance.count()));
            break;
    }
}

void Refusals::add_replay(const base::Endpoint& source) {
    ++count_;
    say(fmt::format("{}: a datagram that was used before; no answer", base::to_string(source)));
}

void Refusals::say_once(const std::string& line) {
    if (log_ && !said_once_) {
        log_(line);
    }
    said_once_ = true;
}

void Refusals::say(const std::string& line) {
    constexpr std::chrono::seconds between{10};
    const auto now = std::chrono::steady_clock::now();
    if (!log_ || (last_ && now - *last_ < between)) {
        return;
    }
    const auto more = count_ - told_ - 1;
    log_(more > 0 ? fmt::format("{} ({} more were refused since the last line)", line, more)
                  : line);
    told_ = count_;
    last_ = now;
}

}  // namespace turnpike::respond
