// The words of `turnpike live`: what each means, and one clear line for what means nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/command_line.h"
#include "turnpike/base/error.h"

namespace turnpike::app {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

using Words = std::vector<std::string>;

LiveCommand parsed(Words words) {
    words.insert(words.begin(), {"-i", "eth0"});
    return parse_live(words).value();
}

TEST(LiveCommandLine, HasDefaults) {
    const auto command = parsed({});
    EXPECT_THAT(command.capture.interfaces, ElementsAre("eth0"));
    EXPECT_TRUE(command.capture.listeners.empty());
    EXPECT_EQ(command.capture.filter, "");
    EXPECT_EQ(command.capture.ring_octets, std::size_t{64} << 20U);
    EXPECT_EQ(command.capture.snap_length, 262'144U);
    EXPECT_TRUE(command.capture.promiscuous);
    EXPECT_EQ(command.capture.timestamps, capture::TimestampOrigin::best);
    EXPECT_EQ(command.capture.workers, 1U);
    EXPECT_EQ(command.inner_filter, "");
    EXPECT_EQ(command.duration, std::nullopt);
    EXPECT_EQ(command.packets, 0U);
    EXPECT_EQ(command.rotate, store::RotationRule{});
    EXPECT_EQ(command.keep, 8U);
    EXPECT_FALSE(command.metrics);
    EXPECT_FALSE(command.user);
    EXPECT_FALSE(command.json_lines);
    EXPECT_FALSE(command.list);
    EXPECT_EQ(command.judging.output, "turnpike.db");
    EXPECT_FALSE(command.judging.quiet);
}

TEST(LiveCommandLine, TakesEveryOption) {
    const auto command = parsed({"-i",
                                 "eth1",
                                 "--listen",
                                 "vxlan:4789",
                                 "--listen",
                                 "geneve:6081",
                                 "-f",
                                 "udp",
                                 "--snap-length",
                                 "128",
                                 "--ring-size",
                                 "8",
                                 "--no-promiscuous",
                                 "--timestamps",
                                 "adapter_unsynced",
                                 "--workers",
                                 "4",
                                 "--packets",
                                 "1000",
                                 "--keep",
                                 "3",
                                 "--rotate",
                                 "1h",
                                 "--metrics",
                                 "[::1]:9464",
                                 "--user",
                                 "nobody",
                                 "--format",
                                 "json",
                                 "--output",
                                 "x.db",
                                 "--quiet",
                                 "--require",
                                 "whereby"});
    EXPECT_THAT(command.capture.interfaces, ElementsAre("eth0", "eth1"));
    ASSERT_EQ(command.capture.listeners.size(), 2U);
    EXPECT_EQ(command.capture.listeners[1].kind, capture::MirrorListener::Kind::geneve);
    EXPECT_EQ(command.capture.listeners[1].port, 6081);
    EXPECT_EQ(command.capture.filter, "udp");
    EXPECT_EQ(command.capture.snap_length, 128U);
    EXPECT_EQ(command.capture.ring_octets, std::size_t{8} << 20U);
    EXPECT_FALSE(command.capture.promiscuous);
    EXPECT_EQ(command.capture.timestamps, capture::TimestampOrigin::adapter_unsynced);
    EXPECT_EQ(command.capture.workers, 4U);
    EXPECT_EQ(command.packets, 1000U);
    EXPECT_EQ(command.keep, 3U);
    EXPECT_EQ(command.metrics.value().endpoint.port, 9464);
    EXPECT_EQ(command.user, "nobody");
    EXPECT_TRUE(command.json_lines);
    EXPECT_EQ(command.judging.output, "x.db");
    EXPECT_TRUE(command.judging.quiet);
    EXPECT_THAT(command.judging.require, ElementsAre("whereby"));
}

TEST(LiveCommandLine, AFilterIsForOutsideOrInside) {
    EXPECT_EQ(parsed({"--filter", "tcp"}).capture.filter, "tcp");
    EXPECT_EQ(parsed({"--filter", "tcp"}).inner_filter, "");
    EXPECT_EQ(parsed({"--filter", "tcp", "--filter-inside"}).capture.filter, "");
    EXPECT_EQ(parsed({"--filter", "tcp", "--filter-inside"}).inner_filter, "tcp");
}

TEST(LiveCommandLine, AMirrorNeedsNoInterface) {
    const auto command = parse_live({"--listen", "vxlan"}).value();
    EXPECT_TRUE(command.capture.interfaces.empty());
    EXPECT_EQ(command.capture.listeners.at(0).port, 4789);
}

TEST(LiveCommandLine, TheListNeedsNothingElse) {
    EXPECT_TRUE(parse_live({"--list"}).value().list);
}

TEST(LiveCommandLine, TimesHaveUnits) {
    const std::vector<std::pair<std::string, base::Duration>> times{
        {"45", 45s}, {"90s", 90s},    {"15m", 15min},
        {"2h", 2h},  {"7d", 7 * 24h}, {"36500d", 876'000h}};
    for (const auto& [word, time] : times) {
        EXPECT_EQ(parsed({"--duration", word}).duration, time) << word;
    }
}

TEST(LiveCommandLine, RotationIsByTimeOrSizeOrBoth) {
    const auto rule = parsed({"--rotate", "15m", "--rotate", "500M", "--rotate", "2G"}).rotate;
    EXPECT_EQ(rule.age, base::Duration{15min});
    EXPECT_EQ(rule.octets, std::uint64_t{2} << 30U) << "the last of a kind counts";
}

TEST(LiveCommandLine, BoundsBelongToTheirRange) {
    EXPECT_EQ(parsed({"--workers", "64"}).capture.workers, 64U);
    EXPECT_EQ(parsed({"--ring-size", "2048"}).capture.ring_octets, std::size_t{1} << 31U);
    EXPECT_EQ(parsed({"--snap-length", "64"}).capture.snap_length, 64U);
    EXPECT_EQ(parsed({"--packets", "1"}).packets, 1U);
    EXPECT_EQ(parsed({"--rotate", "1h", "--keep", "100000"}).keep, 100'000U);
}

struct Wrong {
    Words words;
    std::string said;
};

class WrongWords : public ::testing::TestWithParam<Wrong> {};

TEST_P(WrongWords, AreOneLineThatNamesThem) {
    try {
        parse_live(GetParam().words);
        FAIL() << "taken: " << ::testing::PrintToString(GetParam().words);
    } catch (const base::Error& error) {
        EXPECT_EQ(error.status(), base::ExitStatus::usage);
        EXPECT_THAT(error.what(), HasSubstr(GetParam().said));
        EXPECT_THAT(error.what(), Not(HasSubstr("\n")));
    }
}

Wrong with_interface(Words words, std::string said) {
    words.insert(words.begin(), {"-i", "eth0"});
    return {std::move(words), std::move(said)};
}

std::vector<Wrong> wrong_words() {
    return {
        {{}, "name one with -i"},
        {{"-i"}, "'--interface' is missing"},
        {{"-i", ""}, "-i: the name is empty"},
        {{"eth0"}, "live eth0: write -i before"},
        {{"--list", "eth0"}, "live eth0: write -i before"},
        {{"--list", "--workers", "0"}, "--workers 0"},
        {{"--listen", "nonsense"}, "--listen nonsense"},
        {{"--listen", "vxlan:0"}, "--listen vxlan:0"},
        {{"--listen", "vxlan:4789@nowhere"}, "--listen vxlan:4789@nowhere"},
        {{"--filter-inside"}, "no interface given"},
        with_interface({"--intreface", "x"}, "did you mean --interface?"),
        with_interface({"--filter-inside"}, "--filter-inside: there is no --filter"),
        with_interface({"--workers", "0"}, "--workers 0: give a number from 1 to 64"),
        with_interface({"--workers", "65"}, "--workers 65"),
        with_interface({"--workers", "-1"}, "--workers -1: give a number"),
        with_interface({"--workers", "1.5"}, "--workers 1.5"),
        with_interface({"--workers", ""}, "--workers : give a number"),
        with_interface({"--ring-size", "0"}, "--ring-size 0: give a number from 1 to 2048"),
        with_interface({"--ring-size", "2049"}, "--ring-size 2049"),
        with_interface({"--ring-size", "many"}, "--ring-size many"),
        with_interface({"--snap-length", "63"}, "--snap-length 63: give a number from 64 to"),
        with_interface({"--snap-length", "262145"}, "--snap-length 262145"),
        with_interface({"--snap-length", "4294967360"}, "--snap-length 4294967360"),
        with_interface({"--packets", "0"}, "--packets 0"),
        with_interface({"--packets", "-1"}, "--packets -1"),
        with_interface({"--packets", "9223372036854775808"}, "--packets 9223372036854775808"),
        with_interface({"--packets", "few"}, "--packets few"),
        with_interface({"--timestamps", "lunar"}, "--timestamps lunar: give best, host"),
        with_interface({"--duration", "0"}, "--duration 0: give a time"),
        with_interface({"--duration", ""}, "--duration : give a time"),
        with_interface({"--duration", "-5s"}, "--duration -5s"),
        with_interface({"--duration", "5y"}, "--duration 5y"),
        with_interface({"--duration", "1.5h"}, "--duration 1.5h"),
        with_interface({"--duration", "5 s"}, "--duration 5 s"),
        with_interface({"--duration", "36501d"}, "--duration 36501d"),
        with_interface({"--duration", "99999999999999999999s"}, "--duration 99999"),
        with_interface({"--duration", "1s", "--duration", "2s"}, "--duration"),
        with_interface({"--rotate", "10"}, "--rotate 10: is neither a time"),
        with_interface({"--rotate", "0s"}, "--rotate 0s"),
        with_interface({"--rotate", "5X"}, "--rotate 5X"),
        with_interface({"--rotate", "1h", "--rotate", "a\nb"}, "--rotate a\\x0ab"),
        with_interface({"--keep", "3"}, "--keep: nothing is rotated"),
        with_interface({"--keep", "0", "--rotate", "1h"}, "--keep 0: give a number from 1"),
        with_interface({"--keep", "-1", "--rotate", "1h"}, "--keep -1"),
        with_interface({"--metrics", "nonsense"}, "--metrics nonsense"),
        with_interface({"--metrics", "unix:"}, "the path is missing"),
        with_interface({"--metrics", "192.0.2.1:9464"}, "--metrics 192.0.2.1:9464"),
        with_interface({"--metrics", ""}, "--metrics"),
        with_interface({"--output", ""}, "--output: the name is empty"),
        with_interface({"--format", "jsn"}, "did you mean json?"),
        with_interface({"--fail-on", "unmached"}, "did you mean unmatched?"),
        with_interface({"--tell-apart", "cities"}, "--tell-apart cities"),
    };
}

INSTANTIATE_TEST_SUITE_P(Live, WrongWords, ::testing::ValuesIn(wrong_words()));

}  // namespace
}  // namespace turnpike::app
