// `turnpike probe` and `turnpike respond`: what their command lines say.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/command_line.h"
#include "turnpike/base/error.h"

namespace turnpike::app {

struct ProbeCommand {
    AnalyzeOptions judging;  ///< without captures
    std::string resolver;    ///< empty: the system's
    std::vector<std::string> names;
    std::filesystem::path names_from;  ///< a result database; empty: none
    std::string proxy;                 ///< empty: straight
    std::filesystem::path proxy_credentials;
    std::filesystem::path turn_credentials;  ///< empty: relays are not used
    std::string responder;                   ///< HOST or HOST:PORT; empty: none
    std::string channel;                     ///< where to greet it, if not there; empty: there
    std::filesystem::path key_file;
    bool rehearsal = false;  ///< the responder stands in for every destination
    std::filesystem::path ca_file;
    std::size_t sample = 12;
    bool every_port = false;
    std::uint64_t seed = 1;
    double rate = 20;
    bool session_timeouts = false;
    bool dry_run = false;
};

struct RespondCommand {
    std::filesystem::path key_file;
    std::uint16_t port = 0;
    std::string user;
    bool quiet = false;
};

/// As in command_line.h.
std::optional<ProbeCommand> parse_probe(const std::vector<std::string>& arguments);
std::optional<RespondCommand> parse_respond(const std::vector<std::string>& arguments);

/// As in commands.h.
base::ExitStatus probe(const ProbeCommand& command);
base::ExitStatus respond(const RespondCommand& command);

}  // namespace turnpike::app
