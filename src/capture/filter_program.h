// A capture filter, compiled by libpcap.
#pragma once

#include <string>
#include <string_view>

#include <pcap/pcap.h>

namespace turnpike::capture {

/// The program of a filter text, for the handle's link type; see pcap-filter(7).
class FilterProgram {
  public:
    /// Throws base::Error (usage) if the text does not compile, with `place` (what is filtered) and
    /// libpcap's words in its line; std::bad_alloc where memory runs out. Neither uses up the
    /// handle.
    FilterProgram(pcap_t* handle, const std::string& filter, std::string_view place);
    ~FilterProgram() { ::pcap_freecode(&code_); }
    FilterProgram(const FilterProgram&) = delete;
    FilterProgram& operator=(const FilterProgram&) = delete;

    [[nodiscard]] bpf_program* get() noexcept { return &code_; }

  private:
    bpf_program code_{};
};

}  // namespace turnpike::capture
