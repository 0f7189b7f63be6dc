// Capturing from real interfaces in a network namespace of the test's own; needs root.
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/support/live_reading.h"
#include "capture/support/network.h"
#include "capture/support/packets.h"
#include "turnpike/capture/live.h"

namespace turnpike::capture {
namespace {

using testing::alice;
using testing::await_carrier;
using testing::bob;
using testing::Clock;
using ::testing::Contains;
using testing::content;
using testing::delivered;
using ::testing::ElementsAre;
using testing::error_of;
using testing::ethernet;
using testing::FrameSender;
using testing::generous;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::KeptFrame;
using testing::notices;
using testing::octets_of_all;
using testing::OctetVector;
using testing::on;
using testing::OwnNetwork;
using testing::read_frames;
using testing::read_until;
using ::testing::SizeIs;
using testing::tag;
using testing::udp_packet;
using testing::vxlan;

using namespace std::chrono_literals;

class LiveInterface : public testing::NetworkTest {};

TEST_F(LiveInterface, DeliversWhatArrives) {
    const auto source = std::move(open_live(on({"far"})).at(0));
    const FrameSender sender("near");
    const auto first = ethernet(udp_packet(alice, 50000, bob, 3478));
    const auto second = ethernet(0x8100, tag(42, 0x0800, udp_packet(bob, 3478, alice, 50000)));
    const auto before = std::chrono::system_clock::now().time_since_epoch() / 1ns;
    ASSERT_TRUE(sender.send(first));
    ASSERT_TRUE(sender.send(second));
    const auto frames = read_frames(*source, 2);
    const auto after = std::chrono::system_clock::now().time_since_epoch() / 1ns;
    ASSERT_THAT(octets_of_all(frames), ElementsAre(first, second));
    for (std::size_t i = 0; i < frames.size(); ++i) {
        EXPECT_EQ(frames[i].number, i + 1);
        EXPECT_EQ(frames[i].link_type, 1U);
        EXPECT_EQ(frames[i].wire_length, frames[i].bytes.size());
        EXPECT_GE(frames[i].time, before);
        EXPECT_LE(frames[i].time, after);
    }
    EXPECT_EQ(source->describe(), "far");
    EXPECT_TRUE(source->drops().known);
    EXPECT_EQ(source->drops().total(), 0U);
    source->stop();
    read_frames(*source, 1);
    EXPECT_TRUE(source->ended());
    EXPECT_THAT(source->cut_offs(), IsEmpty());
}

TEST_F(LiveInterface, DeliversWhatCameBeforeStop) {
    const auto source = std::move(open_live(on({"far"})).at(0));
    const FrameSender sender("near");
    for (std::uint16_t i = 0; i < 100; ++i) {
        ASSERT_TRUE(sender.send(ethernet(udp_packet(alice, i, bob, 3478))));
    }
    source->stop();
    const auto began = Clock::now();
    EXPECT_THAT(testing::read_all(*source).frames, SizeIs(100));
    EXPECT_LT(Clock::now() - began, 2s);
}

TEST_F(LiveInterface, StopWakesWhoWaits) {
    const auto source = std::move(open_live(on({"far"})).at(0));
    const std::jthread stopper([&] {
        std::this_thread::sleep_for(20ms);
        source->stop();
    });
    const auto began = Clock::now();
    EXPECT_THAT(testing::read_all(*source).frames, IsEmpty());
    EXPECT_LT(Clock::now() - began, 2s);
}

TEST_F(LiveInterface, TheClockGoesOnInSilence) {
    const auto source = std::move(open_live(on({"far"})).at(0));
    std::vector<KeptFrame> none;
    std::vector<base::Timestamp> seen;
    const auto before = std::chrono::system_clock::now();
    ASSERT_TRUE(read_until(*source, none, [&] {
        if (const auto clock = source->clock()) {
            seen.push_back(*clock);
        }
        return !seen.empty() && seen.back() > before + 50ms;
    }));
    EXPECT_TRUE(std::ranges::is_sorted(seen));
    EXPECT_LT(seen.back(), std::chrono::system_clock::now());
    EXPECT_THAT(none, IsEmpty());
}

TEST_F(LiveInterface, CutsAtTheSnapLength) {
    auto options = on({"far"});
    options.snap_length = 60;
    const auto source = std::move(open_live(options).at(0));
    const auto frame = ethernet(udp_packet(alice, 50000, bob, 3478, content(500)));
    ASSERT_TRUE(FrameSender("near").send(frame));
    const auto frames = read_frames(*source, 1);
    ASSERT_THAT(frames, SizeIs(1));
    EXPECT_EQ(frames[0].bytes, OctetVector(frame.begin(), frame.begin() + 60));
    EXPECT_EQ(frames[0].wire_length, frame.size());
}

TEST_F(LiveInterface, TheKernelFilterLooksBehindOneTagAtMost) {
    auto options = on({"far"});
    options.filter = "udp port 3478";
    const auto source = std::move(open_live(options).at(0));
    const FrameSender sender("near");
    const auto call = udp_packet(alice, 50000, bob, 3478);
    const auto wanted = ethernet(call);
    const auto tagged = ethernet(0x8100, tag(2, 0x0800, call));
    ASSERT_TRUE(sender.send(ethernet(udp_packet(alice, 50000, bob, 53))));
    ASSERT_TRUE(sender.send(ethernet(0x88a8, tag(1, 0x8100, tag(2, 0x0800, call)))));
    ASSERT_TRUE(sender.send(
        ethernet(udp_packet("10.9.0.1", 40001, "10.9.0.2", 4789, vxlan(7, ethernet(call))))));
    ASSERT_TRUE(sender.send(wanted));
    ASSERT_TRUE(sender.send(tagged));
    // The kernel takes one tag off before the filter runs; in a file the same filter misses it. Two
    // tags and VXLAN are passed by: InnerFilter is there for them.
    EXPECT_THAT(octets_of_all(read_frames(*source, 2)), ElementsAre(wanted, tagged));
}

TEST_F(LiveInterface, TheVlanKeywordMovesWhatFollowsIt) {
    const auto call = udp_packet(alice, 50000, bob, 3478);
    const auto plain = ethernet(call);
    const auto tagged = ethernet(0x8100, tag(42, 0x0800, call));
    const FrameSender sender("near");
    const auto seen_with = [&](const std::string& filter) {
        auto options = on({"far"});
        options.filter = filter;
        const auto source = std::move(open_live(options).at(0));
        EXPECT_TRUE(sender.send(plain));
        EXPECT_TRUE(sender.send(tagged));
        source->stop();
        return octets_of_all(testing::read_all(*source).frames);
    };
    EXPECT_THAT(seen_with("vlan and udp port 3478"), ElementsAre(tagged));
    // The order that looks harmless: after `vlan` the offsets are those of tagged frames only.
    EXPECT_THAT(seen_with("udp port 3478 or (vlan and udp port 3478)"), ElementsAre(plain, tagged));
    EXPECT_THAT(seen_with("(vlan and udp port 3478) or udp port 3478"), ElementsAre(tagged));
}

TEST_F(LiveInterface, AnyTellsItsLinkType) {
    const auto source = std::move(open_live(on({"any"})).at(0));
    const auto packet = udp_packet(alice, 50000, bob, 3478);
    ASSERT_TRUE(FrameSender("near").send(ethernet(packet)));
    const auto frames = read_frames(*source, 2);
    ASSERT_THAT(frames, SizeIs(2)) << "once as it leaves, once as it arrives";
    EXPECT_EQ(frames[0].link_type, 276U);  // LINKTYPE_LINUX_SLL2
    EXPECT_EQ(frames[0].bytes.size(), 20 + packet.size());
}

TEST_F(LiveInterface, ATunIsRawIp) {
    if (!OwnNetwork::ip("tuntap add mode tun name tunnel") ||
        !OwnNetwork::ip("link set tunnel up")) {
        GTEST_SKIP() << "needs the tun driver";
    }
    const auto source = std::move(open_live(on({"tunnel"})).at(0));
    EXPECT_EQ(source->describe(), "tunnel");
}

TEST_F(LiveInterface, MergesInterfacesByTime) {
    ASSERT_TRUE(OwnNetwork::ip("link add near2 type veth peer name far2"));
    ASSERT_TRUE(OwnNetwork::ip("link set near2 up") && OwnNetwork::ip("link set far2 up"));
    const auto source = std::move(open_live(on({"far", "far2"})).at(0));
    const FrameSender first("near");
    const FrameSender second("near2");
    constexpr std::uint16_t count = 400;
    for (std::uint16_t i = 0; i < count; ++i) {
        const auto frame = ethernet(udp_packet(alice, i, bob, 3478));
        ASSERT_TRUE((i % 3 == 0 ? second : first).send(frame));
        if (i % 100 == 99) {
            std::this_thread::sleep_for(15ms);  // blocks are handed over at different times
        }
    }
    std::vector<KeptFrame> frames;
    const auto is_ours = [](const KeptFrame& frame) { return frame.bytes.size() == 82; };
    read_until(*source, frames, [&] { return std::ranges::count_if(frames, is_ours) == count; });
    std::erase_if(frames, [&](const KeptFrame& frame) { return !is_ours(frame); });
    ASSERT_THAT(frames, SizeIs(count));
    for (std::size_t i = 0; i < count; ++i) {
        ASSERT_EQ(frames[i].bytes[34] * 256U + frames[i].bytes[35], i) << "the source port";
    }
    EXPECT_EQ(source->describe(), "far, far2");
}

TEST_F(LiveInterface, ATrickleOnOneInterfaceIsNotHeldBackByTheOther) {
    ASSERT_TRUE(OwnNetwork::ip("link add near2 type veth peer name far2"));
    ASSERT_TRUE(OwnNetwork::ip("link set near2 up") && OwnNetwork::ip("link set far2 up"));
    const auto source = std::move(open_live(on({"far", "far2"})).at(0));
    const auto frame = ethernet(udp_packet(alice, 1, bob, 3478));
    ASSERT_TRUE(FrameSender("near").send(frame));
    std::vector<KeptFrame> frames;
    EXPECT_TRUE(read_until(*source, frames, [&] { return delivered(frames, frame); }));
}

TEST_F(LiveInterface, SurvivesDownAndUp) {
    const auto source = std::move(open_live(on({"far"})).at(0));
    const FrameSender sender("near");
    const auto frame = ethernet(udp_packet(alice, 50000, bob, 3478));
    for (int round = 0; round < 3; ++round) {
        ASSERT_TRUE(sender.send(frame));
        EXPECT_THAT(octets_of_all(read_frames(*source, 1)), ElementsAre(frame)) << round;
        ASSERT_TRUE(OwnNetwork::ip("link set far down"));
        EXPECT_TRUE(notices(*source, "far: the interface went down"));
        ASSERT_TRUE(OwnNetwork::ip("link set far up"));
        EXPECT_TRUE(notices(*source, "far: the interface is up again"));
        ASSERT_TRUE(await_carrier("near"));
    }
    ASSERT_TRUE(OwnNetwork::ip("link set near down"));
    EXPECT_TRUE(notices(*source, "far: the link went down"));
    EXPECT_FALSE(source->ended());
}

TEST_F(LiveInterface, EndsWhenTheInterfaceIsGone) {
    const auto source = std::move(open_live(on({"far"})).at(0));
    const auto witness = std::move(open_live(on({"far"})).at(0));
    const auto frame = ethernet(udp_packet(alice, 50000, bob, 3478));
    ASSERT_TRUE(FrameSender("near").send(frame));
    // A busy machine hands a sent frame over later, and an interface's end discards what it has
    // not handed over: the frame is in the rings once another reader has it.
    ASSERT_THAT(read_frames(*witness, 1), SizeIs(1));
    ASSERT_TRUE(OwnNetwork::ip("link del far"));
    std::vector<KeptFrame> frames;
    read_until(*source, frames, [] { return false; });
    EXPECT_TRUE(source->ended());
    EXPECT_THAT(octets_of_all(frames), ElementsAre(frame)) << "what was in the ring is delivered";
    EXPECT_THAT(source->cut_offs(), ElementsAre("far: the interface disappeared"));
}

TEST_F(LiveInterface, ReadsTheWholeRingOfAnInterfaceThatIsGoneHoweverSlowly) {
    const auto source = std::move(open_live(on({"far"})).at(0));
    const auto witness = std::move(open_live(on({"far"})).at(0));
    const auto frame = ethernet(udp_packet(alice, 50000, bob, 3478));
    const FrameSender sender("near");
    constexpr std::size_t count = 3000;  // more than two rounds read
    for (std::size_t i = 0; i < count; ++i) {
        ASSERT_TRUE(sender.send(frame));
    }
    ASSERT_EQ(read_frames(*witness, count).size(), count);
    ASSERT_TRUE(OwnNetwork::ip("link del far"));
    std::vector<KeptFrame> frames;
    read_until(*source, frames, [] {
        std::this_thread::sleep_for(150ms);
        return false;
    });
    EXPECT_TRUE(source->ended());
    EXPECT_EQ(frames.size(), count);
}

TEST_F(LiveInterface, GoesOnWithTheOtherInterface) {
    ASSERT_TRUE(OwnNetwork::ip("link add near2 type veth peer name far2"));
    ASSERT_TRUE(OwnNetwork::ip("link set near2 up") && OwnNetwork::ip("link set far2 up"));
    const auto source = std::move(open_live(on({"far", "far2"})).at(0));
    ASSERT_TRUE(OwnNetwork::ip("link del far2"));
    EXPECT_TRUE(notices(*source, "far2: the interface disappeared"));
    const auto frame = ethernet(udp_packet(alice, 50000, bob, 3478));
    ASSERT_TRUE(FrameSender("near").send(frame));
    std::vector<KeptFrame> frames;
    EXPECT_TRUE(read_until(*source, frames, [&] { return delivered(frames, frame); }));
}

TEST_F(LiveInterface, CountsWhatTheKernelDropped) {
    auto options = on({"far"});
    options.ring_octets = std::size_t{1} << 20U;
    const auto source = std::move(open_live(options).at(0));
    const FrameSender sender("near");
    const auto frame = ethernet(udp_packet(alice, 50000, bob, 3478, content(1000)));
    constexpr std::size_t count = 4000;
    for (std::size_t i = 0; i < count; ++i) {
        ASSERT_TRUE(sender.send(frame));
    }
    std::size_t read = 0;
    std::uint64_t lost = 0;
    const auto deadline = Clock::now() + generous;
    while (read + lost < count && Clock::now() < deadline) {
        read += source->next_batch().size();
        for (const Loss& loss : source->losses()) {
            lost += loss.frames;
            EXPECT_LE(loss.from, loss.to);
        }
    }
    EXPECT_GT(lost, 0U);
    EXPECT_EQ(read + lost, count);
    EXPECT_EQ(source->drops().by_kernel, lost);
    EXPECT_EQ(source->drops().by_interface, 0U);
}

TEST_F(LiveInterface, SaysWhatCannotBeOpened) {
    const auto refused = [](const LiveOptions& options) {
        return error_of([&] { open_live(options); });
    };
    EXPECT_EQ(refused(on({"fat"})),
              std::pair(std::string("fat: no such interface; did you mean far?"), 66));
    EXPECT_EQ(refused(on({"far", "far"})).second, 64);
    EXPECT_EQ(refused(on({"any", "far"})).second, 64);
    EXPECT_EQ(refused(on({})).second, 64);
    auto filtered = on({"far"});
    filtered.filter = "udp prot 3";
    EXPECT_EQ(refused(filtered).second, 64);
    EXPECT_THAT(refused(filtered).first, HasSubstr("'udp prot 3' on far"));
    auto stamped = on({"far"});
    stamped.timestamps = TimestampOrigin::adapter;
    EXPECT_EQ(refused(stamped).second, 64);
    EXPECT_THAT(refused(stamped).first, HasSubstr("there are: host"));
    ASSERT_TRUE(OwnNetwork::ip("link set far down"));
    EXPECT_EQ(refused(on({"far"})).second, 66);
    EXPECT_THAT(refused(on({"far"})).first, HasSubstr("the interface is down"));
}

/// What a process with other rights reports: an exit status, without touching the rights of ours.
int status_of_child(const std::function<void()>& give_up, const std::function<void()>& call) {
    const pid_t child = ::fork();
    if (child == 0) {
        give_up();
        ::_exit(error_of(call).second);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(LiveInterface, WithoutPermissionNamesTheCommandThatGrantsIt) {
    const auto nobody = [] {
        if (::setresgid(65534, 65534, 65534) != 0 || ::setresuid(65534, 65534, 65534) != 0) {
            ::_exit(99);
        }
    };
    EXPECT_EQ(status_of_child(nobody, [] { open_live(on({"far"})); }), 77);
    EXPECT_EQ(status_of_child(nobody, [] { open_live(on({"fax"})); }), 66)
        << "what does not exist needs no permission";
    EXPECT_EQ(
        status_of_child(nobody,
                        [] {
                            try {
                                open_live(on({"far"}));
                            } catch (const base::Error& error) {
                                const std::string text = error.what();
                                if (text.find("setcap cap_net_raw+ep /") == std::string::npos) {
                                    ::_exit(98);
                                }
                            }
                        }),
        0);
}

TEST_F(LiveInterface, TheListTellsWhatThereIs) {
    const auto list = list_interfaces();
    const auto found = std::ranges::find(list, "far", &InterfaceInfo::name);
    ASSERT_NE(found, list.end());
    EXPECT_TRUE(found->up);
    EXPECT_TRUE(found->running);
    EXPECT_FALSE(found->loopback);
    EXPECT_THAT(found->link_types, Contains("EN10MB"));
    EXPECT_THAT(found->timestamps, Contains("host"));
    EXPECT_TRUE(found->nanoseconds);
    EXPECT_EQ(found->problem, "");
    const auto loopback = std::ranges::find(list, "lo", &InterfaceInfo::name);
    ASSERT_NE(loopback, list.end());
    EXPECT_TRUE(loopback->loopback);
    EXPECT_FALSE(loopback->up);
    EXPECT_THAT(loopback->problem, HasSubstr("down"));
}

}  // namespace
}  // namespace turnpike::capture
