// TLS, DTLS and HTTP: what the first message of a flow costs. Every benchmark checks its answer
// before it is timed.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "turnpike/base/bytes.h"
#include "turnpike/proto/dtls.h"
#include "turnpike/proto/http.h"
#include "turnpike/proto/ja4.h"
#include "turnpike/proto/tls_reader.h"

namespace {

using namespace turnpike::proto;
using turnpike::base::Bytes;
namespace base = turnpike::base;
using Octets = std::vector<std::uint8_t>;

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

void put_u16(Octets& octets, std::size_t value) {
    octets.push_back(static_cast<std::uint8_t>(value >> 8U));
    octets.push_back(static_cast<std::uint8_t>(value));
}
void put(Octets& octets, const Octets& more) {
    octets.insert(octets.end(), more.begin(), more.end());
}
void put_extension(Octets& octets, std::size_t type, const Octets& body) {
    put_u16(octets, type);
    put_u16(octets, body.size());
    put(octets, body);
}
Octets list_of(std::initializer_list<std::size_t> values, bool wide_length) {
    Octets body;
    if (wide_length) {
        put_u16(body, 2 * values.size());
    } else {
        body.push_back(static_cast<std::uint8_t>(2 * values.size()));
    }
    for (const auto value : values) {
        put_u16(body, value);
    }
    return body;
}

/// Extensions as a browser sends them; `key_share` octets of key.
Octets extensions(std::size_t key_share) {
    constexpr std::string_view name = "edge-7.turn.example.org";
    Octets all;
    put_extension(all, 0x3a3a, {});  // GREASE (RFC 8701)
    Octets server_name;
    put_u16(server_name, name.size() + 3);
    server_name.push_back(0);
    put_u16(server_name, name.size());
    server_name.insert(server_name.end(), name.begin(), name.end());
    put_extension(all, 0, server_name);
    put_extension(all, 23, {});
    put_extension(all, 0xff01, {0});
    put_extension(all, 10, list_of({0x8a8a, 0x11ec, 29, 23, 24}, true));
    put_extension(all, 11, {1, 0});
    put_extension(all, 35, {});
    put_extension(all, 16, {0, 12, 2, 'h', '2', 8, 'h', 't', 't', 'p', '/', '1', '.', '1'});
    put_extension(all, 5, {1, 0, 0, 0, 0});
    put_extension(all, 13, list_of({0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501}, true));
    put_extension(all, 18, {});
    Octets share;
    put_u16(share, key_share + 4);
    put_u16(share, 0x11ec);
    put_u16(share, key_share);
    share.resize(share.size() + key_share, 0x42);
    put_extension(all, 51, share);
    put_extension(all, 45, {1, 1});
    put_extension(all, 43, list_of({0x4a4a, 0x0304, 0x0303}, false));
    put_extension(all, 27, {2, 0, 2});
    put_extension(all, 0xfe0d, Octets(180, 0));
    return all;
}

Octets hello_body(std::size_t key_share, bool datagram) {
    Octets body;
    put_u16(body, datagram ? 0xfefd : 0x0303);
    body.resize(34, 0x5a);
    body.push_back(32);
    body.resize(body.size() + 32, 0x11);
    if (datagram) {
        body.push_back(0);  // no cookie
    }
    put(body, list_of({0xcaca, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9,
                       0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035},
                      true));
    body.insert(body.end(), {1, 0});
    const Octets all = extensions(key_share);
    put_u16(body, all.size());
    put(body, all);
    return body;
}

Octets hello_stream(std::size_t key_share) {
    const Octets body = hello_body(key_share, false);
    Octets stream{22, 3, 1};
    put_u16(stream, body.size() + 4);
    stream.insert(stream.end(), {1, 0});
    put_u16(stream, body.size());
    put(stream, body);
    return stream;
}

constexpr std::size_t classic_share = 32;         // X25519
constexpr std::size_t post_quantum_share = 1216;  // X25519MLKEM768
constexpr std::size_t segment = 1460;

void decode_a_client_hello(benchmark::State& state) {
    const Octets body = hello_body(classic_share, false);
    const auto once = decode_client_hello(body);
    require(once.value().server_name == "edge-7.turn.example.org" && once->version == 0x0304);
    for (auto _ : state) {
        benchmark::DoNotOptimize(decode_client_hello(body));
    }
}
BENCHMARK(decode_a_client_hello);

void decode_a_dtls_client_hello(benchmark::State& state) {
    const Octets body = hello_body(classic_share, true);
    require(decode_dtls_client_hello(body).value().ech == EchKind::outer);
    for (auto _ : state) {
        benchmark::DoNotOptimize(decode_dtls_client_hello(body));
    }
}
BENCHMARK(decode_a_dtls_client_hello);

/// One segment holds the record: nothing is copied.
void read_a_hello_in_one_segment(benchmark::State& state) {
    const Octets stream = hello_stream(classic_share);
    for (auto _ : state) {
        TlsReader reader;
        Bytes input{stream};
        const auto event = reader.next(input);
        require(event && event->handshake_type == TlsHandshakeType::client_hello);
        benchmark::DoNotOptimize(decode_client_hello(*event));
    }
}
BENCHMARK(read_a_hello_in_one_segment);

/// A post-quantum hello over two segments: collected in the reader of a connection.
void read_a_hello_in_two_segments(benchmark::State& state) {
    const Octets stream = hello_stream(post_quantum_share);
    require(stream.size() > segment);
    for (auto _ : state) {
        TlsReader reader;
        Bytes first = Bytes{stream}.first(segment);
        require(!reader.next(first).has_value());
        Bytes second = Bytes{stream}.subspan(segment);
        const auto event = reader.next(second);
        require(event.has_value());
        benchmark::DoNotOptimize(decode_client_hello(*event));
    }
}
BENCHMARK(read_a_hello_in_two_segments);

/// Once a flow, when the hello becomes a fact.
void render_a_ja4(benchmark::State& state) {
    const Octets body = hello_body(classic_share, false);
    const auto hello = decode_client_hello(body).value();
    Ja4Writer writer(base::HashKey(1));
    require(writer.write(hello, Ja4Carrier::tcp).substr(0, 11) == "t13d1515h2_");
    for (auto _ : state) {
        benchmark::DoNotOptimize(writer.write(hello, Ja4Carrier::tcp));
    }
}
BENCHMARK(render_a_ja4);

/// Every datagram of a call asks this.
void probe_dtls_of_application_data(benchmark::State& state) {
    Octets datagram{23, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 7};
    put_u16(datagram, 200);
    datagram.resize(datagram.size() + 200, 0x33);
    require(probe_dtls(datagram) == Likelihood::yes);
    for (auto _ : state) {
        benchmark::DoNotOptimize(probe_dtls(datagram));
    }
}
BENCHMARK(probe_dtls_of_application_data);

void decode_an_http_request(benchmark::State& state) {
    constexpr std::string_view text =
        "GET /socket?room=7 HTTP/1.1\r\nHost: meet.example.org\r\nConnection: Upgrade\r\n"
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101\r\nAccept: */*\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    const Bytes bytes = turnpike::base::as_bytes(text);
    require(decode_http_request(bytes).value().websocket);
    for (auto _ : state) {
        benchmark::DoNotOptimize(decode_http_request(bytes));
    }
}
BENCHMARK(decode_an_http_request);

}  // namespace
