// A ClientHello of any carrier, and what answers it over TLS and DTLS, become facts.
#pragma once

#include "context.h"
#include "turnpike/inspect/hello_reading.h"
#include "turnpike/proto/tls.h"

namespace turnpike::inspect {

/// The hello has an encrypted_client_hello extension, so its name is the outer one. Its predecessor
/// (ESNI) hid the name without putting another in its place.
bool is_ech(const proto::ClientHello& hello) noexcept;

/// The protocol is among those that the client offers (ALPN).
bool offers(const proto::ClientHello& hello, std::string_view protocol) noexcept;

/// Records the hello as a row and its name as the flow's. A hello that is not whole has no
/// fingerprint.
void record_hello(Context& context, const PayloadContext& payload, const proto::ClientHello& hello,
                  facts::TlsHello::Carrier carrier);
/// The same with a fingerprint that is known.
void record_hello(Context& context, const PayloadContext& payload, const proto::ClientHello& hello,
                  facts::TlsHello::Carrier carrier, const HelloFingerprint& ja4);

/// Records the names of the server's own certificate, if it can be read.
void record_certificate(Context& context, const PayloadContext& payload, base::Bytes message_body,
                        facts::TlsFacts& facts);

/// Records the alert if it is fatal and `first` of its end is not known yet. `first_record`:
/// nothing of that end preceded it.
void record_alert(const PayloadContext& payload, const proto::TlsAlert& alert, bool first_record,
                  base::Lazy<facts::TlsAlert>& first);

}  // namespace turnpike::inspect
