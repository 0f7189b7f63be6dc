// Chunks of the two streams of a connection (what follows about the chunk in one octet, its length
// in another, then octets), with gaps, to whoever recognises them: no reader takes more than it was
// shown, goes round in circles, or keeps anything when it ends.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "fuzz/require.h"
#include "inspect/datagram_inspector.h"
#include "inspect/streams/recognition.h"
#include "turnpike/base/cursor.h"
#include "turnpike/inspect/inspector.h"

using namespace turnpike;
using namespace turnpike::inspect;
using fuzz::require;

namespace {

constexpr std::size_t budget = std::size_t{64} << 10U;
constexpr std::size_t most_kept = std::size_t{16} << 10U;

/// The streams of a connection without segments: octets that are left over wait in front of those
/// that come.
class Streams {
  public:
    Streams() : context_(options()), messages_(context_) {
        state_.index = context_.slots.add<facts::FlowKind>(context_.observation).index;
        state_.flow = &context_.observation.flows[state_.index];
        state_.flow->tcp.make().midstream = true;
    }
    ~Streams() {
        if (reader_) {
            reader_->break_off(place(0));
            reader_->break_off(place(1));
        }
        reader_.reset();
        state_.datagrams.reset();
        require(context_.pool.held() == 0);
    }
    Streams(const Streams&) = delete;
    Streams& operator=(const Streams&) = delete;

    void chunk(Side side, base::Bytes octets, bool gap, bool cut) {
        auto& waiting = waiting_[side];
        if (finished_ || (reader_ && reader_->is_done_with(side))) {
            return;
        }
        if (gap || waiting.size() > most_kept) {
            waiting.clear();
            gap_[side] = true;
        }
        waiting.insert(waiting.end(), octets.begin(), octets.end());
        read(side, cut);
        if (cut && reader_) {
            reader_->break_off(place(side));
        }
    }

  private:
    static Options options() {
        Options options;
        options.hash_seed = 1;
        options.max_recorded = 100;
        options.reassembly_octets = budget;
        return options;
    }
    PayloadContext place(Side side) { return {state_, side, {++number_, {}}, cut_}; }

    void read(Side side, bool cut) {
        cut_ = cut;
        auto& waiting = waiting_[side];
        while (!finished_ && !waiting.empty()) {
            const PayloadContext payload = place(side);
            if (!reader_) {
                const Beginning beginning{payload, waiting, midstream_};
                const StreamProtocol* const protocol = recognize(beginning);
                if (protocol == nullptr) {
                    return;
                }
                if (protocol->note != nullptr) {
                    protocol->note(beginning);
                }
                reader_ = protocol->make == nullptr
                              ? nullptr
                              : protocol->make(beginning, context_, messages_);
                finished_ = !reader_;
                continue;
            }
            const Progress progress =
                reader_->read(payload, waiting, std::exchange(gap_[side], false));
            require(progress.consumed <= waiting.size());
            waiting.erase(waiting.begin(),
                          waiting.begin() + static_cast<std::ptrdiff_t>(progress.consumed));
            if (progress.next == Progress::Next::wait) {
                return;
            }
            if (progress.next == Progress::Next::finish) {
                finished_ = true;
                return;
            }
            require(progress.consumed > 0);
            if (progress.next != Progress::Next::more) {
                reader_.reset();
                midstream_ = !midstream_;
            }
        }
    }

    Context context_;
    DatagramInspector messages_;
    FlowState state_;
    std::unique_ptr<StreamReader> reader_;
    std::array<std::vector<std::uint8_t>, 2> waiting_;
    std::array<bool, 2> gap_{};
    std::uint64_t number_ = 0;
    bool finished_ = false;
    bool midstream_ = false;
    bool cut_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Streams streams;
    base::Cursor cursor{base::Bytes{data, size}};
    while (!cursor.empty() && cursor.ok()) {
        const std::uint8_t about = cursor.u8();
        const std::size_t length = cursor.u8() * (about < 0x80 ? std::size_t{1} : std::size_t{8});
        const auto octets = cursor.take(std::min(length, cursor.remaining()));
        if (!cursor.ok()) {
            break;
        }
        streams.chunk(about & 1U, octets, (about & 2U) != 0, (about & 4U) != 0);
    }
    return 0;
}
