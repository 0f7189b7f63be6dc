// `turnpike compare`: reads both captures, compares and judges them, and stores one run.
#include "app/compare.h"

#include <fmt/core.h>

#include <filesystem>

#include "app/catalog_choice.h"
#include "app/confinement.h"
#include "app/engine.h"
#include "app/interrupt.h"
#include "app/new_run.h"
#include "app/output.h"
#include "app/progress.h"
#include "turnpike/attribute/attributor.h"
#include "turnpike/base/text.h"
#include "turnpike/capture/source.h"
#include "turnpike/compare/compare.h"
#include "turnpike/guard/guard.h"
#include "turnpike/store/comparison.h"
#include "turnpike/store/writer.h"
#include "turnpike/verdict/evaluate.h"
#include "turnpike/wire/decoder.h"

namespace turnpike::app {
namespace {

using base::Error;
using base::ExitStatus;

/// A source whose packets are remembered as they go by.
class WatchedSource : public capture::Source {
  public:
    WatchedSource(capture::Source& source, compare::Recorder& recorder)
        : source_(source), recorder_(recorder) {}

    std::span<const capture::Frame> next_batch() override {
        const auto batch = source_.next_batch();
        wire::Packet packet;
        for (const auto& frame : batch) {
            const auto decoded = decoder_.decode(frame.link_type, frame.bytes, frame.wire_length,
                                                 frame.time, frame.number, packet);
            if (decoded && !decoded.damaged) {
                recorder_.take(packet);
            }
        }
        return batch;
    }
    [[nodiscard]] std::shared_ptr<const void> keep_octets() override {
        return source_.keep_octets();
    }
    [[nodiscard]] bool ended() const noexcept override { return source_.ended(); }
    [[nodiscard]] capture::Progress progress() const noexcept override {
        return source_.progress();
    }
    [[nodiscard]] capture::Drops drops() const noexcept override { return source_.drops(); }
    [[nodiscard]] std::span<const capture::Loss> losses() const noexcept override {
        return source_.losses();
    }
    [[nodiscard]] std::span<const std::string> cut_offs() const noexcept override {
        return source_.cut_offs();
    }
    [[nodiscard]] std::string describe() const override { return source_.describe(); }
    void stop() noexcept override { source_.stop(); }

  private:
    capture::Source& source_;
    compare::Recorder& recorder_;
    wire::PacketDecoder decoder_;
};

/// One of the captures, from its file to its facts.
class CaptureSide {
  public:
    CaptureSide(const std::string& path, bool quiet)
        : source_(capture::open_files({path})), quiet_(quiet) {}

    void read(const inspect::Options& inspection) {
        WatchedSource watched(*source_, recorder_);  // on the thread that reads ahead
        engine_.emplace(watched, inspection);
        const InterruptGuard guard(watched);
        ProgressLine progress(!quiet_ && errors_go_to_terminal());
        reading_ = engine_->read(
            [&](std::uint64_t frames) { progress.update(engine_->progress(), frames); });
        if (InterruptGuard::interrupted()) {
            reading_.breaks.push_back(
                fmt::format("{}: interrupted after {} packets; what was read was compared",
                            source_->describe(), reading_.frames));
        }
        require_packets();
        recorder_.assign(engine_->observation());
    }
    [[nodiscard]] const facts::Observation& observation() { return engine_->observation(); }
    [[nodiscard]] compare::Side side() { return {engine_->observation(), recorder_}; }
    [[nodiscard]] const std::vector<std::string>& breaks() const noexcept {
        return reading_.breaks;
    }
    [[nodiscard]] std::string name() const { return source_->describe(); }

  private:
    void require_packets() const {
        if (reading_.frames == 0) {
            throw Error(ExitStatus::bad_input,
                        fmt::format("{}: holds no packet; capture while the call goes on",
                                    source_->describe()));
        }
        if (reading_.undecodable == reading_.frames) {
            throw Error(ExitStatus::bad_input,
                        fmt::format("{}: link type {} is not one that turnpike decodes; capture on "
                                    "an Ethernet, Wi-Fi or IP interface",
                                    source_->describe(),
                                    link_type_text(reading_.unknown_link_types.begin()->first)));
        }
    }

    std::unique_ptr<capture::Source> source_;
    bool quiet_;
    compare::Recorder recorder_;
    std::optional<Engine> engine_;
    Reading reading_;
};

facts::Comparison fit_together(CaptureSide& inside, CaptureSide& outside) {
    try {
        return compare::compare(inside.side(), outside.side());
    } catch (const Error& error) {
        throw Error(error.status(),
                    fmt::format("{} and {}: {}", inside.name(), outside.name(), error.what()));
    }
}

/// Captures are hostile, and so may be a database that is there already: before the first octet of
/// any is read this process gives up all but reading the two and writing beside the database.
void confine(const CompareOptions& options) {
    spill_beside(options.judging.output);
    auto needs = needs_of_writing(options.judging.output);
    for (const auto& path : {options.inside, options.outside}) {
        std::error_code ignored;
        if (path != "-" && std::filesystem::exists(path, ignored)) {
            needs.readable.emplace_back(path);
        }
    }
    needs.required = options.judging.require_confinement;
    confine_and_tell(needs);
}

/// Reads, compares, judges and stores; the run's number.
std::int64_t compare_and_write(const CompareOptions& options, const catalog::Index& index,
                               CaptureSide& inside, CaptureSide& outside) {
    const auto& judging = options.judging;
    inspect::Options inspection;
    inspection.is_server = [&index](const base::IpAddress& address) {
        return attribute::is_servers_network(index, address);
    };
    inspection.vlan_in_key = judging.tell_vlans_apart;
    inspection.tunnel_in_key = judging.tell_tunnels_apart;
    // Read before the database is made: captures that do not fit together leave no run behind.
    inside.read(inspection);
    outside.read(inspection);
    const auto comparison = fit_together(inside, outside);
    const auto& observation = inside.observation();
    std::vector<verdict::Fate> fates;
    const auto result = verdict::evaluate(observation, index,
                                          {.shared_names_need_support = judging.require.empty(),
                                           .comparison = &comparison,
                                           .fates = &fates});
    std::int64_t run = 0;
    write_run(judging.output, [&](store::Writer& writer) {
        run = writer.begin(run_start(judging, fmt::format("{} (inside) against {} (outside)",
                                                          inside.name(), outside.name())));
        writer.write_facts(observation);
        writer.write_verdicts(observation, result);
        store::write_comparison(
            judging.output, {run, inside.name(), outside.name(), observation, comparison, fates});
        writer.end(observation.quality, inside.breaks().empty() && outside.breaks().empty());
    });
    return run;
}

}  // namespace

ExitStatus compare_captures(const CompareOptions& options) {
    const auto& judging = options.judging;
    const auto catalog =
        load_catalog(judging.catalogs).apply(parse_settings(judging.settings), judging.require);
    const catalog::Index index(choose_revisions(catalog, judging.require),
                               catalog.public_ech_names());
    confine(options);
    CaptureSide inside(options.inside, judging.quiet);
    CaptureSide outside(options.outside, judging.quiet);
    const auto run = compare_and_write(options, index, inside, outside);
    const auto status = show_new_run(judging.output, run, judging);
    auto breaks = inside.breaks();
    breaks.insert(breaks.end(), outside.breaks().begin(), outside.breaks().end());
    for (const auto& line : breaks) {
        print_error(line);
    }
    return breaks.empty() ? status : ExitStatus::io_error;
}

}  // namespace turnpike::app
