// Compresses octets in tests.
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <zlib.h>
#include <zstd.h>

#include <cstddef>
#include <stdexcept>

#include "capture/support/octets.h"

namespace turnpike::capture::testing {

inline OctetVector gzip(const OctetVector& octets) {
    z_stream stream{};
    constexpr int gzip_with_largest_window = 16 + MAX_WBITS;
    if (::deflateInit2(&stream, 6, Z_DEFLATED, gzip_with_largest_window, 8, Z_DEFAULT_STRATEGY) !=
        Z_OK) {
        throw std::runtime_error("deflateInit2");
    }
    OctetVector compressed(::deflateBound(&stream, octets.size()) + 32);
    stream.next_in = const_cast<Bytef*>(octets.data());
    stream.avail_in = static_cast<uInt>(octets.size());
    stream.next_out = compressed.data();
    stream.avail_out = static_cast<uInt>(compressed.size());
    ::deflate(&stream, Z_FINISH);
    compressed.resize(stream.total_out);
    ::deflateEnd(&stream);
    return compressed;
}

/// With a checksum, as the command of that name writes.
inline OctetVector zstd(const OctetVector& octets) {
    ZSTD_CCtx* const context = ::ZSTD_createCCtx();
    ::ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    OctetVector compressed(::ZSTD_compressBound(octets.size()));
    compressed.resize(::ZSTD_compress2(context, compressed.data(), compressed.size(), octets.data(),
                                       octets.size()));
    ::ZSTD_freeCCtx(context);
    return compressed;
}

/// By one of libarchive's filters: "xz", "bzip2", "lz4", "compress", "lzip".
inline OctetVector compress_with(const char* filter, const OctetVector& octets) {
    OctetVector compressed(2 * octets.size() + 65536);
    std::size_t used = 0;
    struct archive* const writer = ::archive_write_new();
    ::archive_write_add_filter_by_name(writer, filter);
    ::archive_write_set_format_raw(writer);
    ::archive_write_set_bytes_in_last_block(writer, 1);
    ::archive_write_open_memory(writer, compressed.data(), compressed.size(), &used);
    struct archive_entry* const entry = ::archive_entry_new();
    ::archive_entry_set_filetype(entry, 0100000);
    ::archive_entry_set_pathname(entry, "data");
    ::archive_write_header(writer, entry);
    ::archive_write_data(writer, octets.data(), octets.size());
    ::archive_entry_free(entry);
    ::archive_write_close(writer);
    ::archive_write_free(writer);
    compressed.resize(used);
    return compressed;
}

}  // namespace turnpike::capture::testing
