// Names in DNS messages: RFC 1035 3.1 (labels), 4.1.4 (compression), RFC 4343 2.1 (escapes);
// NetBIOS names of RFC 1001 14.1.
#include "proto/dns_name.h"

#include <array>

#include "turnpike/proto/dns.h"

namespace turnpike::proto {
namespace {

using base::Bytes;
using base::ParseError;

constexpr std::size_t max_name_octets = 255;  // RFC 1035 2.3.4
constexpr std::uint8_t label_type_mask = 0xc0;
constexpr std::uint8_t pointer_type = 0xc0;

// One step along a name: a label, the jump to an earlier one, or the end. An error is a kind of
// step and no Result, which would take a way through memory for every label.
struct Step {
    enum class Kind : std::uint8_t { label, pointer, root, error } kind = Kind::root;
    ParseError error = ParseError::truncated;
    Bytes label;
    std::size_t next = 0;

    [[nodiscard]] bool goes_on() const noexcept { return kind < Kind::root; }
};

constexpr Step wrong(ParseError error) noexcept {
    return {.kind = Step::Kind::error, .error = error, .label = {}, .next = 0};
}

inline Step step(Bytes message, std::size_t offset) noexcept {
    if (offset >= message.size()) {
        return wrong(ParseError::truncated);
    }
    const std::uint8_t length = message[offset];
    if (length == 0) {
        return {.kind = Step::Kind::root, .error = {}, .label = {}, .next = offset + 1};
    }
    if ((length & label_type_mask) == 0) {
        if (offset + 1 + length > message.size()) {
            return wrong(ParseError::truncated);
        }
        return {.kind = Step::Kind::label,
                .error = {},
                .label = message.subspan(offset + 1, length),
                .next = offset + 1 + length};
    }
    if ((length & label_type_mask) != pointer_type) {
        return wrong(ParseError::bad_value);  // RFC 6891 5: other types are gone
    }
    if (offset + 1 >= message.size()) {
        return wrong(ParseError::truncated);
    }
    const std::size_t target = ((length & 0x3fU) << 8U) | message[offset + 1];
    return {.kind = Step::Kind::pointer, .error = {}, .label = {}, .next = target};
}

/// How an octet that needs no escape is written, in lower case; 0 for one that does.
constexpr auto plain = [] {
    std::array<char, 256> written{};
    for (std::uint8_t octet = 0x21; octet < 0x7f; ++octet) {
        const bool upper_case = octet >= 'A' && octet <= 'Z';
        written[octet] = static_cast<char>(upper_case ? octet + ('a' - 'A') : octet);
    }
    written['.'] = written['\\'] = 0;
    return written;
}();

void append_octet(NameBuffer& buffer, std::uint8_t octet) noexcept {
    constexpr std::size_t longest = 4;  // \DDD
    if (buffer.size + longest > buffer.text.size()) {
        return;
    }
    if (plain[octet] != 0) {
        buffer.text[buffer.size++] = plain[octet];
        return;
    }
    buffer.text[buffer.size++] = '\\';
    buffer.text[buffer.size++] = static_cast<char>('0' + octet / 100);
    buffer.text[buffer.size++] = static_cast<char>('0' + octet / 10 % 10);
    buffer.text[buffer.size++] = static_cast<char>('0' + octet % 10);
}

/// Nearly every label has nothing to escape: written without a look at the room for each octet.
void append_label(NameBuffer& buffer, Bytes label) noexcept {
    if (buffer.size + label.size() <= buffer.text.size()) {
        char* const begin = buffer.text.data() + buffer.size;
        char* end = begin;
        std::size_t escapes = 0;
        for (const std::uint8_t octet : label) {
            const char written = plain[octet];
            escapes += written == 0 ? 1U : 0U;
            *end++ = written;
        }
        if (escapes == 0) {
            buffer.size += label.size();
            return;
        }
    }
    for (const std::uint8_t octet : label) {
        append_octet(buffer, octet);
    }
}

}  // namespace

base::Result<std::size_t> end_of_name(Bytes message, std::size_t offset) noexcept {
    std::size_t end = 0;       // behind the name's own octets, known at the first pointer
    std::size_t run = offset;  // where the current run of labels began
    std::size_t octets = 1;    // the root's
    for (std::size_t at = offset;;) {
        const Step here = step(message, at);
        switch (here.kind) {
            case Step::Kind::error:
                return std::unexpected(here.error);
            case Step::Kind::root:
                return end != 0 ? end : here.next;
            case Step::Kind::label:
                octets += 1 + here.label.size();
                if (octets > max_name_octets) {
                    return std::unexpected(ParseError::limit);
                }
                break;
            case Step::Kind::pointer:
                // Only a prior occurrence may be pointed to, so every run begins before the one
                // that points to it: no loop.
                if (here.next >= run || here.next < dns_header_size) {
                    return std::unexpected(ParseError::bad_value);
                }
                end = end != 0 ? end : at + 2;
                run = here.next;
                break;
        }
        at = here.next;
    }
}

void append_plain_name(Bytes message, std::size_t offset, std::string& out) {
    for (Step here = step(message, offset); here.goes_on(); here = step(message, here.next)) {
        if (here.kind == Step::Kind::label) {
            out += static_cast<char>(here.label.size());
            out.append(here.label.begin(), here.label.end());
        }
    }
    out += '\0';
}

std::string_view render_name(const DnsName& name, NameBuffer& buffer) noexcept {
    buffer.size = 0;
    std::size_t steps_left = max_name_octets;  // in case nobody checked the name
    for (Step here = step(name.message, name.offset); here.goes_on() && steps_left > 0;
         here = step(name.message, here.next), --steps_left) {
        if (here.kind == Step::Kind::label) {
            if (buffer.size > 0 && buffer.size < buffer.text.size()) {
                buffer.text[buffer.size++] = '.';
            }
            append_label(buffer, here.label);
        }
    }
    return buffer.view();
}

}  // namespace turnpike::proto
