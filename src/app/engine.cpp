// Reads a source to its end: gives batches of frames to the inspector, and tells it of losses.
#include "app/engine.h"

#include <fmt/core.h>

#include <new>

#include "app/process.h"
#include "turnpike/base/error.h"

namespace turnpike::app {
namespace {

/// A counter that was read now and then must have grown by more than a thousandth of the packets to
/// put the whole stretch in doubt (docs/verdicts.md, "Inconclusive"). What it counted is counted
/// anyhow, by Source::drops.
bool is_significant(const capture::Loss& loss) noexcept {
    constexpr std::uint64_t tolerable = 1000;
    return loss.delivered == 0 || loss.frames > loss.delivered / tolerable;
}

}  // namespace

Reading Engine::read(const std::function<void(std::uint64_t)>& after_batch) {
    try {
        read_batches(after_batch);
    } catch (const base::Error& error) {
        reading_.breaks.emplace_back(error.what());
    } catch (const std::bad_alloc&) {
        reserve_.reset();  // to judge and store with
        reading_.breaks.push_back(fmt::format(
            "{}: out of memory after {} packets; what was read was analysed: give more (ulimit "
            "-v), or fewer files at a time",
            source_->describe(), reading_.frames));
    } catch (...) {
        source_.reset();  // its thread uses what the caller is about to take apart
        throw;
    }
    give_memory_back_soon();
    finish();
    source_.reset();
    return std::move(reading_);
}

void Engine::read_batches(const std::function<void(std::uint64_t)>& after_batch) {
    while (!source_->ended()) {
        reading_.frames += source_->next_batch();
        for (const auto& loss : source_->losses()) {
            if (is_significant(loss)) {
                inspector_.lost(loss.frames, loss.from, loss.to);
            }
        }
        intake_.take(source_->batch());
        source_->wrote(inspector_.newest_flow());
        after_batch(reading_.frames);
    }
}

void Engine::finish() {
    for (const auto& line : source_->cut_offs()) {
        reading_.breaks.push_back(line);
    }
    if (!reading_.breaks.empty()) {
        inspector_.cut_off();
    }
    intake_.tell(source_->hidden(), true);
    inspector_.finish();
    auto& quality = inspector_.observation().quality;
    // Losses say where; the counters say how many, each frame once.
    if (const auto drops = source_->drops(); drops.known) {
        quality.dropped = drops.total();
    }
    reading_.unknown_link_types = intake_.unknown_link_types();
    for (const auto& [link_type, frames] : reading_.unknown_link_types) {
        reading_.undecodable += frames;
        quality.problems.push_back({"link type " + link_type_text(link_type), "not known", frames});
    }
}

}  // namespace turnpike::app
