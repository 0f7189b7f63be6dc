// Compressed capture files, decompressed as they are read.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "capture/octet_input.h"
#include "turnpike/base/bytes.h"

namespace turnpike::capture {

enum class Compression : std::uint8_t {
    gzip,
    zstd,
    other,  ///< xz, bzip2, lz4, compress, lzip
};

/// By which of them a file that begins so is compressed, if it is.
std::optional<Compression> compression_of(base::Bytes head) noexcept;

/// The uncompressed octets of `stored`, of which `head` was already read. Of gzip and zstd data
/// that is cut off everything up to the cut comes out, of the others all but the last 64 KiB at
/// most.
std::unique_ptr<OctetInput> decompress(std::unique_ptr<OctetInput> stored,
                                       std::vector<std::uint8_t> head, Compression compression);

}  // namespace turnpike::capture
