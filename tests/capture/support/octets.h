// Builds the octets of capture files in either byte order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "capture/byte_order.h"
#include "turnpike/base/bytes.h"

namespace turnpike::capture::testing {

using OctetVector = std::vector<std::uint8_t>;

/// Appends fields in the byte order of a file.
class Octets {
  public:
    explicit Octets(ByteOrder order = ByteOrder::little) : order_(order) {}

    Octets& u16(std::uint16_t value) { return put(value, 2); }
    Octets& u32(std::uint32_t value) { return put(value, 4); }
    Octets& u64(std::uint64_t value) { return put(value, 8); }
    Octets& bytes(base::Bytes value) {
        octets_.insert(octets_.end(), value.begin(), value.end());
        return *this;
    }
    Octets& text(std::string_view value) { return bytes(base::as_bytes(value)); }
    Octets& pad() {
        while (octets_.size() % 4 != 0) {
            octets_.push_back(0);
        }
        return *this;
    }
    [[nodiscard]] std::size_t size() const { return octets_.size(); }
    [[nodiscard]] const OctetVector& done() const { return octets_; }
    [[nodiscard]] ByteOrder order() const { return order_; }

  private:
    Octets& put(std::uint64_t value, unsigned width) {
        for (unsigned i = 0; i < width; ++i) {
            const unsigned place = order_ == ByteOrder::little ? i : width - 1 - i;
            octets_.push_back(static_cast<std::uint8_t>(value >> (8 * place)));
        }
        return *this;
    }

    ByteOrder order_;
    OctetVector octets_;
};

/// `size` octets that differ from each other and from those of another seed.
inline OctetVector content(std::size_t size, std::uint8_t seed = 1) {
    OctetVector octets(size);
    for (std::size_t i = 0; i < size; ++i) {
        octets[i] = static_cast<std::uint8_t>(seed * 31U + i * 7U);
    }
    return octets;
}

/// A pcap file under construction.
class PcapFile {
  public:
    struct Kind {
        ByteOrder order = ByteOrder::little;
        std::uint32_t magic = 0xA1B2C3D4;
        std::uint16_t minor = 4;
        std::uint32_t link_type = 1;
        std::size_t record_header = 16;
    };
    PcapFile() : PcapFile(Kind{}) {}
    explicit PcapFile(Kind kind) : kind_(kind), octets_(kind.order) {
        octets_.u32(kind.magic).u16(2).u16(kind.minor).u32(0).u32(0).u32(262144);
        octets_.u32(kind.link_type);
    }
    PcapFile& record(std::uint32_t seconds, std::uint32_t fraction, base::Bytes bytes) {
        return record(seconds, fraction, bytes, static_cast<std::uint32_t>(bytes.size()));
    }
    PcapFile& record(std::uint32_t seconds, std::uint32_t fraction, base::Bytes bytes,
                     std::uint32_t original) {
        auto first = static_cast<std::uint32_t>(bytes.size());
        auto second = original;
        if (kind_.minor < 3) {
            std::swap(first, second);
        }
        octets_.u32(seconds).u32(fraction).u32(first).u32(second);
        octets_.bytes(content(kind_.record_header - 16, 200)).bytes(bytes);
        return *this;
    }
    [[nodiscard]] const OctetVector& done() const { return octets_.done(); }

  private:
    Kind kind_;
    Octets octets_;
};

/// A pcapng file under construction, section by section.
class PcapngFile {
  public:
    explicit PcapngFile(ByteOrder order = ByteOrder::little) { section(order); }

    PcapngFile& section(ByteOrder order, std::uint16_t major = 1) {
        order_ = order;
        Octets body(order);
        body.u32(0x1A2B3C4D).u16(major).u16(0).u64(0xFFFFFFFFFFFFFFFF);
        return block(0x0A0D0D0A, body);
    }
    /// Options built by `option`, without the end mark.
    PcapngFile& interface(std::uint16_t link_type, std::uint32_t snap_length = 0,
                          const OctetVector& options = {}) {
        Octets body(order_);
        body.u16(link_type).u16(0).u32(snap_length);
        return block(1, with_options(body, options));
    }
    PcapngFile& enhanced(std::uint32_t interface, std::uint64_t time, base::Bytes bytes,
                         const OctetVector& options = {}) {
        return enhanced(interface, time, bytes, static_cast<std::uint32_t>(bytes.size()), options);
    }
    PcapngFile& enhanced(std::uint32_t interface, std::uint64_t time, base::Bytes bytes,
                         std::uint32_t original, const OctetVector& options = {}) {
        Octets body(order_);
        body.u32(interface).u32(static_cast<std::uint32_t>(time >> 32U));
        body.u32(static_cast<std::uint32_t>(time));
        body.u32(static_cast<std::uint32_t>(bytes.size())).u32(original).bytes(bytes).pad();
        return block(6, with_options(body, options));
    }
    PcapngFile& obsolete(std::uint16_t interface, std::uint16_t dropped, std::uint64_t time,
                         base::Bytes bytes) {
        const auto size = static_cast<std::uint32_t>(bytes.size());
        Octets body(order_);
        body.u16(interface).u16(dropped).u32(static_cast<std::uint32_t>(time >> 32U));
        body.u32(static_cast<std::uint32_t>(time)).u32(size).u32(size).bytes(bytes).pad();
        return block(2, body);
    }
    PcapngFile& simple(base::Bytes bytes, std::uint32_t original) {
        Octets body(order_);
        body.u32(original).bytes(bytes).pad();
        return block(3, body);
    }
    PcapngFile& statistics(std::uint32_t interface, std::uint64_t time,
                           const OctetVector& options) {
        Octets body(order_);
        body.u32(interface).u32(static_cast<std::uint32_t>(time >> 32U));
        body.u32(static_cast<std::uint32_t>(time));
        return block(5, with_options(body, options));
    }
    PcapngFile& block(std::uint32_t type, const Octets& body) {
        Octets whole(order_);
        const auto length = static_cast<std::uint32_t>(body.size() + 12);
        whole.u32(type).u32(length).bytes(body.done()).u32(length);
        octets_.insert(octets_.end(), whole.done().begin(), whole.done().end());
        return *this;
    }
    [[nodiscard]] Octets octets() const { return Octets(order_); }
    /// An option of 64 bits.
    [[nodiscard]] OctetVector option(std::uint16_t code, std::uint64_t value) const {
        return Octets(order_).u16(code).u16(8).u64(value).done();
    }
    /// An option of one octet.
    [[nodiscard]] OctetVector short_option(std::uint16_t code, std::uint8_t value) const {
        return Octets(order_).u16(code).u16(1).bytes({&value, 1}).pad().done();
    }
    [[nodiscard]] const OctetVector& done() const { return octets_; }

  private:
    static Octets with_options(Octets body, const OctetVector& options) {
        if (!options.empty()) {
            body.bytes(options).u32(0);  // opt_endofopt
        }
        return body;
    }

    ByteOrder order_ = ByteOrder::little;
    OctetVector octets_;
};

}  // namespace turnpike::capture::testing
