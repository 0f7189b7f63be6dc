// Mirrored frames over UDP, on the loopback interface.
#include "capture/live_listener.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "capture/socket_address.h"
#include "capture/support/packets.h"
#include "capture/support/reading.h"
#include "capture/udp_header.h"

namespace turnpike::capture {
namespace {

using testing::content;
using ::testing::ElementsAre;
using testing::error_of;
using testing::ethernet;
using ::testing::HasSubstr;
using testing::ip;
using testing::keep;
using testing::KeptFrame;
using testing::OctetVector;
using ::testing::SizeIs;
using testing::udp;
using testing::udp_packet;
using testing::vxlan;

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::size_t buffer = std::size_t{1} << 20U;
constexpr std::uint32_t whole = 262'144;

TEST(MirrorListener, IsReadFromText) {
    const auto plain = parse_mirror_listener("vxlan");
    EXPECT_EQ(plain.kind, MirrorListener::Kind::vxlan);
    EXPECT_EQ(plain.port, 4789);
    EXPECT_EQ(plain.address, "");
    EXPECT_EQ(parse_mirror_listener("vxlan:14789").port, 14789);
    const auto geneve = parse_mirror_listener("geneve");
    EXPECT_EQ(geneve.kind, MirrorListener::Kind::geneve);
    EXPECT_EQ(geneve.port, 6081);
    EXPECT_EQ(parse_mirror_listener("vxlan:4789@192.0.2.1").address, "192.0.2.1");
    EXPECT_EQ(parse_mirror_listener("vxlan:4789@[2001:DB8::1]").address, "2001:db8::1");
    EXPECT_EQ(parse_mirror_listener("geneve@[2001:db8::1]").port, 6081);
}

TEST(MirrorListener, RefusesOtherText) {
    for (const auto* const text :
         {"", "gre", "gre:4789", "vxlan:", "vxlan:0", "vxlan:65536", "vxlan:47x", "vxlan:4789@",
          "vxlan:4789@here", "vxlan:4789@[192.0.2.1]", "4789"}) {
        const auto [message, status] = error_of([&] { parse_mirror_listener(text); });
        EXPECT_EQ(status, 64) << text;
        EXPECT_THAT(message, HasSubstr("vxlan:PORT"));
    }
}

TEST(MirrorListener, MayNameSendersAndNetworks) {
    const auto made =
        parse_mirror_listener("vxlan:4789@192.0.2.1,from=198.51.100.0/24,vni=7,vni=8");
    EXPECT_EQ(made.address, "192.0.2.1");
    ASSERT_EQ(made.senders.size(), 1U);
    EXPECT_EQ(base::to_string(made.senders[0]), "198.51.100.0/24");
    EXPECT_THAT(made.networks, ElementsAre(7, 8));
    EXPECT_EQ(base::to_string(parse_mirror_listener("geneve,from=2001:db8::1").senders.at(0)),
              "2001:db8::1/128");
    for (const auto* const text : {"vxlan,", "vxlan,here", "vxlan,from=", "vxlan,vni=16777216",
                                   "vxlan,vni=x", "vxlan,from=192.0.2.0/33"}) {
        EXPECT_EQ(error_of([&] { parse_mirror_listener(text); }).second, 64) << text;
    }
}

/// A socket that sends to the listener.
class Mirror {
  public:
    Mirror(const char* address, std::uint16_t port) {
        const bool v6 = std::string_view(address).find(':') != std::string_view::npos;
        sockaddr_storage target{};
        socklen_t size = 0;
        if (v6) {
            auto& to = reinterpret_cast<sockaddr_in6&>(target);
            to.sin6_family = AF_INET6;
            to.sin6_port = htons(port);
            ::inet_pton(AF_INET6, address, &to.sin6_addr);
            size = sizeof to;
        } else {
            auto& to = reinterpret_cast<sockaddr_in&>(target);
            to.sin_family = AF_INET;
            to.sin_port = htons(port);
            ::inet_pton(AF_INET, address, &to.sin_addr);
            size = sizeof to;
        }
        socket_ = ::socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&target), size) == 0;
        sockaddr_storage own{};
        socklen_t own_size = sizeof own;
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&own), &own_size);
        own_ = address_of(reinterpret_cast<const sockaddr&>(own));
    }
    Mirror(const Mirror&) = delete;
    Mirror& operator=(const Mirror&) = delete;
    ~Mirror() { ::close(socket_); }

    [[nodiscard]] bool connected() const noexcept { return connected_; }
    [[nodiscard]] const base::Endpoint& own() const noexcept { return own_; }
    [[nodiscard]] bool send(const OctetVector& datagram) const {
        return ::send(socket_, datagram.data(), datagram.size(), 0) ==
               static_cast<ssize_t>(datagram.size());
    }

  private:
    int socket_ = -1;
    bool connected_ = false;
    base::Endpoint own_;
};

/// A listener on any free port.
std::unique_ptr<LiveListener> listen(MirrorListener::Kind kind, const std::string& address,
                                     std::uint32_t snap_length = whole) {
    return std::make_unique<LiveListener>(
        MirrorListener{.kind = kind, .port = 0, .address = address}, buffer, snap_length);
}

std::vector<KeptFrame> read(LiveListener& listener, std::size_t count) {
    std::vector<KeptFrame> kept;
    const auto deadline = Clock::now() + 10s;
    while (kept.size() < count && Clock::now() < deadline) {
        LiveSegment segment;
        listener.read(segment, 100);
        while (!segment.used_up()) {
            keep(kept, {&segment.take(), 1});
        }
    }
    return kept;
}

TEST(LiveListener, GivesADatagramItsHeaderBack) {
    const auto listener = listen(MirrorListener::Kind::vxlan, "");
    const Mirror mirror("127.0.0.1", listener->port());
    ASSERT_TRUE(mirror.connected());
    const auto inside = vxlan(7, ethernet(udp_packet("192.0.2.1", 1, "192.0.2.2", 2)));
    const auto before = std::chrono::system_clock::now().time_since_epoch() / 1ns;
    ASSERT_TRUE(mirror.send(inside));
    const auto frames = read(*listener, 1);
    ASSERT_THAT(frames, SizeIs(1));
    EXPECT_EQ(frames[0].link_type, 101U);
    EXPECT_EQ(frames[0].wire_length, 28 + inside.size());
    EXPECT_GE(frames[0].time, before);
    // Identification apart, just what was on the way; the port is the one decoders know.
    auto expected = ip("127.0.0.1", "127.0.0.1", 17, udp(mirror.own().port, 4789, inside));
    expected[4] = expected[5] = 0;
    const UdpHeader header(mirror.own(), {.address = base::IpAddress::v4(0x7f000001), .port = 4789},
                           inside.size());
    std::ranges::copy(header.bytes().subspan(10, 2), expected.begin() + 10);
    EXPECT_EQ(frames[0].bytes, expected);
}

TEST(LiveListener, TakesIpv6) {
    const auto listener = listen(MirrorListener::Kind::geneve, "");
    const Mirror mirror("::1", listener->port());
    if (!mirror.connected()) {
        GTEST_SKIP() << "needs IPv6 on the loopback interface";
    }
    ASSERT_TRUE(mirror.send(content(50)));
    const auto frames = read(*listener, 1);
    ASSERT_THAT(frames, SizeIs(1));
    EXPECT_EQ(frames[0].bytes, ip("::1", "::1", 17, udp(mirror.own().port, 6081, content(50))));
}

TEST(LiveListener, TakesNamedSendersAndNetworksOnly) {
    const auto wanted = [](std::string_view text) {
        auto made = parse_mirror_listener(text);
        made.port = 0;
        return std::make_unique<LiveListener>(made, buffer, whole);
    };
    const auto inside = vxlan(7, ethernet(udp_packet("192.0.2.1", 1, "192.0.2.2", 2)));
    for (const auto* const refusing :
         {"vxlan@127.0.0.1,from=192.0.2.0/24", "vxlan@127.0.0.1,vni=8"}) {
        const auto listener = wanted(refusing);
        const Mirror mirror("127.0.0.1", listener->port());
        ASSERT_TRUE(mirror.send(inside));
        LiveSegment segment;
        for (int i = 0; i < 20 && listener->take_notices().empty(); ++i) {
            listener->read(segment, 100);
            std::this_thread::sleep_for(10ms);
        }
        EXPECT_TRUE(segment.used_up()) << refusing;
    }
    const auto listener = wanted("vxlan,from=127.0.0.0/8,vni=8,vni=7");
    const Mirror mirror("127.0.0.1", listener->port());
    ASSERT_TRUE(mirror.send(inside));
    EXPECT_THAT(read(*listener, 1), SizeIs(1));
    EXPECT_TRUE(listener->take_notices().empty());
}

TEST(LiveListener, ListensOnOneAddressOnly) {
    const auto listener = listen(MirrorListener::Kind::vxlan, "127.0.0.2");
    const Mirror elsewhere("127.0.0.3", listener->port());
    static_cast<void>(elsewhere.send(content(40)));
    const Mirror mirror("127.0.0.2", listener->port());
    ASSERT_TRUE(mirror.send(content(50)));
    const auto frames = read(*listener, 1);
    ASSERT_THAT(frames, SizeIs(1));
    EXPECT_EQ(frames[0].wire_length, 28U + 50U);
    EXPECT_THAT((OctetVector{frames[0].bytes.begin() + 16, frames[0].bytes.begin() + 20}),
                ElementsAre(127, 0, 0, 2));
}

TEST(LiveListener, CutsAtTheSnapLength) {
    const auto listener = listen(MirrorListener::Kind::vxlan, "", 100);
    const Mirror mirror("127.0.0.1", listener->port());
    ASSERT_TRUE(mirror.send(content(9000)));
    const auto frames = read(*listener, 1);
    ASSERT_THAT(frames, SizeIs(1));
    EXPECT_EQ(frames[0].bytes.size(), 100U);
    EXPECT_EQ(frames[0].wire_length, 9028U);
}

TEST(LiveListener, ReadsManyInTheirOrderAndTheLongest) {
    const auto listener = listen(MirrorListener::Kind::vxlan, "");
    const Mirror mirror("127.0.0.1", listener->port());
    for (std::uint8_t i = 0; i < 150; ++i) {
        ASSERT_TRUE(mirror.send(content(100, i)));
    }
    const auto frames = read(*listener, 150);
    ASSERT_THAT(frames, SizeIs(150));
    for (std::uint8_t i = 0; i < 150; ++i) {
        EXPECT_EQ((OctetVector{frames[i].bytes.begin() + 28, frames[i].bytes.end()}),
                  content(100, i));
    }
    ASSERT_TRUE(mirror.send(content(65'507)));
    ASSERT_TRUE(mirror.send({}));
    const auto extremes = read(*listener, 2);
    ASSERT_THAT(extremes, SizeIs(2));
    EXPECT_EQ(extremes[0].bytes.size(), 65'535U);
    EXPECT_EQ(extremes[1].bytes.size(), 28U);
}

TEST(LiveListener, CountsWhatDidNotFit) {
    LiveListener listener({.kind = MirrorListener::Kind::vxlan, .port = 0, .address = ""}, 4096,
                          whole);
    const Mirror mirror("127.0.0.1", listener.port());
    constexpr std::size_t count = 200;
    for (std::size_t i = 0; i < count; ++i) {
        ASSERT_TRUE(mirror.send(content(1000)));
    }
    LiveSegment segment;
    listener.read(segment, count);
    EXPECT_GT(listener.lost().by_kernel, 0U);
    EXPECT_EQ(segment.size() + listener.lost().by_kernel, count);
    EXPECT_EQ(listener.last_lost().total(), listener.lost().total());
}

TEST(LiveListener, SaysWhatItCannotBind) {
    const auto first = listen(MirrorListener::Kind::vxlan, "127.0.0.1");
    const auto taken = error_of([&] {
        const LiveListener second(
            {.kind = MirrorListener::Kind::vxlan, .port = first->port(), .address = "127.0.0.1"},
            buffer, whole);
    });
    EXPECT_EQ(taken.second, 66);
    EXPECT_THAT(taken.first, HasSubstr("listens on this port already"));
    const auto foreign = error_of([&] { listen(MirrorListener::Kind::vxlan, "203.0.113.254"); });
    EXPECT_EQ(foreign.second, 66);
    EXPECT_THAT(foreign.first, HasSubstr("vxlan:0@203.0.113.254"));
    EXPECT_THAT(foreign.first, HasSubstr("no interface of this machine has this address"));
}

TEST(LiveListener, IsASourceOfItsOwn) {
    LiveOptions options;
    const auto free = listen(MirrorListener::Kind::vxlan, "127.0.0.1")->port();
    options.listeners = {
        {.kind = MirrorListener::Kind::vxlan, .port = free, .address = "127.0.0.1"}};
    options.workers = 2;
    const auto sources = open_live(options);
    ASSERT_THAT(sources, SizeIs(2));
    const Mirror mirror("127.0.0.1", free);
    ASSERT_TRUE(mirror.send(content(60)));
    for (const auto& source : sources) {
        source->stop();
    }
    EXPECT_THAT(testing::read_all(*sources[0]).frames, SizeIs(1));
    EXPECT_THAT(testing::read_all(*sources[1]).frames, SizeIs(0));
    EXPECT_EQ(sources[0]->describe(), "vxlan:" + std::to_string(free) + "@127.0.0.1");
}

}  // namespace
}  // namespace turnpike::capture
