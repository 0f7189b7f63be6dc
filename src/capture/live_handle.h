// One libpcap handle on an interface: opening it as asked, and reading it without blocking.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <pcap/pcap.h>

#include "capture/live_counters.h"
#include "capture/live_input.h"
#include "capture/live_link.h"
#include "turnpike/capture/live.h"

namespace turnpike::capture {

struct CloseHandle {
    void operator()(pcap_t* handle) const noexcept { ::pcap_close(handle); }
};
using HandlePointer = std::unique_ptr<pcap_t, CloseHandle>;

/// Makes and activates a handle, without its filter. Throws base::Error as open_live says.
struct OpenedHandle {
    HandlePointer handle;
    bool host_time = true;
};
OpenedHandle open_handle(const std::string& interface, const LiveOptions& options);
/// PCAP_TSTAMP_ values to choose from; empty if there is no choice.
std::vector<int> timestamp_types(pcap_t* handle);

class LiveHandle final : public LiveInput {
  public:
    /// Opens the interface. Throws base::Error as open_live says. `speaks`: it reports what happens
    /// to the interface and what the interface lost; of the handles of several workers only one is
    /// to.
    LiveHandle(std::string interface, const LiveOptions& options, bool speaks);

    /// Puts the filter in place, and with it the snap length, which the kernel knows only as what
    /// a filter returns. Throws base::Error (usage if it does not compile).
    void set_filter(const std::string& filter);
    /// Lets nothing in, until a filter is set.
    void refuse_all() noexcept;
    /// Throws away what arrived so far.
    void discard();

    [[nodiscard]] int descriptor() const noexcept override {
        return gone_ ? -1 : ::pcap_get_selectable_fd(handle_.get());
    }
    void read(LiveSegment& segment, std::size_t most) override;
    void check() override;
    LostFrames lost() override;
    [[nodiscard]] LostFrames last_lost() const noexcept override { return lost_; }
    [[nodiscard]] bool gone() const noexcept override { return gone_; }
    std::vector<std::string> take_notices() override;
    [[nodiscard]] std::string cut_off() const override { return speaks_ ? cut_off_ : ""; }
    [[nodiscard]] bool keeps_host_time() const noexcept override { return host_time_; }
    [[nodiscard]] std::string name() const override { return name_; }

  private:
    static void take(unsigned char* self, const pcap_pkthdr* header,
                     const unsigned char* octets) noexcept;
    void put(bpf_program* program);
    void end(std::string reason);

    std::string name_;
    bool speaks_;
    HandlePointer handle_;
    bool host_time_ = true;
    std::uint32_t link_type_ = 0;
    LiveSegment* target_ = nullptr;
    KernelCounter kernel_counter_;
    InterfaceCounter interface_counter_;
    LostFrames lost_;
    LinkWatch link_;
    std::optional<std::chrono::steady_clock::time_point> disappeared_at_;
    bool gone_ = false;
    bool out_of_memory_ = false;  ///< in `take`
    std::string cut_off_;
};

}  // namespace turnpike::capture
