// The words of the interface.
#include <algorithm>
#include <array>

#include "turnpike/verdict/result.h"

namespace turnpike::verdict {

std::string_view to_string(Outcome value) noexcept {
    switch (value) {
        case Outcome::passed:
            return "passed";
        case Outcome::blocked:
            return "blocked";
        case Outcome::inconclusive:
            return "inconclusive";
    }
    return "";
}

std::string_view to_string(Status value) noexcept {
    switch (value) {
        case Status::observed:
            return "observed";
        case Status::blocked:
            return "blocked";
        case Status::inconclusive:
            return "inconclusive";
        case Status::unmatched:
            return "unmatched";
    }
    return "";
}

std::string_view to_string(BlockReason value) noexcept {
    switch (value) {
        case BlockReason::none:
            return "";
        case BlockReason::dns_nxdomain:
            return "dns_nxdomain";
        case BlockReason::dns_refused:
            return "dns_refused";
        case BlockReason::dns_timeout:
            return "dns_timeout";
        case BlockReason::dns_sinkhole:
            return "dns_sinkhole";
        case BlockReason::tcp_timeout:
            return "tcp_timeout";
        case BlockReason::tcp_reset:
            return "tcp_reset";
        case BlockReason::icmp_prohibited:
            return "icmp_prohibited";
        case BlockReason::icmp_unreachable:
            return "icmp_unreachable";
        case BlockReason::tls_timeout:
            return "tls_timeout";
        case BlockReason::tls_reset:
            return "tls_reset";
        case BlockReason::payload_timeout:
            return "payload_timeout";
        case BlockReason::payload_reset:
            return "payload_reset";
        case BlockReason::tls_alert:
            return "tls_alert";
        case BlockReason::tls_name_mismatch:
            return "tls_name_mismatch";
        case BlockReason::http_denied:
            return "http_denied";
        case BlockReason::proxy_denied:
            return "proxy_denied";
        case BlockReason::proxy_timeout:
            return "proxy_timeout";
        case BlockReason::udp_timeout:
            return "udp_timeout";
        case BlockReason::quic_timeout:
            return "quic_timeout";
        case BlockReason::one_way:
            return "one_way";
    }
    return "";
}

std::string_view to_string(Stage value) noexcept {
    switch (value) {
        case Stage::none:
            return "";
        case Stage::dns:
            return "dns";
        case Stage::tcp:
            return "tcp";
        case Stage::udp:
            return "udp";
        case Stage::tls:
            return "tls";
        case Stage::http:
            return "http";
        case Stage::proxy:
            return "proxy";
        case Stage::quic:
            return "quic";
        case Stage::stun:
            return "stun";
        case Stage::turn:
            return "turn";
        case Stage::dtls:
            return "dtls";
        case Stage::media:
            return "media";
    }
    return "";
}

std::string_view to_string(Grade value) noexcept {
    switch (value) {
        case Grade::none:
            return "";
        case Grade::a:
            return "A";
        case Grade::b:
            return "B";
        case Grade::c:
            return "C";
    }
    return "";
}

std::string_view to_string(InconclusiveReason value) noexcept {
    switch (value) {
        case InconclusiveReason::none:
            return "";
        case InconclusiveReason::midstream:
            return "midstream";
        case InconclusiveReason::capture_ended:
            return "capture_ended";
        case InconclusiveReason::one_sided_capture:
            return "one_sided_capture";
        case InconclusiveReason::capture_loss:
            return "capture_loss";
        case InconclusiveReason::truncated:
            return "truncated";
        case InconclusiveReason::server_refused:
            return "server_refused";
        case InconclusiveReason::intermittent:
            return "intermittent";
        case InconclusiveReason::losing_candidate:
            return "losing_candidate";
        case InconclusiveReason::no_answer:
            return "no_answer";
        case InconclusiveReason::no_answer_expected:
            return "no_answer_expected";
        case InconclusiveReason::waiting:
            return "waiting";
    }
    return "";
}

std::optional<Status> parse_status(std::string_view text) noexcept {
    constexpr std::array all{Status::observed, Status::blocked, Status::inconclusive,
                             Status::unmatched};
    const auto* const found =
        std::ranges::find_if(all, [text](Status status) { return to_string(status) == text; });
    return found == all.end() ? std::nullopt : std::optional{*found};
}

}  // namespace turnpike::verdict
