// The probe's side of the talk with `turnpike respond`.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "turnpike/base/descriptor.h"
#include "turnpike/base/ip_address.h"
#include "turnpike/proof/message.h"

namespace turnpike::probe {

/// One session with a responder, which ends with this. Any thread may ask; questions go out one at
/// a time, and each waits for its answer or gives up after some sends.
class Responder {
  public:
    /// Greets the responder at its agreed port. Throws base::Error (cannot_open) if it does not
    /// answer: one line with everything that can be the reason.
    Responder(const base::Endpoint& agreed, proof::Key key);
    ~Responder();
    Responder(const Responder&) = delete;
    Responder& operator=(const Responder&) = delete;

    /// A number that no other attempt of the session has.
    std::uint16_t next_attempt() noexcept { return next_++; }
    /// Announces an attempt. Empty if it may begin, else why not.
    std::string lease(std::uint16_t attempt, bool tcp, const base::Endpoint& target);
    /// The proof to carry in the attempt's payload, so that the responder knows it for ours.
    [[nodiscard]] proof::Token token(std::uint16_t attempt, bool tcp, std::uint16_t port) const;
    /// What it saw of the attempt; nothing if it does not say.
    std::optional<proof::Testimony> ask(std::uint16_t attempt);
    /// Packets from this address are this session's, too.
    void admit(const base::IpAddress& address);
    /// Asks for one more datagram on a UDP attempt after this time; false if it will not come.
    bool later(std::uint16_t attempt, std::chrono::milliseconds delay);

    /// This host's end of the session, before any address translation.
    [[nodiscard]] const base::Endpoint& from() const noexcept { return from_; }
    /// Hops that a packet of the responder may still have taken when it came; 0 unknown.
    [[nodiscard]] unsigned hop_limit() const noexcept { return hop_limit_; }

  private:
    std::optional<proof::Message> talk(proof::Message question, int tries);

    proof::Key key_;
    base::Descriptor socket_;
    std::mutex mutex_;  ///< one question at a time
    proof::SessionId session_{};
    std::uint16_t short_name_ = 0;
    std::atomic<std::uint16_t> next_{1};
    base::Endpoint from_;
    unsigned hop_limit_ = 0;
};

}  // namespace turnpike::probe
