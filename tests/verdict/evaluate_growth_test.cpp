// What an enemy can send in numbers: twice as much must take about twice as long, for a live run
// evaluates every half second.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "support/doubling.h"
#include "support/observation.h"
#include "turnpike/catalog/index.h"
#include "turnpike/verdict/evaluate.h"

namespace turnpike::verdict {
namespace {

using namespace support;
using catalog::Transport;

constexpr double apart = 0.001;  // seconds between two attempts

std::string host(int number, std::string_view network = "198.18") {
    return fmt::format("{}.{}.{}", network, number / 200, number % 200 + 1);
}

/// One named server, half of whose connections are answered.
void half_answered(ObservationBuilder& built, int count) {
    for (int i = 0; i < count; ++i) {
        if (i % 2 == 0) {
            built.connection("203.0.113.1", 443, "api.acme.example.com", i * apart);
        } else {
            auto& flow = built.unanswered_syns("203.0.113.1", 443, i * apart, 1);
            flow.server_name.make() = "api.acme.example.com";
            flow.server_name_source = facts::NameSource::sni;
        }
    }
}

/// One client whose names resolve early and fail late, too late for controls.
void names_fail_late(ObservationBuilder& built, int count) {
    for (int i = 0; i < count; ++i) {
        const auto name = fmt::format("n{}.acme.example.com", i);
        if (i < count / 2) {
            built.query(name, i * apart, {host(i)});
        } else {
            built.query(name, 300 + i * apart, {}, "192.168.10.21", 0, 3);
        }
    }
}

/// One client whose attempts are blocked everywhere but at one server, too long ago for a control.
void many_blocked(ObservationBuilder& built, int count) {
    for (int i = 0; i < count; ++i) {
        if (i % 2 == 0) {
            built.connection("203.0.113.1", 443, "api.acme.example.com", i * apart);
        } else {
            auto& flow = built.unanswered_syns(host(i), 443, 300 + i * apart, 1);
            flow.server_name.make() = fmt::format("n{}.acme.example.com", i);
            flow.server_name_source = facts::NameSource::sni;
        }
    }
}

/// A proxy that challenges one client again and again.
void challenged(ObservationBuilder& built, int count) {
    for (int i = 0; i < count; ++i) {
        auto& flow = built.connection("192.168.10.3", 3128, "", i * apart);
        flow.tls = {};
        auto& proxy = flow.rare.make().proxy.make();
        proxy.request = flow.client_of(*flow.tcp).payload;
        proxy.response = flow.server_of(*flow.tcp).payload;
        proxy.target_host = "api.acme.example.com";
        proxy.target_port = 443;
        proxy.established = i == count / 2;
        proxy.status = proxy.established ? 200 : 407;
    }
}

/// One client's pairs of one local port, half of which are answered.
void pairs_of_a_port(ObservationBuilder& built, int count) {
    for (int i = 0; i < count; ++i) {
        built.ice(host(i), 40'000, i * apart, i % 2 == 0).client().endpoint.port = 50'000;
    }
}

struct Attack {
    const char* name;
    void (*send)(ObservationBuilder& built, int count);
};
// NOLINTNEXTLINE(readability-identifier-naming): GoogleTest looks for this name
void PrintTo(const Attack& attack, std::ostream* out) {
    *out << attack.name;
}

class EvaluateGrowth : public ::testing::TestWithParam<Attack> {};

// Four times as much: caches and page faults cost up to half as much again, and what is quadratic
// sixteen times.
TEST_P(EvaluateGrowth, FourTimesAsMuchTakesFourTimesAsLong) {
    constexpr int count = 1'000;
    constexpr double between_linear_and_quadratic = 8;
    const auto acme =
        revision("acme", "calls",
                 {rule("signal", {port(Transport::tcp, 443)}, {"*.acme.example.com"}),
                  rule("media", {port(Transport::udp, 3478)}, {"turn.acme.example.com"})});
    const catalog::Index index(std::vector<const catalog::Revision*>{&acme});
    ObservationBuilder single;
    GetParam().send(single, count);
    single.goes_on_until(320);
    ObservationBuilder more;
    GetParam().send(more, 4 * count);
    more.goes_on_until(320);
    const auto judge = [&index](const ObservationBuilder& built) {
        const auto result = evaluate(built.observation, index);
        ASSERT_EQ(result.flows.size(), built.observation.flows.size());
    };
    EXPECT_LT(growth([&] { judge(single); }, [&] { judge(more); }), between_linear_and_quadratic);
}

INSTANTIATE_TEST_SUITE_P(Attacks, EvaluateGrowth,
                         ::testing::Values(Attack{"HalfAnswered", half_answered},
                                           Attack{"NamesFailLate", names_fail_late},
                                           Attack{"ManyBlocked", many_blocked},
                                           Attack{"Challenged", challenged},
                                           Attack{"PairsOfAPort", pairs_of_a_port}),
                         [](const auto& parameter) { return std::string(parameter.param.name); });

}  // namespace
}  // namespace turnpike::verdict
