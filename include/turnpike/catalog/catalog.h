// The vendor rule catalog as values: what vendors' firewall documents demand.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "turnpike/base/ip_address.h"
#include "turnpike/base/time.h"

namespace turnpike::catalog {

/// What a port item is of.
enum class Transport : std::uint8_t {
    tcp,  ///< TCP (RFC 9293)
    udp,  ///< UDP (RFC 768)
};

/// How much a document asks for a row.
enum class Level : std::uint8_t {
    required,     ///< calls do not work without it
    recommended,  ///< they work worse without it
    optional,     ///< the document leaves it to the reader
    conditional,  ///< required if `Rule::condition` holds
};

/// Who opens the connection.
enum class RuleDirection : std::uint8_t {
    outbound,  ///< the client inside
    inbound,   ///< the vendor's side
    both,      ///< either
};
/// Simplex: media flows in the rule's direction only, so one-way traffic is a pass.
enum class Duplex : std::uint8_t {
    duplex,   ///< both ways
    simplex,  ///< one way, in the rule's direction
};
/// The protocol that the vendor's clients speak on a rule; empty list: not stated.
enum class Expectation : std::uint8_t {
    tls,     ///< TLS of any kind
    https,   ///< HTTP over TLS
    wss,     ///< WebSocket over TLS (RFC 6455)
    http,    ///< HTTP in clear
    stun,    ///< STUN without a relay (RFC 8489)
    turn,    ///< TURN over UDP or TCP (RFC 8656)
    turns,   ///< TURN over TLS or DTLS
    dtls,    ///< DTLS (RFC 6347, RFC 9147)
    rtp,     ///< RTP or SRTP (RFC 3550, RFC 3711)
    ice,     ///< connectivity checks between peers (RFC 8445)
    quic,    ///< QUIC, and so HTTP/3
    dns,     ///< DNS in clear
    ntp,     ///< NTP (RFC 5905)
    sip,     ///< SIP in clear (RFC 3261)
    sips,    ///< SIP over TLS
    rtmp,    ///< RTMP in clear
    rtmps,   ///< RTMP over TLS
    vendor,  ///< a protocol of the vendor's own
};
/// This and the following: the enumerator's name, the word that catalog files use.
std::string_view to_string(Transport value) noexcept;
std::string_view to_string(Level value) noexcept;
std::string_view to_string(RuleDirection value) noexcept;
std::string_view to_string(Duplex value) noexcept;
std::string_view to_string(Expectation value) noexcept;
/// What runs over a row, as far as a call is concerned.
enum class Carried : std::uint8_t {
    signaling,  ///< what sets a call up
    media,      ///< sound, picture and shared screens
};
/// How media is told from signaling on a row that carries both.
enum class MediaSign : std::uint8_t {
    unstated,  ///< the entry does not say
    protocol,  ///< media speaks RTP, DTLS, STUN or TURN in the clear
    volume,    ///< media hides in TLS or QUIC: only its amount and steadiness show it
};
/// The enumerator's name, as catalog files write it.
std::string_view to_string(Carried value) noexcept;
/// The enumerator's name, as catalog files write it.
std::string_view to_string(MediaSign value) noexcept;

/// A condition a program can decide once the user says what he runs (`--set version=4.3.0`).
/// The words for people stand in Rule::condition.
struct Circumstance {
    std::string key;                  ///< "version", "region", "account", "feature", ...
    std::vector<std::string> values;  ///< any of these words; for "version": bounds, ">=2.9.0 <4"
    /// True if the user's value fits. Versions compare numerically by dots.
    [[nodiscard]] bool met_by(std::string_view value) const;
};

/// One item of a port list, kept as the document writes it (a range stays one item). Where the
/// document names a transport and no port ("tcp: unstated"), `stated` is false, the text is
/// "unstated" and every port is covered; such an item matches by destination only, never by port.
struct PortItem {
    Transport transport = Transport::tcp;
    std::uint16_t first = 0;         ///< host order
    std::uint16_t last = 0;          ///< included; equal to `first` for a single port
    std::string text;                ///< normalised to "443" or "5866-6000"; "unstated"
    std::optional<Level> level;      ///< where the item differs from its rule
    std::string condition;           ///< in words, "2.9.0 or later"; empty without
    std::vector<Circumstance> when;  ///< the same for programs; all must hold
    bool stated = true;              ///< false: the document names the transport only
    /// Whether the port (host order) lies in the item; always true where no port is stated.
    [[nodiscard]] bool covers(std::uint16_t port) const noexcept {
        return first <= port && port <= last;
    }
};

/// A domain pattern:
/// - an exact name;
/// - "*.example.com": any depth below example.com, not itself;
/// - ".example.com": any depth below and itself;
/// - a leading star without a dot, "*cdn.example.net": every name that ends so;
/// - any other star, "turnnlb-*.elb.example.com": a run of characters within one label;
/// - "{region}": a setting the user may give (apply()); until then it matches like such a star.
struct NamePattern {
    std::string text;     ///< A-labels, lower case, as the document writes it otherwise
    std::string note;     ///< "user avatars"; empty without
    bool shared = false;  ///< a name that many share: supports a vendor, never proves it
    /// `name`: A-labels, lower case, no final dot.
    [[nodiscard]] bool matches(std::string_view name) const noexcept;
    /// Larger is more specific: an exact name beats every wildcard, a longer one a shorter one.
    [[nodiscard]] int specificity() const noexcept;
};

/// A network of a rule.
struct Network : base::Prefix {
    std::string note;     ///< "content delivery"; empty without
    bool shared = false;  ///< addresses that many share: support a vendor, never prove it
    Network() = default;
    /// `why` becomes the note.
    Network(const base::Prefix& prefix, std::string why = {}, bool is_shared = false)
        : base::Prefix(prefix), note(std::move(why)), shared(is_shared) {}
};

/// Where a rule leads. Several kinds at once mean "either": a name or a range for the same traffic.
struct Destinations {
    std::vector<NamePattern> names;
    std::vector<Network> prefixes;
    bool any = false;  ///< ANY: every address
    bool any_without_wildcards =
        false;  ///< "ANY if your firewall has no wildcards": advice for export only
    /// Where the document leaves the place to somebody: "customer:turn.host" and
    /// "vendor-issued:turn.host" (the user gives it: apply()), "feed:vendor/product words" (a list
    /// that refresh loads: apply()), "lan:...", "self:...", "unstated"; empty without.
    std::string reference;
    bool fed = false;  ///< `prefixes` are those of the list that `reference` names
    /// Text for the `destination` column: patterns, prefixes or "ANY", joined by ", ". A list that
    /// was loaded counts its prefixes, one that was not says so.
    [[nodiscard]] std::string text() const;
    /// Nothing to match with: neither a name nor a range nor ANY.
    [[nodiscard]] bool unknown() const noexcept {
        return names.empty() && prefixes.empty() && !any;
    }
};

/// A service level the document asks for in steps ("minimum, better, best").
enum class Tier : std::uint8_t {
    none,     ///< the document knows no steps
    minimum,  ///< the first step
    better,   ///< the next
    best,     ///< the last
};
/// Where a row stands in its life at a given time.
enum class Lifecycle : std::uint8_t {
    announced,  ///< its first day is still to come
    active,     ///< in force
    retiring,   ///< in force, and its last day is known
    retired,    ///< its last day has passed
};
/// The enumerator's name, as catalog files write it; "none" for a document without steps.
std::string_view to_string(Tier value) noexcept;
/// The enumerator's name, as catalog files write it.
std::string_view to_string(Lifecycle value) noexcept;

/// One row of a vendor's document.
struct Rule {
    std::string id;  ///< unique within the revision, stable across revisions where the row is
    std::string purpose;
    RuleDirection direction = RuleDirection::outbound;
    Duplex duplex = Duplex::duplex;
    std::vector<PortItem> ports;         ///< empty: the document does not state them
    std::vector<PortItem> source_ports;  ///< the client's ports where the document names them
    Destinations destinations;
    Level level = Level::required;
    std::string condition;  ///< in words; not empty if level is conditional
    std::vector<Expectation> expects;
    std::vector<Carried> carries;  ///< as the entry says it; empty: see carries_signaling()
    std::string
        alternative_group;  ///< rules of one group and different branches replace each other
    std::string alternative_branch;
    unsigned preference = 0;  ///< within a group: 1 preferred, 2 the next ...; 0 unordered
    MediaSign media_by = MediaSign::unstated;
    std::optional<base::Timestamp> effective_from;  ///< lifecycle
    std::optional<base::Timestamp> effective_until;
    Lifecycle lifecycle = Lifecycle::active;  ///< as the document says it where it names no date
    Tier tier = Tier::none;
    std::string lost_feature;        ///< what does not work without this row
    std::vector<Circumstance> when;  ///< all of them must hold; empty: always
    /// Host names below the row's patterns that the vendor's own documents mention: what
    /// `turnpike probe` asks for.
    std::vector<std::string> probe_names;
    std::string notes;
    std::vector<std::string> inferred;  ///< keys ("level", "expects") that the document leaves open
    bool as_printed = false;            ///< looks like a slip, and is what the document prints
    /// Announced before its first day, retired from its last day on, retiring where an end is
    /// known.
    [[nodiscard]] Lifecycle lifecycle_at(base::Timestamp time) const noexcept;
};

/// What a document asks of the network besides open ports.
enum class DemandKind : std::uint8_t {
    icmp,             ///< ICMP that must pass
    udp_timeout,      ///< a UDP binding must live at least `seconds`
    tcp_timeout,      ///< an idle TCP connection must live at least `seconds`
    no_inspection,    ///< TLS must not be intercepted
    no_proxy,         ///< must not go through a proxy
    no_vpn,           ///< must not go through a VPN
    no_sip_alg,       ///< SIP application gateways off
    nat,              ///< a kind of NAT mapping
    dscp,             ///< quality-of-service classes
    websocket,        ///< WebSocket upgrades must survive
    name_resolution,  ///< resolvers, EDNS0, ...
    other,            ///< anything else, in words
};
/// The word that catalog files use: "udp-timeout".
std::string_view to_string(DemandKind value) noexcept;
/// One such demand.
struct Demand {
    DemandKind kind = DemandKind::other;
    std::string text;
    std::optional<unsigned> seconds;  ///< of the timeouts
};

/// Something the user may give with `--set name=value`.
struct Setting {
    std::string name;  ///< "region", "turn.host"
    std::string description;
    std::vector<std::string> values;  ///< the values it can have; empty: free
};

/// One dated state of one product's document.
struct Revision {
    std::string vendor;        ///< "agora"
    std::string product;       ///< "rtc-web"
    std::string revision;      ///< "2020-09-15" as in selectors
    std::string vendor_name;   ///< "Agora"
    std::string product_name;  ///< "RTC Web SDK"
    std::optional<base::Timestamp> date;
    std::string source_title;
    std::string source_location;             ///< address or repository path of the document
    std::string source_kind;                 ///< "vendor" or "secondary"
    std::optional<base::Timestamp> read_on;  ///< when somebody last read the source
    std::string etag;            ///< by which the source's server knows this state; empty: not told
    bool allow_listable = true;  ///< false: "cannot be allow-listed; use the vendor's proxy"
    std::string use_instead;     ///< what to use then
    std::vector<Rule> rules;
    std::vector<std::string>
        includes;                   ///< selectors of other products whose rules belong to this one
    std::vector<Demand> demands;    ///< what is no rule: no inspection, UDP timeouts, ...
    std::vector<Setting> settings;  ///< what the rules' {placeholders} and references can be given
    std::string platform;           ///< "web", "room appliance"; empty: not stated
    std::string notes;
    std::vector<std::string> superseded_by;    ///< selectors of the products that took its place
    std::vector<std::string> vendor_aliases;   ///< what people type for the vendor
    std::vector<std::string> product_aliases;  ///< what people type for the product
    std::filesystem::path file;                ///< where it was loaded from
    unsigned position = 0;  ///< its place among the revisions of that file, from 0
    bool feed = false;      ///< a list that rows of other products refer to; nobody is judged by it
    bool newest = false;    ///< the newest revision of its product
    bool current = false;   ///< the newest, of a product that nothing superseded and no feed

    /// "vendor/product@revision", as `--require` takes it.
    [[nodiscard]] std::string selector() const { return vendor + "/" + product + "@" + revision; }
};

/// One thing a firewall must pass: a rule, a transport and one port item. Points into the catalog,
/// which must outlive it.
struct Requirement {
    const Revision* revision = nullptr;
    const Rule* rule = nullptr;
    const PortItem* port = nullptr;  ///< never null; rules without ports yield no requirement
    /// The port item's level where it has one of its own, else the rule's.
    [[nodiscard]] Level level() const noexcept { return port->level.value_or(rule->level); }
    /// The port item's condition where it has one of its own, else the rule's; may be empty.
    [[nodiscard]] const std::string& condition() const noexcept {
        return port->condition.empty() ? rule->condition : port->condition;
    }
    /// "vendor/product@revision rule-id udp 443": what tells requirements of all catalogs apart.
    [[nodiscard]] std::string key() const;
};

/// A list in a machine's format that a vendor publishes: what `catalog refresh` fetches.
struct Feed {
    std::string vendor;
    std::string product;                ///< of which each state becomes a revision
    std::string name;                   ///< for people
    std::string kind;                   ///< a word of import_kind_words()
    std::string location;               ///< https; "{guid}" stands for a new UUID
    std::vector<std::string> services;  ///< only these of the list; empty: all
    std::vector<std::string> shared;    ///< services whose networks many share; "all": every one
    /// "vendor/product", as `catalog refresh` takes it.
    [[nodiscard]] std::string selector() const { return vendor + "/" + product; }
};

/// What the user gave with `--set`: name to value. A name may be bound to a vendor or a product by
/// a prefix, "agora/version" or "agora/rtc-web/version"; the narrowest wins.
using Settings = std::map<std::string, std::string, std::less<>>;

/// All revisions that were loaded, ordered by vendor, product and date (an undated revision stands
/// behind the one its file lists before it).
class Catalog {
  public:
    Catalog() = default;
    /// Takes revisions in any order, puts them in order and says of each whether it is the newest
    /// and current.
    explicit Catalog(std::vector<Revision> revisions,
                     std::vector<NamePattern> public_ech_names = {}, std::vector<Feed> feeds = {});

    [[nodiscard]] const std::vector<Revision>& revisions() const noexcept { return revisions_; }
    /// Names that stand in the clear part of an encrypted ClientHello and belong to the provider,
    /// not to the site: they prove nothing.
    [[nodiscard]] const std::vector<NamePattern>& public_ech_names() const noexcept {
        return public_ech_names_;
    }
    /// The feeds that can be refreshed.
    [[nodiscard]] const std::vector<Feed>& feeds() const noexcept { return feeds_; }
    /// The revisions that a selector names, without regard to case; what this and the following
    /// return points into the catalog. `vendor` means the current revision of each of its products,
    /// `vendor/product` or an alias the newest of the product; behind `@` the front of a date will
    /// do where only one revision begins so. Throws base::Error (usage) with the nearest selectors
    /// if it names nothing or several dates.
    [[nodiscard]] std::vector<const Revision*> select(std::string_view selector) const;
    /// The revisions that these selectors name, with what they include, each once; every current
    /// revision without selectors. Throws like select().
    [[nodiscard]] std::vector<const Revision*> choose(
        const std::vector<std::string>& selectors) const;
    /// Every current revision.
    [[nodiscard]] std::vector<const Revision*> current() const;
    /// `chosen` and, behind each, the revisions it includes (Revision::includes), each once.
    [[nodiscard]] std::vector<const Revision*> with_includes(
        const std::vector<const Revision*>& chosen) const;
    /// A catalog with the settings filled in: placeholders replaced, customers' destinations
    /// placed, feeds that were loaded put into the rows that refer to them, rows whose
    /// circumstances do not hold left out, rows whose circumstances all hold made required. Only
    /// what choose() gives for the selectors is considered. A setting without a prefix concerns the
    /// revisions that know its value. Throws base::Error (usage) for a name that none of them knows
    /// or a value that none takes.
    [[nodiscard]] Catalog apply(const Settings& settings,
                                const std::vector<std::string>& selectors = {}) const;

  private:
    std::vector<Revision> revisions_;
    std::vector<NamePattern> public_ech_names_;
    std::vector<Feed> feeds_;
};

/// The requirements of a revision in document order.
std::vector<Requirement> requirements_of(const Revision& revision);

/// Loads every .yaml file of the directories (or a single file). A revision of a later directory
/// replaces the same revision of an earlier one. Throws base::Error (bad_input) whose message lists
/// every mistake of every file as file:line:column: reason, one a line; nothing is loaded then.
/// A file called public-names.yaml holds public names of encrypted ClientHellos instead of a
/// vendor, one called feeds.yaml the feeds that can be refreshed; a later feed of the same product
/// replaces an earlier one.
Catalog load(const std::vector<std::filesystem::path>& directories);

/// The built-in catalog: installed beside the program (../share/turnpike/catalog) or in the source
/// tree that the program was built in. Throws base::Error (cannot_open) if there is none.
std::filesystem::path find_default_catalog();

}  // namespace turnpike::catalog
