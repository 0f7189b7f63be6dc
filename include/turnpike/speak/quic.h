// QUIC version 1 Initial packets: RFC 9000 17.2.2, sealed as RFC 9001 5 says.
#pragma once

#include <optional>
#include <string_view>

#include "turnpike/base/bytes.h"
#include "turnpike/speak/tls.h"
#include "turnpike/speak/writer.h"

namespace turnpike::speak {

/// RFC 9000 14.1: a datagram that carries a client's Initial has at least so many octets.
inline constexpr std::size_t quic_initial_octets = 1200;

/// The first datagram of a client: an Initial with a ClientHello that asks for `name` and offers
/// h3, padded. `destination_id`: 8 to 20 octets of the client's choice. Throws base::Error if the
/// cryptographic library does not do it.
Octets quic_client_initial(std::string_view name, base::Bytes destination_id);
/// An answer to it: an Initial with a ServerHello, padded to the same size.
Octets quic_server_initial(base::Bytes client_destination_id, base::Bytes source_id,
                           const HelloRandom& random);
/// The destination connection id of a version 1 Initial; empty if the datagram is none. A view.
base::Bytes read_quic_destination_id(base::Bytes datagram);

}  // namespace turnpike::speak
