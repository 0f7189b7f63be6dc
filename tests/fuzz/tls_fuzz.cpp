// Any bytes as one direction of a TLS stream, in pieces; and as each of its messages.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "turnpike/proto/ja4.h"
#include "turnpike/proto/tls_reader.h"
#include "turnpike/proto/x509.h"

namespace {

using namespace turnpike::proto;
using turnpike::base::Bytes;
using turnpike::base::ParseError;
using turnpike::base::Result;

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

void use(const Result<ClientHello>& hello) {
    if (!hello) {
        return;
    }
    std::size_t octets = 0;
    for (const auto sent : hello->extensions) {
        octets += 4 + sent.body.size();
    }
    for (const auto name : hello->alpn) {
        octets += name.size();
    }
    require(octets < (std::size_t{1} << 18U));
    require(hello->sslv2 ||
            Ja4Writer(turnpike::base::HashKey(1)).write(*hello, Ja4Carrier::tcp).size() == 36);
}

void use(const TlsEvent& event) {
    if (event.kind != TlsEvent::Kind::handshake) {
        return;
    }
    require(event.body.size() <= TlsReader::max_message);
    if (event.handshake_type == TlsHandshakeType::client_hello) {
        use(decode_client_hello(event));
    } else if (event.handshake_type == TlsHandshakeType::certificate) {
        if (const auto der = decode_tls_certificate(event.body)) {
            static_cast<void>(decode_certificate_names(*der));
        }
    }
}

/// How many events a stream has when it comes in pieces of `step` octets.
std::size_t read_in_pieces(Bytes stream, std::size_t step) {
    TlsReader reader;
    std::size_t events = 0;
    while (!stream.empty()) {
        Bytes piece = stream.first(std::min(step, stream.size()));
        stream = stream.subspan(piece.size());
        auto event = reader.next(piece);
        for (; event; event = reader.next(piece)) {
            use(*event);
            ++events;
        }
        if (event.error() != ParseError::truncated) {
            return events;
        }
        require(piece.empty());
    }
    if (reader.unfinished().size() > 4) {
        use(decode_client_hello_prefix(reader.unfinished().subspan(4)));
    }
    return events;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes bytes{data, size};
    static_cast<void>(probe_tls(bytes));
    static_cast<void>(decode_tls_record(bytes));
    // However the stream is cut, the same is found in it.
    const std::size_t whole = read_in_pieces(bytes, size + 1);
    require(read_in_pieces(bytes, 1) == whole);
    require(read_in_pieces(bytes, 7) == whole);
    use(decode_client_hello(bytes));
    use(decode_client_hello_prefix(bytes));
    use(decode_sslv2_client_hello(bytes));
    return 0;
}
