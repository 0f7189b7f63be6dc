// A capture filter for the innermost packet, run by libpcap's own interpreter.
#include <algorithm>
#include <climits>
#include <new>

#include <pcap/pcap.h>

#include "capture/filter_program.h"
#include "capture/live_handle.h"
#include "turnpike/capture/live.h"

namespace turnpike::capture {

namespace {

HandlePointer handle_of_ip() {
    constexpr int longest_packet = 262'144;
    HandlePointer handle(::pcap_open_dead(DLT_RAW, longest_packet));
    if (handle == nullptr) {
        throw std::bad_alloc();
    }
    return handle;
}

}  // namespace

struct InnerFilter::Program : FilterProgram {
    using FilterProgram::FilterProgram;
};

InnerFilter::InnerFilter(const std::string& expression)
    : program_(std::make_unique<Program>(
          handle_of_ip().get(), expression,
          "inside of tags and tunnels, where only the innermost IP packet is, without a link "
          "layer")) {}

InnerFilter::~InnerFilter() = default;

bool InnerFilter::matches(base::Bytes packet, std::uint32_t length) const noexcept {
    pcap_pkthdr header{};
    header.caplen = static_cast<bpf_u_int32>(std::min<std::size_t>(packet.size(), UINT_MAX));
    header.len = std::max(length, header.caplen);
    return ::pcap_offline_filter(program_->get(), &header, packet.data()) != 0;
}

}  // namespace turnpike::capture
