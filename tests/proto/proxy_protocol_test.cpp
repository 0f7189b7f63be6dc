// Tests of the PROXY protocol, versions 1 and 2.
#include "turnpike/proto/proxy_protocol.h"

#include <gtest/gtest.h>

#include <string>

#include "wire_bytes.h"

namespace turnpike::proto::test {
namespace {

using base::as_bytes;
using base::Bytes;
using base::ParseError;

TEST(ProxyHeader, Version1) {
    constexpr std::string_view line = "PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n";
    const std::string stream = std::string{line} + "GET /";
    const auto header = decode_proxy_header(as_bytes(stream));
    ASSERT_TRUE(header.has_value());
    EXPECT_EQ(header->version, 1);
    EXPECT_EQ(base::to_string(header->source), "192.0.2.1:56324");
    EXPECT_EQ(base::to_string(header->destination), "198.51.100.2:443");
    EXPECT_EQ(header->size, line.size());
    for (std::size_t size = 0; size < line.size(); ++size) {
        const std::string prefix{line.substr(0, size)};
        EXPECT_EQ(decode_proxy_header(as_bytes(prefix)).error(), ParseError::truncated) << size;
    }
    const auto v6 = decode_proxy_header(as_bytes("PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n"));
    EXPECT_EQ(base::to_string(v6->destination), "[2001:db8::2]:65535");
    EXPECT_TRUE(decode_proxy_header(as_bytes("PROXY UNKNOWN what ever\r\n"))->local);
}

TEST(ProxyHeader, Version1Mistakes) {
    for (const std::string_view bad :
         {"PROXY TCP4 192.0.2.1 198.51.100.2 56324\r\n", "PROXY TCP4 a b 1 2\r\n",
          "PROXY TCP4 192.0.2.1 198.51.100.2 1 65536\r\n",
          "PROXY TCP6 192.0.2.1 198.51.100.2 1 2\r\n",
          "PROXY TCP4 192.0.2.1 198.51.100.2 1 2 3\r\n", "PROXY \r\n",
          "PROXY TCP4 192.0.2.1 198.51.100.2 1 \r\n"}) {
        EXPECT_EQ(decode_proxy_header(as_bytes(bad)).error(), ParseError::bad_value) << bad;
    }
    const std::string endless = "PROXY TCP4 " + std::string(200, '1');
    EXPECT_EQ(decode_proxy_header(as_bytes(endless)).error(), ParseError::limit);
}

TEST(ProxyHeader, Version2) {
    const auto bytes = wire(
        "0d0a0d0a000d0a515549540a"  // signature
        "21"                        // version 2, PROXY
        "11"                        // IPv4, stream
        "0010"                      // 16 octets follow
        "c0000201 c6336402"         // addresses
        "dc04 01bb"                 // ports
        "04 0001 00");              // a TLV
    const auto header = decode_proxy_header(bytes);
    ASSERT_TRUE(header.has_value());
    EXPECT_EQ(header->version, 2);
    EXPECT_EQ(base::to_string(header->source), "192.0.2.1:56324");
    EXPECT_EQ(base::to_string(header->destination), "198.51.100.2:443");
    EXPECT_FALSE(header->datagram);
    EXPECT_EQ(header->tlvs.size(), 4U);
    EXPECT_EQ(header->size, bytes.size());
    every_prefix_is_truncated(bytes, bytes.size(),
                              [](Bytes prefix) { return decode_proxy_header(prefix); });
    EXPECT_EQ(decode_proxy_header(with(bytes, 15, 17)).error(), ParseError::truncated);
    EXPECT_EQ(decode_proxy_header(with(bytes, 15, 11)).error(), ParseError::bad_length);
    EXPECT_TRUE(decode_proxy_header(with(bytes, 12, 0x20))->local);
    EXPECT_TRUE(decode_proxy_header(with(bytes, 13, 0x12))->datagram);
    EXPECT_TRUE(decode_proxy_header(with(bytes, 13, 0x00))->local);
    EXPECT_EQ(decode_proxy_header(with(bytes, 12, 0x31)).error(), ParseError::bad_version);
    EXPECT_EQ(decode_proxy_header(with(bytes, 12, 0x22)).error(), ParseError::bad_value);
    EXPECT_EQ(decode_proxy_header(with(bytes, 13, 0x41)).error(), ParseError::bad_value);
    EXPECT_EQ(decode_proxy_header(with(bytes, 13, 0x31)).error(), ParseError::bad_length);
}

TEST(ProxyHeader, LookAlikesAreRefused) {
    EXPECT_EQ(decode_proxy_header(as_bytes("PROPFIND / HTTP/1.1\r\n")).error(),
              ParseError::not_this);
}

}  // namespace
}  // namespace turnpike::proto::test
