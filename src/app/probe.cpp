// `turnpike probe`: attempts in, database and report out.
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <set>
#include <sstream>
#include <thread>

#include "app/catalog_choice.h"
#include "app/confinement.h"
#include "app/new_run.h"
#include "app/output.h"
#include "app/probe_capture.h"
#include "app/probe_command.h"
#include "app/probe_confinement.h"
#include "app/probe_findings.h"
#include "app/probe_hosts.h"
#include "app/stop_request.h"
#include "turnpike/attribute/attributor.h"
#include "turnpike/base/printable.h"
#include "turnpike/probe/audit.h"
#include "turnpike/probe/nat.h"
#include "turnpike/probe/port_block.h"
#include "turnpike/probe/responder.h"
#include "turnpike/probe/run.h"
#include "turnpike/store/reader.h"
#include "turnpike/store/writer.h"
#include "turnpike/verdict/evaluate.h"

namespace turnpike::app {
namespace {

using base::ExitStatus;

/// Silence is judged 3 s after the last packet; a little more is recorded.
constexpr std::chrono::milliseconds tail{3400};

probe::PlanOptions plan_options(const ProbeCommand& command) {
    probe::PlanOptions options;
    options.sample = command.sample;
    options.all = command.every_port;
    options.seed = command.seed;
    options.names = command.names;
    options.responder = !command.responder.empty();
    options.rehearsal = command.rehearsal;
    options.proxy = !command.proxy.empty();
    if (!command.names_from.empty()) {
        store::Reader reader(command.names_from);
        for (const auto& run : reader.runs()) {
            for (const auto& domain : reader.domains(run.run_id)) {
                std::istringstream names(domain.names_seen);
                for (std::string name; std::getline(names, name, ',');) {
                    name.erase(0, name.find_first_not_of(' '));
                    if (!name.empty() &&
                        std::ranges::find(options.seen_names, name) == options.seen_names.end()) {
                        options.seen_names.push_back(std::move(name));
                    }
                }
            }
        }
    }
    return options;
}

std::string where(const probe::Target& target, const ProbeCommand& command) {
    switch (target.place.kind) {
        case probe::Place::Kind::name:
            return fmt::format("{} port {}", target.place.name, target.port);
        case probe::Place::Kind::address:
            return base::to_string(base::Endpoint{target.place.address, target.port});
        case probe::Place::Kind::responder:
            return fmt::format("the responder {} port {}", command.responder, target.port);
    }
    return {};
}

void print_plan(const probe::Plan& plan, const ProbeCommand& command) {
    for (const auto& target : plan.targets) {
        std::string rows;
        for (const auto& row : target.rows) {
            rows += (rows.empty() ? "" : "; ") + probe::describe(row);
        }
        const bool tcp = probe::over_tcp(target.speech);
        write_out(fmt::format("{} {} to {}{}  [{}]\n", tcp ? "tcp" : "udp",
                              probe::to_string(target.speech), where(target, command),
                              tcp && !command.proxy.empty() ? " through the proxy" : "", rows));
    }
    for (const auto& line : plan.in_part) {
        write_out(fmt::format("in part: {}\n", line));
    }
    for (const auto& line : plan.not_probed) {
        write_out(fmt::format("not probed: {}\n", line));
    }
    if (!command.proxy.empty()) {  // else it would pass for tried
        write_out(fmt::format("not checked: whether the proxy {} has an address and answers\n",
                              base::from_catalog(command.proxy)));
    }
    write_out(fmt::format("{} targets in each address family that they have; nothing was sent\n",
                          plan.targets.size()));
    flush_out();
}

/// A line on a terminal that says how far it is.
class Counter {
  public:
    explicit Counter(bool shown) : shown_(shown) {}
    ~Counter() {
        if (written_) {
            std::fputs("\r\x1b[K", stderr);
        }
    }
    Counter(const Counter&) = delete;
    Counter& operator=(const Counter&) = delete;
    void begin(std::size_t more) { all_ += more; }
    void done() {
        ++done_;
        if (shown_) {
            std::fputs(fmt::format("\r{} of {} attempts\x1b[K", done_, all_).c_str(), stderr);
            written_ = true;
        }
    }

  private:
    bool shown_;
    bool written_ = false;
    std::size_t all_ = 0;
    std::size_t done_ = 0;
};

std::map<std::string, probe::Addresses> resolve(const probe::Plan& plan,
                                                const ProbeCommand& command,
                                                probe::Resolver& resolver) {
    std::vector<probe::Resolver::Question> questions;
    std::set<std::string> asked;
    for (const auto& target : plan.targets) {
        const bool by_proxy = !command.proxy.empty() && probe::over_tcp(target.speech);
        if (target.place.kind == probe::Place::Kind::name && !by_proxy &&
            asked.insert(target.place.name).second) {
            questions.push_back({target.place.name, target.speech == probe::Speech::tls ||
                                                        target.speech == probe::Speech::quic});
        }
    }
    auto found = resolver.resolve(questions, command.rate, [] { return StopRequest::came(); });
    std::map<std::string, probe::Addresses> names;
    for (std::size_t i = 0; i < questions.size(); ++i) {
        names[questions[i].name] = std::move(found[i]);
    }
    return names;
}

/// A name that no row has is a slip: nothing would be tried for it.
void require_covered(const std::vector<std::string>& names,
                     const std::vector<const catalog::Revision*>& revisions) {
    for (const auto& name : names) {
        const auto covers = [&name](const catalog::Rule& rule) {
            return std::ranges::any_of(
                rule.destinations.names,
                [&name](const catalog::NamePattern& pattern) { return pattern.matches(name); });
        };
        if (std::ranges::none_of(revisions, [&covers](const catalog::Revision* revision) {
                return std::ranges::any_of(revision->rules, covers);
            })) {
            throw base::Error(
                ExitStatus::usage,
                fmt::format("--name {}: no name pattern of the required products covers it; "
                            "'turnpike catalog show SELECTOR' lists them",
                            name));
        }
    }
}

/// What the attempts would be refused for, as far as that shows without sending anything: no name
/// is looked up.
void check_places(const ProbeCommand& command) {
    probe::Resolver::check(command.resolver);
    if (!command.proxy.empty()) {
        check_proxy(command.proxy);
    }
    if (!command.responder.empty()) {
        check_host(command.responder, "--responder");
    }
    if (!command.channel.empty()) {
        check_host(command.channel, "--channel");
    }
    for (const auto& file : {command.proxy_credentials, command.turn_credentials}) {
        if (!file.empty()) {
            find_user(file);
        }
    }
    if (!command.responder.empty()) {
        proof::Key::load(command.key_file);
    }
    if (!command.ca_file.empty()) {
        probe::require_authorities(command.ca_file.string());
    }
}

void wait(std::chrono::milliseconds time) {
    const auto until = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
}

/// An audit from the greeting of the responder to the last packet. All that needs more rights than
/// making attempts and writing the database is done by the constructor.
class Probing {
  public:
    Probing(const ProbeCommand& command, probe::Plan plan, probe::PlanOptions options,
            const catalog::Index& index)
        : command_(command),
          index_(index),
          capture_(ports_.filter(), inspect_options(index)),
          resolver_(command.resolver, ports_),
          plan_(std::move(plan)),
          options_(std::move(options)) {
        if (!command.proxy.empty()) {
            ground_.proxy = find_proxy(command.proxy, command.proxy_credentials);
        }
        if (!command.turn_credentials.empty()) {
            ground_.turn_login = find_user(command.turn_credentials);
        }
        if (!command.responder.empty()) {
            endpoints_ = find_host(command.responder, proof::default_port, "--responder");
            const auto channel =
                command.channel.empty()
                    ? endpoints_.front()
                    : find_host(command.channel, proof::default_port, "--channel").front();
            responder_.emplace(channel, proof::Key::load(command.key_file));
            ground_.responder = &*responder_;
        }
        ground_.ports = &ports_;
        ground_.authorities = command.ca_file.string();
        ground_.rate = command.rate;
        ground_.stopped = [] { return StopRequest::came(); };
        spill_beside(command.judging.output);
        confine_and_tell(needs_of_probe(command));
    }

    void run() {
        capture_.start();
        std::vector<base::IpAddress> responder;
        for (const auto& endpoint : endpoints_) {
            responder.push_back(endpoint.address);
        }
        auto names = resolve(plan_, command_, resolver_);
        audit_.emplace(std::move(plan_), std::move(names), std::move(responder), options_);
        Counter counter(!command_.judging.quiet && errors_go_to_terminal());
        audit_->run(
            [&](const std::vector<probe::Attempt>& attempts) {
                counter.begin(attempts.size());
                return probe::make_all(attempts, ground_, [&](std::size_t) { counter.done(); });
            },
            ground_.stopped);
        look_at_nat();
        wait(tail);
        reading_ = capture_.finish();
    }

    void write(store::Writer& writer) {
        auto& observation = capture_.observation();
        auto declarations = declare(audit_->tried());
        for (const auto& flow : nat_.flows) {
            declarations.add(facts::Transport::udp, flow.from, flow.to, {});
        }
        auto result = verdict::evaluate(
            observation, index_,
            {.shared_names_need_support = false, .past = nullptr, .declared = &declarations});
        auto lines = findings(*audit_, observation, result);
        lines.insert(lines.end(), nat_.lines.begin(), nat_.lines.end());
        result.warnings.insert(result.warnings.begin(), lines.begin(), lines.end());
        advise_without_a_call(result.headlines);
        writer.write_facts(observation);
        writer.write_verdicts(observation, result);
        writer.end(observation.quality, reading_.breaks.empty() && !StopRequest::came());
    }

    [[nodiscard]] const std::vector<std::string>& breaks() const noexcept {
        return reading_.breaks;
    }

  private:
    /// On UDP ports that got through.
    void look_at_nat() {
        std::vector<base::Endpoint> open;
        for (const auto& one : audit_->tried()) {
            const bool udp = !probe::over_tcp(one.attempt.speech);
            if (udp && one.attempt.at_responder && one.made.answered && open.size() < 2 &&
                std::ranges::find(open, one.attempt.to) == open.end() &&
                (open.empty() || open[0].address.version() == one.attempt.to.address.version())) {
                open.push_back(one.attempt.to);
            }
        }
        const auto add = [this](probe::NatReport report) {
            std::ranges::move(report.lines, std::back_inserter(nat_.lines));
            std::ranges::move(report.flows, std::back_inserter(nat_.flows));
        };
        if (open.size() == 2 && !StopRequest::came()) {
            add(probe::find_mapping(ground_, open[0], open[1]));
        }
        if (command_.session_timeouts && !open.empty() && !StopRequest::came()) {
            add(probe::find_session_limit(ground_, open[0]));
        } else if (command_.session_timeouts) {
            nat_.lines.emplace_back(
                "UDP sessions: no UDP got through, so that nothing can be said of their limits");
        }
        tell_where_the_responder_stands();
    }

    /// Systems send with 64, 128 or 255: whoever is heard with as much has no router in between.
    void tell_where_the_responder_stands() {
        const bool no_hop =
            responder_ && (responder_->hop_limit() == 64 || responder_->hop_limit() == 128 ||
                           responder_->hop_limit() == 255);
        if (no_hop && command_.channel.empty()) {
            nat_.lines.emplace_back(
                "THE RESPONDER IS ON THIS HOST'S OWN LINK: it tells nothing about a firewall "
                "beyond; run it outside.");
        }
    }

    static inspect::Options inspect_options(const catalog::Index& index) {
        inspect::Options options;
        options.is_server = [&index](const base::IpAddress& address) {
            return attribute::is_servers_network(index, address);
        };
        return options;
    }

    const ProbeCommand& command_;
    const catalog::Index& index_;
    probe::PortBlock ports_;
    ProbeCapture capture_;
    probe::Resolver resolver_;
    probe::Plan plan_;
    probe::PlanOptions options_;
    std::vector<base::Endpoint> endpoints_;
    std::optional<probe::Responder> responder_;
    probe::Ground ground_;
    std::optional<probe::Audit> audit_;
    probe::NatReport nat_;
    Reading reading_;
};

}  // namespace

ExitStatus probe(const ProbeCommand& command) {
    const auto& judging = command.judging;
    const auto catalog =
        load_catalog(judging.catalogs).apply(parse_settings(judging.settings), judging.require);
    const auto revisions = choose_revisions(catalog, judging.require);
    const catalog::Index index(revisions, catalog.public_ech_names());
    require_covered(command.names, revisions);
    check_places(command);
    const auto options = plan_options(command);
    auto plan = probe::make_plan(revisions, options);
    if (command.dry_run) {
        print_plan(plan, command);
        return ExitStatus::done;
    }
    const StopRequest request;
    Probing probing(command, std::move(plan), options, index);
    std::int64_t run = 0;
    write_run(judging.output, [&](store::Writer& writer) {
        run = writer.begin(run_start(judging, command.responder.empty()
                                                  ? std::string("probe")
                                                  : "probe with responder " + command.responder));
        probing.run();
        probing.write(writer);
    });
    const auto status = show_new_run(judging.output, run, judging);
    for (const auto& line : probing.breaks()) {
        print_error(line);
    }
    if (StopRequest::came()) {
        print_error("interrupted; what was tried until then is kept, the run is marked incomplete");
    }
    return probing.breaks().empty() && !StopRequest::came() ? status : ExitStatus::io_error;
}

}  // namespace turnpike::app
