// Deals the frames of capture files to several sources by the fanout hash, as the kernel would.
#include "app/dealt_capture.h"

#include <algorithm>
#include <barrier>
#include <iterator>
#include <optional>
#include <utility>

#include "turnpike/capture/fanout.h"

namespace turnpike::test {
namespace {

using capture::Frame;

/// The frames of one worker, kept in memory. Workers of a live run see packets as time goes by, not
/// one worker all of its packets before another its first: each hand also hears of the frames of
/// the others, as time that passes, and all of them go from one to the next together.
class Hand : public capture::Source {
  public:
    explicit Hand(std::shared_ptr<std::barrier<>> step) : step_(std::move(step)) {}

    void add(const Frame& frame, bool own) {
        Event event{frame, own, {}, {}, {}};
        if (own) {
            event.octets.assign(frame.bytes.begin(), frame.bytes.end());
        }
        events_.push_back(std::move(event));
    }
    /// What the capturing side counted so far, known before the next frame or at the end.
    void add(const capture::Drops& drops, std::vector<capture::Loss> losses) {
        Frame nothing;
        nothing.time = events_.empty() ? base::Timestamp{} : events_.back().frame.time;
        events_.push_back({nothing, false, {}, drops, std::move(losses)});
    }
    std::span<const Frame> next_batch() override {
        if (next_ > 0) {
            step_->arrive_and_wait();
        }
        losses_ = {};
        if (next_ == events_.size()) {
            ended_ = true;
            return {};
        }
        auto& event = events_[next_++];
        losses_ = event.losses;
        drops_ = event.drops.value_or(drops_);
        clock_ = std::max(clock_, event.frame.time);
        event.frame.bytes = event.octets;
        return {&event.frame, event.own ? std::size_t{1} : std::size_t{0}};
    }
    [[nodiscard]] bool ended() const noexcept override { return ended_; }
    [[nodiscard]] std::optional<base::Timestamp> clock() const noexcept override { return clock_; }
    [[nodiscard]] capture::Progress progress() const noexcept override { return {}; }
    [[nodiscard]] capture::Drops drops() const noexcept override { return drops_; }
    [[nodiscard]] std::span<const capture::Loss> losses() const noexcept override {
        return losses_;
    }
    [[nodiscard]] std::span<const std::string> cut_offs() const noexcept override { return {}; }
    [[nodiscard]] std::string describe() const override { return "dealt"; }
    void stop() noexcept override {}

  private:
    struct Event {
        Frame frame;
        bool own;
        std::vector<std::uint8_t> octets;
        std::optional<capture::Drops> drops;
        std::vector<capture::Loss> losses;
    };
    std::vector<Event> events_;
    capture::Drops drops_;
    std::span<const capture::Loss> losses_;
    std::size_t next_ = 0;
    bool ended_ = false;
    base::Timestamp clock_;
    std::shared_ptr<std::barrier<>> step_;
};

std::uint16_t u16(base::Bytes octets, std::size_t at) {
    return static_cast<std::uint16_t>((octets[at] << 8U) | octets[at + 1]);
}

/// What the kernel would compute: the interface strips the outermost tag, as most do.
std::uint32_t hash_of(const Frame& frame) {
    constexpr std::uint32_t link_ethernet = 1;
    constexpr std::size_t ethernet_header = 14;
    constexpr std::size_t tag = 4;
    if (frame.link_type != link_ethernet || frame.bytes.size() < ethernet_header + tag) {
        return 0;
    }
    const bool tagged = u16(frame.bytes, 12) == 0x8100 || u16(frame.bytes, 12) == 0x88a8;
    const std::size_t skip = tagged ? tag : 0;
    return capture::fanout_hash(frame.bytes.subspan(ethernet_header + skip),
                                u16(frame.bytes, 12 + skip));
}

/// Interfaces say at once what they lost. A counter in a file covers all since it was read last,
/// and casts doubt on that stretch only if it grew by more than a thousandth of the packets.
std::vector<capture::Loss> as_interfaces_tell(std::span<const capture::Loss> losses) {
    std::vector<capture::Loss> told;
    std::ranges::copy_if(losses, std::back_inserter(told), [](const capture::Loss& loss) {
        return loss.delivered == 0 || loss.frames > loss.delivered / 1000;
    });
    return told;
}

}  // namespace

std::vector<std::unique_ptr<capture::Source>> deal(const std::vector<std::string>& paths,
                                                   std::size_t workers) {
    const auto step = std::make_shared<std::barrier<>>(static_cast<std::ptrdiff_t>(workers));
    std::vector<std::unique_ptr<Hand>> hands;
    for (std::size_t i = 0; i < workers; ++i) {
        hands.push_back(std::make_unique<Hand>(step));
    }
    const auto files = capture::open_files(paths);
    while (!files->ended()) {
        const auto batch = files->next_batch();
        const auto losses = as_interfaces_tell(files->losses());
        for (std::size_t i = 0; i < workers; ++i) {  // one of them has the interface's counters
            hands[i]->add(i == 0 ? files->drops() : capture::Drops{},
                          i == 0 ? losses : std::vector<capture::Loss>{});
        }
        for (const auto& frame : batch) {
            for (std::size_t i = 0; i < workers; ++i) {
                hands[i]->add(frame, hash_of(frame) % workers == i);
            }
        }
    }
    std::vector<std::unique_ptr<capture::Source>> sources;
    std::ranges::move(hands, std::back_inserter(sources));
    return sources;
}

}  // namespace turnpike::test
