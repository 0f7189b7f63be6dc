// Reassembly of IP fragments: IPv4 (RFC 791 3.2) and IPv6 (RFC 8200 4.5), in any order, bounded in
// number, octets and time.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "turnpike/base/ip_address.h"
#include "turnpike/base/parse_error.h"
#include "turnpike/base/time.h"
#include "turnpike/wire/decoder.h"
#include "wire/walk.h"

namespace turnpike::wire {

/// What the headers say about one fragment.
struct Fragment {
    base::IpAddress source;
    base::IpAddress destination;
    std::uint32_t id = 0;
    std::uint8_t protocol = 0;  ///< IPv4: of the header; IPv6: of the fragment header
    std::uint8_t hop_limit = 0;
    std::uint32_t header_length = 0;  ///< octets of IP header in the datagram once whole
    std::uint32_t offset = 0;         ///< in octets
    bool more = false;
    base::Timestamp time;
    const WholeFrame* alone = nullptr;  ///< its frame, if that tells something without the others
};

/// A datagram put together again. Its octets are valid until the table's next call; they are cut
/// where the first fragment was cut by the snap length.
struct Datagram {
    Region data;
    std::uint8_t protocol = 0;  ///< as the first fragment says
    std::uint8_t hop_limit = 0;
    std::uint32_t header_length = 0;
};

/// Keeps fragments until their datagram is whole or their time is over. Allocates everything at the
/// first fragment and nothing after it. Where IPv4 fragments overlap, the octets that came first
/// stand; IPv6 datagrams with overlapping fragments are refused (RFC 5722 4), exact repetitions
/// aside.
class FragmentTable {
  public:
    explicit FragmentTable(const DecoderLimits& limits) noexcept : limits_(limits) {}

    /// Takes one fragment. The error `truncated` means that others are still missing.
    base::Result<Datagram> add(const Fragment& fragment, Region data) noexcept;
    /// When there may be something for `take_alone`; nothing while no fragment waits.
    [[nodiscard]] std::optional<base::Timestamp> alone_due() const noexcept;
    /// The next frame that tells something alone and whose others did not come in time, or
    /// nothing. Its octets are valid until the table's next call. The table goes on waiting.
    std::optional<WholeFrame> take_alone(base::Timestamp now) noexcept;
    [[nodiscard]] FragmentCounts counts() const noexcept;

  private:
    using Index = std::uint32_t;
    static constexpr Index none = ~Index{0};
    static constexpr std::size_t block_size = 2048;     // a fragment of an Ethernet in one block
    static constexpr std::size_t largest_data = 65535;  // RFC 791 3.1: the length field's range
    static constexpr unsigned most_blocks = 256;        // of one datagram

    struct Key {
        base::IpAddress source;
        base::IpAddress destination;
        std::uint32_t id = 0;
        std::uint8_t protocol = 0;
        friend bool operator==(const Key&, const Key&) noexcept = default;
    };
    /// A run of octets: `claimed` of them on the wire, `captured` of them in storage.
    struct Block {
        std::uint32_t begin = 0;
        std::uint32_t claimed = 0;
        std::uint32_t captured = 0;
        Index next = none;
        [[nodiscard]] std::uint32_t end() const noexcept { return begin + claimed; }
    };
    struct Slot {
        Key key;
        base::Timestamp time;  ///< of the first fragment that came
        Index bucket = 0;
        Index next_in_bucket = none;
        Index older = none;
        Index newer = none;
        Index first_block = none;
        unsigned blocks = 0;
        std::uint32_t received = 0;
        std::uint32_t total = 0;  ///< zero until the last fragment tells
        std::uint32_t header_length = 0;
        std::uint8_t protocol = 0;
        std::uint8_t hop_limit = 0;
        bool refused = false;
        WholeFrame alone{};  ///< its octets are in `alone_block`
        Index alone_block = none;
    };
    enum class Overlap : std::uint8_t { nothing, repetition, conflict };

    void allocate();
    bool try_to_allocate() noexcept;
    [[nodiscard]] Index bucket_of(const Key& key) const noexcept;
    Index find_or_add(const Key& key, base::Timestamp time) noexcept;
    bool drop_alone(Slot& slot) noexcept;
    void expire(base::Timestamp now) noexcept;
    void keep_alone(Index index, const WholeFrame& frame) noexcept;
    void forget(Index slot) noexcept;
    void drop_blocks(Slot& slot) noexcept;
    bool evict_oldest_but(Index kept) noexcept;
    bool set_total(Slot& slot, const Fragment& fragment, std::uint32_t end) noexcept;
    [[nodiscard]] Overlap overlap(const Slot& slot, std::uint32_t begin,
                                  Region data) const noexcept;
    bool store(Index index, std::uint32_t begin, Region data) noexcept;
    bool store_gap(Index index, Index& previous, std::uint32_t begin, Region data) noexcept;
    base::Result<Datagram> refuse(Index index, base::ParseError error) noexcept;
    Datagram assemble(Index index) noexcept;

    DecoderLimits limits_;
    FragmentCounts counts_;    ///< but for `waiting`
    std::uint64_t begun_ = 0;  ///< datagrams
    std::uint64_t seed_ = 0;
    std::vector<Slot> slots_;
    std::vector<Index> free_slots_;
    std::vector<Index> buckets_;
    Index oldest_ = none;
    Index newest_ = none;
    Index next_alone_ = none;  ///< the oldest one that `take_alone` has not looked at
    std::vector<Block> blocks_;
    std::vector<Index> free_blocks_;
    std::unique_ptr<std::uint8_t[]> storage_;
    std::unique_ptr<std::uint8_t[]> assembled_;
};

}  // namespace turnpike::wire
