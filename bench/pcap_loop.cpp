// The yardstick: reads every packet of a capture with libpcap and does nothing. Prints how many
// there were.
#include <pcap/pcap.h>

#include <array>
#include <cstdio>

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("usage: pcap_loop CAPTURE\n", stderr);
        return 64;
    }
    std::array<char, PCAP_ERRBUF_SIZE> error{};
    pcap_t* const capture = pcap_open_offline(argv[1], error.data());
    if (capture == nullptr) {
        std::fprintf(stderr, "%s\n", error.data());
        return 66;
    }
    pcap_pkthdr* header = nullptr;
    const u_char* bytes = nullptr;
    unsigned long packets = 0;
    while (pcap_next_ex(capture, &header, &bytes) == 1) {
        ++packets;
    }
    pcap_close(capture);
    std::printf("%lu\n", packets);
    return 0;
}
