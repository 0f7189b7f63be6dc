// The words of a firewall document: transports, numbers, names, networks and what stands between.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "turnpike/catalog/catalog.h"

namespace turnpike::catalog {

struct Token {
    enum class Kind : std::uint8_t {
        number,     ///< a run of digits, "10,000" included where it cannot be two numbers
        transport,  ///< TCP or UDP
        name,       ///< a domain pattern
        network,    ///< an address or a network
        any,        ///< ANY
        url,        ///< "https://..."
        word,       ///< everything else that has letters or digits
        mark,       ///< one character of punctuation
        line,       ///< the end of a line
    };
    Kind kind = Kind::word;
    std::string text;   ///< as it stands there
    std::string lower;  ///< in lower case
    unsigned number = 0;
    Transport transport = Transport::tcp;
    std::vector<base::Prefix> networks;
    /// Of a name or network: how sure it is. A word with a dot and an unknown last label is a name
    /// only where names are expected.
    bool sure = true;
    bool address = false;  ///< a network that is one address, as ranges begin with
};

/// Dashes of all sorts become '-', odd blanks become ' ', quotes become plain, marks without width
/// vanish. `keep_wide_blanks` leaves U+00A0 alone, with which some pages lay out columns.
std::string plain(std::string_view text, bool keep_wide_blanks = false);

std::vector<Token> tokens_of(std::string_view text);
/// "TLS/5061" and "443 HTTPS" say TCP, "QUIC 443" says UDP: such words become transports.
void imply_transports(std::vector<Token>& tokens);

/// An item of a port list and the words in parentheses behind it.
struct PortList {
    std::vector<PortItem> items;
    std::vector<std::vector<Transport>> transports;  ///< of each item; empty: not said
    std::string direction;                           ///< "inbound" or "outbound" where it is said
    std::string notes;
};

/// A whole text that says nothing but ports: "TCP 80, 443; UDP 3478 - 3481 (2.9.0 or later)", or
/// the reason why it is not understood. An empty list if the text says that there are none ("-").
std::expected<PortList, std::string> read_ports(std::string_view text);

/// The transports that a text names and nothing else: "TCP/UDP", "TCP and UDP", "HTTPS (TCP)".
/// Empty if it says anything that is not understood.
std::vector<Transport> read_transports(std::string_view text);

/// Places: names, networks, ANY.
struct Places {
    struct Name {
        std::string text;
        std::string note;
    };
    std::vector<Name> names;
    std::vector<base::Prefix> networks;
    bool any = false;
    std::vector<PortItem> ports;  ///< of "name:443", in the order of `names`; transport unknown
    std::string words;            ///< what else is said, "customer's DNS server"
    std::string reason;           ///< why it is not understood; empty if it is
    [[nodiscard]] bool empty() const { return names.empty() && networks.empty() && !any; }
};
Places read_places(std::string_view text);

/// A condition for programs: "2.9.0 or later" is {version: ">=2.9.0"}.
std::vector<Circumstance> circumstances_of(std::string_view condition);
/// Words in parentheses or a heading that limit what they stand with: "before 2.9.0", "for RTMP".
bool is_condition(std::string_view text);
/// Protocols that say what runs over a port: HTTPS, STUN ...
bool is_protocol(std::string_view lower);
/// The transport that a protocol implies by its own definition: HTTPS is TCP, DTLS is UDP.
std::optional<Transport> implied_transport(std::string_view lower);

/// "80", "1024 - 65535", "10,000-60,000" from `at` on, which is moved behind it.
std::optional<PortItem> take_port(std::span<const Token> tokens, std::size_t& at);
/// "required", "optional", "yes" ... as a level.
std::optional<Level> parse_level(std::string_view lower);
/// The text of the parentheses that begin at `at`, which is moved behind them.
std::optional<std::string> take_parentheses(std::span<const Token> tokens, std::size_t& at);
/// Tokens as text again.
std::string text_of(std::span<const Token> tokens);

/// "All" and "any" ports.
PortItem every_port();

}  // namespace turnpike::catalog
