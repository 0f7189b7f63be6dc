// Where metrics may be served.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "turnpike/base/error.h"
#include "turnpike/monitor/metrics_server.h"

namespace turnpike::monitor {
namespace {

using testing::HasSubstr;

TEST(MetricsAddress, IsOnThisMachineOnly) {
    const auto parsed = [](std::string_view text) {
        const auto address = MetricsAddress::parse(text);
        return address.path.empty() ? to_string(address.endpoint) : "unix " + address.path;
    };
    EXPECT_EQ(parsed("127.0.0.1:9464"), "127.0.0.1:9464");
    EXPECT_EQ(parsed("127.8.9.10:1"), "127.8.9.10:1");
    EXPECT_EQ(parsed(":9464"), "127.0.0.1:9464");
    EXPECT_EQ(parsed("localhost:9464"), "127.0.0.1:9464");
    EXPECT_EQ(parsed("[::1]:9464"), "[::1]:9464");
    EXPECT_EQ(parsed("unix:/run/turnpike/metrics.sock"), "unix /run/turnpike/metrics.sock");
    for (const char* text :
         {"", "9464", "0.0.0.0:9464", "[::]:9464", "192.0.2.1:9464", "[2001:db8::1]:9464",
          "example.com:9464", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:9464x",
          "::1:9464", "[127.0.0.1]:9464", "[::1:9464", "unix:", "[]:1"}) {
        try {
            EXPECT_EQ(parsed(text), "") << "should be refused";
        } catch (const base::Error& error) {
            EXPECT_EQ(error.status(), base::ExitStatus::usage) << text;
            EXPECT_THAT(error.what(), HasSubstr("use 127.0.0.1:9464")) << text;
        }
    }
}

}  // namespace
}  // namespace turnpike::monitor
