// The same conversation in other segments: how its octets are cut, in which order segments arrive
// within a window, and what is sent twice must not change a fact (but for numbers of packets).
// First octet: which conversation. Then, for each segment, its length and what becomes of it.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/require.h"
#include "inspect/support/messages.h"
#include "inspect/support/scene.h"
#include "turnpike/base/cursor.h"
#include "turnpike/flow/stream.h"
#include "turnpike/inspect/inspector.h"

using namespace turnpike;
using namespace turnpike::inspect;
using namespace turnpike::inspect::test;
using fuzz::require;

namespace {

struct Said {
    std::size_t end = 0;  ///< 0: the client
    Octets octets;
};
struct Conversation {
    std::uint16_t port = 0;
    std::vector<Said> said;
};

Octets text(std::string_view value) {
    return Writer().text(value).done();
}

Octets framed(const Octets& message) {
    return Writer().prefixed16(message).done();
}

std::vector<Conversation> conversations() {
    const Octets hello = tls_client_hello("meet.example", 1'500);
    const Octets answer = tls_server_hello();
    const Octets data = tls_application_data(300);
    return {
        {443, {{0, hello}, {1, answer}, {1, data}, {0, data}}},
        {443, {{0, hello}, {1, tls_alert(2, 40)}}},
        {80,
         {{0, text("GET /x HTTP/1.1\r\nHost: web.example\r\nAccept: */*\r\n\r\n")},
          {1, text("HTTP/1.1 302 Found\r\nLocation: http://block.example/\r\n\r\n")}}},
        {3128,
         {{0, text("CONNECT meet.example:443 HTTP/1.1\r\nHost: meet.example:443\r\n\r\n")},
          {1, text("HTTP/1.1 200 Connection established\r\n\r\n")},
          {0, hello},
          {1, answer}}},
        {1080,
         {{0, Writer().u8(5).u8(1).u8(0).done()},
          {1, Writer().u8(5).u8(0).done()},
          {0,
           Writer().u8(5).u8(1).u8(0).u8(3).prefixed8(base::as_bytes("m.example")).u16(443).done()},
          {1, Writer().u8(5).u8(0).u8(0).u8(1).u32(0).u16(0).done()},
          {0, hello},
          {1, answer}}},
        {53, {{0, framed(dns_query(7, "a.example"))}, {0, framed(dns_query(8, "b.example"))}}},
        {3478,
         {{0, stun_message(allocate_request, 1)},
          {1, stun_message(allocate_error, 1, {stun_error_code(401, "Unauthorized")})},
          {0, stun_message(allocate_request, 2)},
          {1, stun_message(allocate_success, 2)}}},
    };
}

/// The pieces in which an input sends a conversation.
class Segmentation {
  public:
    explicit Segmentation(base::Bytes input) : cursor_(input) {}

    void send(Connection& connection, const Said& said) {
        std::vector<std::pair<std::size_t, std::size_t>> pieces;  // begin, length
        std::uint8_t fate = 0;
        std::size_t overtaken = 0;  // by how many the last piece was
        for (std::size_t begin = 0; begin < said.octets.size();) {
            const std::size_t left = said.octets.size() - begin;
            std::size_t length = left;
            if (!cursor_.empty()) {
                // Whoever sends octet by octet at the beginning is not recognised in time.
                length = std::min(left, std::max<std::size_t>(cursor_.u8(), least));
                fate = cursor_.u8();
            }
            pieces.emplace_back(begin, length);
            if ((fate & 1U) != 0) {
                pieces.emplace_back(begin, length);  // sent again
            }
            const bool overtakes =
                (fate & 2U) != 0 && pieces.size() > 1 && overtaken < most_overtaken;
            if (overtakes) {
                std::swap(pieces.back(), pieces[pieces.size() - 2]);
            }
            overtaken = overtakes ? overtaken + 1 : 0;
            begin += length;
        }
        for (const auto& [begin, length] : pieces) {
            connection.send_at(said.end, static_cast<std::int32_t>(begin),
                               {said.octets.begin() + static_cast<std::ptrdiff_t>(begin),
                                said.octets.begin() + static_cast<std::ptrdiff_t>(begin + length)});
        }
        connection.skip(said.end, static_cast<std::uint32_t>(said.octets.size()));
    }

  private:
    static constexpr std::size_t least = 16;
    // Streams hold so many segments that came too early, and then give up what is missing.
    static constexpr std::size_t most_overtaken = flow::Stream::held_limit / 2;
    base::Cursor cursor_;
};

std::string facts_of(const Conversation& conversation, base::Bytes segmentation) {
    Scene scene({.hash_seed = 1});
    Connection connection(scene, endpoint("10.0.0.5", 50'000),
                          endpoint("192.0.2.1", conversation.port));
    connection.open();
    Segmentation segments(segmentation);
    for (const Said& said : conversation.said) {
        segments.send(connection, said);
    }
    const auto& seen = scene.finish();
    const auto& flow = seen.flows.at(0);
    std::string facts = std::to_string(static_cast<int>(flow.protocol)) + ' ' + *flow.server_name;
    const auto add = [&facts](auto value) { facts += ' ' + std::to_string(value); };
    for (const auto* const mark :
         {&flow.tls->client_hello, &flow.tls->server_hello, &flow.tls->server_record,
          &flow.tls->server_alert->at, &flow.rare->http->request, &flow.rare->http->response,
          &flow.rare->proxy->request, &flow.rare->proxy->response,
          &flow.rare->proxy->client_payload, &flow.rare->proxy->server_payload}) {
        add(mark->number != 0);
    }
    add(flow.tls->server_alert->code);
    add(flow.rare->http->status);
    add(flow.rare->proxy->status);
    add(flow.rare->proxy->established);
    add(flow.tcp->unseen());
    facts += flow.rare->http->host + flow.rare->http->location + flow.rare->proxy->target_host;
    for (const auto& hello : seen.hellos) {
        facts += ' ' + hello.sni + std::string(hello.ja4.view());
    }
    for (const auto& query : seen.dns) {
        facts += ' ' + query.name;
        add(query.sends);
    }
    for (const auto& transaction : seen.stun) {
        add(transaction.method);
        add(transaction.sends);
    }
    for (const auto& problem : seen.quality.problems) {
        facts += ' ' + problem.protocol + ' ' + problem.reason;
    }
    return facts;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::vector<Conversation> all = conversations();
    if (size == 0) {
        return 0;
    }
    const Conversation& conversation = all[data[0] % all.size()];
    require(facts_of(conversation, {}) == facts_of(conversation, {data + 1, size - 1}));
    return 0;
}
