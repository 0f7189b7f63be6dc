// `turnpike respond`: the far end of an audit.
#include <fmt/core.h>

#include "app/output.h"
#include "app/probe_command.h"
#include "app/stop_request.h"
#include "turnpike/base/printable.h"
#include "turnpike/respond/server.h"

namespace turnpike::app {

base::ExitStatus respond(const RespondCommand& command) {
    respond::Options options;
    options.port = command.port;
    options.user = command.user;
    if (!command.quiet) {
        options.log = [](const std::string& line) { print_error(line); };
    }
    respond::Server server(proof::Key::load(command.key_file), options);
    const StopRequest request([](void* of) noexcept { static_cast<respond::Server*>(of)->stop(); },
                              &server);
    if (!command.quiet) {
        write_out(fmt::format("ready: probes announce themselves on udp port {}\n", command.port));
        flush_out();
    }
    server.run();
    if (!command.quiet) {
        const auto totals = server.totals();
        // More than the report of the probe counts: questions about address translation, too.
        write_out(fmt::format(
            "{}, {} announced (those about address translation included), {}; "
            "{} refused\n",
            base::counted(totals.sessions, "audit"), base::counted(totals.attempts, "attempt"),
            base::counted(totals.answers, "answer"), base::counted(totals.refused, "datagram")));
        flush_out();
    }
    return base::ExitStatus::done;
}

}  // namespace turnpike::app
