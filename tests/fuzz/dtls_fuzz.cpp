// Any bytes as datagrams of DTLS (each after its length in two octets): records, fragments and the
// messages they make.
#include <cstdint>
#include <cstdlib>

#include "turnpike/base/cursor.h"
#include "turnpike/proto/dtls.h"
#include "turnpike/proto/ja4.h"

namespace {

using namespace turnpike::proto;
using turnpike::base::Bytes;
using turnpike::base::Cursor;

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

void read_fragments(Bytes fragments, DtlsAssembler& assembler) {
    while (!fragments.empty()) {
        const auto fragment = decode_dtls_handshake(fragments);
        if (!fragment) {
            return;
        }
        const auto message = assembler.add(*fragment);
        if (!message) {
            continue;
        }
        require(message->body.size() == fragment->length);
        if (const auto hello = decode_dtls_client_hello(message->body)) {
            require(Ja4Writer(turnpike::base::HashKey(1)).write(*hello, Ja4Carrier::dtls).size() ==
                    36);
        }
    }
}

void read_datagram(Bytes datagram, DtlsAssembler& assembler) {
    static_cast<void>(probe_dtls(datagram));
    while (!datagram.empty()) {
        const std::size_t before = datagram.size();
        const auto decoded = decode_dtls_record(datagram);
        if (!decoded) {
            return;
        }
        require(datagram.size() < before);
        if (decoded->readable()) {
            read_fragments(decoded->fragment, assembler);
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes bytes{data, size};
    DtlsAssembler assembler;
    read_datagram(bytes, assembler);
    Cursor cursor{bytes};
    while (!cursor.empty()) {
        read_datagram(cursor.take_u16_prefixed(), assembler);
    }
    return 0;
}
