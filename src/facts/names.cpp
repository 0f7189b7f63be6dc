// Registry names of wire values: IANA STUN methods, DNS RR types, DNS RCODEs.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "turnpike/facts/facts.h"

namespace turnpike::facts {
namespace {

using Name = std::pair<std::uint16_t, std::string_view>;

// IANA "STUN Methods": RFC 8489 18.2, RFC 8656 18, RFC 6062 6.
constexpr std::array stun_methods{
    Name{0x001, "binding"},
    Name{0x002, "sharedsecret"},
    Name{0x003, "allocate"},
    Name{0x004, "refresh"},
    Name{0x006, "send"},
    Name{0x007, "data"},
    Name{0x008, "createpermission"},
    Name{0x009, "channelbind"},
    Name{0x00a, "connect"},
    Name{0x00b, "connectionbind"},
    Name{0x00c, "connectionattempt"},
    Name{0x080, "googping"},
};

// IANA "Resource Record (RR) TYPEs" and QTYPEs.
constexpr std::array dns_types{
    Name{1, "A"},        Name{2, "NS"},          Name{3, "MD"},      Name{4, "MF"},
    Name{5, "CNAME"},    Name{6, "SOA"},         Name{7, "MB"},      Name{8, "MG"},
    Name{9, "MR"},       Name{10, "NULL"},       Name{11, "WKS"},    Name{12, "PTR"},
    Name{13, "HINFO"},   Name{14, "MINFO"},      Name{15, "MX"},     Name{16, "TXT"},
    Name{17, "RP"},      Name{18, "AFSDB"},      Name{24, "SIG"},    Name{25, "KEY"},
    Name{28, "AAAA"},    Name{29, "LOC"},        Name{30, "NXT"},    Name{33, "SRV"},
    Name{35, "NAPTR"},   Name{36, "KX"},         Name{37, "CERT"},   Name{38, "A6"},
    Name{39, "DNAME"},   Name{41, "OPT"},        Name{42, "APL"},    Name{43, "DS"},
    Name{44, "SSHFP"},   Name{45, "IPSECKEY"},   Name{46, "RRSIG"},  Name{47, "NSEC"},
    Name{48, "DNSKEY"},  Name{49, "DHCID"},      Name{50, "NSEC3"},  Name{51, "NSEC3PARAM"},
    Name{52, "TLSA"},    Name{53, "SMIMEA"},     Name{55, "HIP"},    Name{59, "CDS"},
    Name{60, "CDNSKEY"}, Name{61, "OPENPGPKEY"}, Name{62, "CSYNC"},  Name{63, "ZONEMD"},
    Name{64, "SVCB"},    Name{65, "HTTPS"},      Name{99, "SPF"},    Name{249, "TKEY"},
    Name{250, "TSIG"},   Name{251, "IXFR"},      Name{252, "AXFR"},  Name{255, "ANY"},
    Name{256, "URI"},    Name{257, "CAA"},       Name{32769, "DLV"},
};

// IANA "DNS RCODEs".
constexpr std::array dns_rcodes{
    Name{0, "NOERROR"}, Name{1, "FORMERR"}, Name{2, "SERVFAIL"}, Name{3, "NXDOMAIN"},
    Name{4, "NOTIMP"},  Name{5, "REFUSED"}, Name{6, "YXDOMAIN"}, Name{7, "YXRRSET"},
    Name{8, "NXRRSET"}, Name{9, "NOTAUTH"}, Name{10, "NOTZONE"},
};

template <typename Table>
std::string_view find(const Table& table, std::uint16_t code) {
    const auto* const entry = std::ranges::find(table, code, &Name::first);
    return entry == table.end() ? std::string_view{} : entry->second;
}

}  // namespace

std::string stun_method_name(std::uint16_t method) {
    const auto name = find(stun_methods, method);
    return name.empty() ? fmt::format("0x{:03x}", method) : std::string(name);
}

std::string dns_type_name(std::uint16_t type) {
    const auto name = find(dns_types, type);
    return name.empty() ? fmt::format("TYPE{}", type) : std::string(name);
}

std::string dns_rcode_name(std::uint16_t rcode) {
    const auto name = find(dns_rcodes, rcode);
    return name.empty() ? fmt::format("RCODE{}", rcode) : std::string(name);
}

}  // namespace turnpike::facts
