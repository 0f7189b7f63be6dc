// A capture filter for the innermost packet, run by libpcap's own interpreter.
#include <algorithm>
#include <cerrno>
#include <climits>
#include <new>

#include <fmt/core.h>
#include <pcap/pcap.h>

#include "turnpike/base/error.h"
#include "turnpike/capture/live.h"

namespace turnpike::capture {

struct InnerFilter::Program {
    bpf_program code{};

    Program() = default;
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;
    ~Program() { ::pcap_freecode(&code); }
};

InnerFilter::InnerFilter(const std::string& expression) : program_(std::make_unique<Program>()) {
    constexpr int longest_packet = 262'144;
    pcap_t* const handle = ::pcap_open_dead(DLT_RAW, longest_packet);
    if (handle == nullptr) {
        throw std::bad_alloc();
    }
    errno = 0;
    const bool compiled =
        ::pcap_compile(handle, &program_->code, expression.c_str(), 1, PCAP_NETMASK_UNKNOWN) == 0;
    const int reason = errno;
    const std::string problem = compiled ? "" : ::pcap_geterr(handle);
    ::pcap_close(handle);
    if (!compiled && reason == ENOMEM) {
        throw std::bad_alloc();
    }
    if (!compiled) {
        throw base::Error(
            base::ExitStatus::usage,
            fmt::format("filter '{}' inside of tags and tunnels: {}; only the innermost IP packet "
                        "is there, without a link layer; see pcap-filter(7)",
                        expression, problem));
    }
}

InnerFilter::~InnerFilter() = default;

bool InnerFilter::matches(base::Bytes packet, std::uint32_t length) const noexcept {
    pcap_pkthdr header{};
    header.caplen = static_cast<bpf_u_int32>(std::min<std::size_t>(packet.size(), UINT_MAX));
    header.len = std::max(length, header.caplen);
    return ::pcap_offline_filter(&program_->code, &header, packet.data()) != 0;
}

}  // namespace turnpike::capture
