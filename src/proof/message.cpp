// Writes and reads the datagrams between probe and responder, and refuses replays.
#include "turnpike/proof/message.h"

#include <algorithm>
#include <string_view>

namespace turnpike::proof {
namespace {

constexpr std::string_view magic = "TPK1";
constexpr std::size_t code_octets = std::tuple_size_v<Code>;
constexpr std::size_t body_octets = message_octets - code_octets;
constexpr std::size_t address_octets = 16;

class Pen {
  public:
    explicit Pen(Datagram& datagram) : out_(datagram) {}
    void number(std::uint64_t value, std::size_t octets) {
        for (auto i = octets; i > 0; --i) {
            out_[at_ + i - 1] = static_cast<std::uint8_t>(value);
            value >>= 8U;
        }
        at_ += octets;
    }
    void bytes(base::Bytes bytes) {
        std::ranges::copy(bytes, out_.begin() + static_cast<std::ptrdiff_t>(at_));
        at_ += bytes.size();
    }
    void endpoint(const base::Endpoint& endpoint) {
        number(endpoint.address.version(), 1);
        const auto octets = endpoint.address.octets();
        if (endpoint) {
            bytes(octets);
        }
        at_ += address_octets - (endpoint ? octets.size() : 0);
        number(endpoint.port, 2);
    }

  private:
    Datagram& out_;
    std::size_t at_ = 0;
};

/// Reads what has been authenticated, so that its layout is known to be right.
class Glass {
  public:
    explicit Glass(base::Bytes bytes) : in_(bytes) {}
    std::uint64_t number(std::size_t octets) {
        std::uint64_t value = 0;
        for (const auto octet : take(octets)) {
            value = value << 8U | octet;
        }
        return value;
    }
    template <std::size_t Count>
    std::array<std::uint8_t, Count> array() {
        std::array<std::uint8_t, Count> out{};
        std::ranges::copy(take(Count), out.begin());
        return out;
    }
    base::Endpoint endpoint() {
        const auto version = number(1);
        const auto octets = take(address_octets);
        base::Endpoint endpoint;
        if (version == 4) {
            endpoint.address = base::IpAddress::from_octets(octets.first(4));
        } else if (version == 6) {
            endpoint.address = base::IpAddress::from_octets(octets);
        }
        endpoint.port = static_cast<std::uint16_t>(number(2));
        return endpoint;
    }

  private:
    base::Bytes take(std::size_t count) {
        const auto taken = in_.first(count);
        in_ = in_.subspan(count);
        return taken;
    }
    base::Bytes in_;
};

std::uint64_t milliseconds_of(base::Timestamp time) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count());
}

Token token_of(TokenParts parts, const Code& code) {
    Token token{};
    token[0] = static_cast<std::uint8_t>(parts.session >> 8U);
    token[1] = static_cast<std::uint8_t>(parts.session);
    token[2] = static_cast<std::uint8_t>(parts.attempt >> 8U);
    token[3] = static_cast<std::uint8_t>(parts.attempt);
    std::copy_n(code.begin(), token.size() - 4, token.begin() + 4);
    return token;
}

std::vector<std::uint8_t> told_of(std::string_view what, const SessionId& session,
                                  TokenParts parts) {
    std::vector<std::uint8_t> text(what.begin(), what.end());
    text.insert(text.end(), session.begin(), session.end());
    for (const unsigned value : {unsigned{parts.session}, unsigned{parts.attempt}}) {
        text.push_back(static_cast<std::uint8_t>(value >> 8U));
        text.push_back(static_cast<std::uint8_t>(value));
    }
    return text;
}

}  // namespace

Datagram encode(const Message& message, const Key& key) {
    Datagram datagram{};
    Pen pen(datagram);
    pen.bytes(base::as_bytes(magic));
    pen.number(static_cast<std::uint64_t>(message.kind), 1);
    pen.bytes(message.session);
    pen.bytes(message.nonce);
    pen.number(milliseconds_of(message.time), 8);
    pen.number(message.number, 2);
    pen.number(message.tcp ? 1 : 0, 1);
    pen.number(message.port, 2);
    pen.number(message.v6 ? 1 : 0, 1);
    pen.number(static_cast<std::uint64_t>(message.result), 1);
    pen.number(message.milliseconds, 4);
    pen.number(message.known ? 1 : 0, 1);
    pen.endpoint(message.place);
    const auto& told = message.testimony;
    for (const auto count : {told.syns, told.strangers, told.accepted, told.proofs, told.answers}) {
        pen.number(count, 4);
    }
    pen.endpoint(told.source);
    pen.endpoint(told.stranger);
    const auto code = key.code(base::Bytes(datagram).first(body_octets));
    std::ranges::copy(code, datagram.begin() + body_octets);
    return datagram;
}

Decoded decode(base::Bytes datagram, const Key& key, base::Timestamp now) {
    Decoded decoded;
    if (datagram.size() != message_octets || base::as_text(datagram.first(magic.size())) != magic) {
        return decoded;
    }
    if (!equal(key.code(datagram.first(body_octets)), datagram.subspan(body_octets))) {
        decoded.refusal = Refusal::wrong_key;
        return decoded;
    }
    Glass glass(datagram.subspan(magic.size()));
    Message message;
    message.kind = static_cast<Kind>(glass.number(1));
    message.session = glass.array<sizeof(SessionId)>();
    message.nonce = glass.array<sizeof(Nonce)>();
    message.time = base::Timestamp{std::chrono::milliseconds{glass.number(8)}};
    message.number = static_cast<std::uint16_t>(glass.number(2));
    message.tcp = glass.number(1) != 0;
    message.port = static_cast<std::uint16_t>(glass.number(2));
    message.v6 = glass.number(1) != 0;
    message.result = static_cast<LeaseResult>(glass.number(1));
    message.milliseconds = static_cast<std::uint32_t>(glass.number(4));
    message.known = glass.number(1) != 0;
    message.place = glass.endpoint();
    auto& told = message.testimony;
    for (auto* const count :
         {&told.syns, &told.strangers, &told.accepted, &told.proofs, &told.answers}) {
        *count = static_cast<std::uint32_t>(glass.number(4));
    }
    told.source = glass.endpoint();
    told.stranger = glass.endpoint();
    decoded.clock_off = std::chrono::duration_cast<std::chrono::seconds>(message.time - now);
    if (std::chrono::abs(message.time - now) > tolerance) {
        decoded.refusal = Refusal::wrong_time;
        return decoded;
    }
    decoded.message = message;
    return decoded;
}

Token make_token(const Key& key, const SessionId& session, TokenParts parts, bool tcp,
                 std::uint16_t port) {
    auto text = told_of("attempt", session, parts);
    text.push_back(tcp ? 6 : 17);
    text.push_back(static_cast<std::uint8_t>(port >> 8U));
    text.push_back(static_cast<std::uint8_t>(port));
    return token_of(parts, key.code(text));
}

TokenParts parts_of(const Token& token) noexcept {
    return {static_cast<std::uint16_t>(token[0] << 8U | token[1]),
            static_cast<std::uint16_t>(token[2] << 8U | token[3])};
}

bool Replays::fresh(const SessionId& session, const Nonce& nonce, base::Timestamp now) {
    if (now - turned_ > 2 * tolerance) {
        before_ = std::move(now_);
        now_.clear();
        turned_ = now;
    }
    Mark mark{};
    std::ranges::copy(session, mark.begin());
    std::ranges::copy(nonce, mark.begin() + sizeof(SessionId));
    const auto place = std::ranges::lower_bound(now_, mark);
    if (now_.size() >= most || (place != now_.end() && *place == mark) ||
        std::ranges::binary_search(before_, mark)) {
        return false;
    }
    now_.insert(place, mark);
    return true;
}

}  // namespace turnpike::proof
