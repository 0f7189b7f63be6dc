// A ClientHello that one segment holds whole, read without the connection that it belongs to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "turnpike/base/bytes.h"
#include "turnpike/base/keyed_hash.h"
#include "turnpike/base/parse_error.h"
#include "turnpike/base/short_text.h"
#include "turnpike/inspect/reading.h"
#include "turnpike/proto/ja4.h"
#include "turnpike/proto/tls.h"

namespace turnpike::inspect {

/// A JA4.
using HelloFingerprint = base::ShortText<36>;

/// The JA4 of a hello; empty if it ends early, for the rest would change it.
inline HelloFingerprint fingerprint_of(const proto::ClientHello& hello, proto::Ja4Carrier carrier,
                                       proto::Ja4Writer& writer) {
    return hello.complete ? HelloFingerprint(std::string_view(writer.write(hello, carrier)))
                          : HelloFingerprint();
}

/// What was read. Views point into the segment.
struct HelloReading : Reading {
    /// Of every one of these.
    static constexpr Kind own_kind = Kind::hello;
    HelloReading() noexcept : Reading(own_kind) {}

    base::Bytes body;  ///< of the message, behind its type and length (RFC 8446 4)
    base::Result<proto::ClientHello> hello;
    HelloFingerprint ja4;  ///< empty if there is no hello, too
};

/// Reads ClientHellos ahead of the Inspector, on another thread. Whether the segment stands where a
/// connection begins is for the Inspector to say. Not thread-safe.
class HelloReader {
  public:
    /// `secret`: of the hash by which digests are found again.
    explicit HelloReader(const base::HashKey& secret) : ja4_(secret) {}

    /// Whether the payload looks as if `read` may find a hello there: for every segment.
    static bool looks_like_one(base::Bytes payload) noexcept {
        constexpr std::size_t message = proto::tls_record_header_size;
        return payload.size() > message &&
               payload[0] == static_cast<std::uint8_t>(proto::TlsContentType::handshake) &&
               payload[message] == static_cast<std::uint8_t>(proto::TlsHandshakeType::client_hello);
    }
    /// False, and nothing is written, unless the payload begins with a record (RFC 8446 5.1) that
    /// begins with a whole ClientHello.
    bool read(base::Bytes payload, HelloReading& reading);

  private:
    proto::Ja4Writer ja4_;
};

}  // namespace turnpike::inspect
