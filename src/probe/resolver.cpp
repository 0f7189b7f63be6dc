// Asks names with c-ares, from the audit's own ports.
#include "turnpike/probe/resolver.h"

#include <ares.h>
#include <ares_nameser.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/select.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>

#include "turnpike/base/error.h"
#include "turnpike/base/text.h"

namespace turnpike::probe {
namespace {

using base::Error;
using base::ExitStatus;

constexpr int internet = 1;             // class IN, RFC 1035
constexpr int type_https = 65;          // RFC 9460
constexpr int ask_again_after = 2'000;  // milliseconds until it is asked again
constexpr int most_questions = 2;

int use_block(ares_socket_t socket, int, void* data) {
    int domain = AF_INET;
    socklen_t octets = sizeof domain;
    ::getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &domain, &octets);
    static_cast<PortBlock*>(data)->bind(socket, domain == AF_INET6);
    return 0;  // a question from another port is better than none
}

struct Answer {
    std::vector<base::IpAddress> addresses;
    bool over = false;
};

template <typename Record, typename Parse, typename Convert>
void collect(Answer& answer, unsigned char* bytes, int count, Parse parse, Convert convert) {
    constexpr int most = 64;
    std::array<Record, most> records{};
    int found = most;
    if (parse(bytes, count, nullptr, records.data(), &found) == ARES_SUCCESS) {
        for (int i = 0; i < found; ++i) {
            answer.addresses.push_back(convert(records.at(static_cast<std::size_t>(i))));
        }
    }
}

void on_a(void* data, int status, int, unsigned char* bytes, int count) {
    auto& answer = *static_cast<Answer*>(data);
    answer.over = true;
    if (status == ARES_SUCCESS) {
        collect<ares_addrttl>(answer, bytes, count, ares_parse_a_reply, [](const auto& record) {
            return base::IpAddress::v4(ntohl(record.ipaddr.s_addr));
        });
    }
}

void on_aaaa(void* data, int status, int, unsigned char* bytes, int count) {
    auto& answer = *static_cast<Answer*>(data);
    answer.over = true;
    if (status == ARES_SUCCESS) {
        collect<ares_addr6ttl>(answer, bytes, count, ares_parse_aaaa_reply, [](const auto& record) {
            std::array<std::uint8_t, 16> octets{};
            std::memcpy(octets.data(), &record.ip6addr, octets.size());
            return base::IpAddress::from_octets(octets);
        });
    }
}

void on_other(void* data, int, int, unsigned char*, int) {
    static_cast<Answer*>(data)->over = true;
}

}  // namespace

class Resolver::Channel {
  public:
    Channel() {
        ares_options options{};
        options.timeout = ask_again_after;
        options.tries = most_questions;
        options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_EDNS;
        if (::ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS ||
            ::ares_init_options(&channel_, &options,
                                ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_FLAGS) !=
                ARES_SUCCESS) {
            throw Error(ExitStatus::io_error, "the resolver library does not start");
        }
    }
    ~Channel() {
        ::ares_destroy(channel_);
        ::ares_library_cleanup();
    }
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    void ask(const std::string& server) const {
        if (!server.empty() &&
            ::ares_set_servers_ports_csv(channel_, server.c_str()) != ARES_SUCCESS) {
            throw Error(ExitStatus::usage,
                        fmt::format("--resolver {}: give an address, or ADDRESS:PORT",
                                    base::escape(server)));
        }
    }
    [[nodiscard]] ares_channel get() const noexcept { return channel_; }
    /// Moves what is under way on, for a tenth of a second at most.
    void turn() const {
        fd_set reading;
        fd_set writing;
        FD_ZERO(&reading);
        FD_ZERO(&writing);
        const int count = ::ares_fds(channel_, &reading, &writing);
        timeval slice{0, 20'000};
        timeval wait{};
        ::select(count, &reading, &writing, nullptr, ::ares_timeout(channel_, &slice, &wait));
        ::ares_process(channel_, &reading, &writing);
    }

  private:
    ares_channel channel_ = nullptr;
};

Resolver::Resolver(const std::string& server, PortBlock& ports)
    : channel_(std::make_unique<Channel>()) {
    channel_->ask(server);
    ::ares_set_socket_configure_callback(channel_->get(), use_block, &ports);
}

Resolver::~Resolver() = default;

void Resolver::check(const std::string& server) {
    Channel().ask(server);
}

std::vector<Addresses> Resolver::resolve(const std::vector<Question>& questions, double rate,
                                         const std::function<bool()>& stopped) {
    struct Asked {
        Answer v4;
        Answer v6;
        Answer https;
        [[nodiscard]] bool over() const noexcept { return v4.over && v6.over && https.over; }
    };
    using Clock = std::chrono::steady_clock;
    std::vector<Asked> asked(questions.size());
    const auto begin = Clock::now();
    std::size_t next = 0;
    auto* const channel = channel_->get();
    const auto waiting = [&] {
        return next < questions.size() || !std::ranges::all_of(asked, &Asked::over);
    };
    while (waiting()) {
        if (stopped()) {
            ::ares_cancel(channel);
            break;
        }
        const std::chrono::duration<double> passed = Clock::now() - begin;
        while (next < questions.size() && static_cast<double>(next) <= passed.count() * rate) {
            const auto& question = questions[next];
            auto& one = asked[next++];
            one.https.over = !question.as_browser;
            const auto* const name = question.name.c_str();
            ::ares_query(channel, name, internet, ns_t_a, on_a, &one.v4);
            ::ares_query(channel, name, internet, ns_t_aaaa, on_aaaa, &one.v6);
            if (question.as_browser) {
                ::ares_query(channel, name, internet, type_https, on_other, &one.https);
            }
        }
        channel_->turn();
    }
    std::vector<Addresses> found;
    for (auto& one : asked) {
        found.push_back({std::move(one.v4.addresses), std::move(one.v6.addresses)});
    }
    return found;
}

}  // namespace turnpike::probe
