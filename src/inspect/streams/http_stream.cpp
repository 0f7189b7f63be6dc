// Reads the first request and its response, and hands over to what a CONNECT leads to.
#include "http_stream.h"

#include "inspect/orientation.h"
#include "turnpike/proto/tls.h"

namespace turnpike::inspect {
namespace {

using Next = Progress::Next;

constexpr std::size_t longest_head = std::size_t{64} << 10U;
constexpr std::uint16_t ok_first = 200;
constexpr std::uint16_t ok_last = 299;
constexpr std::uint16_t refusal_first = 400;

/// The rest of a head may still come.
bool may_become_whole(const PayloadContext& payload, base::Bytes octets, base::ParseError reason,
                      bool gap) noexcept {
    return reason == base::ParseError::truncated && octets.size() < longest_head && !payload.cut &&
           !gap;
}

/// What follows an answer to a CONNECT that comes later still.
bool waits_in_tunnel(base::Bytes octets) noexcept {
    return octets.size() < longest_head && proto::probe_tls(octets) != proto::Likelihood::no;
}

}  // namespace

Progress HttpStream::read(const PayloadContext& payload, base::Bytes octets, bool gap) {
    return payload.side == client_ ? read_request(payload, octets, gap)
                                   : read_response(payload, octets, gap);
}

Progress HttpStream::read_request(const PayloadContext& payload, base::Bytes octets, bool gap) {
    if (connect_) {
        return {};  // the tunnel's first octets, before the proxy answered: they wait
    }
    if (request_seen_ && !refused_) {
        return {octets.size(), Next::wait};  // the body of a request
    }
    auto request = proto::decode_http_request(octets);
    if (!request) {
        if (may_become_whole(payload, octets, request.error(), gap)) {
            return {};
        }
        request = proto::decode_http_request_prefix(octets);
    }
    if (!request) {
        return is_answer_to_tls(payload, octets) ? begin_tls(payload)
                                                 : no_request(payload, octets, request.error());
    }
    prove_client(payload, true);
    record(payload, *request);
    request_seen_ = true;
    refused_ = false;
    connect_ = request->connect;
    if (connect_ && before_request_ && may_precede(payload)) {
        return {request->size, answer_to_connect(payload.flow(), *before_request_)};
    }
    return {request->size, response_seen_ && !connect_ ? Next::finish : Next::more};
}

// Clocks of two captures may be far apart. Where the connection begins in the capture nothing else
// can have been answered.
bool HttpStream::may_precede(const PayloadContext& question) const {
    return !question.flow().tcp->midstream ||
           question.at.time - before_request_->at.time <= base::out_of_order;
}

bool HttpStream::refuses_ahead() const noexcept {
    return before_request_ && !request_seen_ && before_request_->status >= refusal_first;
}

// A server that speaks no TLS says so, and its answer was captured ahead of the ClientHello.
bool HttpStream::is_answer_to_tls(const PayloadContext& payload, base::Bytes octets) const {
    return refuses_ahead() && may_precede(payload) &&
           proto::probe_tls(octets) == proto::Likelihood::yes;
}

Progress HttpStream::begin_tls(const PayloadContext& payload) const {
    payload.flow().tls.make().plain_answer = before_request_->at;
    return {0, Next::protocol};
}

Progress HttpStream::no_request(const PayloadContext& payload, base::Bytes octets,
                                base::ParseError reason) const {
    if (refused_) {
        return {octets.size(), Next::wait};  // a body
    }
    context_.problems.count("http", reason);
    note_protocol(payload.flow(), facts::Protocol::http);
    return {0, Next::finish};
}

void HttpStream::record(const PayloadContext& payload, const proto::HttpRequest& request) const {
    facts::Flow& flow = payload.flow();
    note_protocol(flow, facts::Protocol::http);
    const std::string_view host =
        request.authority.host.empty() ? request.host : request.authority.host;
    facts::HttpFacts& facts = flow.rare.make().http.make();
    if (!request_seen_ && !facts.request) {
        facts.request = payload.at;
        facts.method.assign(request.method);
        facts.host.assign(request.has_host && !request.connect ? request.host : host);
    }
    if (request.connect) {
        facts::ProxyFacts& proxy = flow.rare.make().proxy.make();
        proxy.request = payload.at;
        proxy.response = {};  // a challenge, to the one before
        proxy.status = 0;
        proxy.names_itself = false;
        proxy.target_host.assign(request.authority.host);
        proxy.target_port = request.authority.port;
    }
    note_name(flow, host,
              request.connect ? facts::NameSource::connect : facts::NameSource::http_host);
}

Progress HttpStream::read_response(const PayloadContext& payload, base::Bytes octets, bool gap) {
    auto response = proto::decode_http_response(octets);
    if (!response) {
        if (may_become_whole(payload, octets, response.error(), gap)) {
            return {};
        }
        response = proto::decode_http_response_prefix(octets);
    }
    if (!response && before_request_ && !request_seen_ && waits_in_tunnel(octets)) {
        return {};
    }
    if (!response) {  // a body, or what the capture left of it
        const bool question_comes = refuses_ahead() && !payload.flow().tcp->midstream;
        return {octets.size(), connect_ || refused_ || question_comes ? Next::wait : Next::finish};
    }
    prove_client(payload, false);
    facts::Flow& flow = payload.flow();
    note_protocol(flow, facts::Protocol::http);
    if (response->interim()) {
        return {response->size, Next::more};
    }
    facts::HttpFacts& facts = flow.rare.make().http.make();
    if (!facts.response) {
        facts.response = payload.at;
        facts.status = response->status;
        facts.location.assign(response->location);
    }
    response_seen_ = true;
    const Answer answer{payload.at, response->status,
                        !response->via.empty() || response->proxy_field};
    if (connect_) {
        return {response->size, answer_to_connect(flow, answer)};
    }
    if (request_seen_) {
        return {response->size, refused_ ? Next::wait : Next::finish};
    }
    before_request_ = answer;
    return {response->size, Next::more};
}

Next HttpStream::answer_to_connect(facts::Flow& flow, const Answer& answer) {
    connect_ = false;
    facts::ProxyFacts& proxy = flow.rare.make().proxy.make();
    proxy.response = answer.at;
    proxy.status = answer.status;
    proxy.names_itself = answer.names_itself;
    if (answer.status >= ok_first && answer.status <= ok_last) {
        return Next::tunnel;
    }
    refused_ = true;
    return Next::more;
}

}  // namespace turnpike::inspect
