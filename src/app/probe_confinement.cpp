// Names what an audit needs after its start, such as the folders of certificate authorities.
#include "app/probe_confinement.h"

#include <array>
#include <cstdlib>
#include <string>
#include <system_error>

#include "app/confinement.h"

namespace turnpike::app {
namespace {

namespace fs = std::filesystem;

/// Where distributions keep them: the folders of links, and those that the links lead to.
constexpr std::array usual_authorities{"/etc/ssl",       "/etc/pki",
                                       "/usr/lib/ssl",   "/usr/share/ca-certificates",
                                       "/usr/share/pki", "/usr/local/share/ca-certificates"};

void add_existing(const fs::path& path, guard::Needs& needs) {
    std::error_code ignored;
    if (!path.empty() && fs::exists(path, ignored)) {
        needs.readable.push_back(path);
    }
}

}  // namespace

guard::Needs needs_of_probe(const ProbeCommand& command) {
    auto needs = needs_of_writing(command.judging.output);
    if (!command.ca_file.empty()) {
        add_existing(command.ca_file, needs);
    } else {
        for (const auto* const folder : usual_authorities) {
            add_existing(folder, needs);
        }
        for (const auto* const variable : {"SSL_CERT_FILE", "SSL_CERT_DIR"}) {  // openssl-env(7)
            const char* const place = std::getenv(variable);
            add_existing(place == nullptr ? "" : place, needs);
        }
    }
    needs.packet_sockets = true;
    needs.attempts = true;
    needs.required = command.judging.require_confinement;
    return needs;
}

}  // namespace turnpike::app
