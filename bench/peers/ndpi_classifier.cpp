// A yardstick: reads a capture with libpcap, keeps flows by their 5-tuple and asks Debian's libndpi
// for the protocol of each, with names and all that its dissectors note. Ethernet and IP only, no
// tunnels, no reassembly. Prints packets, flows and classified flows.
#include <ndpi/ndpi_api.h>
#include <pcap/pcap.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace {

constexpr unsigned enough_packets = 32;  // as ndpiReader looks at of a flow over UDP; TCP gets 80

struct FreeFlow {
    void operator()(ndpi_flow_struct* flow) const noexcept { ndpi_flow_free(flow); }
};
struct Flow {
    std::unique_ptr<ndpi_flow_struct, FreeFlow> state{
        static_cast<ndpi_flow_struct*>(ndpi_flow_malloc(SIZEOF_FLOW_STRUCT))};
    unsigned packets = 0;
    bool known = false;
    Flow() { std::memset(state.get(), 0, SIZEOF_FLOW_STRUCT); }
};

// Addresses, ports and protocol, the smaller end first; empty for what is no TCP or UDP.
std::string key_of(const std::uint8_t* ip, std::size_t size) {
    const bool v4 = size >= 20 && ip[0] >> 4U == 4;
    const bool v6 = size >= 40 && ip[0] >> 4U == 6;
    const std::size_t header = v4 ? (ip[0] & 0xfU) * 4U : 40;
    if ((!v4 && !v6) || size < header + 4) {
        return {};
    }
    const std::uint8_t protocol = v4 ? ip[9] : ip[6];
    if (protocol != 6 && protocol != 17) {
        return {};
    }
    const std::size_t length = v4 ? 4 : 16;
    const auto* const addresses = reinterpret_cast<const char*>(ip + (v4 ? 12 : 8));
    const auto* const ports = reinterpret_cast<const char*>(ip + header);
    const std::string source = std::string(addresses, length) + std::string(ports, 2);
    const std::string destination =
        std::string(addresses + length, length) + std::string(ports + 2, 2);
    return (source < destination ? source + destination : destination + source) +
           static_cast<char>(protocol);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("usage: ndpi_classifier CAPTURE\n", stderr);
        return 64;
    }
    std::array<char, PCAP_ERRBUF_SIZE> error{};
    pcap_t* const capture = pcap_open_offline(argv[1], error.data());
    if (capture == nullptr) {
        std::fprintf(stderr, "%s\n", error.data());
        return 66;
    }
    ndpi_detection_module_struct* const module = ndpi_init_detection_module(ndpi_no_prefs);
    NDPI_PROTOCOL_BITMASK all;
    NDPI_BITMASK_SET_ALL(all);
    ndpi_set_protocol_detection_bitmask2(module, &all);
    ndpi_finalize_initialization(module);

    std::unordered_map<std::string, Flow> flows;
    pcap_pkthdr* header = nullptr;
    const u_char* bytes = nullptr;
    unsigned long packets = 0;
    while (pcap_next_ex(capture, &header, &bytes) == 1) {
        ++packets;
        constexpr std::size_t ethernet = 14;
        constexpr std::size_t tag = 4;
        const std::size_t link = header->caplen > ethernet && bytes[12] == 0x81 && bytes[13] == 0
                                     ? ethernet + tag
                                     : ethernet;
        if (header->caplen <= link) {
            continue;
        }
        const std::size_t size = header->caplen - link;
        const auto key = key_of(bytes + link, size);
        if (key.empty()) {
            continue;
        }
        Flow& flow = flows[key];
        if (flow.known || flow.packets++ >= enough_packets) {
            continue;
        }
        const auto time = static_cast<std::uint64_t>(header->ts.tv_sec) * 1000 +
                          static_cast<std::uint64_t>(header->ts.tv_usec) / 1000;
        const auto found = ndpi_detection_process_packet(module, flow.state.get(), bytes + link,
                                                         static_cast<unsigned short>(size), time);
        flow.known = found.app_protocol != NDPI_PROTOCOL_UNKNOWN &&
                     ndpi_extra_dissection_possible(module, flow.state.get()) == 0;
    }
    unsigned long classified = 0;
    for (const auto& [key, flow] : flows) {
        classified += flow.state->detected_protocol_stack[0] != NDPI_PROTOCOL_UNKNOWN ? 1UL : 0UL;
    }
    std::printf("%lu packets, %zu flows, %lu classified\n", packets, flows.size(), classified);
    flows.clear();
    ndpi_exit_detection_module(module);
    pcap_close(capture);
    return 0;
}
