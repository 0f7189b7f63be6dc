// Compressed captures: gzip (RFC 1952) with zlib and zstd (RFC 8878) with its own library, because
// libarchive's filters drop what they decoded before a cut; everything else through libarchive.
#include "capture/decompress.h"

#include <archive.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <new>
#include <string>
#include <string_view>
#include <utility>

namespace turnpike::capture {

namespace {

constexpr std::size_t stored_capacity = 64U << 10U;
constexpr std::string_view cut_off = "the compressed data is cut off";

/// A decompressor's view of the octets as stored: those already looked at, then the rest.
class StoredOctets {
  public:
    StoredOctets(std::unique_ptr<OctetInput> input, std::vector<std::uint8_t> head)
        : input_(std::move(input)), buffer_(std::move(head)), end_(buffer_.size()) {}

    /// What has been read and not been used; valid until `more`.
    [[nodiscard]] base::Bytes unused() const noexcept {
        return base::Bytes{buffer_}.subspan(begin_, end_ - begin_);
    }
    void use(std::size_t count) noexcept { begin_ += count; }
    /// Reads on, once all is used; false at the end.
    bool more() {
        buffer_.resize(stored_capacity);
        begin_ = 0;
        end_ = input_->read(buffer_);
        return end_ != 0;
    }
    [[nodiscard]] const OctetInput& input() const noexcept { return *input_; }

  private:
    std::unique_ptr<OctetInput> input_;
    std::vector<std::uint8_t> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_;
};

/// What all decompressors share.
class Decompressor : public OctetInput {
  public:
    Decompressor(std::unique_ptr<OctetInput> input, std::vector<std::uint8_t> head)
        : stored_(std::move(input), std::move(head)) {}

    [[nodiscard]] const std::string& failure() const noexcept override {
        return stored_.input().failure().empty() ? failure_ : stored_.input().failure();
    }
    [[nodiscard]] std::uint64_t octets_read() const noexcept override {
        return stored_.input().octets_read();
    }

    std::size_t read(std::span<std::uint8_t> into) final {
        while (!ended_) {
            // Output that had no room comes without further input.
            if (stored_.unused().empty() && !output_waits_ && !stored_.more()) {
                ended_ = true;
                if (within_a_stream()) {
                    failure_ = cut_off;
                }
                return 0;
            }
            const std::size_t count = decode(into);
            output_waits_ = count == into.size() && within_a_stream();
            if (count != 0) {
                return count;
            }
        }
        return 0;
    }

  protected:
    /// Decodes from the stored octets into `into` and says how many came out; none is no end.
    virtual std::size_t decode(std::span<std::uint8_t> into) = 0;
    /// Whether the data may not end here.
    [[nodiscard]] virtual bool within_a_stream() const noexcept = 0;

    StoredOctets& stored() noexcept { return stored_; }
    void end() noexcept { ended_ = true; }
    void fail(std::string why) {
        ended_ = true;
        failure_ = std::move(why);
    }

  private:
    StoredOctets stored_;
    bool output_waits_ = false;
    bool ended_ = false;
    std::string failure_;
};

class GzipInput final : public Decompressor {
  public:
    GzipInput(std::unique_ptr<OctetInput> input, std::vector<std::uint8_t> head)
        : Decompressor(std::move(input), std::move(head)) {
        constexpr int gzip_with_largest_window = 16 + MAX_WBITS;
        if (::inflateInit2(&stream_, gzip_with_largest_window) != Z_OK) {
            throw std::bad_alloc();
        }
    }
    ~GzipInput() override { ::inflateEnd(&stream_); }

  private:
    std::size_t decode(std::span<std::uint8_t> into) override {
        // RFC 1952 section 2.2: a file is a series of members. What follows the last and is none
        // (tapes pad with zeros) is left alone, as gunzip does.
        constexpr std::uint8_t first_of_magic = 0x1F;
        const base::Bytes unused = stored().unused();
        if (!within_ && !first_ && unused.front() != first_of_magic) {
            end();
            return 0;
        }
        within_ = true;
        // zlib's interface is older than const.
        stream_.next_in = const_cast<Bytef*>(unused.data());
        stream_.avail_in = static_cast<uInt>(unused.size());
        stream_.next_out = into.data();
        stream_.avail_out = static_cast<uInt>(std::min<std::size_t>(into.size(), 1U << 30U));
        const uInt room = stream_.avail_out;
        const int result = ::inflate(&stream_, Z_NO_FLUSH);
        stored().use(unused.size() - stream_.avail_in);
        if (result == Z_STREAM_END) {
            within_ = false;
            first_ = false;
            ::inflateReset(&stream_);
        } else if (result != Z_OK && result != Z_BUF_ERROR) {
            fail("the gzip data is damaged");
        }
        return room - stream_.avail_out;
    }
    [[nodiscard]] bool within_a_stream() const noexcept override { return within_; }

    z_stream stream_{};
    bool within_ = false;
    bool first_ = true;
};

class ZstdInput final : public Decompressor {
  public:
    ZstdInput(std::unique_ptr<OctetInput> input, std::vector<std::uint8_t> head)
        : Decompressor(std::move(input), std::move(head)), stream_(::ZSTD_createDStream()) {
        if (stream_ == nullptr) {
            throw std::bad_alloc();
        }
    }
    ~ZstdInput() override { ::ZSTD_freeDStream(stream_); }

  private:
    /// A block at a time: a call that comes to damage loses the blocks that it decoded before.
    std::size_t decode(std::span<std::uint8_t> into) override {
        const base::Bytes unused = stored().unused();
        ZSTD_inBuffer in{unused.data(), std::min(unused.size(), needed_), 0};
        ZSTD_outBuffer out{into.data(), into.size(), 0};
        const std::size_t result = ::ZSTD_decompressStream(stream_, &out, &in);
        stored().use(in.pos);
        if (::ZSTD_isError(result) != 0) {
            fail("the zstd data is damaged");
        } else {
            within_ = result != 0;  // zero: a frame ended here
            // With a block the library asks for the header of the next one.
            needed_ = result > block_header ? result - block_header : block_header;
        }
        return out.pos;
    }
    [[nodiscard]] bool within_a_stream() const noexcept override { return within_; }

    /// Octets, RFC 8878 section 3.1.1.2; no header is shorter.
    static constexpr std::size_t block_header = 3;
    ZSTD_DStream* stream_;
    std::size_t needed_ = block_header;
    bool within_ = true;
};

class ArchiveInput final : public OctetInput {
  public:
    ArchiveInput(std::unique_ptr<OctetInput> input, std::vector<std::uint8_t> head)
        : stored_(std::move(input), std::move(head)), archive_(::archive_read_new()) {
        if (archive_ == nullptr) {
            throw std::bad_alloc();
        }
        // Each by name: "all" includes filters that start other programs.
        ::archive_read_support_filter_xz(archive_);
        ::archive_read_support_filter_bzip2(archive_);
        ::archive_read_support_filter_lz4(archive_);
        ::archive_read_support_filter_compress(archive_);
        ::archive_read_support_filter_lzip(archive_);
        ::archive_read_support_format_raw(archive_);
    }
    ~ArchiveInput() override { ::archive_read_free(archive_); }

    std::size_t read(std::span<std::uint8_t> into) override {
        if (ended_ || (!opened_ && !open())) {
            return 0;
        }
        if (block_.empty() && !next_block()) {
            ended_ = true;
            return 0;
        }
        const std::size_t count = std::min(into.size(), block_.size());
        std::memcpy(into.data(), block_.data(), count);
        block_ = block_.subspan(count);
        return count;
    }
    [[nodiscard]] const std::string& failure() const noexcept override {
        return stored_.input().failure().empty() ? failure_ : stored_.input().failure();
    }
    [[nodiscard]] std::uint64_t octets_read() const noexcept override {
        return stored_.input().octets_read();
    }

  private:
    bool open() {
        opened_ = true;
        const int result = ::archive_read_open(archive_, this, nullptr, &give, nullptr);
        struct archive_entry* entry = nullptr;
        const int entered =
            result == ARCHIVE_OK ? ::archive_read_next_header(archive_, &entry) : result;
        ended_ = entered != ARCHIVE_OK && entered != ARCHIVE_WARN;
        if (ended_ && entered != ARCHIVE_EOF) {
            note_failure(entered);
        }
        return !ended_;
    }
    /// Block by block: reading over several of them loses those before a damaged one.
    bool next_block() {
        const void* octets = nullptr;
        std::size_t size = 0;
        la_int64_t offset = 0;
        while (size == 0) {
            const int result = ::archive_read_data_block(archive_, &octets, &size, &offset);
            if (result != ARCHIVE_OK && result != ARCHIVE_WARN) {
                note_failure(result);
                return false;
            }
        }
        block_ = {static_cast<const std::uint8_t*>(octets), size};
        return true;
    }
    void note_failure(int result) {
        if (result < ARCHIVE_OK) {
            const char* const why = ::archive_error_string(archive_);
            failure_ = why == nullptr ? "the compressed data is damaged" : why;
        }
    }
    static la_ssize_t give(struct archive* /*archive*/, void* self, const void** octets) {
        auto& input = *static_cast<ArchiveInput*>(self);
        const bool head_was_given = std::exchange(input.head_given_, true);
        if (head_was_given && !input.stored_.more()) {
            return 0;
        }
        *octets = input.stored_.unused().data();
        return static_cast<la_ssize_t>(input.stored_.unused().size());
    }

    StoredOctets stored_;
    struct archive* archive_;
    base::Bytes block_;  ///< what was decoded and not handed out yet; libarchive's
    bool opened_ = false;
    bool ended_ = false;
    bool head_given_ = false;
    std::string failure_;
};

struct Magic {
    std::string_view octets;
    Compression compression;
};
constexpr std::array magics{
    Magic{.octets = {"\x1f\x8b\x08", 3}, .compression = Compression::gzip},      // RFC 1952 2.3
    Magic{.octets = {"\x28\xb5\x2f\xfd", 4}, .compression = Compression::zstd},  // RFC 8878 3.1.1
    Magic{.octets = {"\xfd"
                     "7zXZ\0",
                     6},
          .compression = Compression::other},
    Magic{.octets = "BZh", .compression = Compression::other},
    Magic{.octets = {"\x04\x22\x4d\x18", 4}, .compression = Compression::other},  // lz4
    Magic{.octets = {"\x1f\x9d", 2}, .compression = Compression::other},          // compress
    Magic{.octets = "LZIP", .compression = Compression::other},
};

}  // namespace

std::optional<Compression> compression_of(base::Bytes head) noexcept {
    const std::string_view text = base::as_text(head);
    for (const Magic& magic : magics) {
        if (text.starts_with(magic.octets)) {
            return magic.compression;
        }
    }
    // RFC 8878 section 3.1.2: a skippable frame, 0x184D2A50 to 0x184D2A5F, may come first.
    if (text.size() >= 4 && text.substr(1, 3) == "\x2a\x4d\x18" && (head[0] & 0xF0U) == 0x50) {
        return Compression::zstd;
    }
    return std::nullopt;
}

std::unique_ptr<OctetInput> decompress(std::unique_ptr<OctetInput> stored,
                                       std::vector<std::uint8_t> head, Compression compression) {
    switch (compression) {
        case Compression::gzip:
            return std::make_unique<GzipInput>(std::move(stored), std::move(head));
        case Compression::zstd:
            return std::make_unique<ZstdInput>(std::move(stored), std::move(head));
        case Compression::other:
            return std::make_unique<ArchiveInput>(std::move(stored), std::move(head));
    }
    return stored;
}

}  // namespace turnpike::capture
