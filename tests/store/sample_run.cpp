// Makes the sample run: catalog, facts and verdicts.
#include "store/sample_run.h"

namespace turnpike::test {
namespace {

using catalog::PortItem;
using catalog::Rule;
using verdict::BlockReason;
using verdict::Confidence;
using verdict::FlowVerdict;
using verdict::Grade;
using verdict::InconclusiveReason;
using verdict::Outcome;
using verdict::RequirementVerdict;
using verdict::Stage;
using verdict::Status;

PortItem port_of(catalog::Transport transport, std::uint16_t first, std::uint16_t last) {
    PortItem item;
    item.transport = transport;
    item.first = first;
    item.last = last;
    item.text =
        first == last ? std::to_string(first) : std::to_string(first) + "-" + std::to_string(last);
    return item;
}

Rule rule_of(std::string id, std::string purpose, PortItem item, std::string_view destination) {
    Rule made;
    made.id = std::move(id);
    made.purpose = std::move(purpose);
    made.ports.push_back(std::move(item));
    if (destination == "ANY") {
        made.destinations.any = true;
    } else {
        catalog::NamePattern pattern;
        pattern.text = destination;
        made.destinations.names.push_back(pattern);
    }
    return made;
}

facts::Flow flow(std::uint64_t id, facts::Transport transport, base::Endpoint client,
                 base::Endpoint server, std::uint64_t out, std::uint64_t in,
                 facts::Protocol protocol) {
    facts::Flow made;
    made.id = id;
    made.transport = transport;
    made.client().endpoint = client;
    made.server().endpoint = server;
    const auto begin = static_cast<std::int64_t>(id) * 1000;
    made.client().packets = out;
    made.client().bytes = out * 100;
    made.client().first = mark(id * 10, begin);
    made.client().last = mark((id * 10) + 5, begin + 500);
    if (in != 0) {
        made.server().packets = in;
        made.server().bytes = in * 200;
        made.server().first = mark((id * 10) + 1, begin + 20);
        made.server().last = mark((id * 10) + 6, begin + 900);
    }
    made.protocol = protocol;
    return made;
}

verdict::Attribution attribution(const catalog::Revision& revision, std::size_t rule,
                                 Confidence confidence, std::string name) {
    verdict::Attribution made;
    made.revision = &revision;
    made.rule = &revision.rules[rule];
    made.port = &revision.rules[rule].ports[0];
    made.confidence = confidence;
    made.matched = revision.rules[rule].destinations.text();
    made.name = std::move(name);
    return made;
}

RequirementVerdict requirement(const catalog::Revision& revision, std::size_t rule, Status status) {
    RequirementVerdict made;
    made.requirement = {&revision, &revision.rules[rule], &revision.rules[rule].ports[0]};
    made.status = status;
    return made;
}

void make_catalog(SampleRun& run) {
    constexpr auto tcp = catalog::Transport::tcp;
    constexpr auto udp = catalog::Transport::udp;
    auto& meet = run.meet;
    meet.vendor = "acme";
    meet.product = "meet";
    meet.revision = "2026-01-01";
    meet.vendor_name = "Acme";
    meet.product_name = "Meet";
    meet.source_title = "Acme firewall guide";
    meet.rules = {
        rule_of("signalling", "Signalling", port_of(tcp, 443, 443), "*.acme.example"),
        rule_of("turn-udp", "Media relay over UDP", port_of(udp, 3478, 3478), "turn.acme.example"),
        rule_of("turn-tls", "Media relay over TLS", port_of(tcp, 443, 443), "turn.acme.example"),
        rule_of("media", "Direct media", port_of(udp, 10000, 60000), "ANY"),
        rule_of("chat", "Chat", port_of(tcp, 5222, 5222), "chat.acme.example"),
        rule_of("logs", "Crash reports", port_of(tcp, 8443, 8443), "logs.acme.example"),
    };
    meet.rules[1].alternative_group = "relay";
    meet.rules[1].alternative_branch = "udp";
    meet.rules[1].preference = 1;
    meet.rules[2].alternative_group = "relay";
    meet.rules[2].alternative_branch = "tls";
    meet.rules[2].preference = 2;
    meet.rules[5].level = catalog::Level::optional;
    auto& closed = run.closed;
    closed.vendor = "acme";
    closed.product = "closed";
    closed.revision = "2026-01-01";
    closed.vendor_name = "Acme";
    closed.product_name = "Native SDK";
    closed.allow_listable = false;
    closed.use_instead = "Acme Cloud Proxy";
    auto& phone = run.phone;
    phone.vendor = "other";
    phone.product = "phone";
    phone.revision = "2026-02-02";
    phone.vendor_name = "Other";
    phone.product_name = "Phone";
    phone.rules = {rule_of("sip", "Signalling", port_of(tcp, 5061, 5061), "sip.other.example")};
}

void make_facts(SampleRun& run) {
    constexpr auto tcp = facts::Transport::tcp;
    constexpr auto udp = facts::Transport::udp;
    auto& facts = run.observation;
    const auto client = [](std::uint16_t port) { return endpoint("192.168.1.10", port); };
    facts.flows.push_back(
        flow(1, udp, client(50000), endpoint("192.168.1.1", 53), 3, 2, facts::Protocol::dns));
    facts.flows.push_back(
        flow(2, tcp, client(50001), endpoint("198.51.100.7", 443), 12, 10, facts::Protocol::tls));
    facts.flows.push_back(
        flow(3, udp, client(50002), endpoint("198.51.100.9", 3478), 7, 0, facts::Protocol::stun));
    facts.flows.push_back(flow(4, tcp, client(50003), endpoint("198.51.100.9", 443), 400, 380,
                               facts::Protocol::turn));
    facts.flows.push_back(flow(5, udp, endpoint("2001:db8::10", 50004),
                               endpoint("2001:db8:0:0:1::9", 20000), 90, 0, facts::Protocol::rtp));
    facts.flows.push_back(flow(6, udp, client(50005), endpoint("198.51.100.9", 4443), 5, 5,
                               facts::Protocol::unknown));
    facts.flows.push_back(
        flow(7, tcp, client(50006), endpoint("198.51.100.8", 443), 3, 0, facts::Protocol::unknown));
    facts.flows[1].tcp.make().syn = mark(20, 2000);

    facts::DnsQuery good;
    good.flow = 0;
    good.query = mark(10, 1000);
    good.response = mark(11, 1020);
    good.client = endpoint("192.168.1.10", 0).address;
    good.resolver = endpoint("192.168.1.1", 53);
    good.name = "app.acme.example";
    good.type = 1;
    good.rcode = 0;
    good.add_answer(5, 60, "edge.acme.example");
    good.add_answer(1, 60, endpoint("198.51.100.7", 0).address);
    facts.dns.push_back(good);
    facts::DnsQuery bad = good;
    bad.query = mark(12, 1100);
    bad.response = mark(13, 1120);
    bad.name = "chat.acme.example";
    bad.type = 28;
    bad.rcode = 3;
    bad.answers.clear();
    facts.dns.push_back(bad);
    facts::DnsQuery service = good;
    service.type = 65;
    // 1 . alpn=h2 ipv4hint=198.51.100.7
    constexpr std::string_view binding_data("\0\1\0\0\1\0\3\2h2\0\4\0\4\xc6\x33\x64\7", 18);
    service.answers.clear();
    service.add_answer(65, 60, binding_data);
    service.add_answer(65, 60, endpoint("198.51.100.7", 0).address);
    facts::DnsQuery silent = good;
    silent.query = mark(14, 1200);
    silent.response = {};
    silent.name = "odd\x1b[31m.acme.example";
    silent.type = 65;
    silent.rcode.reset();
    silent.sends = 2;
    silent.answers.clear();
    facts.dns.push_back(silent);
    facts.dns.push_back(service);

    facts::TlsHello hello;
    hello.flow = 1;
    hello.at = mark(23, 2050);
    hello.sni = "app.acme.example";
    hello.alpn = "h2,http/1.1";
    hello.version = 0x0304;
    hello.ja4 = "t13d1516h2_8daaf6152771_b186095e22b6";
    facts.hellos.push_back(hello);

    facts::StunTransaction binding;
    binding.flow = 3;
    binding.request = mark(40, 4000);
    binding.response = mark(41, 4020);
    binding.method = 3;
    binding.outcome = facts::StunOutcome::error;
    binding.error_code = 401;
    binding.error_reason = "Unauthorized";
    binding.round_trip = std::chrono::microseconds{20500};
    binding.realm = "acme.example";
    binding.software = "relay/1.0";
    binding.mapped = endpoint("203.0.113.5", 61000);
    binding.peers = {endpoint("203.0.113.6", 1), endpoint("2001:db8::1", 2)};
    facts.stun.push_back(binding);

    facts::RtpStream stream;
    stream.flow = 4;
    stream.ssrc = 0xbeef;
    stream.payload_type = 111;
    stream.packets = 90;
    stream.lost = 2;
    stream.first = mark(50, 5000);
    stream.last = mark(55, 5500);
    stream.seconds.add(stream.first.time, 1, 172, 0, std::nullopt);
    facts.rtp.push_back(stream);

    facts::IcmpError error;
    error.flow = 2;
    error.at = mark(33, 3100);
    error.source = endpoint("192.168.1.1", 0).address;
    error.type = 3;
    error.code = 13;
    facts.icmp.push_back(error);

    const auto number = [](auto& kind) {
        std::uint64_t last = 0;
        for (auto& fact : kind) {
            fact.id = ++last;
        }
    };
    number(facts.dns);
    number(facts.hellos);
    number(facts.stun);
    number(facts.rtp);
    number(facts.icmp);

    auto& quality = facts.quality;
    quality.packets = 1000;
    quality.bytes = 123456;
    quality.dropped = 4;
    quality.malformed = 3;
    quality.duplicates = 7;
    quality.ip_packets = 990;
    quality.non_ip = 7;
    quality.unseen_octets = 1460;
    quality.first = mark(1, 0);
    quality.last = mark(1000, 61'500);
    quality.problems = {{"tls", "bad length", 2}, {"ipv4", "truncated", 1}};
}

void make_flow_verdicts(SampleRun& run) {
    auto& flows = run.result.flows;
    flows.resize(run.observation.flows.size());
    for (auto& verdict : flows) {
        verdict.outcome = Outcome::passed;
    }
    flows[0].evidence = {10, 11};
    flows[1].evidence = {20, 21, 26};
    flows[1].attribution.make().server_name = "app.acme.example";
    flows[1].attribution.make().server_name_source = facts::NameSource::sni;
    flows[1].attribution.make().rules = {
        attribution(run.meet, 0, Confidence::exact, "app.acme.example")};
    flows[2].outcome = Outcome::blocked;
    flows[2].reason = BlockReason::icmp_prohibited;
    flows[2].stage = Stage::udp;
    flows[2].grade = Grade::a;
    flows[2].evidence = {30, 33};
    flows[2].attribution.make().server_name = "turn.acme.example";
    flows[2].attribution.make().server_name_source = facts::NameSource::dns;
    flows[2].attribution.make().rules = {
        attribution(run.meet, 1, Confidence::dns, "turn.acme.example")};
    flows[3].evidence = {40, 41};
    flows[3].attribution.make().server_name = "turn.acme.example";
    flows[3].attribution.make().server_name_source = facts::NameSource::sni;
    flows[3].notes.make() = {"stun_error 401", "late_reset"};
    flows[3].attribution.make().rules = {
        attribution(run.meet, 2, Confidence::exact, "turn.acme.example"),
        attribution(run.meet, 0, Confidence::exact, "turn.acme.example")};
    flows[4].outcome = Outcome::inconclusive;
    flows[4].inconclusive = InconclusiveReason::capture_ended;
    flows[4].evidence = {50};
    flows[4].attribution.make().rules = {attribution(run.meet, 3, Confidence::context, "")};
    flows[5].evidence = {60, 61};
    flows[5].attribution.make().rules = {
        attribution(run.meet, 1, Confidence::dns, "turn.acme.example")};
    flows[5].attribution.make().rules[0].port = nullptr;
    flows[6].outcome = Outcome::blocked;
    flows[6].reason = BlockReason::tcp_timeout;
    flows[6].stage = Stage::tcp;
    flows[6].grade = Grade::b;
    flows[6].control = 2;
    flows[6].evidence = {70, 72, 75};
    flows[6].attribution.make().rules = {
        attribution(run.meet, 0, Confidence::dns, "www.acme.example")};
}

void make_verdicts(SampleRun& run) {
    make_flow_verdicts(run);
    auto& result = run.result;
    result.considered = {&run.meet, &run.closed, &run.phone};
    result.any_answer = true;
    auto signalling = requirement(run.meet, 0, Status::observed);
    signalling.passed = 1;
    signalling.blocked = 1;
    signalling.flows = {1, 6};
    signalling.first_seen = at(2000);
    signalling.last_seen = at(7500);
    auto relay = requirement(run.meet, 1, Status::blocked);
    relay.reason = BlockReason::icmp_prohibited;
    relay.stage = Stage::udp;
    relay.grade = Grade::a;
    relay.blocked = 1;
    relay.flows = {2};
    relay.first_seen = at(3000);
    relay.last_seen = at(3500);
    auto relay_tls = requirement(run.meet, 2, Status::observed);
    relay_tls.passed = 1;
    relay_tls.flows = {3};
    relay_tls.first_seen = at(4000);
    relay_tls.last_seen = at(4900);
    auto media = requirement(run.meet, 3, Status::inconclusive);
    media.inconclusive = InconclusiveReason::capture_ended;
    media.undecided = 1;
    media.flows = {4};
    media.first_seen = at(5000);
    media.last_seen = at(5500);
    auto chat = requirement(run.meet, 4, Status::blocked);
    chat.reason = BlockReason::dns_nxdomain;
    chat.stage = Stage::dns;
    chat.grade = Grade::c;
    chat.dns_queries = {1};
    result.requirements = {signalling,
                           relay,
                           relay_tls,
                           media,
                           chat,
                           requirement(run.meet, 5, Status::unmatched),
                           requirement(run.phone, 0, Status::unmatched)};
    result.domains = {{&run.meet,
                       &run.meet.rules[0],
                       "*.acme.example",
                       Status::observed,
                       BlockReason::none,
                       {"app.acme.example", "turn.acme.example"},
                       {}},
                      {&run.meet,
                       &run.meet.rules[4],
                       "chat.acme.example",
                       Status::blocked,
                       BlockReason::dns_nxdomain,
                       {"chat.acme.example"},
                       {}}};
    result.undocumented = {
        {&run.meet, 5, "undocumented port", "udp 4443 to turn.acme.example", &run.meet.rules[1]}};
    result.alternatives = {{&run.meet,
                            "relay",
                            verdict::AlternativeState::fallback,
                            "works, but over the fallback: tls instead of udp",
                            {}}};
    result.warnings = {
        "Some names were resolved over encrypted DNS (dns.example): names of flows "
        "may be missing"};
}

}  // namespace

base::Timestamp at(std::int64_t milliseconds) {
    return *base::parse_date("2026-11-21") + std::chrono::hours{9} + std::chrono::minutes{5} +
           std::chrono::milliseconds{milliseconds};
}

facts::PacketMark mark(std::uint64_t number, std::int64_t milliseconds) {
    return {number, at(milliseconds)};
}

base::Endpoint endpoint(std::string_view address, std::uint16_t port) {
    return {base::IpAddress::parse(address).value(), port};
}

SampleRun::SampleRun() {
    make_catalog(*this);
    make_facts(*this);
    make_verdicts(*this);
    start.started_at = at(3'600'000);
    start.source = "call.pcap";
    start.version = "0.1.0";
}

std::int64_t SampleRun::write(const std::filesystem::path& path) const {
    store::Writer writer(path);
    const std::int64_t run = writer.begin(start);
    writer.write_facts(observation);
    writer.write_verdicts(observation, result);
    writer.end(observation.quality, true);
    return run;
}

}  // namespace turnpike::test
