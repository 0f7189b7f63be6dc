// TLS as it appears in clear: records (RFC 8446 5.1, RFC 5246 6.2), ClientHello, ServerHello,
// Certificate and alerts of SSL 3.0 to TLS 1.3, and the SSLv2-compatible ClientHello (RFC 5246
// E.2). The bodies of handshake messages are the same in QUIC (RFC 9001 4) and, with a cookie, in
// DTLS.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>

#include "turnpike/base/bytes.h"
#include "turnpike/base/parse_error.h"
#include "turnpike/proto/likelihood.h"

namespace turnpike::proto {

/// RFC 8446 5.1 and IANA "TLS ContentType". Other values survive.
enum class TlsContentType : std::uint8_t {
    change_cipher_spec = 20,  ///< RFC 5246 7.1
    alert = 21,               ///< RFC 8446 6
    handshake = 22,           ///< RFC 8446 4
    application_data = 23,    ///< RFC 8446 5.1; encrypted
    heartbeat = 24,           ///< RFC 6520
    tls12_cid = 25,           ///< RFC 9146, DTLS only
    ack = 26,                 ///< RFC 9147 7, DTLS only
};

/// RFC 8446 4 and IANA "TLS HandshakeType". Other values survive.
enum class TlsHandshakeType : std::uint8_t {
    hello_request = 0,            ///< RFC 5246 7.4.1.1
    client_hello = 1,             ///< RFC 8446 4.1.2
    server_hello = 2,             ///< RFC 8446 4.1.3
    hello_verify_request = 3,     ///< RFC 6347 4.2.1
    new_session_ticket = 4,       ///< RFC 8446 4.6.1
    end_of_early_data = 5,        ///< RFC 8446 4.5
    encrypted_extensions = 8,     ///< RFC 8446 4.3.1
    certificate = 11,             ///< RFC 8446 4.4.2
    server_key_exchange = 12,     ///< RFC 5246 7.4.3
    certificate_request = 13,     ///< RFC 8446 4.3.2
    server_hello_done = 14,       ///< RFC 5246 7.4.5
    certificate_verify = 15,      ///< RFC 8446 4.4.3
    client_key_exchange = 16,     ///< RFC 5246 7.4.7
    finished = 20,                ///< RFC 8446 4.4.4
    certificate_status = 22,      ///< RFC 6066 8
    key_update = 24,              ///< RFC 8446 4.6.3
    compressed_certificate = 25,  ///< RFC 8879 4
    message_hash = 254,           ///< RFC 8446 4.4.1
};

/// RFC 8701 2: a value that clients send only so that servers learn to ignore the unknown.
constexpr bool is_grease(std::uint16_t value) noexcept {
    return (value & 0x0f0fU) == 0x0a0aU && (value >> 8U) == (value & 0xffU);
}

/// A vector of 16-bit values in network order (cipher suites, groups, versions); a view.
class U16List {
  public:
    /// Goes from value to value; valid as long as the octets.
    class Iterator {
      public:
        /// `at`: the first octet of a value, or the end of the list.
        constexpr explicit Iterator(const std::uint8_t* at) noexcept : at_(at) {}
        constexpr std::uint16_t operator*() const noexcept {
            return static_cast<std::uint16_t>((at_[0] << 8U) | at_[1]);
        }
        constexpr Iterator& operator++() noexcept {
            at_ += 2;
            return *this;
        }
        friend constexpr bool operator==(Iterator, Iterator) noexcept = default;

      private:
        const std::uint8_t* at_;
    };
    constexpr U16List() noexcept = default;
    /// An odd last octet is left out.
    constexpr explicit U16List(base::Bytes bytes) noexcept
        : bytes_(bytes.first(bytes.size() & ~std::size_t{1})) {}
    /// How many values it has.
    [[nodiscard]] constexpr std::size_t size() const noexcept { return bytes_.size() / 2; }
    [[nodiscard]] constexpr bool empty() const noexcept { return bytes_.empty(); }
    [[nodiscard]] constexpr Iterator begin() const noexcept { return Iterator{bytes_.data()}; }
    [[nodiscard]] constexpr Iterator end() const noexcept {
        return Iterator{bytes_.data() + bytes_.size()};
    }
    /// All of it, two octets a value.
    [[nodiscard]] constexpr base::Bytes octets() const noexcept { return bytes_; }

  private:
    base::Bytes bytes_;
};

/// The protocol names of an ALPN extension (RFC 7301 3.1) in the order of preference; a view. The
/// decoder has checked the lengths; names may hold any octet.
class AlpnList {
  public:
    /// Goes from name to name; valid as long as the octets.
    class Iterator {
      public:
        /// `rest`: the octets from a name on; empty at the end.
        constexpr explicit Iterator(base::Bytes rest) noexcept : rest_(rest) {}
        std::string_view operator*() const noexcept {
            return base::as_text(rest_.subspan(1, rest_[0]));
        }
        constexpr Iterator& operator++() noexcept {
            rest_ = rest_.subspan(std::size_t{1} + rest_[0]);
            return *this;
        }
        friend constexpr bool operator==(const Iterator& a, const Iterator& b) noexcept {
            return a.rest_.size() == b.rest_.size();
        }

      private:
        base::Bytes rest_;
    };
    constexpr AlpnList() noexcept = default;
    /// `entries`: length-prefixed names, without the length of the whole list. What follows an
    /// entry that does not fit is left out.
    explicit AlpnList(base::Bytes entries) noexcept;
    [[nodiscard]] constexpr bool empty() const noexcept { return entries_.empty(); }
    [[nodiscard]] constexpr Iterator begin() const noexcept { return Iterator{entries_}; }
    [[nodiscard]] constexpr Iterator end() const noexcept { return Iterator{{}}; }

  private:
    base::Bytes entries_;
};

/// One extension (RFC 8446 4.2); a view.
struct TlsExtension {
    std::uint16_t type = 0;
    base::Bytes body;
};

/// Extensions as type and body, in the order sent (RFC 8446 4.2); a view.
class TlsExtensions {
  public:
    /// Goes from extension to extension; valid as long as the octets.
    class Iterator {
      public:
        /// `rest`: the octets from an extension on; empty at the end.
        constexpr explicit Iterator(base::Bytes rest) noexcept : rest_(rest) {}
        constexpr TlsExtension operator*() const noexcept {
            return {.type = u16_at(0), .body = rest_.subspan(4, u16_at(2))};
        }
        constexpr Iterator& operator++() noexcept {
            rest_ = rest_.subspan(std::size_t{4} + u16_at(2));
            return *this;
        }
        friend constexpr bool operator==(const Iterator& a, const Iterator& b) noexcept {
            return a.rest_.size() == b.rest_.size();
        }

      private:
        [[nodiscard]] constexpr std::uint16_t u16_at(std::size_t i) const noexcept {
            return static_cast<std::uint16_t>((rest_[i] << 8U) | rest_[i + 1]);
        }
        base::Bytes rest_;
    };
    constexpr TlsExtensions() noexcept = default;
    /// What follows an extension that does not fit is left out.
    explicit TlsExtensions(base::Bytes bytes) noexcept;
    /// For octets whose lengths the caller has checked.
    static constexpr TlsExtensions checked(base::Bytes bytes) noexcept {
        TlsExtensions extensions;
        extensions.bytes_ = bytes;
        return extensions;
    }
    [[nodiscard]] constexpr bool empty() const noexcept { return bytes_.empty(); }
    [[nodiscard]] constexpr Iterator begin() const noexcept { return Iterator{bytes_}; }
    [[nodiscard]] constexpr Iterator end() const noexcept { return Iterator{{}}; }

  private:
    base::Bytes bytes_;
};

/// How a ClientHello hides its inner name. A client without an ECH configuration sends a GREASE
/// `outer` (RFC 9849 6.2) that nobody on the path can tell from a real one.
enum class EchKind : std::uint8_t {
    none,   ///< it does not
    outer,  ///< encrypted_client_hello 0xfe0d, outer: server_name is the provider's public name
    inner,  ///< encrypted_client_hello 0xfe0d, inner: only ever seen decrypted
    draft,  ///< code points of ECH drafts 07 to 12 (0xff02, 0xff03, 0xfe08 to 0xfe0c)
    esni,   ///< encrypted_server_name 0xffce (draft-ietf-tls-esni-00 to -06): no name in clear
};

/// A ClientHello (RFC 8446 4.1.2; RFC 6347 4.2.1 with a cookie; RFC 5246 E.2 for SSLv2). Every view
/// points into the octets it was decoded from.
struct ClientHello {
    std::uint16_t legacy_version = 0;
    std::uint16_t version = 0;  ///< highest offered without GREASE; drafts (0x7fxx, 0xfbxx) raw
    base::Bytes random;         ///< 32 octets; the challenge (16 to 32) of an SSLv2 hello
    base::Bytes session_id;
    base::Bytes cookie;  ///< DTLS only
    U16List cipher_suites;
    base::Bytes compression_methods;
    TlsExtensions extensions;
    std::string_view server_name;  ///< host_name of server_name (RFC 6066 3), as sent
    AlpnList alpn;
    U16List supported_versions;
    U16List supported_groups;
    U16List signature_algorithms;
    base::Bytes key_shares;  ///< KeyShareEntry list (RFC 8446 4.2.8): group, length, key
    base::Bytes connection_id;
    EchKind ech = EchKind::none;
    bool has_server_name = false;  ///< the extension is there, maybe without a name
    bool has_key_share = false;
    bool has_connection_id = false;  ///< RFC 9146 3; the id may be empty
    bool early_data = false;         ///< RFC 8446 4.2.10
    base::Bytes sslv2_cipher_specs;  ///< of three octets each, instead of cipher_suites
    bool sslv2 = false;              ///< decoded by decode_sslv2_client_hello()
    /// False if the octets ended early; what came before the cut is decoded.
    bool complete = true;
};

/// Decodes the body (after the four octets of type and length) of a ClientHello that is whole.
/// Errors: truncated, bad_length, bad_value.
base::Result<ClientHello> decode_client_hello(base::Bytes body) noexcept;
/// The same with the cookie of DTLS (RFC 6347 4.2.1) after the session id. Errors as above.
base::Result<ClientHello> decode_dtls_client_hello(base::Bytes body) noexcept;
/// For a body that the capture cut or whose rest is lost: as many extensions as are whole.
/// ClientHello::complete says whether that was all. truncated if not even the cipher suites are
/// there; bad_length, bad_value as above.
base::Result<ClientHello> decode_client_hello_prefix(base::Bytes body) noexcept;
/// An SSLv2 or SSLv2-compatible ClientHello (RFC 5246 E.2), from its version on (TlsEvent::body).
/// Errors: truncated, bad_length (its three lengths do not add up), bad_version.
base::Result<ClientHello> decode_sslv2_client_hello(base::Bytes body) noexcept;

/// The first (the server's own) certificate of a Certificate message before TLS 1.3 (RFC 5246
/// 7.4.2), as DER for decode_certificate_names(): a view into `body`. Errors: bad_value (an empty
/// list), bad_length, truncated.
base::Result<base::Bytes> decode_tls_certificate(base::Bytes body) noexcept;

/// An alert in clear (RFC 8446 6).
struct TlsAlert {
    std::uint8_t level = 0;        ///< 1 warning, 2 fatal
    std::uint8_t description = 0;  ///< RFC 8446 6: 40 handshake_failure, ...

    /// The level says that the connection ends.
    [[nodiscard]] constexpr bool fatal() const noexcept { return level == 2; }
};
/// The fragment of an alert record. bad_length for an encrypted one (any length but two).
base::Result<TlsAlert> decode_tls_alert(base::Bytes fragment) noexcept;

/// One record. An SSLv2-compatible ClientHello is one of its own: see TlsReader.
struct TlsRecord {
    TlsContentType type = TlsContentType::handshake;
    std::uint16_t version = 0;  ///< legacy_record_version
    base::Bytes fragment;
};
/// Octets of type, version and length (RFC 8446 5.1).
inline constexpr std::size_t tls_record_header_size = 5;
/// RFC 8446 5.2: 2^14 and 256; RFC 5246 6.2.3 allows 2048 more than 2^14.
inline constexpr std::size_t tls_max_fragment = (std::size_t{1} << 14U) + 2048U;

/// The record at the front of `bytes`; it takes tls_record_header_size + fragment.size() octets.
/// Errors: not_this (type or version), bad_length (over the limit, or an empty handshake, alert or
/// change_cipher_spec record), truncated (incomplete).
base::Result<TlsRecord> decode_tls_record(base::Bytes bytes) noexcept;

/// Is this the beginning of a TLS stream (either side)? `yes` needs a record header that fits its
/// first message; `maybe` is a record header in the middle of a stream, or too few octets to tell.
Likelihood probe_tls(base::Bytes bytes) noexcept;

}  // namespace turnpike::proto
