// Activating a libpcap handle: options, and what to say when it cannot be done.
#include <net/if.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <filesystem>
#include <string_view>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "capture/live_handle.h"
#include "turnpike/base/error.h"
#include "turnpike/base/text.h"

namespace turnpike::capture {
namespace {

using base::Error;
using base::ExitStatus;

std::string program_path() {
    std::error_code ignored;
    const auto path = std::filesystem::read_symlink("/proc/self/exe", ignored);
    return path.empty() ? "turnpike" : path.string();
}

std::vector<std::string> interface_names() {
    std::vector<std::string> names;
    std::array<char, PCAP_ERRBUF_SIZE> problem{};
    pcap_if_t* devices = nullptr;
    if (::pcap_findalldevs(&devices, problem.data()) == 0) {
        for (const pcap_if_t* device = devices; device != nullptr; device = device->next) {
            names.emplace_back(device->name);
        }
        ::pcap_freealldevs(devices);
    }
    return names;
}

[[noreturn]] void refuse_unknown(const std::string& name, const std::vector<std::string>& known) {
    const auto nearest = std::ranges::min_element(
        known, {}, [&](const auto& other) { return base::edit_distance(name, other); });
    const bool near = nearest != known.end() && base::edit_distance(name, *nearest) <= 2;
    throw Error(
        ExitStatus::cannot_open,
        near ? fmt::format("{}: no such interface; did you mean {}?", name, *nearest)
             : fmt::format("{}: no such interface; 'turnpike live --list' shows them", name));
}

/// Permission is refused before existence is looked at, so that has to be done here.
void refuse_if_unknown(const std::string& name) {
    if (::if_nametoindex(name.c_str()) == 0) {
        const auto known = interface_names();
        if (std::ranges::find(known, name) == known.end()) {
            refuse_unknown(name, known);
        }
    }
}

[[noreturn]] void refuse_interface(pcap_t* handle, const std::string& name, int status) {
    const std::string text = ::pcap_geterr(handle);
    switch (status) {
        case PCAP_ERROR_NO_SUCH_DEVICE:
            refuse_unknown(name, interface_names());
        case PCAP_ERROR_PERM_DENIED:
        case PCAP_ERROR_PROMISC_PERM_DENIED:
            refuse_if_unknown(name);
            throw Error(ExitStatus::no_permission,
                        fmt::format("{}: no permission to capture; run 'sudo setcap cap_net_raw+ep "
                                    "{}' once, or run as root",
                                    name, program_path()));
        case PCAP_ERROR_IFACE_NOT_UP:
            throw Error(ExitStatus::cannot_open,
                        fmt::format("{0}: the interface is down; 'sudo ip link set {0} up' brings "
                                    "it up",
                                    name));
        default:
            throw Error(
                ExitStatus::cannot_open,
                fmt::format("{}: {}", name, text.empty() ? ::pcap_statustostr(status) : text));
    }
}

HandlePointer create(const std::string& name) {
    std::array<char, PCAP_ERRBUF_SIZE> problem{};
    HandlePointer handle(::pcap_create(name.c_str(), problem.data()));
    if (!handle) {
        throw Error(ExitStatus::cannot_open, fmt::format("{}: {}", name, problem.data()));
    }
    return handle;
}

void set_options(pcap_t* handle, const std::string& name, const LiveOptions& options) {
    constexpr auto most = std::size_t{INT_MAX};
    ::pcap_set_snaplen(handle,
                       static_cast<int>(std::clamp<std::size_t>(options.snap_length, 1, 262'144)));
    ::pcap_set_buffer_size(handle, static_cast<int>(std::min(options.ring_octets, most)));
    // Never immediate mode, which means one wake a frame and the slower TPACKET_V2.
    ::pcap_set_timeout(handle, static_cast<int>(options.hand_over.count()));
    ::pcap_set_promisc(handle, options.promiscuous && name != "any" ? 1 : 0);
    ::pcap_set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO);
}

[[noreturn]] void refuse_timestamps(const std::string& name, TimestampOrigin wanted,
                                    const std::vector<int>& types) {
    std::vector<std::string> there;
    there.reserve(types.size());
    for (const int type : types) {
        there.emplace_back(::pcap_tstamp_type_val_to_name(type));
    }
    if (there.empty()) {
        there.emplace_back("host");
    }
    throw Error(ExitStatus::usage,
                fmt::format("{}: no time stamps of origin '{}'; there are: {}", name,
                            wanted == TimestampOrigin::adapter ? "adapter" : "adapter_unsynced",
                            fmt::join(there, ", ")));
}

/// Whether the handle now runs with the adapter's time stamps. If not, it may be of no use any
/// more: switching them on may need more rights than capturing does.
bool activate_with_adapter_time(pcap_t* handle, const std::string& name, int type) {
    if (::pcap_set_tstamp_type(handle, type) != 0) {
        return false;
    }
    const int status = ::pcap_activate(handle);
    if (status == PCAP_ERROR_NO_SUCH_DEVICE) {
        refuse_interface(handle, name, status);
    }
    return status >= 0 && status != PCAP_WARNING_TSTAMP_TYPE_NOTSUP;
}

}  // namespace

std::vector<int> timestamp_types(pcap_t* handle) {
    int* types = nullptr;
    const int count = ::pcap_list_tstamp_types(handle, &types);
    std::vector<int> found;
    if (count > 0) {
        found.assign(types, types + count);
        ::pcap_free_tstamp_types(types);
    }
    return found;
}

OpenedHandle open_handle(const std::string& interface, const LiveOptions& options) {
    HandlePointer handle = create(interface);
    set_options(handle.get(), interface, options);
    const auto types = timestamp_types(handle.get());
    const bool unsynced = options.timestamps == TimestampOrigin::adapter_unsynced;
    const int type = unsynced ? PCAP_TSTAMP_ADAPTER_UNSYNCED : PCAP_TSTAMP_ADAPTER;
    if (options.timestamps != TimestampOrigin::host &&
        std::ranges::find(types, type) != types.end()) {
        if (activate_with_adapter_time(handle.get(), interface, type)) {
            return {.handle = std::move(handle), .host_time = !unsynced};
        }
        handle = create(interface);
        set_options(handle.get(), interface, options);
    }
    // A handle that was made is always activated: libpcap 1.10 closes all it holds only then.
    if (const int status = ::pcap_activate(handle.get()); status < 0) {
        refuse_interface(handle.get(), interface, status);
    }
    if (options.timestamps == TimestampOrigin::adapter || unsynced) {
        refuse_timestamps(interface, options.timestamps, types);
    }
    return {.handle = std::move(handle), .host_time = true};
}

}  // namespace turnpike::capture
