// `turnpike analyze`: captures in, database and report out.
#include <fmt/core.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <future>
#include <iterator>
#include <memory>
#include <utility>

#include "app/catalog_choice.h"
#include "app/commands.h"
#include "app/confinement.h"
#include "app/engine.h"
#include "app/interrupt.h"
#include "app/new_run.h"
#include "app/output.h"
#include "app/process.h"
#include "app/progress.h"
#include "turnpike/attribute/attributor.h"
#include "turnpike/attribute/memo.h"
#include "turnpike/base/beside.h"
#include "turnpike/base/text.h"
#include "turnpike/capture/source.h"
#include "turnpike/guard/guard.h"
#include "turnpike/store/writer.h"
#include "turnpike/verdict/evaluate.h"

namespace turnpike::app {
namespace {

using base::Error;
using base::ExitStatus;

Reading read_source(capture::Source& source, Engine& engine, const AnalyzeOptions& options) {
    const InterruptGuard guard(source);
    ProgressLine progress(!options.quiet && errors_go_to_terminal());
    auto reading =
        engine.read([&](std::uint64_t frames) { progress.update(engine.progress(), frames); });
    if (InterruptGuard::interrupted()) {
        reading.breaks.push_back(
            fmt::format("{}: interrupted after {} packets; what was read was analysed",
                        source.describe(), reading.frames));
    }
    return reading;
}

// Captures are hostile, and so may be a database that is there already: before the first octet of
// any is read this process gives up all but reading its input and writing beside its database.
guard::Needs needs_of(const AnalyzeOptions& options) {
    auto needs = needs_of_writing(options.output);
    if (options.captures.size() > capture::most_files_opened_once) {
        std::ranges::copy_if(options.captures, std::back_inserter(needs.readable),
                             [](const std::string& path) { return path != "-"; });
    }
    needs.required = options.require_confinement;
    return needs;
}

inspect::Options inspect_options(const AnalyzeOptions& options, const catalog::Index& index) {
    inspect::Options inspection;
    inspection.is_server = [&index, known = std::make_shared<attribute::AddressMemo<bool>>()](
                               const base::IpAddress& address) {
        return index.may_match(address) &&
               known->get(address, [&] { return attribute::is_servers_network(index, address); });
    };
    inspection.is_vendors_name =
        [&index, known = std::make_shared<attribute::NameMemo<bool>>()](std::string_view name) {
            return known->get(name, [&] { return !attribute::rules_of_name(index, name).empty(); });
        };
    inspection.memory = options.memory;
    inspection.vlan_in_key = options.tell_vlans_apart;
    inspection.tunnel_in_key = options.tell_tunnels_apart;
    return inspection;
}

// Made for as long as the process lasts, which ends with this run: taking a million nodes apart
// would only make the user wait. Volatile, or compilers drop the pointer, and leak checkers find
// none.
template <typename Made, typename... Arguments>
Made& make_for_good(Arguments&&... arguments) {
    [[maybe_unused]] static const Made* volatile kept = nullptr;
    auto* const made = new Made(  // NOLINT(cppcoreguidelines-owning-memory)
        std::forward<Arguments>(arguments)...);
    kept = made;
    return *made;
}

// Two threads at work: a second one finds out where flows lead, then writes each kind of rows as
// soon as it is complete, while the steps of the evaluation go on.
void evaluate_and_write(store::Writer& writer, const facts::Observation& observation,
                        const catalog::Index& index, bool shared_names_need_support) {
    auto& evaluation = make_for_good<verdict::Evaluation>(
        observation, index,
        verdict::EvaluateOptions{.shared_names_need_support = shared_names_need_support});
    const auto destinations =
        std::async(base::beside, [&] { evaluation.find_destinations(); }).share();
    auto facts = std::async(base::beside, [&] {
        destinations.wait();
        writer.write_facts(observation);
    });
    evaluation.judge_flows();
    evaluation.find_destinations();  // what is left of them
    destinations.get();
    evaluation.compare_flows();
    facts.get();
    writer.begin_verdicts(observation, evaluation.result());
    auto flows = std::async(base::beside, [&] { writer.write_flow_verdicts(); });
    evaluation.roll_up();
    writer.help_with_flow_verdicts();
    flows.get();
    writer.write_summary();
}

/// The disk is full: what was analysed is reported all the same.
void show_unstored(const store::RunStart& start, const facts::Observation& observation,
                   const catalog::Index& index, const AnalyzeOptions& options, bool complete) {
    store::Writer writer(store::InMemory{});
    const auto run = writer.begin(start);
    evaluate_and_write(writer, observation, index, options.require.empty());
    writer.end(observation.quality, complete);
    auto reader = store::Reader::of_memory();
    show_run(reader, run, options);
}

void warn_of_link_types(const Reading& reading, const std::string& source) {
    for (const auto& [link_type, frames] : reading.unknown_link_types) {
        print_error(
            fmt::format("{}: {} of {} packets have link type {}, which turnpike does not "
                        "decode; they were left out",
                        source, frames, reading.frames, link_type_text(link_type)));
    }
}

// Nothing at all could be decoded: as good as no capture.
void require_something_decoded(const Reading& reading, const std::string& source) {
    if (reading.frames == 0 || reading.undecodable < reading.frames) {
        return;
    }
    throw Error(ExitStatus::bad_input,
                fmt::format("{}: link type {} is not one that turnpike decodes; capture on an "
                            "Ethernet, Wi-Fi or IP interface",
                            source, link_type_text(reading.unknown_link_types.begin()->first)));
}

// A file that is given twice would be read as two captures of the same packets.
AnalyzeOptions without_repeats(AnalyzeOptions options) {
    std::vector<std::string> once;
    for (const auto& path : options.captures) {
        const bool repeated = std::ranges::any_of(once, [&path](const std::string& earlier) {
            std::error_code error;
            return earlier == path || std::filesystem::equivalent(earlier, path, error);
        });
        if (repeated) {
            print_error(fmt::format("{}: is given twice; it is read once", base::escape(path)));
        } else {
            once.push_back(path);
        }
    }
    options.captures = std::move(once);
    return options;
}

}  // namespace

ExitStatus analyze(const AnalyzeOptions& given) {
    take_memory_in_large_pages();
    const auto options = without_repeats(given);
    const auto catalog =
        load_catalog(options.catalogs).apply(parse_settings(options.settings), options.require);
    const auto revisions = choose_revisions(catalog, options.require);
    const catalog::Index index(revisions, catalog.public_ech_names());
    spill_beside(options.output);
    const auto source =
        capture::open_files(options.captures, [&options] { confine_and_tell(needs_of(options)); });
    std::int64_t run = 0;
    Reading reading;
    const facts::Observation* read = nullptr;
    const auto start = run_start(options, source->describe());
    // Made before the packets are read: a place that cannot be written to is known at once.
    try {
        write_run(options.output, [&](store::Writer& writer) {
            run = writer.begin(start);
            auto& engine = make_for_good<Engine>(*source, inspect_options(options, index));
            reading = read_source(*source, engine, options);
            auto& observation = engine.observation();
            require_something_decoded(reading, source->describe());
            read = &observation;
            evaluate_and_write(writer, observation, index, options.require.empty());
            writer.end(observation.quality, reading.breaks.empty());
        });
    } catch (const Error& error) {
        if (error.status() == ExitStatus::io_error && read != nullptr && !options.quiet) {
            try {
                show_unstored(start, *read, index, options, reading.breaks.empty());
            } catch (const std::exception& also) {
                print_error(also.what());
            }
        }
        throw;
    }
    warn_of_link_types(reading, source->describe());
    const auto status = show_new_run(options.output, run, options);
    for (const auto& line : reading.breaks) {
        print_error(line);
    }
    return reading.breaks.empty() ? status : ExitStatus::io_error;
}

}  // namespace turnpike::app
