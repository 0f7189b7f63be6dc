// Collects a flow's landmarks from its facts, and puts them in order of packets.
#include "turnpike/verdict/story.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <iterator>
#include <span>
#include <utility>

#include "turnpike/base/address_text.h"
#include "turnpike/base/keyed_hash.h"
#include "turnpike/base/text.h"

namespace turnpike::verdict {
namespace {

using facts::PacketMark;

/// What each mark of an injected reset means (facts::ResetMark).
constexpr std::array<std::pair<facts::ResetMark, const char*>, 4> mark_words{{
    {facts::ResetMark::ip_id, "its IP identification is out of line"},
    {facts::ResetMark::tcp_timestamp, "its TCP timestamp is missing or out of line"},
    {facts::ResetMark::data_after, "the server's data arrived after it"},
    {facts::ResetMark::both_ends, "both ends were reset at once"},
}};

// Nobody can make two names and clients that differ and have one key.
std::uint64_t key_of(std::string_view name, const base::IpAddress& client) {
    const auto& secret = base::HashKey::of_process();
    return secret.words(secret.text(name), client.hash());
}

std::uint64_t message_number(std::uint32_t index, bool response) noexcept {
    return std::uint64_t{index} * 2 + (response ? 2 : 1);
}

/// The words of the message with that number.
void write_message(const facts::Observation& observation, std::uint64_t message,
                   std::string& text) {
    const auto write = [&text](std::initializer_list<std::string_view> parts) {
        for (const auto part : parts) {
            text += part;
        }
    };
    const auto& query = observation.dns[(message - 1) / 2];
    if (message % 2 == 1) {
        base::AddressText resolver{};
        write({"the client asks ", base::render(query.resolver.address, resolver), " for ",
               base::escape(query.name), " (", facts::dns_type_name(query.type), ")"});
    } else {
        write({"the resolver answers ", facts::dns_rcode_name(query.rcode.value_or(0)), " with ",
               fmt::format_int(query.answers.size()).c_str(),
               query.answers.size() == 1 ? " record" : " records"});
    }
}

class Storyteller {
  public:
    /// Writes the events' text to `text`, and where it stands there.
    Storyteller(const facts::Observation& observation, const facts::Flow& flow,
                std::vector<StoryEvent>& events, std::string& text)
        : observation_(observation), flow_(flow), events_(events), text_(text) {}

    /// The queries for the flow's name, in order of packets.
    void tell(std::span<const StoryQueries::Query> queries) {
        names(queries);
        if (flow_.transport == facts::Transport::tcp) {
            connection();
        } else {
            if (flow_.client().packets > 0) {
                say(flow_.client().first, "the client sends its first packet");
            }
            say(flow_.server().first, "the first packet comes back");
        }
        handshake(*flow_.tls, "");
        handshake(*flow_.rare->dtls, "DTLS ");
        requests();
        transactions();
        media();
        quic();
        errors();
        silence();
        const auto number = [](const StoryEvent& event) { return event.at.number; };
        if (!std::ranges::is_sorted(events_, {}, number)) {
            std::ranges::stable_sort(events_, {}, number);
        }
    }

  private:
    void say(const PacketMark& at, std::string_view text) {
        if (at) {
            events_.push_back({at, text_.size(), text.size(), 0});
            text_ += text;
        }
    }
    // Most landmarks are absent: their words are not made.
    template <typename... Values>
        requires(sizeof...(Values) > 0)
    void say(const PacketMark& at, fmt::format_string<Values...> text, Values&&... values) {
        if (at) {
            const std::size_t begin = text_.size();
            fmt::format_to(std::back_inserter(text_), text, std::forward<Values>(values)...);
            events_.push_back({at, begin, text_.size() - begin, 0});
        }
    }
    // Those nearest to the beginning of the flow: a name may have been asked for any number of
    // times.
    void names(std::span<const StoryQueries::Query> queries) {
        constexpr std::size_t enough = 16;
        const auto began =
            std::min(flow_.client().first ? flow_.client().first.number : UINT64_MAX,
                     flow_.server().first ? flow_.server().first.number : UINT64_MAX);
        const auto before = static_cast<std::size_t>(
            std::ranges::upper_bound(queries, began, {}, &StoryQueries::Query::number) -
            queries.begin());
        const std::size_t end = std::min(std::max(before, enough), queries.size());
        const std::size_t begin = end - std::min(end, enough);
        for (const auto& query : queries.subspan(begin, end - begin)) {
            ask(query.index);
        }
        if (const std::size_t left_out = queries.size() - (end - begin); left_out > 0) {
            say(observation_.dns[queries[begin].index].start(),
                "the client asks for that name {} more times, not told here", left_out);
        }
    }

    void ask(std::uint32_t index) {
        const auto& query = observation_.dns[index];
        if (query.query) {
            events_.push_back({query.query, 0, 0, message_number(index, false)});
        }
        if (query.response) {
            events_.push_back({query.response, 0, 0, message_number(index, true)});
        }
    }

    void connection() {
        const auto& tcp = *flow_.tcp;
        const auto& client = flow_.client_of(tcp);
        const auto& server = flow_.server_of(tcp);
        say(tcp.syn, "the client opens the connection (SYN)");
        if (tcp.syns > 1) {
            say(tcp.last_syn, "the client's last of {} SYNs", tcp.syns);
        }
        say(tcp.syn_ack, "the server's side answers (SYN-ACK)");
        say(tcp.established, "the client completes the handshake");
        say(client.payload, flow_.tls->client_hello ? "the client sends its ClientHello"
                                                    : "the client sends its first data");
        if (client.payload_sends > 1) {
            say(client.payload_again, "the client has sent that {} times, {}", client.payload_sends,
                client.payload_acked ? "acknowledged" : "never acknowledged");
        }
        say(server.payload, "the server's side sends its first data");
        if (server.rst->at) {
            say(server.rst->at, reset_text());
        }
        say(server.rst->payload_after, "data of the server arrives after the reset");
        say(client.rst->at, "the client resets the connection");
        say(server.fin, "the server's side closes (FIN)");
        say(client.fin, "the client closes (FIN)");
    }

    [[nodiscard]] std::string reset_text() const {
        const auto& server = flow_.server_of(*flow_.tcp);
        std::string text = server.rst->before_syn_ack ? "a reset answers the SYN"
                                                      : "a reset comes from the server's side";
        for (const auto& [mark, words] : mark_words) {
            if ((server.rst->marks & static_cast<std::uint8_t>(mark)) != 0) {
                text += fmt::format("; {}", words);
            }
        }
        return text;
    }

    void handshake(const facts::TlsFacts& tls, const char* kind) {
        say(tls.server_hello, "the server answers with a {}ServerHello", kind);
        if (tls.certificate->at && !tls.certificate->names.empty()) {
            say(tls.certificate->at, "a certificate for {}, issued by {}",
                base::escape(tls.certificate->names.front()),
                base::escape(tls.certificate->issuer));
        }
        say(tls.server_alert->at, "the server's side sends fatal {}alert {}", kind,
            tls.server_alert->code);
        say(tls.client_alert->at, "the client sends fatal {}alert {}", kind,
            tls.client_alert->code);
    }

    void requests() {
        const auto& http = *flow_.rare->http;
        if (http.request) {
            say(http.request, "HTTP {} for {}", base::escape(http.method), base::escape(http.host));
        }
        if (http.location.empty()) {
            say(http.response, "HTTP answer {}", http.status);
        } else {
            say(http.response, "HTTP answer {}, to {}", http.status, base::escape(http.location));
        }
        const auto& proxy = *flow_.rare->proxy;
        if (proxy.request) {
            say(proxy.request, "the client asks the proxy for {}:{}",
                base::escape(proxy.target_host), proxy.target_port);
        }
        say(proxy.response, "the proxy answers {}", proxy.status);
    }

    void transactions() {
        constexpr std::size_t enough = 12;  // a call has thousands of consent checks (RFC 7675)
        const auto& rows = flow_.rare->transactions;
        for (std::size_t i = 0; i < std::min(rows.size(), enough); ++i) {
            const auto& transaction = observation_.stun[rows[i]];
            const auto method = facts::stun_method_name(transaction.method);
            const char* const who =
                transaction.side == flow_.client_side ? "the client" : "the far side";
            say(transaction.request, "{} sends a STUN {} {}{}", who, method,
                transaction.outcome == facts::StunOutcome::indication ? "indication" : "request",
                transaction.ice ? " (ICE)" : "");
            if (transaction.sends > 1) {
                say(transaction.last_request, "that {} has been sent {} times", method,
                    transaction.sends);
            }
            if (transaction.error_code == 0) {
                say(transaction.response, "the {} succeeds", method);
            } else {
                say(transaction.response, "the {} is answered with error {} {}", method,
                    transaction.error_code, base::escape(transaction.error_reason));
            }
        }
        if (rows.size() > enough) {
            say(observation_.stun[rows[enough]].request, "{} more STUN transactions follow",
                rows.size() - enough);
        }
    }

    void media() {
        const auto& media = *flow_.media;
        for (const auto side : {flow_.client_side, flow_.server_side()}) {
            const auto& sent = media.ends[side];
            const char* const from = side == flow_.client_side ? "the client" : "the far side";
            say(sent.rtp_first, "media from {} begins (RTP{})", from,
                media.through_relay ? " through the relay" : "");
            say(sent.rtp_last, "the last of {} RTP packets from {}", sent.rtp_packets, from);
        }
    }

    void quic() {
        const auto& client = flow_.client_of(*flow_.rare->quic);
        say(client.first_initial, "the client's first QUIC Initial");
        if (client.initials > 1) {
            say(client.last_initial, "the client's last of {} Initials", client.initials);
        }
        const auto& server = flow_.server_of(*flow_.rare->quic);
        say(server.first, "the server's first QUIC packet");
        say(server.close, "the server closes with code 0x{:x}", server.close_code);
    }

    void errors() {
        for (const auto index : flow_.rare->icmp) {
            const auto& error = observation_.icmp[index];
            say(error.at, "{} {} ICMPv{} type {} code {} about it", base::to_string(error.source),
                error.source == flow_.client().address() ? "(the client itself) sends" : "sends",
                error.icmp_version, error.type, error.code);
        }
    }

    void silence() {
        if (flow_.server().packets == 0) {
            say(flow_.client().last, "the last of {} packets; nothing ever came back",
                flow_.client().packets);
        } else if (flow_.client().unreplied > 2) {
            say(flow_.server().last, "the last packet from the server; the client sends {} more",
                flow_.client().unreplied);
        }
    }

    const facts::Observation& observation_;
    const facts::Flow& flow_;
    std::vector<StoryEvent>& events_;
    std::string& text_;
};

}  // namespace

void StoryQueries::prepare() const {
    const std::lock_guard lock(preparing_);
    if (prepared_) {
        return;
    }
    queries_.clear();
    queries_.reserve(observation_.dns.size());
    for (std::uint32_t i = 0; i < observation_.dns.size(); ++i) {
        const auto& query = observation_.dns[i];
        queries_.push_back({key_of(query.name, query.client), query.start().number, i});
    }
    std::ranges::sort(queries_);
    prepared_ = true;
}

std::span<const StoryQueries::Query> StoryQueries::of(std::string_view name,
                                                      const base::IpAddress& client) const {
    prepare();
    const auto found = std::ranges::equal_range(queries_, key_of(name, client), {}, &Query::key);
    return {found.begin(), found.end()};
}

std::span<const StoryEvent> Stories::tell(const facts::Flow& flow, std::string_view server_name) {
    events_.clear();
    text_.clear();
    std::string room;
    Storyteller(observation_, flow, events_, text_)
        .tell(queries_.of(base::lowered(server_name, room), flow.client().address()));
    return events_;
}

std::string_view Stories::text_of(const StoryEvent& event) {
    if (event.message == 0) {
        return std::string_view(text_).substr(event.begin, event.size);
    }
    message_.clear();
    write_message(observation_, event.message, message_);
    return message_;
}

}  // namespace turnpike::verdict
