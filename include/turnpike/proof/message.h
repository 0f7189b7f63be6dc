// What a probe and its responder say to each other over the agreed UDP port. Every datagram has the
// same size whoever sends it, so that no answer weighs more than the question, and ends with a code
// under the shared key: whoever has no key gets no answer.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "turnpike/base/bytes.h"
#include "turnpike/base/ip_address.h"
#include "turnpike/base/time.h"
#include "turnpike/proof/key.h"

namespace turnpike::proof {

/// Octets of every datagram.
inline constexpr std::size_t message_octets = 256;
/// A datagram may be so old or from so far ahead.
inline constexpr std::chrono::seconds tolerance{30};
/// The port on which a responder listens unless told otherwise.
inline constexpr std::uint16_t default_port = 47'800;

/// A whole datagram as it goes over the wire.
using Datagram = std::array<std::uint8_t, message_octets>;
using SessionId = std::array<std::uint8_t, 16>;  ///< the probe's choice
/// Random octets that one datagram has for its own.
using Nonce = std::array<std::uint8_t, 8>;

/// What a datagram says. The probe asks, and the responder answers with the next one.
enum class Kind : std::uint8_t {
    hello = 1,  ///< probe: may I?
    welcome,    ///< responder: yes, and under this short name
    lease,      ///< probe: I am about to try this port
    leased,     ///< responder: what became of the lease
    ask,        ///< probe: what did you see of this attempt?
    told,       ///< responder: this
    later,      ///< probe: send one more answer after a while
    agreed,     ///< responder: it will come
    admit,      ///< probe: packets from this address are mine, too
    admitted,   ///< responder: so be it
    bye,        ///< probe: that was all
    farewell,   ///< responder: the session is over
};

/// What became of a lease.
enum class LeaseResult : std::uint8_t {
    granted,        ///< the port is open for the attempt
    in_use,         ///< another program has the port
    not_permitted,  ///< the responder may not open it
    too_many,       ///< there are too many leases already
};

/// What the responder saw of one attempt.
struct Testimony {
    std::uint32_t syns = 0;       ///< TCP SYNs from an address of the session
    std::uint32_t strangers = 0;  ///< SYNs from other addresses to the same port meanwhile
    std::uint32_t accepted = 0;   ///< connections
    std::uint32_t proofs = 0;     ///< payloads (TCP) or datagrams that carried the proof
    std::uint32_t answers = 0;    ///< sent
    base::Endpoint source;        ///< the last one that the session's packets came from
    base::Endpoint stranger;      ///< the last of the others
};

/// One datagram, either way. Fields that its kind does not use stay as they are.
struct Message {
    Kind kind = Kind::hello;
    SessionId session{};
    Nonce nonce{};             ///< an answer repeats the question's
    base::Timestamp time;      ///< the sender's clock
    std::uint16_t number = 0;  ///< welcome: the session's short name; else the attempt
    bool tcp = false;          ///< lease
    std::uint16_t port = 0;    ///< lease
    /// welcome: where the hello came from; lease: where the attempt goes to; admit: the address.
    base::Endpoint place;
    bool v6 = false;                            ///< lease
    LeaseResult result = LeaseResult::granted;  ///< leased
    std::uint32_t milliseconds = 0;             ///< later
    bool known = false;                         ///< told, agreed: the attempt is known
    Testimony testimony;                        ///< told
};

/// The datagram that says this, padded to its size and with its code at the end.
Datagram encode(const Message& message, const Key& key);

/// Why a datagram was not taken.
enum class Refusal : std::uint8_t {
    not_ours,    ///< no message of this protocol
    wrong_key,   ///< its code is not one under this key
    wrong_time,  ///< older or newer than `tolerance` allows
};
/// The message of a datagram, or why there is none.
struct Decoded {
    std::optional<Message> message;
    Refusal refusal = Refusal::not_ours;
    std::chrono::seconds clock_off{};  ///< of wrong_time: how far the sender's clock is ahead
};
/// `now`: this side's clock.
Decoded decode(base::Bytes datagram, const Key& key, base::Timestamp now);

/// The proof that one attempt carries wherever its protocol has room: short name of the session,
/// number of the attempt, and a code over both, the session, the transport and the port.
using Token = std::array<std::uint8_t, 12>;
/// What a token says in clear.
struct TokenParts {
    std::uint16_t session = 0;
    std::uint16_t attempt = 0;
};
/// The proof for one attempt. `port`: the one it goes to, host order.
Token make_token(const Key& key, const SessionId& session, TokenParts parts, bool tcp,
                 std::uint16_t port);
/// Reads the two numbers. Says nothing of the code: compare with what make_token() gives.
TokenParts parts_of(const Token& token) noexcept;

/// Nonces that were used, so that a recorded datagram cannot be used again. Bounded: as old
/// datagrams are refused by their time, only those of the last minute have to be remembered.
class Replays {
  public:
    /// False if it was used before, or if there is no room for one more.
    bool fresh(const SessionId& session, const Nonce& nonce, base::Timestamp now);

  private:
    using Mark = std::array<std::uint8_t, sizeof(SessionId) + sizeof(Nonce)>;
    static constexpr std::size_t most = 50'000;
    /// Two generations of `tolerance` twice: what is in neither is too old anyhow.
    std::vector<Mark> now_;
    std::vector<Mark> before_;
    base::Timestamp turned_;
};

}  // namespace turnpike::proof
