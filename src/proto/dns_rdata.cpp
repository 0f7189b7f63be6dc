// Record data as text: RFC 1035 5.1, RFC 3403 (NAPTR), RFC 8659 (CAA), RFC 9460 2.1 (SVCB), and
// RFC 3597 5 for everything else.
#include <fmt/format.h>

#include <iterator>

#include "proto/dns_name.h"
#include "turnpike/base/cursor.h"
#include "turnpike/proto/dns.h"

namespace turnpike::proto {
namespace {

using base::Bytes;
using base::Cursor;

// Reads the data of one record and appends its text; `ok()` says whether the data fit to the end.
class RdataText {
  public:
    RdataText(const DnsMessage& message, const DnsRecord& record, std::string& out) noexcept
        : message_(message), start_(record.data_offset), data_(record.data), out_(out) {}

    [[nodiscard]] bool ok() const noexcept { return !failed_ && data_.ok() && data_.empty(); }
    [[nodiscard]] bool more() const noexcept { return !failed_ && data_.ok() && !data_.empty(); }

    void space() { out_ += ' '; }
    void number16() { fmt::format_to(std::back_inserter(out_), "{}", data_.u16()); }
    void number32() { fmt::format_to(std::back_inserter(out_), "{}", data_.u32()); }
    void number8() { fmt::format_to(std::back_inserter(out_), "{}", unsigned{data_.u8()}); }
    void name() {
        const std::size_t offset = start_ + data_.position();
        const auto end = end_of_name(message_.bytes, offset);
        if (!data_.ok() || !end || *end > offset + data_.remaining() || offset > 0xffff) {
            failed_ = true;
            return;
        }
        NameBuffer buffer;
        const DnsName name{.message = message_.bytes, .offset = static_cast<std::uint16_t>(offset)};
        const auto text = render_name(name, buffer);
        out_ += text.empty() ? "." : text;
        data_.skip(*end - offset);
    }
    void address(std::size_t octets) {
        out_ += base::to_string(base::IpAddress::from_octets(data_.take(octets)));
    }
    void quoted(Bytes text) {
        out_ += '"';
        escaped(text, "\"\\");
        out_ += '"';
    }
    void counted_string() { quoted(data_.take_u8_prefixed()); }
    void rest_quoted() { quoted(data_.take(data_.remaining())); }
    void plain_tag() { escaped(data_.take_u8_prefixed(), "\"\\ "); }
    void service_parameters();

  private:
    void escaped(Bytes text, std::string_view special) {
        for (const std::uint8_t octet : text) {
            const char character = static_cast<char>(octet);
            if (octet < 0x20 || octet > 0x7e) {
                fmt::format_to(std::back_inserter(out_), "\\{:03}", unsigned{octet});
            } else if (special.find(character) != std::string_view::npos) {
                out_ += '\\';
                out_ += character;
            } else {
                out_ += character;
            }
        }
    }
    void service_parameter(std::uint16_t key, Bytes value);
    void address_list(Bytes value, std::size_t octets);
    void alpn_list(Bytes value);
    void key_list(Bytes value);
    void base64(Bytes value);

    const DnsMessage& message_;
    std::size_t start_;
    Cursor data_;
    std::string& out_;
    bool failed_ = false;
};

// RFC 9460 14.3.2, dohpath RFC 9461 5, ohttp RFC 9540 4.
std::string service_key_name(std::uint16_t key) {
    constexpr std::array<std::string_view, 9> names{"mandatory", "alpn",     "no-default-alpn",
                                                    "port",      "ipv4hint", "ech",
                                                    "ipv6hint",  "dohpath",  "ohttp"};
    return key < names.size() ? std::string(names[key]) : fmt::format("key{}", key);
}

void RdataText::service_parameters() {
    while (more()) {
        const std::uint16_t key = data_.u16();
        const Bytes value = data_.take_u16_prefixed();
        if (data_.ok()) {
            out_ += ' ';
            service_parameter(key, value);
        }
    }
}

void RdataText::service_parameter(std::uint16_t key, Bytes value) {
    out_ += service_key_name(key);
    if (value.empty()) {
        return;
    }
    out_ += '=';
    switch (key) {
        case 0:
            key_list(value);
            break;
        case 1:
            alpn_list(value);
            break;
        case 3:
            failed_ = failed_ || value.size() != 2;
            fmt::format_to(std::back_inserter(out_), "{}", Cursor(value).u16());
            break;
        case 4:
            address_list(value, 4);
            break;
        case 5:
            base64(value);
            break;
        case 6:
            address_list(value, 16);
            break;
        default:
            quoted(value);
            break;
    }
}

void RdataText::address_list(Bytes value, std::size_t octets) {
    Cursor cursor(value);
    while (!cursor.empty()) {
        if (cursor.position() > 0) {
            out_ += ',';
        }
        out_ += base::to_string(base::IpAddress::from_octets(cursor.take(octets)));
    }
    failed_ = failed_ || !cursor.ok();
}

void RdataText::alpn_list(Bytes value) {
    Cursor cursor(value);
    while (!cursor.empty()) {
        if (cursor.position() > 0) {
            out_ += ',';
        }
        escaped(cursor.take_u8_prefixed(), "\\, \"");
    }
    failed_ = failed_ || !cursor.ok();
}

void RdataText::key_list(Bytes value) {
    Cursor cursor(value);
    while (!cursor.empty()) {
        if (cursor.position() > 0) {
            out_ += ',';
        }
        out_ += service_key_name(cursor.u16());
    }
    failed_ = failed_ || !cursor.ok();
}

void RdataText::base64(Bytes value) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t i = 0; i < value.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, value.size() - i);
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            group = (group << 8U) | (k < count ? value[i + k] : 0U);
        }
        for (std::size_t k = 0; k < 4; ++k) {
            out_ += k <= count ? digits[(group >> (18U - 6U * k)) & 0x3fU] : '=';
        }
    }
}

// Appends the text of types whose form is known; false if the type is not or the data do not fit.
bool render_known(const DnsMessage& message, const DnsRecord& record, std::string& out) {
    RdataText text(message, record, out);
    switch (static_cast<DnsType>(record.type)) {
        case DnsType::a:
            text.address(4);
            return text.ok();
        case DnsType::aaaa:
            text.address(16);
            return text.ok();
        case DnsType::ns:
        case DnsType::cname:
        case DnsType::ptr:
        case DnsType::dname:
            text.name();
            return text.ok();
        case DnsType::mx:
            text.number16();
            text.space();
            text.name();
            return text.ok();
        case DnsType::soa:  // RFC 1035 3.3.13
            text.name();
            text.space();
            text.name();
            for (unsigned i = 0; i < 5; ++i) {
                text.space();
                text.number32();
            }
            return text.ok();
        case DnsType::txt:  // RFC 1035 3.3.14
            text.counted_string();
            while (text.more()) {
                text.space();
                text.counted_string();
            }
            return text.ok();
        case DnsType::srv:  // RFC 2782
            for (unsigned i = 0; i < 3; ++i) {
                text.number16();
                text.space();
            }
            text.name();
            return text.ok();
        case DnsType::naptr:  // RFC 3403 4.1
            text.number16();
            text.space();
            text.number16();
            for (unsigned i = 0; i < 3; ++i) {
                text.space();
                text.counted_string();
            }
            text.space();
            text.name();
            return text.ok();
        case DnsType::caa:  // RFC 8659 4.1.1
            text.number8();
            text.space();
            text.plain_tag();
            text.space();
            text.rest_quoted();
            return text.ok();
        case DnsType::svcb:
        case DnsType::https:
            text.number16();
            text.space();
            text.name();
            text.service_parameters();
            return text.ok();
        default:
            return false;
    }
}

}  // namespace

void render_rdata(const DnsMessage& message, const DnsRecord& record, std::string& out) {
    const std::size_t before = out.size();
    if (render_known(message, record, out)) {
        return;
    }
    out.resize(before);
    fmt::format_to(std::back_inserter(out), "\\# {}", record.data.size());
    if (!record.data.empty()) {
        out += ' ';
        for (const std::uint8_t octet : record.data) {
            fmt::format_to(std::back_inserter(out), "{:02x}", unsigned{octet});
        }
    }
}

}  // namespace turnpike::proto
