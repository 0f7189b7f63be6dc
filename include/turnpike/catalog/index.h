// The catalog as attribution asks it: which rules does this name, address or port belong to? The
// cost of an answer depends on the number of labels and of matches, not on the catalog's size.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "turnpike/base/address_map.h"
#include "turnpike/base/ip_address.h"
#include "turnpike/catalog/catalog.h"

namespace turnpike::catalog {

/// A rule and the revision it stands in; both point into the catalog.
struct RuleReference {
    const Revision* revision = nullptr;
    const Rule* rule = nullptr;
    friend bool operator==(const RuleReference&, const RuleReference&) noexcept = default;
};
/// A rule that a name belongs to, and by which pattern.
struct NameMatch : RuleReference {
    const NamePattern* pattern = nullptr;
    int specificity = 0;  ///< of the pattern
};
/// A rule that an address belongs to, and by which prefix.
struct AddressMatch : RuleReference {
    const Network* prefix = nullptr;
    bool shared = false;  ///< many share these addresses: support, never proof
};
/// A rule by one of its port items: the two make a requirement.
struct PortMatch : RuleReference {
    const PortItem* port = nullptr;
};

/// Look-up tables over the rules of some revisions, which must outlive the index. Immutable once
/// built, so any number of threads may ask. Answers are appended to `matches`, so that a caller may
/// reuse its vector.
class Index {
  public:
    Index() = default;
    /// `public_ech_names`: those of the catalog (Catalog::public_ech_names), which must outlive
    /// the index, too.
    explicit Index(std::span<const Revision* const> revisions,
                   std::span<const NamePattern> public_ech_names = {});

    /// True for the name in the clear part of an encrypted ClientHello if it is one that a provider
    /// uses for all its customers (A-labels, lower case, no final dot).
    [[nodiscard]] bool is_public_ech_name(std::string_view name) const noexcept;

    [[nodiscard]] std::span<const Revision* const> revisions() const noexcept { return revisions_; }

    /// Every pattern that covers `name` (A-labels, lower case, no final dot), most specific first;
    /// among equals in catalog order.
    void match_name(std::string_view name, std::vector<NameMatch>& matches) const;
    [[nodiscard]] std::vector<NameMatch> match_name(std::string_view name) const;

    /// False if no prefix holds `address`, as one look tells of most addresses. Addresses of a
    /// NAT64 stand for those behind it here.
    [[nodiscard]] bool may_match(const base::IpAddress& address) const noexcept;
    /// Every prefix that holds `address`, longest first; among equals in catalog order.
    void match_address(const base::IpAddress& address, std::vector<AddressMatch>& matches) const;
    [[nodiscard]] std::vector<AddressMatch> match_address(const base::IpAddress& address) const;

    /// The rules whose destination is ANY and which list this port, in catalog order; inbound rules
    /// whose document names no source ("unstated") count among them. A rule of several items that
    /// cover the port appears once an item. Items without a stated port never match here.
    void match_any(Transport transport, std::uint16_t port, std::vector<PortMatch>& matches) const;
    [[nodiscard]] std::vector<PortMatch> match_any(Transport transport, std::uint16_t port) const;

    /// The same for rules that have nothing but ports: no destination to match with
    /// (Destinations::unknown), nor one described in words, nor a protocol that is expected.
    void match_unplaced(Transport transport, std::uint16_t port,
                        std::vector<PortMatch>& matches) const;
    [[nodiscard]] std::vector<PortMatch> match_unplaced(Transport transport,
                                                        std::uint16_t port) const;

  private:
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>{}(text);
        }
    };
    /// Positions in `names_`, catalog order.
    using Bucket = std::vector<std::uint32_t>;
    using NameTable = boost::unordered_flat_map<std::string, Bucket, TextHash, std::equal_to<>>;
    /// The prefixes of one family and length, by their network address.
    struct PrefixTable {
        unsigned length = 0;
        base::AddressMap<std::vector<AddressMatch>> networks;
    };
    /// The prefixes of one family.
    struct Networks {
        static constexpr unsigned beginning_bits = 16;
        std::vector<PrefixTable> tables;  ///< longest first
        /// Which first bits some address in them has: most addresses are in none, which one look
        /// tells.
        std::vector<bool> beginnings = std::vector<bool>(std::size_t{1} << beginning_bits);
    };
    /// Port items, and their order by first port read as a balanced tree.
    struct PortTable {
        std::vector<PortMatch> items;         ///< catalog order
        std::vector<std::uint32_t> order;     ///< positions in `items`, by first port
        std::vector<std::uint16_t> furthest;  ///< the largest last port of each subtree
        void build();
        std::uint16_t measure(std::size_t from, std::size_t to);
        void find(std::uint16_t port, std::vector<PortMatch>& matches) const;
        void find(std::size_t from, std::size_t to, std::uint16_t port,
                  std::vector<std::uint32_t>& found) const;
    };

    void add_name(const NameMatch& entry);
    void add_prefix(const AddressMatch& entry);
    static void add_ports(const RuleReference& reference, PortTable& tcp, PortTable& udp);
    void append_names(std::string_view ending, std::string_view name,
                      std::vector<std::uint32_t>& found) const;

    std::vector<const Revision*> revisions_;
    std::span<const NamePattern> public_ech_names_;
    std::vector<NameMatch> names_;
    NameTable endings_;  ///< patterns by the whole labels behind their last star
    Networks v4_;
    Networks v6_;
    PortTable any_tcp_;
    PortTable any_udp_;
    PortTable unplaced_tcp_;
    PortTable unplaced_udp_;
};

/// The item of the rule's list that covers the port; the narrowest if several do; null if none.
const PortItem* covering_port(const Rule& rule, Transport transport, std::uint16_t port) noexcept;

}  // namespace turnpike::catalog
