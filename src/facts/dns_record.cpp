// Record data as text: RFC 1035 5.1, RFC 3403 (NAPTR), RFC 8659 (CAA), RFC 9460 2.1 (SVCB), and
// RFC 3597 5 for everything else.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "turnpike/base/base64.h"
#include "turnpike/base/cursor.h"
#include "turnpike/base/ip_address.h"
#include "turnpike/facts/dns_record.h"

namespace turnpike::facts {
namespace {

using base::Bytes;
using base::Cursor;

// IANA "Resource Record (RR) TYPEs".
enum : std::uint16_t {
    dns_a = 1,
    dns_ns = 2,
    dns_cname = 5,
    dns_soa = 6,
    dns_ptr = 12,
    dns_mx = 15,
    dns_txt = 16,
    dns_aaaa = 28,
    dns_srv = 33,
    dns_naptr = 35,
    dns_dname = 39,
    dns_svcb = 64,
    dns_https = 65,
    dns_caa = 257,
};

void append_number(std::uint32_t number, std::string& out) {
    std::array<char, 10> digits;  // NOLINT(*-member-init): written before it is read
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

// \DDD, RFC 1035 5.1.
void append_escape(std::uint8_t octet, std::string& out) {
    out += '\\';
    out += static_cast<char>('0' + octet / 100);
    out += static_cast<char>('0' + octet / 10 % 10);
    out += static_cast<char>('0' + octet % 10);
}

void append_hex(Bytes octets, std::string& out) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (const std::uint8_t octet : octets) {
        out += digits[octet >> 4U];
        out += digits[octet & 0x0fU];
    }
}

// Reads the data of one record and appends its text; `ok()` says whether the data fit to the end.
class RecordText {
  public:
    RecordText(base::Bytes data, std::string& out) noexcept : data_(data), out_(out) {}

    [[nodiscard]] bool ok() const noexcept { return !failed_ && data_.ok() && data_.empty(); }
    [[nodiscard]] bool more() const noexcept { return !failed_ && data_.ok() && !data_.empty(); }

    void space() { out_ += ' '; }
    void number8() { append_number(data_.u8(), out_); }
    void number16() { append_number(data_.u16(), out_); }
    void number32() { append_number(data_.u32(), out_); }
    void name();
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
                append_escape(octet, out_);
            } else {
                if (special.find(character) != std::string_view::npos) {
                    out_ += '\\';
                }
                out_ += character;
            }
        }
    }
    void service_parameter(std::uint16_t key, Bytes value);
    void address_list(Bytes value, std::size_t octets);
    void alpn_list(Bytes value);
    void key_list(Bytes value);

    Cursor data_;
    std::string& out_;
    bool failed_ = false;
};

// Labels in lower case; a dot or backslash inside a label and octets outside 0x21-0x7e become \DDD
// (RFC 4343 2.1).
void RecordText::name() {
    constexpr std::size_t max_name_octets = 255;  // RFC 1035 2.3.4
    constexpr std::uint8_t longest_label = 63;
    const std::size_t before = data_.position();
    bool first = true;
    for (std::uint8_t length = data_.u8(); length != 0 && data_.ok(); length = data_.u8()) {
        if (length > longest_label) {
            failed_ = true;  // a compression pointer that led nowhere, or no name at all
            return;
        }
        if (!first) {
            out_ += '.';
        }
        first = false;
        for (const std::uint8_t octet : data_.take(length)) {
            const char character = static_cast<char>(octet);
            if (octet <= 0x20 || octet > 0x7e || character == '.' || character == '\\') {
                append_escape(octet, out_);
            } else {
                const bool upper_case = octet >= 'A' && octet <= 'Z';
                out_ += upper_case ? static_cast<char>(octet + ('a' - 'A')) : character;
            }
        }
    }
    failed_ = failed_ || data_.position() - before > max_name_octets;
    if (first) {
        out_ += '.';
    }
}

// RFC 9460 14.3.2, dohpath RFC 9461 5, ohttp RFC 9540 4.
void append_service_key(std::uint16_t key, std::string& out) {
    constexpr std::array<std::string_view, 9> names{"mandatory", "alpn",     "no-default-alpn",
                                                    "port",      "ipv4hint", "ech",
                                                    "ipv6hint",  "dohpath",  "ohttp"};
    if (key < names.size()) {
        out += names[key];
    } else {
        out += "key";
        append_number(key, out);
    }
}

void RecordText::service_parameters() {
    while (more()) {
        const std::uint16_t key = data_.u16();
        const Bytes value = data_.take_u16_prefixed();
        if (data_.ok()) {
            out_ += ' ';
            service_parameter(key, value);
        }
    }
}

void RecordText::service_parameter(std::uint16_t key, Bytes value) {
    append_service_key(key, out_);
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
            append_number(Cursor(value).u16(), out_);
            break;
        case 4:
            address_list(value, 4);
            break;
        case 5:
            out_ += base::base64(value);
            break;
        case 6:
            address_list(value, 16);
            break;
        default:
            quoted(value);
            break;
    }
}

void RecordText::address_list(Bytes value, std::size_t octets) {
    Cursor cursor(value);
    while (!cursor.empty()) {
        if (cursor.position() > 0) {
            out_ += ',';
        }
        out_ += base::to_string(base::IpAddress::from_octets(cursor.take(octets)));
    }
    failed_ = failed_ || !cursor.ok();
}

void RecordText::alpn_list(Bytes value) {
    Cursor cursor(value);
    while (!cursor.empty()) {
        if (cursor.position() > 0) {
            out_ += ',';
        }
        escaped(cursor.take_u8_prefixed(), "\\, \"");
    }
    failed_ = failed_ || !cursor.ok();
}

void RecordText::key_list(Bytes value) {
    Cursor cursor(value);
    while (!cursor.empty()) {
        if (cursor.position() > 0) {
            out_ += ',';
        }
        append_service_key(cursor.u16(), out_);
    }
    failed_ = failed_ || !cursor.ok();
}

// ---- the presentation forms of record types, field by field ----

void host_record(RecordText& text) {  // NS, CNAME, PTR (RFC 1035 3.3), DNAME (RFC 6672)
    text.name();
}

void mx_record(RecordText& text) {  // RFC 1035 3.3.9
    text.number16();
    text.space();
    text.name();
}

void soa_record(RecordText& text) {  // RFC 1035 3.3.13
    text.name();
    text.space();
    text.name();
    for (unsigned i = 0; i < 5; ++i) {
        text.space();
        text.number32();
    }
}

void txt_record(RecordText& text) {  // RFC 1035 3.3.14
    text.counted_string();
    while (text.more()) {
        text.space();
        text.counted_string();
    }
}

void srv_record(RecordText& text) {  // RFC 2782
    for (unsigned i = 0; i < 3; ++i) {
        text.number16();
        text.space();
    }
    text.name();
}

void naptr_record(RecordText& text) {  // RFC 3403 4.1
    text.number16();
    text.space();
    text.number16();
    for (unsigned i = 0; i < 3; ++i) {
        text.space();
        text.counted_string();
    }
    text.space();
    text.name();
}

void caa_record(RecordText& text) {  // RFC 8659 4.1.1
    text.number8();
    text.space();
    text.plain_tag();
    text.space();
    text.rest_quoted();
}

void service_record(RecordText& text) {  // RFC 9460 2.1
    text.number16();
    text.space();
    text.name();
    text.service_parameters();
}

struct RecordForm {
    std::uint16_t type;
    void (*write)(RecordText& text);
};

constexpr std::array record_forms{
    RecordForm{dns_a, [](RecordText& text) { text.address(4); }},
    RecordForm{dns_aaaa, [](RecordText& text) { text.address(16); }},
    RecordForm{dns_ns, host_record},
    RecordForm{dns_cname, host_record},
    RecordForm{dns_ptr, host_record},
    RecordForm{dns_dname, host_record},
    RecordForm{dns_mx, mx_record},
    RecordForm{dns_soa, soa_record},
    RecordForm{dns_txt, txt_record},
    RecordForm{dns_srv, srv_record},
    RecordForm{dns_naptr, naptr_record},
    RecordForm{dns_caa, caa_record},
    RecordForm{dns_svcb, service_record},
    RecordForm{dns_https, service_record},
};

// Appends the text of types whose form is known; false if the type is not or the data do not fit.
bool render_known(std::uint16_t type, Bytes data, std::string& out) {
    const auto* const form = std::ranges::find(record_forms, type, &RecordForm::type);
    if (form == record_forms.end()) {
        return false;
    }
    RecordText text(data, out);
    form->write(text);
    return text.ok();
}

}  // namespace

void render_dns_record(std::uint16_t type, std::string_view octets, std::string& out) {
    const Bytes data{reinterpret_cast<const std::uint8_t*>(octets.data()), octets.size()};
    const std::size_t before = out.size();
    if (render_known(type, data, out)) {
        return;
    }
    out.resize(before);
    out += "\\# ";
    append_number(static_cast<std::uint32_t>(data.size()), out);
    if (!data.empty()) {
        out += ' ';
        append_hex(data, out);
    }
}

}  // namespace turnpike::facts
