// Addresses and names in texts.
#include <algorithm>
#include <cctype>
#include <optional>

#include "turnpike/anonymize/anonymizer.h"
#include "turnpike/base/text.h"

namespace turnpike::anonymize {
namespace {

bool is_word(unsigned char c) noexcept {
    return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_' || c == ':' || c >= 0x80;
}

/// Dots in a row of labels, the last of which begins with a letter as top-level domains do (RFC
/// 1123 2.1); times, versions and numbers have none such.
bool is_name(std::string_view word) noexcept {
    const auto dot = word.rfind('.');
    if (dot == std::string_view::npos || dot == 0 || dot + 2 >= word.size() ||
        word.find(':') != std::string_view::npos) {
        return false;
    }
    const auto last = word.substr(dot + 1);
    return std::isalpha(static_cast<unsigned char>(last.front())) != 0 &&
           word.find("..") == std::string_view::npos;
}

/// Words of the program's own that look like names.
bool is_own(std::string_view word) noexcept {
    return word == "turnpike.db" || word == "e.g" || word == "i.e";
}

}  // namespace

std::string Anonymizer::labels(std::string_view name) {
    constexpr std::string_view digits = "abcdefghijklmnopqrstuvwxyz234567";  // RFC 4648 6
    const auto lower = base::to_lower(name);
    std::string result;
    for (std::size_t from = 0; from <= lower.size();) {
        const auto end = std::min(lower.find('.', from), lower.size());
        // Of the label with what follows it, so that hosts of a domain can be told to share it.
        const std::string_view rest = std::string_view(lower).substr(from);
        auto value = pan_.digest({reinterpret_cast<const std::uint8_t*>(rest.data()), rest.size()});
        for (std::size_t i = from; i < end; ++i) {
            result += digits[value % digits.size()];
            value = value >> 5U | value << 59U;
        }
        if (end == lower.size()) {
            break;
        }
        result += '.';
        from = end + 1;
    }
    return result;
}

std::string Anonymizer::name(std::string_view name) {
    return name.empty() || is_public_(base::to_lower(name)) ? std::string(name) : labels(name);
}

void Anonymizer::learn(std::string_view name) {
    const auto lower = base::to_lower(name);
    if (!lower.empty() && !is_public_(lower)) {
        learned_.insert(lower);
    }
}

std::string Anonymizer::core(std::string_view core) {
    if (const auto parsed = base::IpAddress::parse(core)) {
        return to_string(address(*parsed));
    }
    if (learned_.contains(base::to_lower(core)) || (is_name(core) && !is_own(core))) {
        return name(core);
    }
    if (const auto colon = core.rfind(':'); colon != std::string_view::npos) {
        return this->core(core.substr(0, colon)) + std::string(core.substr(colon));
    }
    return std::string(core);
}

/// What ends a sentence or a list, or the star of a pattern, leaves is no part of a name; the
/// colons of "::1" are part of an address.
std::string Anonymizer::word(std::string_view word) {
    if (const auto parsed = base::IpAddress::parse(word)) {
        return to_string(address(*parsed));
    }
    const auto begin = std::min(word.find_first_not_of(".-"), word.size());
    const auto end = word.find_last_not_of(".:-");
    if (end == std::string_view::npos || end < begin) {
        return std::string(word);
    }
    return std::string(word.substr(0, begin)) + core(word.substr(begin, end + 1 - begin)) +
           std::string(word.substr(end + 1));
}

std::string Anonymizer::text(std::string_view text) {
    std::string result;
    for (std::size_t from = 0; from < text.size();) {
        if (!is_word(static_cast<unsigned char>(text[from]))) {
            result += text[from++];
            continue;
        }
        auto end = from;
        while (end < text.size() && is_word(static_cast<unsigned char>(text[end]))) {
            ++end;
        }
        result += word(text.substr(from, end - from));
        from = end;
    }
    return result;
}

}  // namespace turnpike::anonymize
