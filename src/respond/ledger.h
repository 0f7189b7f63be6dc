// Who may try what, and what was seen of it: sessions, their leases, and nothing without a proof.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "turnpike/proof/message.h"

namespace turnpike::respond {

using Clock = std::chrono::steady_clock;

/// A port that is open because of somebody's attempts.
struct PortName {
    bool tcp = false;
    bool v6 = false;
    std::uint16_t port = 0;
    friend auto operator<=>(const PortName&, const PortName&) = default;
};

/// One attempt that a probe announced.
struct Lease {
    PortName port;
    base::IpAddress target;  ///< the address that the attempt goes to
    Clock::time_point ends;
    proof::Testimony seen;
};

struct Session {
    proof::SessionId id{};
    std::vector<base::IpAddress> addresses;  ///< that its packets come from
    std::map<std::uint16_t, Lease> leases;   ///< by attempt
    Clock::time_point ends;

    [[nodiscard]] bool knows(const base::IpAddress& address) const;
    void learn(const base::IpAddress& address);
};

/// All sessions, by short name. Bounded.
class Ledger {
  public:
    static constexpr std::size_t most_sessions = 16;
    static constexpr std::size_t most_leases = 512;
    static constexpr std::size_t most_addresses = 16;
    static constexpr std::chrono::seconds session_lives{60};
    static constexpr std::chrono::seconds lease_lives{15};

    /// The short name of the session, which is begun if it is new; nothing if there are too many.
    std::optional<std::uint16_t> begin(const proof::SessionId& id, Clock::time_point now);
    /// The session with this long name; null if there is none.
    Session* find(const proof::SessionId& id, Clock::time_point now);
    Session* find(std::uint16_t short_name);
    void end(const proof::SessionId& id);
    /// Lets go of what is over; true if a port may have to be closed.
    bool expire(Clock::time_point now);

    [[nodiscard]] std::map<std::uint16_t, Session>& sessions() noexcept { return sessions_; }
    [[nodiscard]] std::size_t leases() const;

  private:
    std::map<std::uint16_t, Session> sessions_;
    std::uint16_t next_ = 1;
};

}  // namespace turnpike::respond
