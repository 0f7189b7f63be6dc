// Finds a whole ClientHello at the front of a segment.
#include "turnpike/inspect/hello_reading.h"

#include "turnpike/base/fields.h"

namespace turnpike::inspect {
namespace {

constexpr std::size_t message_header = 4;  // RFC 8446 4: type and length
constexpr std::size_t headers = proto::tls_record_header_size + message_header;

/// The body of the message; empty if there is none.
base::Bytes body_of_hello(base::Bytes payload) noexcept {
    using Headers = base::Fields<headers>;
    if (!Headers::fit(payload) || !HelloReader::looks_like_one(payload)) {
        return {};
    }
    const Headers fields(payload);
    const std::size_t record = fields.u16<3>();
    const std::size_t size = fields.u24<6>();
    const bool whole = message_header + size <= record && size <= payload.size() - headers;
    return whole ? payload.subspan(headers, size) : base::Bytes{};
}

}  // namespace

bool HelloReader::read(base::Bytes payload, HelloReading& reading) {
    const base::Bytes body = body_of_hello(payload);
    if (body.empty()) {
        return false;
    }
    reading.body = body;
    reading.hello = proto::decode_client_hello(body);
    reading.ja4 = reading.hello ? fingerprint_of(*reading.hello, proto::Ja4Carrier::tcp, ja4_)
                                : HelloFingerprint();
    return true;
}

}  // namespace turnpike::inspect
