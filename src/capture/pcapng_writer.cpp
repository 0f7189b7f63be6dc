// Writes a pcapng file block by block: one section, its packets, an interface for each tap.
#include "turnpike/capture/pcapng_writer.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "capture/pcapng_numbers.h"
#include "turnpike/base/error.h"
#include "turnpike/base/text.h"

namespace turnpike::capture {
namespace {

constexpr std::size_t longest_option = 65'532;  // whose padded length still fits 16 bits

using Octets = std::vector<std::uint8_t>;

// In the order of this machine, which the magic number tells.
template <typename Number>
void put(Octets& out, Number value) {
    const auto at = out.size();
    out.resize(at + sizeof value);
    std::memcpy(out.data() + at, &value, sizeof value);
}

void put_padded(Octets& out, base::Bytes octets) {
    out.insert(out.end(), octets.begin(), octets.end());
    out.resize((out.size() + 3) & ~std::size_t{3});
}

void put_option(Octets& out, std::uint16_t code, base::Bytes value) {
    put(out, code);
    put(out, static_cast<std::uint16_t>(value.size()));
    put_padded(out, value);
}

void put_comment(Octets& out, std::string_view comment) {
    if (comment.empty()) {
        return;
    }
    put_option(out, pcapng::opt_comment, base::as_bytes(comment.substr(0, longest_option)));
    put_option(out, pcapng::end_of_options, {});
}

}  // namespace

PcapngWriter::PcapngWriter(const std::filesystem::path& path, std::string_view comment)
    : path_(path), file_(std::fopen(path.c_str(), "wbx")) {
    if (!file_) {
        throw base::Error(base::ExitStatus::cannot_create,
                          fmt::format("{}: {}", base::escape(path.string()),
                                      errno == EEXIST ? "exists already and is not overwritten"
                                                      : std::strerror(errno)));
    }
    put(body_, pcapng::byte_order_magic);
    put(body_, std::uint16_t{1});  // version 1.0
    put(body_, std::uint16_t{0});
    put(body_, std::int64_t{0});  // the section's length, told at the end
    put_comment(body_, comment);
    write_block(pcapng::section_header, body_);
    section_length_ = 0;
}

PcapngWriter::~PcapngWriter() {
    if (!finished_) {
        file_.reset();
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
    }
}

void PcapngWriter::fail() {
    throw base::Error(base::ExitStatus::io_error,
                      fmt::format("{}: writing failed: {}; nothing is left of it",
                                  base::escape(path_.string()), std::strerror(errno)));
}

void PcapngWriter::write_block(std::uint32_t type, const Octets& body) {
    const auto length = static_cast<std::uint32_t>(body.size() + 12);
    const std::array<std::uint32_t, 2> head{type, length};
    if (std::fwrite(head.data(), sizeof head, 1, file_.get()) != 1 ||
        std::fwrite(body.data(), 1, body.size(), file_.get()) != body.size() ||
        std::fwrite(&length, sizeof length, 1, file_.get()) != 1) {
        fail();
    }
    section_length_ += length;
}

std::uint32_t PcapngWriter::interface_of(const Frame& frame) {
    const auto [entry, fresh] = interfaces_.try_emplace(
        {frame.tap, frame.link_type}, static_cast<std::uint32_t>(interfaces_.size()));
    if (fresh) {
        constexpr std::array<std::uint8_t, 1> nanoseconds{9};
        Octets body;
        put(body, static_cast<std::uint16_t>(frame.link_type));
        put(body, std::uint16_t{0});
        put(body, std::uint32_t{0});  // no limit to what is captured
        put_option(body, pcapng::if_tsresol, nanoseconds);
        put_option(body, pcapng::end_of_options, {});
        write_block(pcapng::interface_description, body);
    }
    return entry->second;
}

void PcapngWriter::write(const Frame& frame, std::string_view comment) {
    const auto interface = interface_of(frame);
    const auto time = static_cast<std::uint64_t>(
        std::max<std::int64_t>(frame.time.time_since_epoch().count(), 0));
    body_.clear();
    put(body_, interface);
    put(body_, static_cast<std::uint32_t>(time >> 32U));
    put(body_, static_cast<std::uint32_t>(time));
    put(body_, static_cast<std::uint32_t>(frame.bytes.size()));
    put(body_, std::max(frame.wire_length, static_cast<std::uint32_t>(frame.bytes.size())));
    put_padded(body_, frame.bytes);
    put_comment(body_, comment);
    write_block(pcapng::enhanced_packet, body_);
}

void PcapngWriter::finish() {
    constexpr long place_of_length = 16;  // section 4.1 of the draft
    if (std::fseek(file_.get(), place_of_length, SEEK_SET) != 0 ||
        std::fwrite(&section_length_, sizeof section_length_, 1, file_.get()) != 1 ||
        std::fflush(file_.get()) != 0) {
        fail();
    }
    finished_ = true;
}

}  // namespace turnpike::capture
