// Command lines: what each verb accepts, read with Boost.Program_options, whose headers stay inside
// command_line.cpp.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/catalog_fetch.h"
#include "turnpike/base/ip_address.h"
#include "turnpike/base/time.h"
#include "turnpike/capture/live.h"
#include "turnpike/catalog/export.h"
#include "turnpike/catalog/import.h"
#include "turnpike/monitor/metrics_server.h"
#include "turnpike/report/report.h"
#include "turnpike/store/rotation.h"
#include "turnpike/verdict/result.h"

namespace turnpike::app {

/// `--fail-on`: what makes the exit status 1.
struct FailOn {
    std::set<verdict::Status> statuses;  ///< of required requirements
    bool nothing_seen = false;           ///< no product that counts was seen

    /// Whether any outcome makes the program fail.
    [[nodiscard]] bool asks() const noexcept { return nothing_seen || !statuses.empty(); }
};

/// `turnpike analyze`, and what other verbs share with it.
struct AnalyzeOptions {
    std::vector<std::string> captures;
    std::vector<std::string> require;
    std::vector<std::filesystem::path> catalogs;  ///< empty: the built-in one
    std::vector<std::string> settings;            ///< NAME=VALUE
    bool tell_vlans_apart = false;  ///< equal addresses in other VLANs are other hosts
    bool tell_tunnels_apart = false;
    std::size_t memory = 0;  ///< octets for facts and verdicts; 0: no bound
    std::filesystem::path output = "turnpike.db";
    report::Format format = report::Format::text;
    FailOn fail_on;
    bool quiet = false;
    bool all = false;         ///< rows without traffic one by one
    bool local_time = false;  ///< times in this machine's zone
    bool require_confinement = false;
};

/// `--web` and what belongs to it.
struct WebCommand {
    base::Endpoint endpoint;
    std::string name;                   ///< what browsers may call this machine, too
    std::filesystem::path token_file;   ///< empty: none is needed
    std::filesystem::path certificate;  ///< empty: no TLS
    std::filesystem::path key;
};

/// `turnpike live`.
struct LiveCommand {
    AnalyzeOptions judging;  ///< without captures
    capture::LiveOptions capture;
    std::string inner_filter;  ///< applied to the innermost packet; empty: everything
    std::optional<base::Duration> duration;
    std::uint64_t packets = 0;  ///< to end after; 0: no end
    store::RotationRule rotate;
    std::size_t keep = 8;                            ///< rotated databases
    std::optional<monitor::MetricsAddress> metrics;  ///< where to serve /metrics
    std::optional<std::string> user;
    bool json_lines = false;
    bool list = false;              ///< only list the interfaces
    std::optional<WebCommand> web;  ///< where to serve the page
};

/// `turnpike report`.
struct ReportOptions {
    std::filesystem::path database;
    std::optional<std::int64_t> run;  ///< nothing: the newest
    std::string explain;              ///< a flow or requirement to explain; empty: the whole report
    std::vector<std::string> require;
    report::Format format = report::Format::text;
    FailOn fail_on;
    bool quiet = false;
    bool all = false;         ///< rows without traffic one by one
    bool local_time = false;  ///< times in this machine's zone
    bool require_confinement = false;
    std::size_t memory = 0;  ///< octets that the report may take
};

/// `turnpike catalog` and its actions.
struct CatalogOptions {
    enum class Action : std::uint8_t {
        list,
        show,
        check,
        diff,
        new_entry,
        export_rules,
        import_file,
        refresh,
        update
    };
    Action action = Action::list;
    std::vector<std::string> arguments;  ///< selectors of show; files or directories of check, ...
    std::vector<std::filesystem::path> catalogs;
    std::string format;  ///< empty: the action's own
    bool quiet = false;
    std::vector<std::string> require;   ///< of export
    std::vector<std::string> settings;  ///< of export, NAME=VALUE
    std::filesystem::path blocked;      ///< of export: a result database
    std::filesystem::path seen;         ///< of export: the same, for addresses only
    std::optional<std::int64_t> run;    ///< of export: of either; else its newest run
    catalog::ExportChoice choice;       ///< of export
    catalog::ExportSides sides;         ///< of export
    std::filesystem::path output;       ///< of new and import; empty: standard output
    catalog::ImportOptions import_options;
    std::chrono::days stale_after{};  ///< of check, for every entry; 0: not asked
    std::string from;    ///< of refresh and update: a file; of update also an https address
    bool yes = false;    ///< of refresh: nobody is asked
    std::string key;     ///< of update: a public key or its file; empty: those installed
    FetchLimits limits;  ///< of refresh and update
};

/// Each returns nothing if the command line only asked for help, which has been printed then.
/// `arguments` are the words after the verb. Throws base::Error (usage).
std::optional<AnalyzeOptions> parse_analyze(const std::vector<std::string>& arguments);
std::optional<LiveCommand> parse_live(const std::vector<std::string>& arguments);
std::optional<ReportOptions> parse_report(const std::vector<std::string>& arguments);
std::optional<CatalogOptions> parse_catalog(const std::vector<std::string>& arguments);

/// The text of `turnpike --help`.
std::string_view general_help() noexcept;

/// The candidate nearest to a mistyped word, if one is near enough to be meant.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace turnpike::app
