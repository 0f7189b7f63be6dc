// What a DNS message says by itself, without the flow that it belongs to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "turnpike/base/bytes.h"
#include "turnpike/base/keyed_hash.h"
#include "turnpike/base/parse_error.h"
#include "turnpike/facts/facts.h"
#include "turnpike/inspect/reading.h"

namespace turnpike::inspect {

/// A message as it was read. Owns its texts.
struct DnsReading : Reading {
    /// Of every one of these.
    static constexpr Kind own_kind = Kind::dns;
    DnsReading() noexcept : Reading(own_kind) {}

    std::optional<base::ParseError> error;  ///< it is no DNS message: nothing else is valid
    bool response = false;
    bool query_opcode = true;  ///< opcode QUERY (RFC 1035 4.1.1); else nothing below is read
    std::uint16_t id = 0;      ///< RFC 1035 4.1.1
    std::uint16_t question_count = 0;
    std::uint16_t answer_count = 0;     ///< as the header says
    std::uint16_t authority_count = 0;  ///< as well
    std::uint64_t name_hash = 0;        ///< of the name asked for, under the reader's secret
    /// The first question; of a response also its answers, rcode, extended error and zone.
    facts::DnsQuery said;
    std::optional<base::ParseError> records_error;  ///< why the records end early
};

/// Reads messages. It keeps no state between them but room, so that it can work ahead of the
/// Inspector on another thread. Not thread-safe.
class DnsReader {
  public:
    /// Hashes names under `secret`.
    explicit DnsReader(const base::HashKey& secret) : secret_(secret) {}

    /// `reading` is overwritten; its texts keep their room, as far as that is little.
    void read(base::Bytes octets, DnsReading& reading);

  private:
    base::HashKey secret_;
    std::string octets_;  ///< these two are kept for their room
    std::string alias_;
};

}  // namespace turnpike::inspect
