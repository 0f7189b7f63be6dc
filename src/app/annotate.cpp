// `turnpike report --annotate` and `--anonymize`: reads the capture again, and writes the
// packets that are wanted with their comments or without names.
#include "app/annotate.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <new>

#include "app/anonymous.h"
#include "app/confinement.h"
#include "app/memory_option.h"
#include "app/output.h"
#include "app/verb.h"
#include "turnpike/base/printable.h"
#include "turnpike/base/text.h"
#include "turnpike/capture/pcapng_writer.h"
#include "turnpike/capture/source.h"
#include "turnpike/report/annotations.h"
#include "turnpike/store/reader.h"
#include "turnpike/wire/decoder.h"

namespace turnpike::app {
namespace {

using base::Error;
using base::ExitStatus;

Verb annotate_verb() {
    Verb verb{
        "report", "DATABASE --annotate CAPTURE... --output MARKED.pcapng [options]",
        po::options_description("Options"),
        "Writes the capture that a run read once more, with a comment at every packet that a\n"
        "verdict rests on and the headlines as the comment of the section. In Wireshark the\n"
        "filter frame.comment shows them.\n",
        ""};
    verb.options.add_options()
        // clang-format off
        ("annotate", po::value<Words>()->composing()->multitoken()->zero_tokens()->value_name("CAPTURE"),
         "the capture that the run read, or each of them")
        ("output,o", po::value<std::string>()->value_name("FILE"),
         "the pcapng file to write, which must not exist yet")
        ("run", po::value<std::int64_t>()->value_name("ID"), "the run (default: the newest)")
        ("evidence-only", "write only the flows that requirements rest on, and what was blocked")
        ("anonymize", "other addresses, no names but vendors', no payload; see report --help")
        ("key", po::value<std::string>()->value_name("FILE"),
         "with --anonymize: the key, made if there is none; the same key gives the same pseudonyms")
        ("catalog", po::value<Words>()->composing()->value_name("DIR"),
         "with --anonymize: whose names may stay (default: the built-in catalog and your own)")
        ("help,h", "print this help");
    // clang-format on
    add_report_memory_option(verb.options);
    return verb;
}

store::RunRow run_of(store::Reader& reader, std::optional<std::int64_t> wanted) {
    const auto runs = reader.runs();
    const auto found = wanted         ? std::ranges::find(runs, *wanted, &store::RunRow::run_id)
                       : runs.empty() ? runs.end()
                                      : runs.end() - 1;
    if (found == runs.end()) {
        throw Error(wanted ? ExitStatus::usage : ExitStatus::bad_input,
                    wanted ? fmt::format("--run {}: there is no such run in {}; see 'turnpike "
                                         "report --list'",
                                         *wanted, reader.path().string())
                           : fmt::format("{}: holds no run yet", reader.path().string()));
    }
    return *found;
}

/// Follows the frames of the capture and writes those that are wanted.
class Annotation {
  public:
    /// Without an anonymizer frames stay as they are.
    Annotation(const AnnotateOptions& options, const store::RunRow& run,
               report::Annotations annotations, anonymize::Anonymizer* anonymizer)
        : options_(options),
          run_(run),
          annotations_(std::move(annotations)),
          anonymizer_(anonymizer) {}

    void write() {
        const auto source = capture::open_files(options_.captures);
        capture::PcapngWriter writer(options_.output, clean(annotations_.headline));
        while (!source->ended()) {
            for (const auto& frame : source->next_batch()) {
                take(frame, writer);
            }
        }
        require_same_capture(*source);
        writer.finish();
        for (const auto& line : source->cut_offs()) {
            print_error(line);
        }
    }
    [[nodiscard]] std::uint64_t comments() const noexcept { return comments_; }

  private:
    [[nodiscard]] std::string clean(const std::string& text) {
        return anonymizer_ != nullptr ? anonymizer_->text(text) : text;
    }

    void take(const capture::Frame& frame, capture::PcapngWriter& writer) {
        ++frames_;
        first_ = first_.value_or(frame.time);
        earliest_ = std::min(earliest_.value_or(frame.time), frame.time);
        wire::Packet packet;
        const auto decoded = decoder_.decode(frame.link_type, frame.bytes, frame.wire_length,
                                             frame.time, frame.number, packet);
        const auto found = annotations_.comments.find(frame.number);
        const bool noted = found != annotations_.comments.end();
        if (options_.evidence_only && !noted && !(decoded && is_evidence(packet))) {
            return;
        }
        comments_ += noted ? 1 : 0;
        const auto comment = noted ? clean(found->second) : std::string();
        if (anonymizer_ == nullptr) {
            writer.write(frame, comment);
            return;
        }
        const auto written =
            decoded ? anonymizer_->packet(packet) : anonymize::Anonymizer::other(frame.wire_length);
        writer.write({frame.time, frame.number, wire::link_type_ethernet, written.wire_length,
                      frame.tap, written.octets},
                     comment);
    }

    /// Part of a flow that counts, or an error about one.
    [[nodiscard]] bool is_evidence(const wire::Packet& packet) const {
        const auto counts = [this](std::uint8_t protocol, const base::Endpoint& a,
                                   const base::Endpoint& b) {
            return annotations_.evidence.contains(
                report::conversation(protocol == wire::ip_protocol::tcp ? "tcp" : "udp", a, b));
        };
        const auto& quoted = packet.icmp.quoted;
        return packet.transport == wire::TransportKind::icmp
                   ? quoted && counts(quoted.protocol, quoted.source, quoted.destination)
                   : counts(packet.protocol, packet.source_endpoint(),
                            packet.destination_endpoint());
    }

    /// Packet numbers mean nothing in another capture.
    void require_same_capture(const capture::Source& source) const {
        const auto text_of = [](const std::optional<base::Timestamp>& time) {
            return time ? base::format_iso8601(*time) : std::string();
        };
        // Of a capture whose clock was set back they differ; a run knows the one or the other.
        const auto first = text_of(first_);
        if (frames_ != run_.packets ||
            (first != run_.first_packet && text_of(earliest_) != run_.first_packet)) {
            throw Error(ExitStatus::bad_input,
                        fmt::format("{}: is not what run {} read ({}: {} packets from {}, here {} "
                                    "from {}); give the same captures",
                                    source.describe(), run_.run_id, base::escape(run_.source),
                                    run_.packets, run_.first_packet, frames_, first));
        }
    }

    const AnnotateOptions& options_;
    const store::RunRow& run_;
    report::Annotations annotations_;
    anonymize::Anonymizer* anonymizer_;
    wire::PacketDecoder decoder_;
    std::uint64_t frames_ = 0;
    std::uint64_t comments_ = 0;
    std::optional<base::Timestamp> first_;
    std::optional<base::Timestamp> earliest_;
};

std::unique_ptr<anonymize::Anonymizer> anonymizer_of(const AnnotateOptions& options) {
    if (!options.anonymize) {
        return nullptr;
    }
    const auto vendors = std::make_shared<const VendorNames>(options.catalogs);
    return std::make_unique<anonymize::Anonymizer>(
        anonymization_key(options.key),
        [vendors](std::string_view name) { return vendors->contains(name); });
}

/// The database and the captures may come from anybody: before the first octet this process gives
/// up all but reading them and writing beside the output.
void confine_annotating(const AnnotateOptions& options) {
    auto needs = needs_of_reading(options.database);
    std::error_code ignored;
    for (const auto& path : options.captures) {
        if (path != "-" && std::filesystem::exists(path, ignored)) {
            needs.readable.emplace_back(path);
        }
    }
    needs.writable.push_back(std::filesystem::absolute(options.output).parent_path());
    confine_and_tell(needs);
}

ExitStatus annotate_confined(const AnnotateOptions& options, anonymize::Anonymizer* anonymizer) {
    store::Reader reader(options.database);
    const auto run = run_of(reader, options.run);
    auto annotations = report::annotate(reader, run);
    const auto promised = annotations.comments.size();
    Annotation annotation(options, run, std::move(annotations), anonymizer);
    annotation.write();
    write_out(fmt::format("{}: comments at {}\n", base::escape(options.output.string()),
                          base::counted(annotation.comments(), "packet")));
    flush_out();
    return annotation.comments() == promised ? ExitStatus::done : ExitStatus::io_error;
}

bool holds(const std::vector<std::string>& arguments, std::string_view option) {
    return std::ranges::any_of(arguments, [option](const std::string& word) {
        return word == option || word.starts_with(std::string(option) + "=");
    });
}

}  // namespace

bool is_annotation(const std::vector<std::string>& arguments) {
    return holds(arguments, "--annotate");
}

std::optional<AnnotateOptions> parse_annotation(const std::vector<std::string>& arguments) {
    const auto map = parse(annotate_verb(), arguments);
    if (!map) {
        return std::nullopt;
    }
    AnnotateOptions options;
    options.captures = list(*map, "annotate");
    auto words = list(*map, "arguments");
    if (words.empty() && options.captures.size() > 1) {
        // "--annotate CAPTURE DATABASE": the last word of an option of many is the argument.
        words.push_back(options.captures.back());
        options.captures.pop_back();
    }
    if (words.size() != 1 || options.captures.empty()) {
        wrong_usage("report --annotate: give one database, and the captures that its run read");
    }
    options.database = words[0];
    options.output = get<std::string>(*map, "output");
    if (options.output.empty()) {
        wrong_usage("report --annotate: give the pcapng file to write with --output");
    }
    if (map->contains("run")) {
        options.run = (*map)["run"].as<std::int64_t>();
    }
    options.evidence_only = map->contains("evidence-only");
    options.anonymize = map->contains("anonymize");
    options.key = get<std::string>(*map, "key");
    options.memory = memory_of(*map);
    options.catalogs = paths(*map, "catalog");
    if (!options.anonymize && (!options.key.empty() || !options.catalogs.empty())) {
        wrong_usage("--key and --catalog: mean nothing without --anonymize");
    }
    return options;
}

ExitStatus annotate_capture(const AnnotateOptions& options) {
    const auto anonymizer = anonymizer_of(options);
    bound_memory(options.memory);
    confine_annotating(options);
    try {
        return annotate_confined(options, anonymizer.get());
    } catch (const std::bad_alloc&) {
        throw needs_more_memory(options.database);
    }
}

}  // namespace turnpike::app
