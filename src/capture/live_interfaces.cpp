// The list of interfaces, with what each can do.
#include <net/if.h>
#include <sys/socket.h>

#include <array>
#include <memory>
#include <string_view>

#include <fmt/core.h>

#include "capture/live_handle.h"
#include "capture/socket_address.h"
#include "turnpike/base/error.h"
#include "turnpike/base/ip_address.h"
#include "turnpike/capture/live.h"

namespace turnpike::capture {
namespace {

std::vector<std::string> addresses_of(const pcap_if_t& device) {
    std::vector<std::string> found;
    for (const pcap_addr* entry = device.addresses; entry != nullptr; entry = entry->next) {
        const auto address = entry->addr != nullptr ? address_of(*entry->addr) : base::Endpoint{};
        if (address) {
            found.push_back(base::to_string(address.address));
        }
    }
    return found;
}

std::vector<std::string> link_types_of(pcap_t* handle) {
    std::vector<std::string> names;
    int* types = nullptr;
    const int count = ::pcap_list_datalinks(handle, &types);
    for (int i = 0; i < count; ++i) {
        const char* const name = ::pcap_datalink_val_to_name(types[i]);
        names.push_back(name != nullptr ? name : std::to_string(types[i]));
    }
    if (count >= 0) {
        ::pcap_free_datalinks(types);
    }
    return names;
}

std::vector<std::string> timestamps_of(pcap_t* handle) {
    std::vector<std::string> names;
    for (const int type : timestamp_types(handle)) {
        names.emplace_back(::pcap_tstamp_type_val_to_name(type));
    }
    if (names.empty()) {
        names.emplace_back("host");  // libpcap lists nothing where there is no choice
    }
    return names;
}

/// Opens the interface as a run would, with the smallest ring, to see whether and how it works.
void try_out(InterfaceInfo& info) {
    LiveOptions options;
    options.interfaces = {info.name};
    options.ring_octets = std::size_t{1} << 20U;
    options.promiscuous = false;
    options.timestamps = TimestampOrigin::host;
    try {
        const OpenedHandle opened = open_handle(info.name, options);
        info.link_types = link_types_of(opened.handle.get());
        info.timestamps = timestamps_of(opened.handle.get());
        info.nanoseconds =
            ::pcap_get_tstamp_precision(opened.handle.get()) == PCAP_TSTAMP_PRECISION_NANO;
    } catch (const base::Error& error) {
        info.problem = error.what();
    }
}

/// libpcap lists USB buses, Bluetooth adapters and message buses as well; and opening a netfilter
/// queue would take packets away from their program.
bool carries_packets(const pcap_if_t& device) {
    return std::string_view(device.name) == "any" || ::if_nametoindex(device.name) != 0;
}

InterfaceInfo describe(const pcap_if_t& device) {
    InterfaceInfo info;
    info.name = device.name;
    info.description = device.description != nullptr ? device.description : "";
    info.up = (device.flags & PCAP_IF_UP) != 0;
    info.running = (device.flags & PCAP_IF_RUNNING) != 0;
    info.loopback = (device.flags & PCAP_IF_LOOPBACK) != 0;
    info.wireless = (device.flags & PCAP_IF_WIRELESS) != 0;
    info.addresses = addresses_of(device);
    try_out(info);
    return info;
}

}  // namespace

std::vector<InterfaceInfo> list_interfaces() {
    std::array<char, PCAP_ERRBUF_SIZE> problem{};
    pcap_if_t* devices = nullptr;
    if (::pcap_findalldevs(&devices, problem.data()) != 0) {
        throw base::Error(base::ExitStatus::cannot_open,
                          fmt::format("the interfaces cannot be listed: {}", problem.data()));
    }
    const auto release = [](pcap_if_t* list) { ::pcap_freealldevs(list); };
    const std::unique_ptr<pcap_if_t, decltype(release)> owner(devices, release);
    std::vector<InterfaceInfo> found;
    for (const pcap_if_t* device = devices; device != nullptr; device = device->next) {
        if (carries_packets(*device)) {
            found.push_back(describe(*device));
        }
    }
    return found;
}

}  // namespace turnpike::capture
