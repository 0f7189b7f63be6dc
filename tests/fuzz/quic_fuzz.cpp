// Any bytes as datagrams of QUIC (each after a side and its length), and as the frames inside an
// Initial, which no fuzzer would get past the encryption.
#include <cstdint>
#include <cstdlib>

#include "turnpike/base/cursor.h"
#include "turnpike/proto/gquic.h"
#include "turnpike/proto/quic_reader.h"

namespace {

using namespace turnpike::proto;
using turnpike::base::Bytes;
using turnpike::base::Cursor;

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

void read_frames(Bytes payload, bool google) {
    CryptoStream stream;
    while (!payload.empty()) {
        const std::size_t before = payload.size();
        const auto frame = google ? decode_q050_frame(payload) : decode_quic_frame(payload);
        if (!frame) {
            break;
        }
        require(payload.size() < before);
        if (frame->type == QuicFrame::Type::crypto) {
            static_cast<void>(stream.add(frame->offset, frame->data));
        }
        while (const auto message = stream.next()) {
            static_cast<void>(decode_client_hello(message->body));
        }
    }
    static_cast<void>(decode_gquic_message(stream.unfinished()));
}

void read_packets(Bytes datagram) {
    while (!datagram.empty()) {
        const std::size_t before = datagram.size();
        if (!decode_quic_packet(datagram)) {
            return;
        }
        require(datagram.size() < before);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static QuicOpener opener;
    const Bytes bytes{data, size};
    static_cast<void>(probe_quic(bytes));
    static_cast<void>(probe_gquic(bytes));
    read_packets(bytes);
    read_frames(bytes, false);
    read_frames(bytes, true);
    QuicReader reader;
    static_cast<void>(reader.read(bytes, QuicSide::client, opener));
    Cursor cursor{bytes};
    while (!cursor.empty()) {
        const auto side = (cursor.u8() & 1U) == 0 ? QuicSide::client : QuicSide::server;
        const auto report = reader.read(cursor.take_u16_prefixed(), side, opener);
        if (report && report->client_hello) {
            static_cast<void>(decode_client_hello(report->client_hello->body));
        }
    }
    return 0;
}
