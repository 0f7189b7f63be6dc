// scaling STAGE COUNT: does one thing to COUNT of something, for scaling_test.py to count what that
// takes. The keys are those of packets whose sender means harm, or of a very large office.
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include "support/observation.h"
#include "turnpike/attribute/resolutions.h"
#include "turnpike/flow/flow_table.h"
#include "turnpike/verdict/story.h"

namespace {

using namespace turnpike;

constexpr std::uint16_t type_cname = 5;

std::string name(unsigned number) {
    return "n" + std::to_string(number) + ".example.com";
}

facts::DnsQuery& ask(support::ObservationBuilder& built, unsigned number, unsigned client = 0) {
    auto& query = built.query(name(number), 0.001 * number, {"203.0.113.1"}, "192.168.0.1", 86'400);
    query.client = base::IpAddress::v4(0xc0a80001U + client);
    return query;
}

// Every name has one and the same address.
void sinkhole(unsigned count) {
    support::ObservationBuilder built;
    for (unsigned i = 0; i < count; ++i) {
        ask(built, i);
    }
    built.flow(facts::Transport::tcp, "192.168.0.1", "203.0.113.1", 443);
    const attribute::Resolutions resolutions(built.observation);
}

// Answers full of aliases and addresses, each pair of which names an address.
void aliases(unsigned count) {
    constexpr unsigned records = 100;
    support::ObservationBuilder built;
    for (unsigned k = 0; k < records; ++k) {
        built.flow(facts::Transport::tcp, "192.168.0.1", "203.0.113." + std::to_string(k), 443);
    }
    for (unsigned i = 0; i < count / records; ++i) {
        auto& query = ask(built, i);
        for (unsigned k = 0; k < records; ++k) {
            query.add_answer(type_cname, 60, name(i * records + k));
            query.add_answer(1, 60, base::IpAddress::v4(0xcb007100U + k));
        }
    }
    const attribute::Resolutions resolutions(built.observation);
}

void flows_to(support::ObservationBuilder& built, unsigned count, std::string_view client) {
    built.flow(facts::Transport::tcp, client, "203.0.113.1", 443);
    const attribute::Resolutions resolutions(built.observation);
    std::vector<attribute::ResolvedName> names;
    for (unsigned i = 0; i < count; ++i) {
        resolutions.find(support::address(client), support::address("203.0.113.1"),
                         support::at(0.001 * i), names);
    }
}

// A flow for each name of a sinkhole.
void flows_at_a_sinkhole(unsigned count) {
    support::ObservationBuilder built;
    for (unsigned i = 0; i < count; ++i) {
        ask(built, i);
    }
    flows_to(built, count, "192.168.0.1");
}

// Flows of a client that asked for nothing, to an address that everybody else asked for.
void other_clients(unsigned count) {
    support::ObservationBuilder built;
    for (unsigned i = 0; i < count; ++i) {
        ask(built, i % 10, i);
    }
    flows_to(built, count, "10.0.0.1");
}

// New flows when the table is full.
void eviction(unsigned count) {
    struct State {
        base::Timestamp last_seen;
        bool in_use = false;
    };
    flow::FlowTable<State> table(count / 2 + 1);
    const base::HashKey secret(1);
    for (unsigned i = 0; i < count; ++i) {
        const base::Endpoint client{base::IpAddress::v4(i), 1024};
        const auto hash = flow::make_key(client, {}, 6).key.hash(secret);
        table.insert(hash, [](State&) {}).last_seen = base::from_nanoseconds(i);
    }
}

// Flows to a name that is asked for again and again.
void stories(unsigned count) {
    support::ObservationBuilder built;
    for (unsigned i = 0; i < count; ++i) {
        built.query("app.example.com", 0.001 * i, {"203.0.113.1"});
        built.connection("203.0.113.1", 443, "app.example.com", 0.001 * i);
    }
    const verdict::StoryQueries queries(built.observation);
    verdict::Stories told(built.observation, queries);
    for (const auto& flow : built.observation.flows) {
        static_cast<void>(told.tell(flow, *flow.server_name));
    }
}

}  // namespace

int main(int argument_count, char** arguments) {
    const std::map<std::string_view, void (*)(unsigned)> stages{
        {"sinkhole", sinkhole},
        {"aliases", aliases},
        {"flows_at_a_sinkhole", flows_at_a_sinkhole},
        {"other_clients", other_clients},
        {"eviction", eviction},
        {"stories", stories},
    };
    const auto stage = argument_count == 3 ? stages.find(arguments[1]) : stages.end();
    if (stage == stages.end()) {
        std::fputs("scaling STAGE COUNT\n", stderr);
        return EXIT_FAILURE;
    }
    stage->second(static_cast<unsigned>(std::strtoul(arguments[2], nullptr, 10)));
    return EXIT_SUCCESS;
}
