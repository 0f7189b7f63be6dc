// Reassembly of IP fragments: RFC 791 3.2, RFC 8200 4.5, RFC 5722 (no overlaps in IPv6).
#include "wire/fragments.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>
#include <random>

namespace turnpike::wire {
namespace {

/// The part of a region between two offsets.
Region slice(Region region, std::uint32_t from, std::uint32_t length) noexcept {
    const std::size_t start = std::min<std::size_t>(from, region.captured());
    const std::size_t captured = std::min<std::size_t>(length, region.captured() - start);
    return {region.bytes().subspan(start, captured), length};
}

}  // namespace

void FragmentTable::allocate() {
    std::random_device random;
    seed_ = (std::uint64_t{random()} << 32U) | random();
    slots_.resize(std::max<std::size_t>(limits_.datagrams, 1));
    free_slots_.clear();
    free_slots_.reserve(slots_.size());
    for (std::size_t i = slots_.size(); i-- > 0;) {
        free_slots_.push_back(static_cast<Index>(i));
    }
    buckets_.assign(std::bit_ceil(slots_.size()), none);
    blocks_.resize(std::max<std::size_t>(limits_.fragment_octets / block_size, 1));
    // Left uninitialised: pages that no fragment ever needs are never touched.
    storage_ = std::make_unique_for_overwrite<std::uint8_t[]>(blocks_.size() * block_size);
    assembled_ = std::make_unique_for_overwrite<std::uint8_t[]>(largest_data);
    free_blocks_.reserve(blocks_.size());  // last of all: tells that everything is there
    for (std::size_t i = blocks_.size(); i-- > 0;) {
        free_blocks_.push_back(static_cast<Index>(i));
    }
}

bool FragmentTable::try_to_allocate() noexcept {
    try {
        allocate();
        return true;
    } catch (const std::bad_alloc&) {
        return false;
    }
}

FragmentTable::Index FragmentTable::bucket_of(const Key& key) const noexcept {
    const std::uint64_t hash =
        key.source.hash(seed_ ^ key.id) ^ std::rotl(key.destination.hash(seed_), 32);
    return static_cast<Index>((hash ^ (hash >> 32U)) & (buckets_.size() - 1));
}

FragmentTable::Index FragmentTable::find_or_add(const Key& key, base::Timestamp time) noexcept {
    const Index bucket = bucket_of(key);
    for (Index i = buckets_[bucket]; i != none; i = slots_[i].next_in_bucket) {
        if (slots_[i].key == key) {
            return i;
        }
    }
    if (free_slots_.empty()) {
        evict_oldest_but(none);
    }
    const Index index = free_slots_.back();
    free_slots_.pop_back();
    Slot& slot = slots_[index];
    slot = Slot{.key = key, .time = time, .bucket = bucket};
    slot.next_in_bucket = buckets_[bucket];
    buckets_[bucket] = index;
    slot.older = newest_;
    (newest_ == none ? oldest_ : slots_[newest_].newer) = index;
    newest_ = index;
    if (next_alone_ == none) {
        next_alone_ = index;
    }
    ++begun_;
    return index;
}

void FragmentTable::drop_blocks(Slot& slot) noexcept {
    for (Index i = slot.first_block; i != none; i = blocks_[i].next) {
        free_blocks_.push_back(i);
    }
    slot.first_block = none;
    slot.blocks = 0;
    drop_alone(slot);
}

bool FragmentTable::drop_alone(Slot& slot) noexcept {
    if (slot.alone_block == none) {
        return false;
    }
    free_blocks_.push_back(slot.alone_block);
    slot.alone_block = none;
    return true;
}

void FragmentTable::forget(Index index) noexcept {
    Slot& slot = slots_[index];
    drop_blocks(slot);
    Index* link = &buckets_[slot.bucket];
    while (*link != index) {
        link = &slots_[*link].next_in_bucket;
    }
    *link = slot.next_in_bucket;
    (slot.older == none ? oldest_ : slots_[slot.older].newer) = slot.newer;
    (slot.newer == none ? newest_ : slots_[slot.newer].older) = slot.older;
    if (next_alone_ == index) {
        next_alone_ = slot.newer;
    }
    free_slots_.push_back(index);
}

void FragmentTable::expire(base::Timestamp now) noexcept {
    while (oldest_ != none && slots_[oldest_].time + limits_.fragment_time < now) {
        counts_.timed_out += slots_[oldest_].refused ? 0U : 1U;
        forget(oldest_);
    }
}

std::optional<base::Timestamp> FragmentTable::alone_due() const noexcept {
    if (next_alone_ == none) {
        return std::nullopt;
    }
    return slots_[next_alone_].time + limits_.alone_time;
}

std::optional<WholeFrame> FragmentTable::take_alone(base::Timestamp now) noexcept {
    for (auto due = alone_due(); due && *due < now; due = alone_due()) {
        Slot& slot = slots_[next_alone_];
        next_alone_ = slot.newer;
        if (drop_alone(slot)) {
            return slot.alone;
        }
    }
    return std::nullopt;
}

/// Only what fits into a block, as a frame of an Ethernet does, and only where there is room.
void FragmentTable::keep_alone(Index index, const WholeFrame& frame) noexcept {
    Slot& slot = slots_[index];
    if (slot.alone_block != none || frame.octets.size() > block_size || free_blocks_.empty()) {
        return;
    }
    slot.alone_block = free_blocks_.back();
    free_blocks_.pop_back();
    std::uint8_t* const place = storage_.get() + slot.alone_block * block_size;
    std::memcpy(place, frame.octets.data(), frame.octets.size());
    slot.alone = frame;
    slot.alone.octets = {place, frame.octets.size()};
}

bool FragmentTable::evict_oldest_but(Index kept) noexcept {
    const Index victim = oldest_ == kept && oldest_ != none ? slots_[oldest_].newer : oldest_;
    if (victim == none) {
        return false;
    }
    counts_.evicted += slots_[victim].refused ? 0U : 1U;
    forget(victim);
    return true;
}

/// Learns the datagram's length from its last fragment. False if the fragments contradict it.
bool FragmentTable::set_total(Slot& slot, const Fragment& fragment, std::uint32_t end) noexcept {
    if (!fragment.more) {
        if (slot.total != 0 && slot.total != end) {
            return false;
        }
        slot.total = end;
        for (Index i = slot.first_block; i != none; i = blocks_[i].next) {
            if (blocks_[i].end() > end) {
                return false;
            }
        }
    }
    return slot.total == 0 || end <= slot.total;
}

FragmentTable::Overlap FragmentTable::overlap(const Slot& slot, std::uint32_t begin,
                                              Region data) const noexcept {
    const std::uint32_t end = begin + data.length();
    std::uint32_t covered = 0;
    bool same = true;
    for (Index i = slot.first_block; i != none; i = blocks_[i].next) {
        const Block& block = blocks_[i];
        const std::uint32_t from = std::max(begin, block.begin);
        const std::uint32_t to = std::min(end, block.end());
        if (from >= to) {
            continue;
        }
        covered += to - from;
        const Region now = slice(data, from - begin, to - from);
        const std::size_t stored = block.captured - std::min(block.captured, from - block.begin);
        const base::Bytes before{storage_.get() + i * block_size + (from - block.begin),
                                 std::min<std::size_t>(stored, to - from)};
        const std::size_t common = std::min(now.captured(), before.size());
        same = same && std::ranges::equal(now.bytes().first(common), before.first(common));
    }
    if (covered == 0) {
        return Overlap::nothing;
    }
    return covered == data.length() && same ? Overlap::repetition : Overlap::conflict;
}

/// Stores octets that no block covers, behind the block `previous` (none: at the front).
bool FragmentTable::store_gap(Index index, Index& previous, std::uint32_t begin,
                              Region data) noexcept {
    Slot& slot = slots_[index];
    std::uint32_t done = 0;
    while (done < data.length()) {
        if (slot.blocks == most_blocks) {
            return false;
        }
        while (free_blocks_.empty()) {
            if (!evict_oldest_but(index) && !drop_alone(slot)) {
                return false;
            }
        }
        const Index fresh = free_blocks_.back();
        free_blocks_.pop_back();
        const Region rest = slice(data, done, data.length() - done);
        const std::size_t captured = std::min(rest.captured(), block_size);
        // What the snap length cut away needs no storage: one block claims all of it.
        const bool whole = captured == rest.captured();
        const auto claimed = whole ? rest.length() : static_cast<std::uint32_t>(captured);
        if (captured != 0) {
            std::memcpy(storage_.get() + fresh * block_size, rest.bytes().data(), captured);
        }
        Index& link = previous == none ? slot.first_block : blocks_[previous].next;
        blocks_[fresh] = Block{.begin = begin + done,
                               .claimed = claimed,
                               .captured = static_cast<std::uint32_t>(captured),
                               .next = link};
        link = fresh;
        previous = fresh;
        ++slot.blocks;
        slot.received += claimed;
        done += claimed;
    }
    return true;
}

/// Stores what is new of a fragment. False if a bound was reached.
bool FragmentTable::store(Index index, std::uint32_t begin, Region data) noexcept {
    const std::uint32_t end = begin + data.length();
    std::uint32_t at = begin;
    Index previous = none;
    while (at < end) {
        Index next = previous == none ? slots_[index].first_block : blocks_[previous].next;
        while (next != none && blocks_[next].end() <= at) {
            previous = next;
            next = blocks_[next].next;
        }
        if (next != none && blocks_[next].begin <= at) {
            at = blocks_[next].end();
            continue;
        }
        const std::uint32_t gap_end = next == none ? end : std::min(end, blocks_[next].begin);
        if (!store_gap(index, previous, at, slice(data, at - begin, gap_end - at))) {
            return false;
        }
        at = gap_end;
    }
    return true;
}

base::Result<Datagram> FragmentTable::refuse(Index index, base::ParseError error) noexcept {
    Slot& slot = slots_[index];
    slot.refused = true;  // kept until its time is over, so that later fragments are dropped too
    drop_blocks(slot);
    ++counts_.refused;
    return std::unexpected(error);
}

Datagram FragmentTable::assemble(Index index) noexcept {
    const Slot& slot = slots_[index];
    std::size_t length = 0;
    for (Index i = slot.first_block; i != none; i = blocks_[i].next) {
        const Block& block = blocks_[i];
        if (block.captured != 0) {
            std::memcpy(assembled_.get() + length, storage_.get() + i * block_size, block.captured);
        }
        length += block.captured;
        if (block.captured < block.claimed) {
            break;
        }
    }
    const Datagram datagram{.data = {{assembled_.get(), length}, slot.total},
                            .protocol = slot.protocol,
                            .hop_limit = slot.hop_limit,
                            .header_length = slot.header_length};
    ++counts_.reassembled;
    forget(index);
    return datagram;
}

FragmentCounts FragmentTable::counts() const noexcept {
    FragmentCounts counts = counts_;
    counts.waiting =
        begun_ - counts.reassembled - counts.timed_out - counts.evicted - counts.refused;
    return counts;
}

base::Result<Datagram> FragmentTable::add(const Fragment& fragment, Region data) noexcept {
    ++counts_.fragments;
    // RFC 791 3.2, RFC 8200 4.5: all but the last are multiples of 8 octets, and none is empty.
    const bool odd = fragment.more && data.length() % 8 != 0;
    if (data.length() == 0 || odd || fragment.offset + data.length() > largest_data) {
        return std::unexpected(base::ParseError::bad_length);
    }
    if (free_blocks_.capacity() == 0 && !try_to_allocate()) {
        return std::unexpected(base::ParseError::limit);
    }
    expire(fragment.time);
    const bool v6 = fragment.source.is_v6();
    // RFC 791 3.2 has the protocol in the key; RFC 8200 4.5 has not.
    const Key key{.source = fragment.source,
                  .destination = fragment.destination,
                  .id = fragment.id,
                  .protocol = v6 ? std::uint8_t{0} : fragment.protocol};
    const Index index = find_or_add(key, fragment.time);
    Slot& slot = slots_[index];
    if (slot.refused) {
        return std::unexpected(base::ParseError::truncated);
    }
    if (v6 && overlap(slot, fragment.offset, data) == Overlap::conflict) {
        return refuse(index, base::ParseError::bad_value);
    }
    if (!set_total(slot, fragment, fragment.offset + data.length())) {
        return refuse(index, base::ParseError::bad_length);
    }
    if (fragment.offset == 0) {
        slot.protocol = fragment.protocol;
        slot.hop_limit = fragment.hop_limit;
        slot.header_length = fragment.header_length;
        if (fragment.alone != nullptr) {
            keep_alone(index, *fragment.alone);
        }
    }
    if (!store(index, fragment.offset, data)) {
        return refuse(index, base::ParseError::limit);
    }
    if (slot.total == 0 || slot.received < slot.total) {
        return std::unexpected(base::ParseError::truncated);
    }
    return assemble(index);
}

}  // namespace turnpike::wire
