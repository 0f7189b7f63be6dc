// What facts take in memory, with their strings and with what attribution and verdicts make of
// them: measured, with a margin.
#pragma once

#include <cstddef>

#include "turnpike/facts/facts.h"

namespace turnpike::inspect {

/// Octets of a row. A flow's is that of its state while it is followed as well, without its rows.
inline std::size_t weight_of(const facts::Flow& /*flow*/) noexcept {
    return 2'000;
}
inline std::size_t weight_of(const facts::DnsQuery& query) noexcept {
    constexpr std::size_t of_the_query = 900;
    constexpr std::size_t of_an_answer = 110;  // of which most is the index of addresses
    // What is kept of other records may be an alias, which is a key as well.
    return of_the_query + query.answers.size() * of_an_answer + query.data.size() * 3;
}
inline std::size_t weight_of(const facts::TlsHello& /*hello*/) noexcept {
    return 600;
}
inline std::size_t weight_of(const facts::StunTransaction& /*transaction*/) noexcept {
    return 700;
}
inline std::size_t weight_of(const facts::RtpStream& /*stream*/) noexcept {
    return 300;
}
inline std::size_t weight_of(const facts::IcmpError& /*error*/) noexcept {
    return 200;
}

}  // namespace turnpike::inspect
