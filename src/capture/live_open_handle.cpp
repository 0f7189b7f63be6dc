// Activating a libpcap handle: options, and what to say when it cannot be done.
#include <net/if.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <filesystem>
#include <optional>
#include <span>
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
        ExitStatus::usage,
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

[[noreturn]] void refuse(pcap_t* handle, const std::string& name, int status) {
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

/// The handle with time stamps of one kind, or nothing if `type` cannot be had.
HandlePointer activate(const std::string& name, const LiveOptions& options,
                       std::optional<int> type) {
    HandlePointer handle = create(name);
    set_options(handle.get(), name, options);
    if (type && ::pcap_set_tstamp_type(handle.get(), *type) != 0) {
        return nullptr;
    }
    const int status = ::pcap_activate(handle.get());
    if (status == PCAP_WARNING_TSTAMP_TYPE_NOTSUP) {
        return nullptr;
    }
    if (status < 0) {
        if (type && status != PCAP_ERROR_NO_SUCH_DEVICE) {
            return nullptr;  // switching an adapter's stamps on may need more than capturing
        }
        refuse(handle.get(), name, status);
    }
    return handle;
}

[[noreturn]] void refuse_timestamps(const std::string& name, std::string_view wanted) {
    std::vector<std::string> there;
    for (const int type : timestamp_types(create(name).get())) {
        there.emplace_back(::pcap_tstamp_type_val_to_name(type));
    }
    if (there.empty()) {
        there.emplace_back("host");
    }
    throw Error(ExitStatus::usage, fmt::format("{}: no time stamps of origin '{}'; there are: {}",
                                               name, wanted, fmt::join(there, ", ")));
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
    const auto plain = [&] {
        return OpenedHandle{.handle = activate(interface, options, {}), .host_time = true};
    };
    const auto stamped = [&](int type) {
        const auto types = timestamp_types(create(interface).get());
        return std::ranges::find(types, type) != types.end() ? activate(interface, options, type)
                                                             : nullptr;
    };
    if (options.timestamps == TimestampOrigin::host) {
        return plain();
    }
    const bool unsynced = options.timestamps == TimestampOrigin::adapter_unsynced;
    auto handle = stamped(unsynced ? PCAP_TSTAMP_ADAPTER_UNSYNCED : PCAP_TSTAMP_ADAPTER);
    if (handle) {
        return {.handle = std::move(handle), .host_time = !unsynced};
    }
    if (options.timestamps == TimestampOrigin::best) {
        return plain();
    }
    static_cast<void>(plain());  // what else is wrong comes first
    refuse_timestamps(interface, unsynced ? "adapter_unsynced" : "adapter");
}

}  // namespace turnpike::capture
