// Compiles filters where libpcap's compiler survives it.
#include "capture/filter_program.h"

#include <cerrno>
#include <new>

#include <fmt/core.h>

#include "turnpike/base/error.h"
#include "turnpike/base/spare_memory.h"

namespace turnpike::capture {
namespace {

/// The scanner in libpcap 1.10 ends the process where memory runs out. It needs far less than this:
/// copies of the text and some KB of its own. The rest of the compiler fails with ENOMEM.
void make_sure_of_memory(const std::string& filter) {
    constexpr std::size_t pieces = 64;
    constexpr std::size_t octets = 4'096;
    base::make_sure_of_memory(pieces, octets + filter.size());
}

}  // namespace

FilterProgram::FilterProgram(pcap_t* handle, const std::string& filter, std::string_view place) {
    make_sure_of_memory(filter);
    errno = 0;
    if (::pcap_compile(handle, &code_, filter.c_str(), 1, PCAP_NETMASK_UNKNOWN) == 0) {
        return;
    }
    if (errno == ENOMEM) {
        throw std::bad_alloc();
    }
    throw base::Error(base::ExitStatus::usage, fmt::format("filter '{}' {}: {}; see pcap-filter(7)",
                                                           filter, place, ::pcap_geterr(handle)));
}

}  // namespace turnpike::capture
