// One attempt of an audit: what is said to whom, and how it went on this side. Whether it got
// through is not decided here but from the packets (docs/verdicts.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "turnpike/base/ip_address.h"
#include "turnpike/catalog/catalog.h"
#include "turnpike/proof/message.h"

namespace turnpike::probe {

/// What is said first.
enum class Speech : std::uint8_t {
    tls,     ///< a browser's ClientHello with the row's name, then the certificate is read
    http,    ///< GET / with the row's name
    stream,  ///< a TURN Allocate over TCP
    stun,    ///< Binding
    ice,     ///< Binding as a connectivity check
    turn,    ///< Allocate up to its challenge, or further with credentials
    quic,    ///< Initial
    dtls,    ///< ClientHello
    rtp,     ///< sound
};
/// In words for people: "TLS ClientHello", "STUN Binding".
std::string_view to_string(Speech speech) noexcept;
/// Whether it is said over TCP; else over UDP.
bool over_tcp(Speech speech) noexcept;

/// A requirement that an attempt is made for. Points into the catalog.
struct Row {
    const catalog::Revision* revision = nullptr;
    const catalog::Rule* rule = nullptr;
    const catalog::PortItem* port = nullptr;
    friend bool operator==(const Row&, const Row&) noexcept = default;
};

/// One conversation to begin, and the rows that it tells about.
struct Attempt {
    std::vector<Row> rows;
    Speech speech = Speech::tls;
    std::string name;   ///< for SNI, Host and CONNECT; empty: none
    base::Endpoint to;  ///< of the vendor or the responder; no address behind a proxy
    bool at_responder = false;
    /// Whoever is there answers this as a rule, so that silence speaks against the path. Not of
    /// addresses picked from a network, nor of protocols that servers do not answer to strangers.
    bool answer_is_due = true;
};

/// How it went on this side.
struct Made {
    base::Endpoint from;  ///< this host's end of it; no address if nothing was sent
    base::Endpoint to;    ///< where its packets went: the proxy, where one is used
    bool answered = false;
    std::string trouble;  ///< why this host sent nothing; empty if it did
    std::string remark;   ///< about the certificate, the proxy or the relay; empty without
    /// What the responder saw of it; nothing if it did not say.
    std::optional<proof::Testimony> testimony;
    /// The second connection, on which the certificate was read; no address without.
    base::Endpoint check_from;
};

}  // namespace turnpike::probe
