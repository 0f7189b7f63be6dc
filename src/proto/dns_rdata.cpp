// Record data without compression pointers (RFC 1035 4.1.4), so that it can be kept and read
// without its message: RFC 1035 3.3, RFC 2782 (SRV), RFC 3403 4.1 (NAPTR), RFC 9460 2.2 (SVCB).
#include <optional>

#include "proto/dns_name.h"
#include "turnpike/base/cursor.h"
#include "turnpike/proto/dns.h"

namespace turnpike::proto {
namespace {

using base::Cursor;

constexpr std::uint8_t any_rest = 0xff;

// Where the names of a type's data stand: behind `before` octets and `strings` counted strings, in
// front of `after` octets.
struct Layout {
    std::uint8_t before = 0;
    std::uint8_t strings = 0;
    std::uint8_t names = 1;
    std::uint8_t after = 0;
};

std::optional<Layout> layout_of(std::uint16_t type) noexcept {
    switch (static_cast<DnsType>(type)) {
        case DnsType::ns:
        case DnsType::cname:
        case DnsType::ptr:
        case DnsType::dname:
            return Layout{};
        case DnsType::mx:
            return Layout{.before = 2};
        case DnsType::srv:
            return Layout{.before = 6};
        case DnsType::soa:
            return Layout{.names = 2, .after = 20};
        case DnsType::naptr:
            return Layout{.before = 4, .strings = 3};
        case DnsType::svcb:
        case DnsType::https:
            return Layout{.before = 2, .after = any_rest};
        default:
            return std::nullopt;
    }
}

void append(base::Bytes octets, std::string& out) {
    out.append(octets.begin(), octets.end());
}

// Appends the data with its names written out; false if the data do not fit the layout.
bool expand(const DnsMessage& message, const DnsRecord& record, const Layout& layout,
            std::string& out) {
    Cursor data(record.data);
    data.skip(layout.before);
    for (std::uint8_t i = 0; i < layout.strings; ++i) {
        data.take_u8_prefixed();
    }
    append(record.data.first(data.position()), out);
    for (std::uint8_t i = 0; i < layout.names; ++i) {
        const std::size_t offset = record.data_offset + data.position();
        const auto end = end_of_name(message.bytes, offset);
        if (!data.ok() || !end || *end > offset + data.remaining()) {
            return false;
        }
        append_plain_name(message.bytes, offset, out);
        data.skip(*end - offset);
    }
    append(data.rest(), out);
    return layout.after == any_rest || data.remaining() == layout.after;
}

}  // namespace

void copy_rdata(const DnsMessage& message, const DnsRecord& record, std::string& out) {
    const std::size_t before = out.size();
    if (const auto layout = layout_of(record.type)) {
        if (expand(message, record, *layout, out)) {
            return;
        }
        out.resize(before);
    }
    append(record.data, out);
}

}  // namespace turnpike::proto
