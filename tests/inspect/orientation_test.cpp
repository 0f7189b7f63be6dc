// Which end of a flow is the client.
#include <gtest/gtest.h>

#include "inspect/support/messages.h"
#include "inspect/support/scene.h"

namespace turnpike::inspect::test {
namespace {

const base::Endpoint host = endpoint("10.0.0.5", 50'000);
const base::Endpoint relay = endpoint("192.0.2.1", 40'000);

/// 192.0.2.0/24 belongs to servers only.
Options with_network() {
    Options options{.hash_seed = 1};
    options.is_server = [](const base::IpAddress& address) {
        return base::Prefix::parse("192.0.2.0/24")->contains(address);
    };
    return options;
}

TEST(Orientation, AVendorsNetworkIsTheServerWhoeverSpokeFirst) {
    Scene scene(with_network());
    scene.udp(relay, host, stun_message(binding_request, 1));  // relays ask back
    scene.udp(host, relay, stun_message(binding_success, 1));
    const facts::Flow& flow = scene.finish().flows.at(0);
    EXPECT_EQ(flow.client().endpoint, host);
    EXPECT_EQ(flow.server().endpoint, relay);
    EXPECT_EQ(flow.server().packets, 1U);
    EXPECT_EQ(flow.client().packets, 1U);
}

TEST(Orientation, WithoutSuchANetworkTheRequesterIsTheClient) {
    Scene scene;
    scene.udp(relay, host, stun_message(binding_request, 1));
    EXPECT_EQ(scene.finish().flows.at(0).client().endpoint, relay);
}

TEST(Orientation, BetweenTwoServersTheNetworkTellsNothing) {
    Scene scene(with_network());
    const auto other = endpoint("192.0.2.9", 41'000);
    scene.udp(relay, other, stun_message(binding_request, 1));
    EXPECT_EQ(scene.finish().flows.at(0).client().endpoint, relay);
}

TEST(Orientation, ASynOutweighsTheNetwork) {
    Scene scene(with_network());
    Connection connection(scene, relay, host);
    connection.open();
    EXPECT_EQ(scene.finish().flows.at(0).client().endpoint, relay);
}

Octets text(std::string_view words) {
    return Writer().text(words).done();
}

TEST(Orientation, WhoAnswersInSipIsTheServer) {
    const auto phone = endpoint("10.0.0.6", 5'070);
    Scene scene;
    scene.udp(host, phone, text("SIP/2.0 200 OK\r\nCSeq: 1 OPTIONS\r\n\r\n"));
    const facts::Flow& flow = scene.finish().flows.at(0);
    EXPECT_EQ(flow.protocol, facts::Protocol::sip);
    EXPECT_EQ(flow.client().endpoint, phone);
}

TEST(Orientation, WhoAsksInSipIsTheClient) {
    const auto phone = endpoint("10.0.0.6", 5'070);
    Scene scene;
    scene.udp(host, phone, text("OPTIONS sip:a@10.0.0.6 SIP/2.0\r\nCSeq: 1 OPTIONS\r\n\r\n"));
    EXPECT_EQ(scene.finish().flows.at(0).client().endpoint, host);
}

}  // namespace
}  // namespace turnpike::inspect::test
