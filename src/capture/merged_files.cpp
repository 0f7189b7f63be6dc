// Several capture files as one observation: a k-way merge by time. The files of a ring buffer
// follow each other, so each is read only when its time has come. Of those that wait the first ones
// stay open; the rest are opened again, so that any number of files needs few descriptors.
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "capture/capture_file.h"
#include "capture/octet_input.h"
#include "turnpike/base/error.h"
#include "turnpike/base/printable.h"
#include "turnpike/capture/source.h"

namespace turnpike::capture {

namespace {

// Well below the usual limit of 1,024 descriptors a process; each has a buffer as well.
constexpr std::size_t most_waiting_open = most_files_opened_once;

std::string name_of(const std::string& path) {
    return path == "-" ? "standard input" : base::from_catalog(path);  // a line break is none
}

/// What the merge goes by: time, and among equals the order in which the files were named.
using Place = std::pair<base::Timestamp, std::size_t>;

/// One of the files, before, during and after its turn.
struct Input {
    std::string path;
    std::size_t index = 0;              ///< among the files as named
    std::optional<std::uint64_t> size;  ///< as stored; unknown for a pipe
    std::unique_ptr<FileInput> octets;  ///< opened, but not looked into yet
    std::unique_ptr<CaptureFile> file;  ///< while open
    std::span<Frame> batch;             ///< of the open file
    std::size_t next = 0;               ///< in the batch
    base::Timestamp first;              ///< time of the first frame
    std::uint64_t octets_read = 0;      ///< of a file that is done with

    [[nodiscard]] bool used_up() const noexcept { return next == batch.size(); }
    [[nodiscard]] Place place() const noexcept { return {batch[next].time, index}; }
    [[nodiscard]] Place first_place() const noexcept { return {first, index}; }
};

constexpr auto later = [](const Input* a, const Input* b) { return a->place() > b->place(); };

class MergedFiles final : public Source {
  public:
    MergedFiles(const std::vector<std::string>& paths, const std::function<void()>& before_reading);

    std::span<const Frame> next_batch() override;
    [[nodiscard]] std::shared_ptr<const void> keep_octets() override {
        return only_ == nullptr ? nullptr : only_->file->keep_octets();
    }
    [[nodiscard]] bool ended() const noexcept override { return ended_; }
    [[nodiscard]] Progress progress() const noexcept override;
    [[nodiscard]] Drops drops() const noexcept override;
    [[nodiscard]] std::span<const Loss> losses() const noexcept override { return losses_; }
    [[nodiscard]] std::span<const std::string> cut_offs() const noexcept override {
        return cut_offs_;
    }
    [[nodiscard]] std::string describe() const override;
    void stop() noexcept override { stop_.store(true, std::memory_order_relaxed); }

  private:
    void open(Input& input);
    void look_into(Input& input);
    void number(Frame& frame, const Input& input);
    std::span<const Frame> whole_batch();
    void merge();
    void begin_due();
    void begin(Input& input);
    void read_on(Input& input);
    void take_turn(Input& input);
    void finish(Input& input);
    void note_losses(const Input& input);

    std::atomic<bool> stop_ = false;
    bool ended_ = false;
    std::vector<Input> inputs_;
    std::vector<Input*> waiting_;  ///< not begun, the earliest at the back
    std::vector<Input*> begun_;    ///< a heap, the earliest frame in front
    Input* used_up_ = nullptr;  ///< its frames were delivered, so it may read on with the next call
    std::size_t waiting_open_ = 0;
    const Input* only_ = nullptr;  ///< all frames of the batch are of this one

    std::vector<Frame> frames_;
    std::uint64_t frames_read_ = 0;
    std::vector<Loss> losses_;
    std::vector<std::string> cut_offs_;
    Drops drops_of_finished_;
};

MergedFiles::MergedFiles(const std::vector<std::string>& paths,
                         const std::function<void()>& before_reading) {
    inputs_.reserve(paths.size());
    for (const std::string& path : paths) {
        Input& input = inputs_.emplace_back();
        input.path = path;
        input.index = inputs_.size() - 1;
        if (input.index < most_waiting_open) {
            input.octets = std::make_unique<FileInput>(path, stop_);
        }
    }
    if (before_reading) {
        before_reading();
    }
    for (Input& input : inputs_) {
        look_into(input);
        waiting_.push_back(&input);
    }
    std::ranges::sort(waiting_, std::ranges::greater{},
                      [](const Input* input) { return input->first_place(); });
}

void MergedFiles::open(Input& input) {
    const std::string name = name_of(input.path);
    auto octets =
        input.octets ? std::move(input.octets) : std::make_unique<FileInput>(input.path, stop_);
    input.size = octets->octets_total();
    input.file = std::make_unique<CaptureFile>(name, std::move(octets));
    input.batch = input.file->next_batch();
    input.next = 0;
}

/// Refuses what is no capture before the first frame is delivered, and learns when a file begins.
/// A file without frames is due at once, to say what else it holds.
void MergedFiles::look_into(Input& input) {
    open(input);
    input.first = input.used_up() ? base::Timestamp::min() : input.batch.front().time;
    const bool can_reopen = input.size.has_value() && input.path != "-";
    if (can_reopen && waiting_open_ == most_waiting_open) {
        input.file.reset();
        input.batch = {};
    } else {
        ++waiting_open_;
    }
}

void MergedFiles::note_losses(const Input& input) {
    for (Loss loss : input.file->losses()) {
        loss.from = std::max(loss.from, input.first);  // a file cannot lose what came before it
        losses_.push_back(loss);
    }
}

void MergedFiles::finish(Input& input) {
    // A file that was left because of `stop` is not cut off.
    if (!input.file->cut_off().empty() && !stop_.load(std::memory_order_relaxed)) {
        cut_offs_.push_back(input.file->cut_off());
    }
    drops_of_finished_ += input.file->drops();
    input.octets_read = input.file->octets_read();
    input.file.reset();
    input.batch = {};
}

/// Puts a file whose batch is at its beginning among those begun, or ends it if there is none.
void MergedFiles::take_turn(Input& input) {
    note_losses(input);
    if (input.used_up()) {
        finish(input);
        return;
    }
    begun_.push_back(&input);
    std::ranges::push_heap(begun_, later);
}

void MergedFiles::read_on(Input& input) {
    input.batch = input.file->next_batch();
    input.next = 0;
    take_turn(input);
}

void MergedFiles::begin(Input& input) {
    if (!input.file) {
        try {
            open(input);
        } catch (const base::Error& error) {
            // It was there a moment ago; the others are still worth reading.
            cut_offs_.emplace_back(error.what());
            return;
        }
    }
    take_turn(input);
}

void MergedFiles::begin_due() {
    while (!waiting_.empty() &&
           (begun_.empty() || waiting_.back()->first_place() < begun_.front()->place())) {
        Input& input = *waiting_.back();
        waiting_.pop_back();
        begin(input);
    }
}

/// Within the observation.
void MergedFiles::number(Frame& frame, const Input& input) {
    frame.number = ++frames_read_;
    frame.tap = static_cast<std::uint32_t>(input.index);
}

/// Takes frames in order of time until one file has no more at hand: its next ones would displace
/// those taken.
void MergedFiles::merge() {
    for (; !begun_.empty() && used_up_ == nullptr; begin_due()) {
        std::ranges::pop_heap(begun_, later);
        Input& input = *begun_.back();
        begun_.pop_back();
        only_ = frames_.empty() || only_ == &input ? &input : nullptr;
        const auto is_next = [&] {
            const Place place = input.place();
            return (begun_.empty() || place < begun_.front()->place()) &&
                   (waiting_.empty() || place < waiting_.back()->first_place());
        };
        do {
            number(frames_.emplace_back(input.batch[input.next++]), input);
        } while (!input.used_up() && is_next());
        if (input.used_up()) {
            used_up_ = &input;
        } else {
            begun_.push_back(&input);
            std::ranges::push_heap(begun_, later);
        }
    }
}

/// The batch of the only file that is not over: nothing comes between its frames.
std::span<const Frame> MergedFiles::whole_batch() {
    Input& input = *begun_.back();
    begun_.pop_back();
    for (Frame& frame : input.batch) {
        number(frame, input);
    }
    only_ = &input;
    used_up_ = &input;
    input.next = input.batch.size();
    return input.batch;
}

std::span<const Frame> MergedFiles::next_batch() {
    frames_.clear();
    losses_.clear();
    only_ = nullptr;
    if (stop_.load(std::memory_order_relaxed)) {
        ended_ = true;
        return {};
    }
    if (used_up_ != nullptr) {
        read_on(*std::exchange(used_up_, nullptr));
    }
    begin_due();
    if (begun_.size() == 1 && waiting_.empty() && begun_.back()->next == 0) {
        return whole_batch();
    }
    merge();
    ended_ = frames_.empty();
    return frames_;
}

Progress MergedFiles::progress() const noexcept {
    Progress sum{.octets_read = 0, .octets_total = 0};
    for (const Input& input : inputs_) {
        sum.octets_read += input.file ? input.file->octets_read() : input.octets_read;
        if (!input.size) {
            sum.octets_total.reset();
        } else if (sum.octets_total) {
            *sum.octets_total += *input.size;
        }
    }
    return sum;
}

Drops MergedFiles::drops() const noexcept {
    Drops sum = drops_of_finished_;
    for (const Input& input : inputs_) {
        if (input.file) {
            sum += input.file->drops();
        }
    }
    return sum;
}

std::string MergedFiles::describe() const {
    constexpr std::size_t most_names = 3;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < std::min(inputs_.size(), most_names); ++i) {
        names.push_back(name_of(inputs_[i].path));
    }
    const std::string text = fmt::format("{}", fmt::join(names, ", "));
    const std::size_t more = inputs_.size() - names.size();
    return more == 0 ? text
                     : fmt::format("{} and {} more file{}", text, more, more == 1 ? "" : "s");
}

}  // namespace

std::unique_ptr<Source> open_files(const std::vector<std::string>& paths,
                                   const std::function<void()>& before_reading) {
    if (paths.empty()) {
        throw base::Error(base::ExitStatus::usage, "no capture file was named");
    }
    if (std::ranges::count(paths, "-") > 1) {
        throw base::Error(base::ExitStatus::usage, "standard input (-) can be read only once");
    }
    return std::make_unique<MergedFiles>(paths, before_reading);
}

}  // namespace turnpike::capture
