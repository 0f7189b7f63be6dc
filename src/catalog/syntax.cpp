// Parses names, networks, ports, days, counts and versions, and explains what is wrong with
// them.
#include "catalog/syntax.h"

#include <fmt/core.h>
#include <idn2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

#include "turnpike/base/text.h"

namespace turnpike::catalog {
namespace {

// RFC 1035 2.3.4.
constexpr std::size_t longest_label = 63;
constexpr std::size_t longest_name = 253;
constexpr unsigned last_port = 65535;

constexpr std::string_view blanks = " \t\r\n";

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}
bool is_letter_or_digit(char c) noexcept {
    return is_digit(c) || (c >= 'a' && c <= 'z');
}
bool all_digits(std::string_view text) noexcept {
    return !text.empty() && std::ranges::all_of(text, is_digit);
}

std::unexpected<std::string> no(std::string reason) {
    return std::unexpected(std::move(reason));
}

std::string in_quotes(std::string_view text) {
    return '"' + base::escape(text) + '"';
}

// What kind of odd number this is: people and programs write 443 in more ways than one.
std::string odd_number(std::string_view text) {
    if (text.empty()) {
        return "a number is missing";
    }
    if (text.starts_with("0x") || text.starts_with("0X")) {
        return in_quotes(text) + " is hexadecimal; write it in decimal";
    }
    if (text.starts_with('+') || text.starts_with('-')) {
        return in_quotes(text) + " has a sign; write digits only";
    }
    if (all_digits(text)) {
        return fmt::format("{} begins with 0, which some read as octal; write {}", in_quotes(text),
                           text.find_first_not_of('0') == std::string_view::npos
                               ? std::string_view{"0"}
                               : text.substr(text.find_first_not_of('0')));
    }
    return in_quotes(text) + " is no plain decimal number";
}

Parsed<unsigned> parse_port(std::string_view text) {
    if (!all_digits(text) || (text.size() > 1 && text.front() == '0')) {
        return no(odd_number(text));
    }
    unsigned value = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || value > last_port) {
        return no(fmt::format("port {} is impossible; ports end at {}", text, last_port));
    }
    if (value == 0) {
        return no("port 0 is impossible; for every port write all");
    }
    return value;
}

std::optional<std::string> to_a_labels(std::string_view text) {
    char* output = nullptr;
    const std::string input(text);
    const int code = idn2_to_ascii_8z(input.c_str(), &output, IDN2_NONTRANSITIONAL);
    const std::unique_ptr<char, void (*)(void*)> owner(output, idn2_free);
    return code == IDN2_OK ? std::optional<std::string>(output) : std::nullopt;
}

std::string host_of_url(std::string_view text) {
    if (const auto scheme = text.find("://"); scheme != std::string_view::npos) {
        text.remove_prefix(scheme + 3);
    }
    return std::string(text.substr(0, text.find_first_of("/:?#")));
}

// Reasons why the whole text cannot be a name, before its labels are looked at.
std::string refuse_form(std::string_view text) {
    if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
        const auto ascii = to_a_labels(text);
        return ascii ? fmt::format("not ASCII; write the A-labels {}", in_quotes(*ascii))
                     : std::string("not ASCII, and no name in any script either");
    }
    if (text.find_first_of("/:?#") != std::string_view::npos) {
        return fmt::format("{} is a URL or has a port; write the name only: {}", in_quotes(text),
                           in_quotes(host_of_url(text)));
    }
    if (base::IpAddress::parse(text)) {
        return fmt::format("{} is an address; addresses belong under networks", in_quotes(text));
    }
    if (text == "*" || text == "any" || text == "ANY") {
        return "a name that fits everything; write destination: any";
    }
    if (text.ends_with('.')) {
        return fmt::format("{} ends with a dot; leave it out", in_quotes(text));
    }
    return text.size() > longest_name ? "a name has at most 253 characters" : "";
}

// A label with every {placeholder} taken out, or nothing if its braces are wrong.
std::optional<std::string> without_placeholders(std::string_view label) {
    std::string rest;
    while (!label.empty()) {
        const auto brace = label.find_first_of("{}");
        rest += label.substr(0, brace);
        if (brace == std::string_view::npos) {
            break;
        }
        const auto close = label.find('}', brace);
        const bool good = label[brace] == '{' && close != std::string_view::npos &&
                          parse_identifier(label.substr(brace + 1, close - brace - 1));
        if (!good) {
            return std::nullopt;
        }
        rest += '*';
        label.remove_prefix(close + 1);
    }
    return rest;
}

std::string refuse_label(std::string_view label) {
    const auto literal = without_placeholders(label);
    if (!literal) {
        return fmt::format("the placeholder in {} is broken; write {{name}}", in_quotes(label));
    }
    if (literal->empty()) {
        return "an empty label (two dots in a row)";
    }
    if (literal->size() > longest_label) {
        return fmt::format("the label {} is longer than 63 characters", in_quotes(label));
    }
    const auto odd = std::ranges::find_if(*literal, [](char c) {
        return !is_letter_or_digit(c) && c != '-' && c != '_' && c != '*';
    });
    if (odd != literal->end()) {
        return fmt::format("{} cannot stand in a name", in_quotes(std::string_view(&*odd, 1)));
    }
    if (literal->find("**") != std::string::npos) {
        return "two stars in a row mean the same as one; write one";
    }
    return literal->front() == '-' || literal->back() == '-'
               ? fmt::format("the label {} begins or ends with a hyphen", in_quotes(label))
               : "";
}

}  // namespace

std::string_view trim(std::string_view text) noexcept {
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

Parsed<std::string> parse_name_pattern(std::string_view text) {
    text = trim(text);
    // {Region} and {region} are one placeholder, as names ignore case throughout.
    auto name = base::to_lower(text);
    if (name.empty()) {
        return no("an empty name");
    }
    if (auto reason = refuse_form(name); !reason.empty()) {
        return no(std::move(reason));
    }
    std::string_view rest = name;
    if (rest.front() == '.') {
        rest.remove_prefix(1);
    }
    std::size_t labels = 0;
    std::string_view last;
    while (true) {
        const auto dot = rest.find('.');
        last = rest.substr(0, dot);
        if (auto reason = refuse_label(last); !reason.empty()) {
            return no(fmt::format("{}: {}", in_quotes(text), reason));
        }
        ++labels;
        if (dot == std::string_view::npos) {
            break;
        }
        rest.remove_prefix(dot + 1);
    }
    if (labels < 2) {
        return no(fmt::format("{} is a single label; a name has a domain", in_quotes(text)));
    }
    if (all_digits(last)) {
        return no(fmt::format("{}: no top-level domain is a number", in_quotes(text)));
    }
    if (last.find_first_of("*{") != std::string_view::npos) {
        return no(fmt::format("{}: the top-level domain must be written out", in_quotes(text)));
    }
    return name;
}

namespace {

using Octets = std::array<std::uint8_t, 16>;

Octets octets_of(const base::IpAddress& address) {
    Octets octets{};
    std::ranges::copy(address.octets(), octets.begin());
    return octets;
}

bool bit_at(const Octets& octets, unsigned bit) noexcept {
    return (octets.at(bit / 8) & (0x80U >> (bit % 8))) != 0;
}

void set_bit(Octets& octets, unsigned bit, bool value) noexcept {
    const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
    auto& octet = octets.at(bit / 8);
    octet = static_cast<std::uint8_t>(value ? octet | mask : octet & ~mask);
}

// The last address of the block that starts at `octets` with this many fixed bits.
Octets block_end(Octets octets, unsigned length, unsigned width) noexcept {
    for (unsigned bit = length; bit < width; ++bit) {
        set_bit(octets, bit, true);
    }
    return octets;
}

// Adds one; false when it wraps around.
bool increment(Octets& octets, unsigned width) noexcept {
    for (unsigned bit = width; bit-- > 0;) {
        const bool was_set = bit_at(octets, bit);
        set_bit(octets, bit, !was_set);
        if (!was_set) {
            return true;
        }
    }
    return false;
}

std::vector<base::Prefix> cover(const base::IpAddress& first, const base::IpAddress& last) {
    const unsigned width = first.is_v4() ? 32 : 128;
    std::vector<base::Prefix> prefixes;
    auto at = octets_of(first);
    const auto end = octets_of(last);
    for (bool more = true; more && at <= end;) {
        unsigned length = width;
        while (length > 0 && !bit_at(at, length - 1) && block_end(at, length - 1, width) <= end) {
            --length;
        }
        prefixes.push_back(
            {base::IpAddress::from_octets(base::Bytes{at}.first(width / 8)), length});
        at = block_end(at, length, width);
        more = increment(at, width);
    }
    return prefixes;
}

std::string refuse_network(std::string_view text) {
    const auto slash = text.find('/');
    const auto address = base::IpAddress::parse(text.substr(0, slash));
    if (!address) {
        return fmt::format("{} is no network such as 192.0.2.0/24 or 2001:db8::/32",
                           in_quotes(text));
    }
    const auto digits = text.substr(slash + 1);
    unsigned length = 0;
    const auto [stop, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), length);
    const unsigned widest = address->is_v4() ? 32 : 128;
    const bool whole = error == std::errc{} && stop == digits.data() + digits.size();
    if (!whole || length > widest || digits.size() > 3) {
        return fmt::format("{}: the prefix length must be 0 to {}", in_quotes(text), widest);
    }
    auto network = octets_of(*address);
    for (unsigned bit = length; bit < widest; ++bit) {
        set_bit(network, bit, false);
    }
    const base::Prefix meant{base::IpAddress::from_octets(base::Bytes{network}.first(widest / 8)),
                             length};
    return fmt::format("{} has host bits set; write {} or the single address", in_quotes(text),
                       base::to_string(meant));
}

}  // namespace

Parsed<std::vector<base::Prefix>> parse_network(std::string_view text) {
    text = trim(text);
    const auto dash = text.find('-');
    if (dash == std::string_view::npos) {
        const auto slash = text.find('/');
        const bool odd_length =
            slash != std::string_view::npos && slash + 2 < text.size() && text[slash + 1] == '0';
        const auto prefix = base::Prefix::parse(text);
        if (!prefix || odd_length) {
            return no(odd_length ? odd_number(text.substr(slash + 1)) : refuse_network(text));
        }
        return std::vector{*prefix};
    }
    const auto first = base::IpAddress::parse(trim(text.substr(0, dash)));
    const auto last = base::IpAddress::parse(trim(text.substr(dash + 1)));
    if (!first || !last || first->version() != last->version()) {
        return no(fmt::format("{} is no pair of first and last address", in_quotes(text)));
    }
    if (*last < *first) {
        return no(fmt::format("{}: the pair runs backwards", in_quotes(text)));
    }
    return cover(*first, *last);
}

namespace {

PortItem port_item(unsigned first, unsigned last, std::string text) {
    PortItem item;
    item.first = static_cast<std::uint16_t>(first);
    item.last = static_cast<std::uint16_t>(last);
    item.text = std::move(text);
    return item;
}

}  // namespace

Parsed<PortItem> parse_port_item(std::string_view text) {
    text = trim(text);
    if (text == "all") {
        return port_item(1, last_port, "1-65535");
    }
    if (text.find_first_of("~:\xe2\xef") != std::string_view::npos) {
        return no(fmt::format("{}: write a range with a hyphen: 5866-6000", in_quotes(text)));
    }
    if (text.find_first_of(",;") != std::string_view::npos) {
        return no(fmt::format("{} is several items; make it a list: [80, 443]", in_quotes(text)));
    }
    const auto dash = text.find('-', 1);
    if (dash == std::string_view::npos) {
        const auto port = parse_port(text);
        if (!port) {
            return no(port.error());
        }
        return port_item(*port, *port, std::string(text));
    }
    const auto first = parse_port(trim(text.substr(0, dash)));
    const auto last = parse_port(trim(text.substr(dash + 1)));
    if (!first || !last) {
        return no(first ? last.error() : first.error());
    }
    if (*first >= *last) {
        return no(*first > *last ? fmt::format("the range {} runs backwards", in_quotes(text))
                                 : fmt::format("the range {} holds one port; write {}",
                                               in_quotes(text), *first));
    }
    return port_item(*first, *last, fmt::format("{}-{}", *first, *last));
}

PortItem unstated_port(Transport transport) {
    PortItem item;
    item.transport = transport;
    item.first = 1;
    item.last = 65535;
    item.text = "unstated";
    item.stated = false;
    return item;
}

Parsed<base::Timestamp> parse_day(std::string_view text) {
    const auto day = base::parse_date(trim(text));
    if (!day) {
        return no(fmt::format("{} is no date such as 2020-09-15", in_quotes(text)));
    }
    return *day;
}

Parsed<unsigned> parse_count(std::string_view text) {
    text = trim(text);
    if (!all_digits(text) || (text.size() > 1 && text.front() == '0')) {
        return no(odd_number(text));
    }
    unsigned value = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{}) {
        return no(fmt::format("{} is too large", text));
    }
    return value;
}

Parsed<std::string> parse_identifier(std::string_view text) {
    const bool good =
        !text.empty() && is_letter_or_digit(text.front()) && std::ranges::all_of(text, [](char c) {
            return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_';
        });
    if (!good) {
        return no(
            fmt::format("{} is no identifier: lower case letters, digits, '-', '.' and '_' only",
                        in_quotes(text)));
    }
    return std::string(text);
}

bool is_version(std::string_view text) noexcept {
    return !text.empty() && is_digit(text.front()) && is_digit(text.back()) &&
           text.find("..") == std::string_view::npos &&
           std::ranges::all_of(text, [](char c) { return is_digit(c) || c == '.'; });
}

namespace {

// The front operator of a bound, "" if there is none.
std::string_view operator_of(std::string_view text) noexcept {
    for (const std::string_view candidate : {">=", "<=", ">", "<", "="}) {
        if (text.starts_with(candidate)) {
            return candidate;
        }
    }
    return {};
}

std::string_view next_number(std::string_view& version) noexcept {
    const auto dot = version.find('.');
    auto number = version.substr(0, dot);
    version = dot == std::string_view::npos ? std::string_view{} : version.substr(dot + 1);
    number.remove_prefix(std::min(number.find_first_not_of('0'), number.size()));
    return number;
}

// Negative, zero or positive, as a compares to b.
int compare_versions(std::string_view a, std::string_view b) noexcept {
    while (!a.empty() || !b.empty()) {
        const auto left = next_number(a);
        const auto right = next_number(b);
        if (left.size() != right.size()) {
            return left.size() < right.size() ? -1 : 1;
        }
        if (const int order = left.compare(right); order != 0) {
            return order;
        }
    }
    return 0;
}

bool bound_holds(std::string_view version, std::string_view bound) noexcept {
    const auto sign = operator_of(bound);
    const int order = compare_versions(version, bound.substr(sign.size()));
    if (sign == ">=") {
        return order >= 0;
    }
    if (sign == "<=") {
        return order <= 0;
    }
    if (sign == ">") {
        return order > 0;
    }
    return sign == "<" ? order < 0 : order == 0;
}

}  // namespace

Parsed<std::string> parse_version_bounds(std::string_view text) {
    std::string bounds;
    auto rest = trim(text);
    while (!rest.empty()) {
        const auto sign = operator_of(rest);
        rest = trim(rest.substr(sign.size()));
        const auto end = std::min(rest.find_first_of(" <>="), rest.size());
        if (sign.empty() || !is_version(rest.substr(0, end))) {
            return no(fmt::format("{} is no version bound such as >=2.9.0 or \">=4.0 <4.2.1\"",
                                  in_quotes(text)));
        }
        bounds += fmt::format("{}{}{}", bounds.empty() ? "" : " ", sign, rest.substr(0, end));
        rest = trim(rest.substr(end));
    }
    if (bounds.empty()) {
        return no("an empty version bound");
    }
    return bounds;
}

bool version_within(std::string_view version, std::string_view bounds) noexcept {
    while (!bounds.empty()) {
        const auto blank = std::min(bounds.find(' '), bounds.size());
        if (!bound_holds(version, bounds.substr(0, blank))) {
            return false;
        }
        bounds = trim(bounds.substr(blank));
    }
    return true;
}

}  // namespace turnpike::catalog
