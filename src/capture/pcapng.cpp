// pcapng, draft-ietf-opsawg-pcapng: blocks of type, length, body and the length again, padded to 32
// bits, in the byte order of their section. Interfaces are numbered in each section by the order of
// their description blocks. Name resolution, secrets, custom and unknown blocks are skipped.
#include "capture/pcapng.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "capture/byte_order.h"
#include "capture/drops.h"
#include "capture/link_type.h"
#include "capture/pcapng_numbers.h"
#include "capture/time_resolution.h"
#include "turnpike/base/cursor.h"

namespace turnpike::capture {

namespace {

constexpr std::size_t block_overhead = 12;       // type, length, length again
constexpr std::size_t smallest_section = 28;     // with byte order, version and section length
constexpr std::size_t enhanced_fixed_part = 20;  // interface, time, lengths
constexpr std::size_t longest_options = 1U << 20U;
constexpr std::size_t longest_read_block = 16U << 20U;  // of descriptions and statistics
constexpr std::size_t most_interfaces = 65536;  // the obsolete packet block numbers them in 16 bits

constexpr std::size_t padded(std::size_t size) noexcept {
    return (size + 3) & ~std::size_t{3};
}

bool is_packet(std::uint32_t type) noexcept {
    return type == pcapng::enhanced_packet || type == pcapng::simple_packet ||
           type == pcapng::obsolete_packet;
}

/// Whether a block holds anything of use here; others are skipped.
bool is_read(std::uint32_t type) noexcept {
    return is_packet(type) || type == pcapng::section_header ||
           type == pcapng::interface_description || type == pcapng::interface_statistics;
}

/// Calls `use(code, value)` for each option (section 3.5) until the end.
template <typename Use>
void for_each_option(base::Bytes options, ByteOrder order, Use use) {
    base::Cursor cursor(options);
    while (cursor.remaining() >= 4) {
        const std::uint16_t code = read_u16(cursor, order);
        const std::uint16_t length = read_u16(cursor, order);
        const base::Bytes value = cursor.take(length);
        if (code == pcapng::end_of_options || !cursor.ok()) {
            return;
        }
        use(code, value);
        cursor.skip(std::min(padded(length) - length, cursor.remaining()));
    }
}

std::optional<std::uint64_t> decode_u64(base::Bytes value, ByteOrder order) noexcept {
    base::Cursor cursor(value);
    const std::uint64_t number = read_u64(cursor, order);
    return cursor.ok() ? std::optional(number) : std::nullopt;
}

/// A capturing interface of a section, and what is known of its losses.
struct Interface {
    std::uint32_t link_type = 0;
    std::uint32_t snap_length = 0;  ///< 0: no limit
    std::uint32_t longest = 0;      ///< the longest record that can be real
    TimeResolution resolution;
    std::optional<base::Timestamp> last_frame;
    std::optional<base::Timestamp> last_statistics;
    std::uint64_t frames_since_statistics = 0;
    bool drops_known = false;
    std::uint64_t dropped_between = 0;    ///< sum of what packet blocks say
    std::uint64_t dropped_by_kernel = 0;  ///< as the last statistics block says
    std::uint64_t dropped_by_interface = 0;
};

/// Packet blocks count the same losses as the statistics, where both are there.
Drops drops_of(const Interface& interface) noexcept {
    const std::uint64_t placed =
        add_saturating(interface.dropped_by_kernel, interface.dropped_by_interface);
    return {.known = interface.drops_known,
            .by_kernel = interface.dropped_by_kernel,
            .by_interface = interface.dropped_by_interface,
            .unplaced = std::max(interface.dropped_between, placed) - placed};
}

/// One block: its type, and its body without the lengths around it.
struct Block {
    std::uint32_t type = 0;
    base::Bytes body;
};

class PcapngFormat final : public FileFormat {
  public:
    Step read(base::Bytes window, bool complete, std::vector<Frame>& frames,
              std::size_t most) override;
    [[nodiscard]] Drops drops() const noexcept override;
    std::vector<Loss> take_losses() override { return std::exchange(losses_, {}); }

  private:
    /// What to do about the block at the front of the window.
    struct Next {
        std::optional<Block> block;  ///< to be read now
        Step step;                   ///< consumed: its length
    };
    Next next_block(base::Bytes window);
    template <ByteOrder Order>
    std::size_t read_plain_packets(base::Bytes window, std::vector<Frame>& frames,
                                   std::size_t most);
    bool begin_section(base::Bytes window);
    [[nodiscard]] std::size_t length_limit(std::uint32_t type) const noexcept;

    // Each yields why the block is nonsense, or "".
    std::string read_block(const Block& block, std::vector<Frame>& frames);
    std::string read_section_header(base::Bytes body);
    std::string read_interface(base::Bytes body);
    std::string read_enhanced_packet(base::Bytes body, std::vector<Frame>& frames);
    std::string read_obsolete_packet(base::Bytes body, std::vector<Frame>& frames);
    std::string read_simple_packet(base::Bytes body, std::vector<Frame>& frames);
    /// What enhanced and obsolete packet blocks share, from the timestamp on.
    struct TimedPacket {
        std::uint64_t ticks;
        std::uint32_t captured;
        std::uint32_t original;
    };
    static TimedPacket read_timed_packet(base::Cursor& cursor, ByteOrder order);
    static std::string longer_than_block(const TimedPacket& packet);
    std::string read_statistics(base::Bytes body);

    Interface* find_interface(std::uint32_t id) noexcept {
        return id < interfaces_.size() ? &interfaces_[id] : nullptr;
    }
    std::string add_frame(Interface& interface, base::Timestamp time, base::Bytes bytes,
                          std::uint32_t original, std::vector<Frame>& frames);
    void put_frame(Interface& interface, base::Timestamp time, base::Bytes bytes,
                   std::uint32_t original, std::vector<Frame>& frames);
    void note_drop_count(Interface& interface, base::Timestamp time, std::uint64_t dropped);

    ByteOrder order_ = ByteOrder::little;
    std::vector<Interface> interfaces_;
    std::size_t longest_packet_ = 0;  ///< over the interfaces of the section
    Drops earlier_sections_;
    std::vector<Loss> losses_;
    base::Timestamp last_time_;
    std::uint64_t frames_read_ = 0;
};

std::string no_such_interface(std::uint32_t id) {
    return fmt::format("a packet of interface {}, which was not described", id);
}

std::size_t PcapngFormat::length_limit(std::uint32_t type) const noexcept {
    return is_packet(type) ? longest_packet_ + longest_options : longest_read_block;
}

/// Takes on the byte order of a section whose header begins the window; false if there is none.
bool PcapngFormat::begin_section(base::Bytes window) {
    base::Cursor cursor(window);
    cursor.skip(8);
    const std::uint32_t magic = cursor.u32();
    if (magic != pcapng::byte_order_magic && magic != __builtin_bswap32(pcapng::byte_order_magic)) {
        return false;
    }
    order_ = magic == pcapng::byte_order_magic ? ByteOrder::big : ByteOrder::little;
    return true;
}

PcapngFormat::Next PcapngFormat::next_block(base::Bytes window) {
    const auto nonsense = [](std::string why) {
        return Next{{}, Step::damaged(0, std::move(why))};
    };
    // Enough for the byte order of a section header, which tells how to read its length.
    if (window.size() < block_overhead) {
        return {.block = {}, .step = Step::needs(0, block_overhead, false)};
    }
    base::Cursor cursor(window);
    const std::uint32_t type = read_u32(cursor, order_);
    if (type == pcapng::section_header && !begin_section(window)) {
        return nonsense("a section header without byte order");
    }
    const std::uint32_t length = read_u32(cursor, order_);
    if (length < block_overhead || (type == pcapng::section_header && length < smallest_section) ||
        (is_read(type) && length > length_limit(type))) {
        return nonsense(fmt::format("a block of type {:#x} and length {}", type, length));
    }
    // The draft asks for lengths in whole words; some writers leave the padding out of the count.
    const std::size_t size = padded(length);
    if (!is_read(type)) {
        return {.block = {}, .step = Step::between_records(size)};
    }
    if (window.size() < size) {
        return {.block = {}, .step = Step::needs(0, size, is_packet(type))};
    }
    base::Cursor trailer(window.subspan(size - 4));
    if (const std::uint32_t again = read_u32(trailer, order_); again != length) {
        return nonsense(fmt::format("a block whose two lengths, {} and {}, differ", length, again));
    }
    return {.block = Block{.type = type, .body = window.subspan(8, size - block_overhead)},
            .step = Step::between_records(size)};
}

/// Takes blocks from the front as long as they are what nearly all blocks are: enhanced packets
/// that are whole, have no options and contradict nothing. Returns their length. Any other block
/// `next_block` and `read_block` read, or say what is wrong with it.
template <ByteOrder Order>
std::size_t PcapngFormat::read_plain_packets(base::Bytes window, std::vector<Frame>& frames,
                                             std::size_t most) {
    constexpr std::size_t head = 8 + enhanced_fixed_part;
    std::size_t at = 0;
    while (frames.size() < most && window.size() - at >= head) {
        const base::Bytes rest = window.subspan(at);
        const FileFields<head, Order> fields(rest);
        const std::uint32_t length = fields.template u32<4>();
        const std::uint32_t captured = fields.template u32<20>();
        const std::size_t size = padded(length);
        if (fields.template u32<0>() != pcapng::enhanced_packet || size > rest.size() ||
            size != block_overhead + enhanced_fixed_part + padded(captured)) {
            break;
        }
        const FileFields<4, Order> trailer(rest.subspan(size - 4));
        Interface* const interface = find_interface(fields.template u32<8>());
        if (trailer.template u32<0>() != length || interface == nullptr ||
            captured > interface->longest) {
            break;
        }
        const std::uint64_t ticks =
            (std::uint64_t{fields.template u32<12>()} << 32U) | fields.template u32<16>();
        put_frame(*interface, interface->resolution.to_time(ticks), rest.subspan(head, captured),
                  fields.template u32<24>(), frames);
        at += size;
    }
    return at;
}

Step PcapngFormat::read(base::Bytes window, bool /*complete*/, std::vector<Frame>& frames,
                        std::size_t most) {
    Step done;
    const auto read_plain = [&] {
        const base::Bytes rest = window.subspan(std::min(done.consumed, window.size()));
        done.consumed += order_ == ByteOrder::little
                             ? read_plain_packets<ByteOrder::little>(rest, frames, most)
                             : read_plain_packets<ByteOrder::big>(rest, frames, most);
    };
    for (read_plain(); frames.size() < most && done.consumed < window.size(); read_plain()) {
        Next next = next_block(window.subspan(done.consumed));
        if (next.block) {
            next.step.nonsense = read_block(*next.block, frames);
        }
        if (!next.step.nonsense.empty() || next.step.wanted != 0) {
            next.step.consumed = done.consumed;
            return next.step;
        }
        done.consumed += next.step.consumed;
    }
    return done;
}

std::string PcapngFormat::read_block(const Block& block, std::vector<Frame>& frames) {
    switch (block.type) {
        case pcapng::enhanced_packet:
            return read_enhanced_packet(block.body, frames);
        case pcapng::obsolete_packet:
            return read_obsolete_packet(block.body, frames);
        case pcapng::simple_packet:
            return read_simple_packet(block.body, frames);
        case pcapng::interface_description:
            return read_interface(block.body);
        case pcapng::interface_statistics:
            return read_statistics(block.body);
        default:
            return read_section_header(block.body);
    }
}

// Section 4.1: byte-order magic, major and minor version, length of the section (not needed).
std::string PcapngFormat::read_section_header(base::Bytes body) {
    base::Cursor cursor(body);
    cursor.skip(4);
    const std::uint16_t major = read_u16(cursor, order_);
    const std::uint16_t minor = read_u16(cursor, order_);
    if (major != 1) {
        return fmt::format("pcapng of the unknown version {}.{}", major, minor);
    }
    for (const Interface& interface : interfaces_) {
        earlier_sections_ += drops_of(interface);
    }
    interfaces_.clear();
    longest_packet_ = 0;
    return {};
}

// Section 4.2: link type, reserved, snap length, options.
std::string PcapngFormat::read_interface(base::Bytes body) {
    base::Cursor cursor(body);
    Interface interface;
    interface.link_type = link_type_from_file(read_u16(cursor, order_));
    cursor.skip(2);
    interface.snap_length = read_u32(cursor, order_);
    if (!cursor.ok()) {
        return "an interface description that is too short";
    }
    if (interfaces_.size() == most_interfaces) {
        return fmt::format("more than {} interfaces", most_interfaces);
    }
    std::uint8_t resolution = 6;
    std::int64_t offset = 0;
    for_each_option(cursor.rest(), order_, [&](std::uint16_t code, base::Bytes value) {
        if (code == pcapng::if_tsresol && !value.empty()) {
            resolution = value.front();
        } else if (code == pcapng::if_tsoffset) {
            offset = static_cast<std::int64_t>(decode_u64(value, order_).value_or(0));
        }
    });
    interface.resolution = TimeResolution(resolution, offset);
    interface.longest = longest_record(interface.link_type);
    longest_packet_ = std::max<std::size_t>(longest_packet_, interface.longest);
    interfaces_.push_back(interface);
    return {};
}

std::string PcapngFormat::add_frame(Interface& interface, base::Timestamp time, base::Bytes bytes,
                                    std::uint32_t original, std::vector<Frame>& frames) {
    if (bytes.size() > interface.longest) {
        return fmt::format("a captured length of {} octets", bytes.size());
    }
    put_frame(interface, time, bytes, original, frames);
    return {};
}

void PcapngFormat::put_frame(Interface& interface, base::Timestamp time, base::Bytes bytes,
                             std::uint32_t original, std::vector<Frame>& frames) {
    last_time_ = time;
    interface.last_frame = time;
    ++interface.frames_since_statistics;
    frames.push_back({.time = time,
                      .number = ++frames_read_,
                      .link_type = interface.link_type,
                      .wire_length = std::max(original, static_cast<std::uint32_t>(bytes.size())),
                      .bytes = bytes});
}

void PcapngFormat::note_drop_count(Interface& interface, base::Timestamp time,
                                   std::uint64_t dropped) {
    interface.drops_known = true;
    interface.dropped_between = add_saturating(interface.dropped_between, dropped);
    if (dropped != 0) {
        note_loss(losses_,
                  {.from = interface.last_frame.value_or(time), .to = time, .frames = dropped});
    }
}

// Section 4.3: interface, timestamp in two halves, captured and original length, octets, options.
std::string PcapngFormat::read_enhanced_packet(base::Bytes body, std::vector<Frame>& frames) {
    base::Cursor cursor(body);
    const std::uint32_t id = read_u32(cursor, order_);
    const TimedPacket packet = read_timed_packet(cursor, order_);
    const base::Bytes bytes = cursor.take(packet.captured);
    if (!cursor.ok()) {
        return longer_than_block(packet);
    }
    Interface* const interface = find_interface(id);
    if (interface == nullptr) {
        return no_such_interface(id);
    }
    const base::Timestamp time = interface->resolution.to_time(packet.ticks);
    if (const std::size_t end = enhanced_fixed_part + padded(packet.captured); body.size() > end) {
        for_each_option(body.subspan(end), order_, [&](std::uint16_t code, base::Bytes value) {
            if (code == pcapng::epb_dropcount) {
                note_drop_count(*interface, time, decode_u64(value, order_).value_or(0));
            }
        });
    }
    return add_frame(*interface, time, bytes, packet.original, frames);
}

// Appendix A: as the enhanced one, but with 16 bits for the interface and 16 for a drop count.
std::string PcapngFormat::read_obsolete_packet(base::Bytes body, std::vector<Frame>& frames) {
    constexpr std::uint16_t drops_unknown = 0xFFFF;
    base::Cursor cursor(body);
    const std::uint16_t id = read_u16(cursor, order_);
    const std::uint16_t dropped = read_u16(cursor, order_);
    const TimedPacket packet = read_timed_packet(cursor, order_);
    const base::Bytes bytes = cursor.take(packet.captured);
    if (!cursor.ok()) {
        return longer_than_block(packet);
    }
    Interface* const interface = find_interface(id);
    if (interface == nullptr) {
        return no_such_interface(id);
    }
    const base::Timestamp time = interface->resolution.to_time(packet.ticks);
    if (dropped != drops_unknown) {
        note_drop_count(*interface, time, dropped);
    }
    return add_frame(*interface, time, bytes, packet.original, frames);
}

PcapngFormat::TimedPacket PcapngFormat::read_timed_packet(base::Cursor& cursor, ByteOrder order) {
    const std::uint64_t high = read_u32(cursor, order);
    const std::uint64_t low = read_u32(cursor, order);
    const std::uint32_t captured = read_u32(cursor, order);
    const std::uint32_t original = read_u32(cursor, order);
    return {high << 32U | low, captured, original};
}

std::string PcapngFormat::longer_than_block(const TimedPacket& packet) {
    return fmt::format("a captured length of {} octets in a block that is shorter",
                       packet.captured);
}

// Section 4.4: original length and octets, of the first interface, without a time: the one of the
// packet before is as near as the file comes.
std::string PcapngFormat::read_simple_packet(base::Bytes body, std::vector<Frame>& frames) {
    base::Cursor cursor(body);
    const std::uint32_t original = read_u32(cursor, order_);
    if (!cursor.ok()) {
        return "a simple packet block that is too short";
    }
    Interface* const interface = find_interface(0);
    if (interface == nullptr) {
        return no_such_interface(0);
    }
    std::size_t captured = std::min<std::size_t>(original, cursor.remaining());
    if (interface->snap_length != 0) {
        captured = std::min<std::size_t>(captured, interface->snap_length);
    }
    return add_frame(*interface, last_time_, cursor.take(captured), original, frames);
}

// Section 4.6: interface, timestamp in two halves, options; counters since the capture began.
std::string PcapngFormat::read_statistics(base::Bytes body) {
    constexpr std::uint64_t not_counted = std::numeric_limits<std::uint64_t>::max();
    base::Cursor cursor(body);
    Interface* const interface = find_interface(read_u32(cursor, order_));
    const std::uint64_t high = read_u32(cursor, order_);
    const std::uint64_t low = read_u32(cursor, order_);
    if (!cursor.ok() || interface == nullptr) {
        return "statistics of an interface that was not described";
    }
    const base::Timestamp time = interface->resolution.to_time(high << 32U | low);
    std::optional<base::Timestamp> begin = interface->last_statistics;
    std::uint64_t by_kernel = interface->dropped_by_kernel;
    std::uint64_t by_interface = interface->dropped_by_interface;
    for_each_option(cursor.rest(), order_, [&](std::uint16_t code, base::Bytes value) {
        if (code == pcapng::isb_starttime && !begin) {
            base::Cursor halves(value);
            const std::uint64_t upper = read_u32(halves, order_);
            begin = interface->resolution.to_time(upper << 32U | read_u32(halves, order_));
        } else if (code == pcapng::isb_ifdrop || code == pcapng::isb_osdrop) {
            const std::uint64_t count = decode_u64(value, order_).value_or(not_counted);
            if (count != not_counted) {
                (code == pcapng::isb_ifdrop ? by_interface : by_kernel) = count;
                interface->drops_known = true;
            }
        }
    });
    const std::uint64_t before =
        add_saturating(interface->dropped_by_kernel, interface->dropped_by_interface);
    const std::uint64_t now = add_saturating(by_kernel, by_interface);
    if (now > before) {
        // Without a beginning, the whole time up to here is in doubt.
        note_loss(losses_, {.from = begin.value_or(base::Timestamp{}),
                            .to = time,
                            .frames = now - before,
                            .delivered = interface->frames_since_statistics});
    }
    interface->dropped_by_kernel = by_kernel;
    interface->dropped_by_interface = by_interface;
    interface->last_statistics = time;
    interface->frames_since_statistics = 0;
    return {};
}

Drops PcapngFormat::drops() const noexcept {
    Drops sum = earlier_sections_;
    for (const Interface& interface : interfaces_) {
        sum += drops_of(interface);
    }
    return sum;
}

}  // namespace

bool is_pcapng(base::Bytes head) noexcept {
    base::Cursor cursor(head);
    return cursor.u32() == pcapng::section_header && cursor.ok();
}

std::unique_ptr<FileFormat> make_pcapng_format(base::Bytes head, const std::string& name) {
    base::Cursor cursor(head);
    cursor.skip(4);
    const std::uint32_t big_length = cursor.u32();
    const std::uint32_t magic = cursor.u32();
    const ByteOrder order = magic == pcapng::byte_order_magic ? ByteOrder::big : ByteOrder::little;
    const std::uint16_t major = read_u16(cursor, order);
    const std::uint16_t minor = read_u16(cursor, order);
    if (head.size() < file_header_size) {
        refuse_file(name, "it ends within the file header");
    }
    const std::uint32_t length =
        order == ByteOrder::big ? big_length : __builtin_bswap32(big_length);
    if (magic != pcapng::byte_order_magic && magic != __builtin_bswap32(pcapng::byte_order_magic)) {
        refuse_file(name, "it begins as pcapng but has no byte order");
    }
    if (major != 1) {
        refuse_file(name, fmt::format("pcapng of the unknown version {}.{}", major, minor));
    }
    if (length < smallest_section || length > longest_read_block) {
        refuse_file(name, fmt::format("its first block has a length of {}", length));
    }
    return std::make_unique<PcapngFormat>();
}

}  // namespace turnpike::capture
