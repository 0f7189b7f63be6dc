// Writes a capture with comments, as pcapng (draft-ietf-opsawg-pcapng).
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "turnpike/capture/frame.h"

namespace turnpike::capture {

/// A new file of one section, times in nanoseconds. Nothing is left behind unless `finish` was
/// called. Throws base::Error: cannot_create if the file exists already or cannot be made, io_error
/// if writing fails.
class PcapngWriter {
  public:
    /// `comment` is that of the section; empty: none.
    PcapngWriter(const std::filesystem::path& path, std::string_view comment);
    ~PcapngWriter();
    PcapngWriter(const PcapngWriter&) = delete;
    PcapngWriter& operator=(const PcapngWriter&) = delete;

    /// Adds a frame; `comment` as above. An interface is made for each tap and link type.
    void write(const Frame& frame, std::string_view comment);
    /// Writes what is left; the file stays.
    void finish();

  private:
    struct Close {
        void operator()(std::FILE* file) const noexcept { std::fclose(file); }
    };
    void write_block(std::uint32_t type, const std::vector<std::uint8_t>& body);
    std::uint32_t interface_of(const Frame& frame);
    [[noreturn]] void fail();

    std::filesystem::path path_;
    std::unique_ptr<std::FILE, Close> file_;
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> interfaces_;
    std::vector<std::uint8_t> body_;
    std::int64_t section_length_ = 0;  ///< octets behind the section header
    bool finished_ = false;
};

}  // namespace turnpike::capture
