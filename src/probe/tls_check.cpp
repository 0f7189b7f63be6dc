// Reads the certificate that answers for a name, with OpenSSL, and lets it check the chain.
#include <fmt/core.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>

#include "probe/attempts.h"
#include "turnpike/base/error.h"
#include "turnpike/base/text.h"

namespace turnpike::probe {
namespace {

using Context = std::unique_ptr<SSL_CTX, decltype(&::SSL_CTX_free)>;
using Session = std::unique_ptr<SSL, decltype(&::SSL_free)>;
using Certificate = std::unique_ptr<X509, decltype(&::X509_free)>;

bool trust(SSL_CTX* context, const std::string& authorities) {
    return authorities.empty()
               ? ::SSL_CTX_set_default_verify_paths(context) == 1
               : ::SSL_CTX_load_verify_locations(context, authorities.c_str(), nullptr) == 1;
}

bool shake_hands(SSL* session, int socket, const std::function<bool()>& stopped) {
    const auto until = Clock::now() + patience;
    for (;;) {
        const int result = ::SSL_connect(session);
        if (result == 1) {
            return true;
        }
        const int want = ::SSL_get_error(session, result);
        const bool reading = want == SSL_ERROR_WANT_READ;
        if ((!reading && want != SSL_ERROR_WANT_WRITE) ||
            !wait_for(socket, reading ? POLLIN : POLLOUT, until, stopped)) {
            return false;
        }
    }
}

std::string issuer_of(X509* certificate) {
    std::array<char, 200> text{};
    auto* const issuer = ::X509_get_issuer_name(certificate);
    if (::X509_NAME_get_text_by_NID(issuer, NID_commonName, text.data(), text.size()) <= 0) {
        ::X509_NAME_get_text_by_NID(issuer, NID_organizationName, text.data(), text.size());
    }
    return base::escape(text.data());
}

/// In the version that shows certificates on the wire, or in any. False: the server did not take
/// that version.
bool check(const Attempt& attempt, const Ground& ground, int most_version, Made& made) {
    const Context context(::SSL_CTX_new(::TLS_client_method()), &::SSL_CTX_free);
    if (!context || !trust(context.get(), ground.authorities)) {
        return true;  // without anybody to trust there is nothing to check
    }
    ::SSL_CTX_set_max_proto_version(context.get(), most_version);
    ::SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    Made second;
    const auto socket = connect_to(attempt, {}, ground, second);
    made.check_from = second.from;
    if (!socket) {
        return true;
    }
    const Session session(::SSL_new(context.get()), &::SSL_free);
    ::SSL_set_tlsext_host_name(session.get(), attempt.name.c_str());
    ::SSL_set1_host(session.get(), attempt.name.c_str());
    ::SSL_set_fd(session.get(), socket.get());
    ::ERR_clear_error();
    if (shake_hands(session.get(), socket.get(), ground.stopped)) {
        ::SSL_shutdown(session.get());
        return true;
    }
    const auto why = ::SSL_get_verify_result(session.get());
    if (why == X509_V_OK) {
        return false;
    }
    const Certificate certificate(::SSL_get1_peer_certificate(session.get()), &::X509_free);
    made.remark = fmt::format(
        "{}: the certificate{} is not to be trusted: {}", attempt.name,
        certificate ? " that " + issuer_of(certificate.get()) + " issued" : std::string(),
        ::X509_verify_cert_error_string(why));
    return true;
}

}  // namespace

void require_authorities(const std::string& file) {
    using base::Error;
    using base::ExitStatus;
    if (std::ifstream stream(file); !stream.is_open()) {
        throw Error(ExitStatus::cannot_open,
                    fmt::format("--ca-file {}: {}; check the path and its permissions",
                                base::escape(file), std::strerror(errno)));
    }
    const Context context(::SSL_CTX_new(::TLS_client_method()), &::SSL_CTX_free);
    const bool readable = context && trust(context.get(), file);
    ::ERR_clear_error();
    if (!readable) {
        throw Error(ExitStatus::bad_input,
                    fmt::format("--ca-file {}: holds no certificate in PEM", base::escape(file)));
    }
}

void check_certificate(const Attempt& attempt, const Ground& ground, Made& made) {
    if (!attempt.name.empty() && !check(attempt, ground, TLS1_2_VERSION, made)) {
        check(attempt, ground, 0, made);
    }
}

}  // namespace turnpike::probe
