// What shows a call's media, and what is only the way to it.
#include "verdict/media.h"

#include <gtest/gtest.h>

#include "support/observation.h"

namespace turnpike::verdict {
namespace {

using namespace support;

TEST(Media, PacketsThatCanOnlyBeMediaShowIt) {
    facts::Flow rtp;
    EXPECT_FALSE(shows_media(rtp));
    rtp.server_of(rtp.media.make()).rtp_packets = 1;
    EXPECT_TRUE(shows_media(rtp));
    facts::Flow rtcp;
    rtcp.client_of(rtcp.media.make()).rtcp_packets = 1;
    EXPECT_TRUE(shows_media(rtcp));
    facts::Flow dtls;
    dtls.rare.make().dtls.make().server_hello = {1, at(0)};
    EXPECT_FALSE(shows_media(dtls)) << "a handshake alone";
    dtls.client_of(dtls.media.make()).dtls_data = 1;
    EXPECT_TRUE(shows_media(dtls));
    facts::Flow relayed;
    relayed.stun.make().turn = true;
    EXPECT_FALSE(shows_media(relayed)) << "an allocation alone";
    relayed.server_of(relayed.stun.make()).relayed_data = 1;
    EXPECT_TRUE(shows_media(relayed));
}

/// An encrypted connection with this much each way.
facts::Flow encrypted(std::uint64_t packets, std::uint64_t bytes, double seconds) {
    facts::Flow flow;
    for (auto* direction : {&flow.client(), &flow.server()}) {
        direction->packets = packets;
        direction->bytes = bytes;
        direction->first = {1, at(0)};
        direction->last = {2, at(seconds)};
    }
    return flow;
}

TEST(Media, OfWhatIsEncryptedOnlyMuchInBothDirectionsShowsIt) {
    EXPECT_TRUE(shows_media(encrypted(50, 20'000, 5)));
    EXPECT_FALSE(shows_media(encrypted(49, 20'000, 5)));
    EXPECT_FALSE(shows_media(encrypted(50, 19'999, 5)));
    EXPECT_FALSE(shows_media(encrypted(50, 20'000, 4.9)));
    auto download = encrypted(500, 200'000, 50);
    download.client().bytes = 10'000;
    EXPECT_FALSE(shows_media(download));
}

}  // namespace
}  // namespace turnpike::verdict
