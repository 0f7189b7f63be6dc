// Begins, finds and ends sessions, and forgets those that are too old.
#include "respond/ledger.h"

#include <algorithm>

namespace turnpike::respond {

bool Session::knows(const base::IpAddress& address) const {
    return std::ranges::find(addresses, address) != addresses.end();
}

void Session::learn(const base::IpAddress& address) {
    if (address && !knows(address) && addresses.size() < Ledger::most_addresses) {
        addresses.push_back(address);
    }
}

std::optional<std::uint16_t> Ledger::begin(const proof::SessionId& id, Clock::time_point now) {
    for (auto& [name, session] : sessions_) {
        if (session.id == id) {
            session.ends = now + session_lives;
            return name;
        }
    }
    if (sessions_.size() >= most_sessions) {
        return std::nullopt;
    }
    while (next_ == 0 || sessions_.contains(next_)) {
        ++next_;
    }
    sessions_[next_] = Session{id, {}, {}, now + session_lives};
    return next_++;
}

Session* Ledger::find(const proof::SessionId& id, Clock::time_point now) {
    for (auto& [name, session] : sessions_) {
        if (session.id == id) {
            session.ends = std::max(session.ends, now + session_lives);
            return &session;
        }
    }
    return nullptr;
}

Session* Ledger::find(std::uint16_t short_name) {
    const auto found = sessions_.find(short_name);
    return found == sessions_.end() ? nullptr : &found->second;
}

void Ledger::end(const proof::SessionId& id) {
    std::erase_if(sessions_, [&id](const auto& entry) { return entry.second.id == id; });
}

bool Ledger::expire(Clock::time_point now) {
    std::size_t gone =
        std::erase_if(sessions_, [now](const auto& entry) { return entry.second.ends < now; });
    for (auto& [name, session] : sessions_) {
        gone += std::erase_if(session.leases,
                              [now](const auto& entry) { return entry.second.ends < now; });
    }
    return gone > 0;
}

std::size_t Ledger::leases() const {
    std::size_t count = 0;
    for (const auto& [name, session] : sessions_) {
        count += session.leases.size();
    }
    return count;
}

}  // namespace turnpike::respond
