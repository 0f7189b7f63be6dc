// `turnpike live`: an interface in, a database that grows and a report at the end out.
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>

#include "app/commands.h"
#include "app/confinement.h"
#include "app/live_bounds.h"
#include "app/live_database.h"
#include "app/live_display.h"
#include "app/live_list.h"
#include "app/live_page.h"
#include "app/live_run.h"
#include "app/live_signals.h"
#include "app/new_run.h"
#include "app/output.h"
#include "app/resident_memory.h"
#include "app/web_token.h"
#include "turnpike/attribute/attributor.h"
#include "turnpike/base/text.h"
#include "turnpike/guard/guard.h"
#include "turnpike/monitor/metrics.h"
#include "turnpike/monitor/metrics_server.h"
#include "turnpike/monitor/notify.h"
#include "turnpike/monitor/summary.h"

namespace turnpike::app {
namespace {

using base::Error;
using base::ExitStatus;

inspect::Options inspect_options(const LiveCommand& command, const LiveBounds& bounds,
                                 std::shared_ptr<inspect::LookAhead> look_ahead,
                                 const std::shared_ptr<const LiveCatalog>& catalog) {
    inspect::Options options;
    options.vlan_in_key = command.judging.tell_vlans_apart;
    options.tunnel_in_key = command.judging.tell_tunnels_apart;
    options.harvested = true;
    options.max_flows = bounds.followed;
    options.memory = bounds.inspected;
    options.is_vendors_name = [catalog](std::string_view name) {
        return !attribute::rules_of_name(catalog->index(), name).empty();
    };
    options.shared_look_ahead = std::move(look_ahead);
    // Of the catalog at the start: a flow keeps its client, whatever is read again later.
    options.is_server = [catalog](const base::IpAddress& address) {
        return attribute::is_servers_network(catalog->index(), address);
    };
    return options;
}

guard::Needs needs_of(const LiveCommand& command,
                      const std::vector<std::filesystem::path>& catalog_places) {
    auto needs = needs_of_writing(command.judging.output);
    needs.readable = catalog_places;
    needs.user = command.user;
    needs.packet_sockets = true;
    needs.required = command.judging.require_confinement;
    needs.accept = command.metrics || command.web;
    if (command.metrics) {
        need_socket(command.metrics->path, needs);
    }
    if (command.web && !command.web->token_file.empty()) {
        needs.hand_over.push_back(command.web->token_file);  // to be read at the next start, too
    }
    return needs;
}

std::unique_ptr<InnerFilter> inner_filter(const LiveCommand& command) {
    return command.inner_filter.empty() ? nullptr
                                        : std::make_unique<InnerFilter>(command.inner_filter);
}

std::unique_ptr<monitor::MetricsServer> metrics_server(const LiveCommand& command) {
    return command.metrics ? std::make_unique<monitor::MetricsServer>(*command.metrics) : nullptr;
}

std::string content_of(const std::filesystem::path& file) {
    if (file.empty()) {
        return {};
    }
    std::ifstream in(file, std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(in), {});
    if (!in || text.empty()) {
        throw Error(ExitStatus::cannot_open,
                    fmt::format("{}: cannot be read; check that it is there and its permissions",
                                base::escape(file.string())));
    }
    return text;
}

std::unique_ptr<LivePage> live_page(const LiveCommand& command) {
    if (!command.web) {
        return nullptr;
    }
    const auto& web = *command.web;
    monitor::WebOptions options{.endpoint = web.endpoint,
                                .name = web.name,
                                .token = {},
                                .certificate = content_of(web.certificate),
                                .key = content_of(web.key)};
    WebToken token;
    if (!web.token_file.empty()) {
        token = web_token(web.token_file);
        options.token = token.text;
    }
    report::Options shown;
    shown.local_time = command.judging.local_time;
    shown.all = command.judging.all;
    auto page = std::make_unique<LivePage>(std::move(options), command.judging.output, shown);
    if (token.fresh) {
        print_error(fmt::format("open {}?token={} (shown this once; it is kept in {})",
                                page->where(), token.text, base::escape(web.token_file.string())));
    }
    return page;
}

/// Whatever can be wrong is found out before the database is made: none is left behind then.
std::vector<std::unique_ptr<capture::Source>> open_sources(const LiveCommand& command,
                                                           const guard::Needs& needs) {
    guard::check(needs);
    return capture::open_live(command.capture);
}

/// Everything of a live run that is opened before the process gives up its rights, and what then
/// goes on with it.
class Live {
  public:
    explicit Live(const LiveCommand& command);
    ExitStatus run();

  private:
    void tell_confinement();
    void show(const monitor::State& state);
    void each_turn();
    void reload();
    ExitStatus finish(bool stored);
    ExitStatus report();

    const LiveCommand& command_;
    std::vector<std::filesystem::path> places_;
    std::shared_ptr<const LiveCatalog> catalog_;
    std::unique_ptr<InnerFilter> filter_;
    std::vector<std::unique_ptr<capture::Source>> sources_;
    std::unique_ptr<monitor::MetricsServer> metrics_server_;
    std::unique_ptr<LivePage> page_;
    monitor::Notifier notifier_;
    LiveDisplay display_;
    ResidentMemory memory_;
    guard::Confinement confinement_;  ///< all above is opened before it, nothing below
    LiveDatabase database_;
    monitor::Metrics metrics_;
    LiveState state_;
    LiveBounds bounds_;
    LiveJudgement judgement_;
    PacketBudget budget_;
    Rounds rounds_;
    std::shared_ptr<inspect::LookAhead> look_ahead_ = std::make_shared<inspect::LookAhead>();
    std::vector<std::unique_ptr<LiveWorker>> workers_;
    std::optional<LiveRun> run_;
    std::chrono::steady_clock::time_point started_;
    std::chrono::steady_clock::time_point alive_;
};

Live::Live(const LiveCommand& command)
    : command_(command),
      places_(catalog_places(command.judging.catalogs)),
      catalog_(std::make_shared<LiveCatalog>(places_, command.judging)),
      // NOLINTBEGIN(clang-analyzer-cplusplus.NewDeleteLeaks): where a later one throws, they go
      filter_(inner_filter(command)),
      sources_(open_sources(command, needs_of(command, places_))),
      metrics_server_(metrics_server(command)),
      // NOLINTEND(clang-analyzer-cplusplus.NewDeleteLeaks)
      page_(live_page(command)),
      display_(command),
      confinement_(guard::confine(needs_of(command, places_))),
      database_(command.judging.output, run_start(command.judging, sources_.front()->describe()),
                command.rotate, command.keep),
      metrics_(std::string(version())),
      state_(sources_.front()->describe(), command.judging.output.string()),
      bounds_(live_bounds(command.judging.memory, sources_.size())),
      judgement_(catalog_, command.judging.require.empty(), bounds_.window),
      budget_(command.packets),
      rounds_(sources_.size(), bounds_.backlog),
      started_(std::chrono::steady_clock::now()),
      alive_(started_) {
    for (std::size_t i = 0; i < sources_.size(); ++i) {
        workers_.push_back(std::make_unique<LiveWorker>(
            i, *sources_[i], inspect_options(command, bounds_, look_ahead_, catalog_),
            filter_.get(), budget_, rounds_));
    }
    run_.emplace(workers_, rounds_, *look_ahead_, judgement_, database_, state_,
                 LiveRun::Hooks{[this](const monitor::State& state) { show(state); },
                                [this] { each_turn(); }, [this] { return memory_.octets(); }});
}

ExitStatus Live::run() {
    std::vector<capture::Source*> sources;
    sources.reserve(sources_.size());
    for (const auto& source : sources_) {
        sources.push_back(source.get());
    }
    const LiveSignals signals(sources);
    tell_confinement();
    if (metrics_server_) {
        metrics_server_->start();
        run_->notice(fmt::format("metrics are at {}", metrics_server_->where()));
    }
    if (page_) {
        page_->start();
        run_->notice(
            fmt::format("the page is at {}{}", page_->where(),
                        command_.web->token_file.empty()
                            ? std::string()
                            : fmt::format("; its token is in {}",
                                          base::escape(command_.web->token_file.string()))));
    }
    notifier_.ready();
    const bool stored = run_->run();
    notifier_.stopping();
    if (page_) {
        page_->stop();  // before the database is closed: nobody else reads it then
    }
    display_.close();
    return finish(stored);
}

void Live::tell_confinement() {
    for (const auto& note : confinement_.notes) {
        run_->notice(note);
    }
    for (const auto& reason : confinement_.missing) {
        run_->notice(fmt::format("not confined in full: {}", reason));
    }
    if (!notifier_.problem().empty()) {
        run_->notice(notifier_.problem());
    }
}

void Live::show(const monitor::State& state) {
    display_.update(state);
    if (display_.nobody_left()) {
        run_->stop();
    }
    if (metrics_server_) {
        metrics_.update(state);
        metrics_server_->publish(metrics_.text());
    }
    if (page_) {
        page_->news();
    }
    notifier_.status(monitor::summary_line(state, nullptr));
}

void Live::each_turn() {
    const auto now = std::chrono::steady_clock::now();
    if (LiveSignals::ended()) {
        run_->stop();
    }
    if (command_.duration && now - started_ >= *command_.duration) {
        run_->stop();
    }
    if (budget_.spent()) {
        run_->stop();  // workers without packets would wait for some
    }
    if (const auto interval = notifier_.interval(); interval && now - alive_ >= *interval) {
        notifier_.watchdog();
        alive_ = now;
    }
    if (LiveSignals::take_hangup()) {
        reload();
    }
    if (LiveSignals::take_user1()) {
        const auto text = monitor::state_text(state_.state());
        std::fwrite(text.data(), 1, text.size(), stderr);
        std::fflush(stderr);
    }
}

void Live::reload() {
    notifier_.reloading();
    try {
        judgement_.use(std::make_shared<LiveCatalog>(places_, command_.judging));
        run_->notice("the catalog was read again");
    } catch (const std::exception& error) {  // whatever it is, the run goes on
        run_->notice(fmt::format("the catalog stays as it was: {}", error.what()));
    }
    notifier_.ready();
}

ExitStatus Live::finish(bool stored) {
    std::vector<std::string> breaks;
    for (const auto& worker : workers_) {
        std::ranges::copy(worker->breaks(), std::back_inserter(breaks));
        for (const auto& [link_type, frames] : worker->intake().unknown_link_types()) {
            print_error(
                fmt::format("{}: {} packets have link type {}, which turnpike does not "
                            "decode; they were left out",
                            sources_.front()->describe(), frames, link_type_text(link_type)));
        }
    }
    if (display_.unwritten()) {
        breaks.emplace_back(
            "standard output: takes no more (is the disk full?); the result database is complete "
            "all the same");
    }
    if (!stored) {
        breaks.push_back(
            fmt::format("{}; the last seconds could not be stored", database_.trouble()));
    }
    try {
        database_.end(breaks.empty());
    } catch (const Error& error) {
        breaks.emplace_back(error.what());
    }
    auto status = ExitStatus::done;
    try {
        status = report();
    } catch (const Error& error) {
        breaks.emplace_back(error.what());
    }
    std::ranges::sort(breaks);
    const auto repeated = std::ranges::unique(breaks);  // every worker of an interface says it
    breaks.erase(repeated.begin(), repeated.end());
    for (const auto& line : breaks) {
        print_error(line);
    }
    return breaks.empty() ? status : ExitStatus::io_error;
}

ExitStatus Live::report() {
    if (!database_.run()) {
        return ExitStatus::done;  // its trouble has been told
    }
    auto judging = command_.judging;
    judging.quiet = judging.quiet || command_.json_lines;
    return show_new_run(database_.path(), *database_.run(), judging);
}

}  // namespace

ExitStatus live(const LiveCommand& command) {
    if (command.list) {
        return list_interfaces(command.judging.format);
    }
    spill_beside(command.judging.output);
    return Live(command).run();
}

}  // namespace turnpike::app
