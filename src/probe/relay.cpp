// Logs in at a TURN server, and sends sound through it to itself.
#include "probe/relay.h"

#include <fmt/core.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <functional>
#include <optional>

#include "probe/attempts.h"
#include "turnpike/speak/media.h"
#include "turnpike/speak/random.h"
#include "turnpike/speak/turn.h"

namespace turnpike::probe {
namespace {

using namespace std::chrono_literals;
using speak::TransactionId;

constexpr std::uint16_t channel = 0x4001;  // RFC 8656 12
/// One way for so long is what a verdict takes for one-way media (docs/verdicts.md).
constexpr auto longest_silence = 4s;
constexpr auto sound_lasts = 1s;
constexpr auto between_packets = 20ms;

class RelaySession {
  public:
    RelaySession(int socket, const Attempt& attempt, const Ground& ground)
        : socket_(socket), attempt_(attempt), ground_(ground) {}

    /// What is to be told of it.
    std::string run(base::Bytes challenge) {
        auto login = speak::turn_login(challenge, ground_.turn_login->username,
                                       ground_.turn_login->password);
        if (!login) {
            return "the TURN server asked for no credentials";
        }
        const bool v6 = attempt_.to.address.is_v6();
        const auto allocated =
            ask([&](const TransactionId& id) { return speak::turn_allocate(id, *login, v6); });
        if (!allocated || !allocated->success) {
            return failure("Allocate", allocated);
        }
        const auto own = allocated->relayed;
        auto told = use(*login, own);
        send(speak::turn_release(new_id(), *login));
        return told;
    }

  private:
    std::string use(const speak::TurnLogin& login, const base::Endpoint& own) {
        const auto permitted =
            ask([&](const TransactionId& id) { return speak::turn_permission(id, login, own); });
        if (!permitted || !permitted->success) {
            return failure("CreatePermission", permitted);
        }
        const auto bound = ask(
            [&](const TransactionId& id) { return speak::turn_channel(id, login, channel, own); });
        if (!bound || !bound->success) {
            return failure("ChannelBind", bound);
        }
        const auto [sent, returned] = sound();
        return fmt::format("through the relay {}, {} of {} packets of sound came back",
                           base::to_string(own), returned, sent);
    }

    /// Packets sent and come back. Goes on a while if none does.
    std::pair<int, int> sound() {
        auto stream = speak::new_rtp_stream();
        const auto token = speak::random_array<12>();
        int sent = 0;
        int returned = 0;
        const auto begin = Clock::now();
        const auto goes_on = [&] {
            const auto lasted = Clock::now() - begin;
            return !ground_.stopped() &&
                   (lasted < sound_lasts || (returned == 0 && lasted < longest_silence));
        };
        while (goes_on()) {
            send(speak::channel_data(channel, speak::next_rtp_packet(stream, token)));
            ++sent;
            returned += hear(between_packets);
        }
        constexpr auto last_ones = 300ms;
        return {sent, returned + hear(last_ones)};
    }

    /// Packets on the channel within this time.
    int hear(std::chrono::milliseconds time) {
        const auto until = Clock::now() + time;
        int heard = 0;
        while (wait_for(socket_, POLLIN, until, ground_.stopped)) {
            const auto bytes = receive();
            heard += bytes.size() > 4 && bytes[0] == channel >> 8U && bytes[1] == (channel & 0xffU)
                         ? 1
                         : 0;
        }
        return heard;
    }

    /// The answer to a request, which is sent again as RFC 8489 6.2.1 has it.
    std::optional<speak::TurnAnswer> ask(
        const std::function<speak::Octets(const TransactionId&)>& request) {
        const auto id = new_id();
        const auto octets = request(id);
        constexpr std::array waits{500ms, 1200ms, 1600ms};
        for (const auto wait : waits) {
            send(octets);
            const auto until = Clock::now() + wait;
            while (wait_for(socket_, POLLIN, until, ground_.stopped)) {
                if (auto answer = speak::turn_answer(receive(), id)) {
                    return answer;
                }
            }
        }
        return std::nullopt;
    }

    [[nodiscard]] static std::string failure(std::string_view step,
                                             const std::optional<speak::TurnAnswer>& answer) {
        return answer ? fmt::format("the TURN server refused {} with {}{}", step, answer->error,
                                    answer->error == 401 ? "; check --turn-credentials" : "")
                      : fmt::format("{} was not answered", step);
    }

    static TransactionId new_id() {
        return speak::random_array<std::tuple_size_v<TransactionId>>();
    }
    void send(const speak::Octets& octets) const noexcept {
        ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL);
    }
    base::Bytes receive() {
        const auto count = ::recv(socket_, buffer_.data(), buffer_.size(), 0);
        return base::Bytes(buffer_).first(count > 0 ? static_cast<std::size_t>(count) : 0);
    }

    int socket_;
    const Attempt& attempt_;
    const Ground& ground_;
    std::array<std::uint8_t, 4096> buffer_{};
};

}  // namespace

void carry_media(int socket, base::Bytes challenge, const Attempt& attempt, const Ground& ground,
                 Made& made) {
    made.remark = fmt::format(
        "{} udp {}: {}", attempt.name.empty() ? base::to_string(attempt.to.address) : attempt.name,
        attempt.to.port, RelaySession(socket, attempt, ground).run(challenge));
}

}  // namespace turnpike::probe
