// pcap, draft-ietf-opsawg-pcap: a file header of 24 octets, then records of a header and a frame.
//
//   magic  version_major version_minor  reserved reserved  snap_length  link_type_and_fcs
//   seconds  fraction  captured_length  original_length  octets ...
//
// Red Hat's libpcap of 1999 and others wrote longer record headers, some under a magic number of
// their own (0xa1b2cd34, A. Kuznetzov), some under the common one; see `layouts_of`.
#include "capture/pcap.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "capture/byte_order.h"
#include "capture/link_type.h"
#include "turnpike/base/cursor.h"

namespace turnpike::capture {

namespace {

// draft-ietf-opsawg-pcap section 4: the magic number tells byte order and resolution.
constexpr std::uint32_t magic_microseconds = 0xA1B2C3D4;
constexpr std::uint32_t magic_nanoseconds = 0xA1B23C4D;
constexpr std::uint32_t magic_kuznetzov = 0xA1B2CD34;

constexpr std::size_t record_header_size = 16;

bool is_known(std::uint32_t magic) noexcept {
    return magic == magic_microseconds || magic == magic_nanoseconds || magic == magic_kuznetzov;
}

/// What the file header says.
struct FileHeader {
    ByteOrder order = ByteOrder::big;
    std::uint32_t magic = 0;
    std::uint16_t version_major = 0;
    std::uint16_t version_minor = 0;
    std::uint32_t link_type = 0;
};

std::optional<FileHeader> decode_file_header(base::Bytes head) noexcept {
    FileHeader header;
    base::Cursor cursor(head);
    const std::uint32_t magic = cursor.u32();
    header.order = is_known(magic) ? ByteOrder::big : ByteOrder::little;
    header.magic = header.order == ByteOrder::big ? magic : __builtin_bswap32(magic);
    header.version_major = read_u16(cursor, header.order);
    header.version_minor = read_u16(cursor, header.order);
    cursor.skip(12);  // two reserved words and the snap length, which old writers set to nonsense
    header.link_type = link_type_from_file(read_u32(cursor, header.order));
    return cursor.ok() ? std::optional(header) : std::nullopt;
}

/// How long the record headers of a file are. What follows the four common words holds interface
/// and packet type numbers, of no use here.
using Layout = std::size_t;
constexpr Layout undecided = 0;

/// The layouts that occur under a magic number, the usual one first.
std::span<const Layout> layouts_of(std::uint32_t magic) noexcept {
    // 24: interface index, protocol, packet type (libpcap-ss990417 and Kuznetzov's patches);
    // 20: one word more (Nokia's IPSO); 28: two processor numbers as well (libpcap-ss990915).
    static constexpr std::array<Layout, 3> common{16, 24, 20};
    static constexpr std::array<Layout, 2> kuznetzov{24, 28};
    static constexpr std::array<Layout, 1> only{16};
    switch (magic) {
        case magic_microseconds:
            return common;
        case magic_kuznetzov:
            return kuznetzov;
        default:
            return only;
    }
}

/// The four words that begin every record.
struct RecordHeader {
    std::uint32_t seconds = 0;
    std::uint32_t fraction = 0;
    std::uint32_t captured = 0;
    std::uint32_t original = 0;
};

template <ByteOrder Order>
RecordHeader decode_record_header(base::Bytes octets) noexcept {
    const FileFields<record_header_size, Order> fields(octets);
    return {.seconds = fields.template u32<0>(),
            .fraction = fields.template u32<4>(),
            .captured = fields.template u32<8>(),
            .original = fields.template u32<12>()};
}

class PcapFormat final : public FileFormat {
  public:
    explicit PcapFormat(const FileHeader& header)
        : header_(header),
          longest_record_(longest_record(header.link_type)),
          nanoseconds_per_unit_(header.magic == magic_nanoseconds ? 1 : 1000) {}

    Step read(base::Bytes window, bool complete, std::vector<Frame>& frames,
              std::size_t most) override {
        if (!header_done_) {
            header_done_ = true;
            return Step::between_records(file_header_size);
        }
        if (layout_ == undecided && !choose_layout(window, complete)) {
            return Step::needs(0, window.size() + 1, true);
        }
        return header_.order == ByteOrder::little
                   ? read_records<ByteOrder::little>(window, frames, most)
                   : read_records<ByteOrder::big>(window, frames, most);
    }
    [[nodiscard]] Drops drops() const noexcept override { return {}; }
    std::vector<Loss> take_losses() override { return {}; }

  private:
    template <ByteOrder Order>
    Step read_records(base::Bytes window, std::vector<Frame>& frames, std::size_t most);
    bool choose_layout(base::Bytes window, bool complete) noexcept;
    [[nodiscard]] bool plausible(const RecordHeader& header) const noexcept;
    enum class Fit : std::uint8_t { yes, no, unknown };
    [[nodiscard]] Fit fits(base::Bytes window, Layout layout) const noexcept;
    void put_lengths_right(RecordHeader& header) const noexcept;

    FileHeader header_;
    std::uint32_t longest_record_;
    std::int64_t nanoseconds_per_unit_;
    bool header_done_ = false;
    Layout layout_ = undecided;
    std::uint64_t frames_read_ = 0;
};

// libpcap before version 2.3 of the format wrote the two lengths in the other order; 2.3 files
// occur in both.
void PcapFormat::put_lengths_right(RecordHeader& header) const noexcept {
    const bool other_order = header_.version_minor < 3 ||
                             (header_.version_minor == 3 && header.captured > header.original);
    if (other_order) {
        std::swap(header.captured, header.original);
    }
}

bool PcapFormat::plausible(const RecordHeader& header) const noexcept {
    // Larger originals than this exist in no network; segments put together by a card are 64 KiB.
    constexpr std::uint32_t longest_original = 16U << 20U;
    constexpr std::uint32_t units = 1'000'000;  // only microsecond files have several layouts
    return header.captured <= longest_record_ && header.original <= longest_original &&
           header.captured <= header.original && header.fraction < units;
}

/// Whether the first two records stand where this layout puts them.
PcapFormat::Fit PcapFormat::fits(base::Bytes window, Layout layout) const noexcept {
    std::size_t at = 0;
    for (int record = 0; record < 2; ++record) {
        if (window.size() < at + record_header_size) {
            return Fit::unknown;
        }
        const base::Bytes octets = window.subspan(at);
        RecordHeader header = header_.order == ByteOrder::little
                                  ? decode_record_header<ByteOrder::little>(octets)
                                  : decode_record_header<ByteOrder::big>(octets);
        put_lengths_right(header);
        if (!plausible(header)) {
            return Fit::no;
        }
        at += layout + header.captured;
    }
    return Fit::yes;
}

/// Decides on the length of record headers; false if more octets are needed for it.
bool PcapFormat::choose_layout(base::Bytes window, bool complete) noexcept {
    const auto layouts = layouts_of(header_.magic);
    layout_ = layouts.front();
    if (layouts.size() == 1) {
        return true;
    }
    for (const Layout layout : layouts) {
        const Fit fit = fits(window, layout);
        if (fit == Fit::yes) {
            layout_ = layout;
            return true;
        }
        if (fit == Fit::unknown && !complete) {
            layout_ = undecided;
            return false;
        }
    }
    return true;
}

template <ByteOrder Order>
Step PcapFormat::read_records(base::Bytes window, std::vector<Frame>& frames, std::size_t most) {
    std::size_t at = 0;
    while (frames.size() < most) {
        const base::Bytes rest = window.subspan(at);
        if (rest.size() < record_header_size) {
            return Step::needs(at, layout_, true);
        }
        RecordHeader header = decode_record_header<Order>(rest);
        if (header_.version_minor < 4) [[unlikely]] {
            put_lengths_right(header);
        }
        if (header.captured > longest_record_) [[unlikely]] {
            return Step::damaged(at,
                                 fmt::format("a captured length of {} octets", header.captured));
        }
        const std::size_t length = layout_ + header.captured;
        if (rest.size() < length) {
            return Step::needs(at, length, true);
        }
        const std::int64_t ns = std::int64_t{header.seconds} * 1'000'000'000 +
                                std::int64_t{header.fraction} * nanoseconds_per_unit_;
        frames.push_back({.time = base::from_nanoseconds(ns),
                          .number = ++frames_read_,
                          .link_type = header_.link_type,
                          .wire_length = std::max(header.original, header.captured),
                          .bytes = rest.subspan(layout_, header.captured)});
        at += length;
    }
    return Step::between_records(at);
}

}  // namespace

bool is_pcap(base::Bytes head) noexcept {
    base::Cursor cursor(head);
    const std::uint32_t magic = cursor.u32();
    return cursor.ok() && (is_known(magic) || is_known(__builtin_bswap32(magic)));
}

std::unique_ptr<FileFormat> make_pcap_format(base::Bytes head, const std::string& name) {
    const auto header = decode_file_header(head);
    if (!header) {
        refuse_file(name, "it ends within the file header");
    }
    if (header->version_major != 2) {
        refuse_file(name, fmt::format("pcap of the unknown version {}.{}", header->version_major,
                                      header->version_minor));
    }
    return std::make_unique<PcapFormat>(*header);
}

}  // namespace turnpike::capture
