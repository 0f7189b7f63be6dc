// DNS messages: headers, names, records, EDNS, service bindings.
#include "turnpike/proto/dns.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "proto/wire_bytes.h"
#include "turnpike/facts/dns_record.h"

namespace turnpike::proto {
namespace {

using base::Bytes;
using base::ParseError;
using test::wire;
using test::with;
using test::operator+;  // NOLINT(misc-unused-using-decls): "bytes + wire()" uses it

// A query as a stub resolver sends it.
const auto query = wire(
    "2b 7c 01 00 00 01 00 00  00 00 00 00"             // id, RD, one question
    "03 77 77 77 07 45 78 61 6d 70 6c 65 03 63 6f 6d"  // www.Example.com
    "00 00 1c 00 01");                                 // AAAA IN

// An answer over a CNAME, with EDNS.
const auto response = wire(
    "2b 7c 81 80 00 01 00 03  00 00 00 01"  // id, QR RD RA, 1 question, 3 + 0 + 1 records
    "03 77 77 77 07 65 78 61 6d 70 6c 65 03 63 6f 6d"  // www.example.com
    "00 00 01 00 01"                                   // A IN
    "c0 0c 00 05 00 01 00 00 01 2c 00 06"              // www.example.com CNAME, 300 s
    "03 63 64 6e c0 10"                                // cdn.example.com
    "c0 2d 00 01 00 01 00 00 00 3c 00 04 c0 00 02 07"  // cdn.example.com A 192.0.2.7
    "c0 2d 00 1c 00 01 00 00 00 3c 00 10"              // cdn.example.com AAAA
    "20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 07"  // 2001:db8::7
    "00 00 29 04 d0 00 00 80 00 00 00");               // OPT, 1232 octets, DO, no options

std::string name_text(const DnsName& name) {
    NameBuffer buffer;
    return std::string(render_name(name, buffer));
}

std::string rdata_text(const DnsMessage& message, const DnsRecord& record) {
    std::string octets;
    copy_rdata(message, record, octets);
    std::string text;
    facts::render_dns_record(record.type, octets, text);
    return text;
}

// A response whose one answer has the root as owner and the given type and data.
std::vector<std::uint8_t> answer_of(std::uint16_t type, const std::vector<std::uint8_t>& data) {
    auto bytes = wire("00 01 81 80 00 00 00 01 00 00 00 00 00");
    bytes.push_back(static_cast<std::uint8_t>(type >> 8U));
    bytes.push_back(static_cast<std::uint8_t>(type));
    bytes = bytes + wire("00 01 00 00 00 3c");
    bytes.push_back(static_cast<std::uint8_t>(data.size() >> 8U));
    bytes.push_back(static_cast<std::uint8_t>(data.size()));
    return bytes + data;
}

std::string text_of(std::uint16_t type, std::string_view data) {
    const auto bytes = answer_of(type, wire(data));
    const auto message = decode_dns(bytes);
    DnsRecordReader reader(message.value());
    return rdata_text(*message, reader.next().value());
}

// RFC 4343 2.1, octet by octet.
std::string label_text(const std::vector<std::uint8_t>& label) {
    std::string text;
    for (const std::uint8_t octet : label) {
        if (octet > 0x20 && octet < 0x7f && octet != '.' && octet != '\\') {
            text += static_cast<char>(octet >= 'A' && octet <= 'Z' ? octet + 32 : octet);
        } else {
            text += fmt::format("\\{:03}", octet);
        }
    }
    return text;
}

TEST(Dns, WritesEveryOctetAtEveryPlaceOfALabel) {
    for (std::size_t length = 1; length <= 17; ++length) {
        for (std::size_t place = 0; place < length; ++place) {
            for (unsigned octet = 0; octet < 256; ++octet) {
                std::vector<std::uint8_t> label(length, 'x');
                label[place] = static_cast<std::uint8_t>(octet);
                std::vector<std::uint8_t> message{static_cast<std::uint8_t>(length)};
                message.insert(message.end(), label.begin(), label.end());
                message.push_back(0);
                EXPECT_EQ(name_text({message, 0}), label_text(label));  // the message ends there
                message.insert(message.end(), 16, 0xff);
                EXPECT_EQ(name_text({message, 0}), label_text(label));
            }
        }
    }
}

TEST(Dns, DecodesAQuery) {
    const auto message = decode_dns(query);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->id, 0x2b7c);
    EXPECT_FALSE(message->is_response());
    EXPECT_EQ(message->opcode(), 0);
    EXPECT_EQ(message->question_count, 1);
    EXPECT_EQ(name_text(message->question.name), "www.example.com");
    EXPECT_EQ(message->question.type, 28);
    EXPECT_EQ(message->question.klass, 1);
    EXPECT_EQ(probe_dns(query), Likelihood::yes);
    DnsRecordReader reader(*message);
    EXPECT_FALSE(reader.next());
    EXPECT_FALSE(reader.error());
}

TEST(Dns, WalksTheRecordsOfAResponse) {
    const auto message = decode_dns(response);
    ASSERT_TRUE(message);
    EXPECT_TRUE(message->is_response());
    EXPECT_EQ(probe_dns(response), Likelihood::yes);
    DnsRecordReader reader(*message);

    const auto alias = reader.next();
    ASSERT_TRUE(alias);
    EXPECT_EQ(name_text(alias->owner), "www.example.com");
    EXPECT_EQ(alias->ttl, 300U);
    EXPECT_EQ(rdata_text(*message, *alias), "cdn.example.com");
    EXPECT_FALSE(record_address(*alias));

    const auto four = reader.next();
    ASSERT_TRUE(four);
    EXPECT_EQ(name_text(four->owner), "cdn.example.com");
    EXPECT_EQ(base::to_string(record_address(*four)), "192.0.2.7");
    EXPECT_EQ(rdata_text(*message, *four), "192.0.2.7");

    const auto six = reader.next();
    ASSERT_TRUE(six);
    EXPECT_EQ(six->section, DnsSection::answer);
    EXPECT_EQ(base::to_string(record_address(*six)), "2001:db8::7");

    const auto opt = reader.next();
    ASSERT_TRUE(opt);
    EXPECT_EQ(opt->section, DnsSection::additional);
    const auto edns = decode_edns(*opt);
    ASSERT_TRUE(edns);
    EXPECT_EQ(edns->udp_payload_size, 1232);
    EXPECT_TRUE(edns->dnssec_ok);
    EXPECT_EQ(edns->rcode(*message), 0);
    EXPECT_FALSE(edns->extended_error);
    EXPECT_FALSE(reader.next());
    EXPECT_FALSE(reader.error());
}

TEST(Dns, EveryPrefixOfAQuestionIsTruncated) {
    test::every_prefix_is_truncated(query, query.size(), decode_dns);
}

TEST(Dns, AResponseCutInItsRecordsKeepsItsQuestion) {
    constexpr std::size_t end_of_question = 33;
    for (std::size_t length = end_of_question; length < response.size(); ++length) {
        const std::vector<std::uint8_t> cut(response.begin(),
                                            response.begin() + static_cast<std::ptrdiff_t>(length));
        const auto message = decode_dns(cut);
        ASSERT_TRUE(message) << length;
        EXPECT_EQ(name_text(message->question.name), "www.example.com");
        DnsRecordReader reader(*message);
        while (const auto record = reader.next()) {
            rdata_text(*message, *record);
        }
        EXPECT_EQ(reader.error(), ParseError::truncated) << length;
    }
}

TEST(Dns, LengthsOffByOneAreSeen) {
    // A label one longer or shorter makes the next length a letter, or the root a label.
    EXPECT_FALSE(decode_dns(with(query, 12, 0x04)));
    EXPECT_FALSE(decode_dns(with(query, 12, 0x02)));
    // One question more than there is.
    EXPECT_EQ(decode_dns(with(query, 5, 2)).error(), ParseError::truncated);
    // RDLENGTH of the CNAME (offset 44): too long runs into the next record, too short cuts the
    // name.
    for (const std::uint8_t length : std::initializer_list<std::uint8_t>{5, 7}) {
        const auto bytes = with(response, 44, length);
        const auto message = decode_dns(bytes);
        ASSERT_TRUE(message);
        DnsRecordReader reader(*message);
        const auto alias = reader.next();
        ASSERT_TRUE(alias);
        EXPECT_EQ(rdata_text(*message, *alias).substr(0, 3), "\\# ");
    }
    // RDLENGTH of the A record (offset 62).
    for (const std::uint8_t length : std::initializer_list<std::uint8_t>{3, 5}) {
        const auto bytes = with(response, 62, length);
        const auto message = decode_dns(bytes);
        ASSERT_TRUE(message);
        DnsRecordReader reader(*message);
        reader.next();
        EXPECT_FALSE(record_address(reader.next().value()));
    }
}

TEST(Dns, PointersMustGoBackwards) {
    // The owner of the first answer stands at offset 33.
    for (const std::uint8_t target :
         std::initializer_list<std::uint8_t>{33, 34, 60}) {  // itself, its own second octet, ahead
        const auto bytes = with(response, 34, target);
        const auto message = decode_dns(bytes);
        ASSERT_TRUE(message);
        DnsRecordReader reader(*message);
        EXPECT_FALSE(reader.next());
        EXPECT_EQ(reader.error(), ParseError::bad_value);
    }
    // Into the header.
    const auto bytes = with(response, 34, 4);
    const auto message = decode_dns(bytes);
    ASSERT_TRUE(message);
    DnsRecordReader reader(*message);
    EXPECT_FALSE(reader.next());
    EXPECT_EQ(reader.error(), ParseError::bad_value);
}

TEST(Dns, RefusesOtherLabelTypesAndNamesThatAreTooLong) {
    EXPECT_EQ(decode_dns(with(query, 12, 0x41)).error(), ParseError::bad_value);
    EXPECT_EQ(decode_dns(with(query, 12, 0x80)).error(), ParseError::bad_value);
    // Four labels of 63 octets and the root are 257 octets.
    auto bytes = wire("00 01 01 00 00 01 00 00 00 00 00 00");
    for (int i = 0; i < 4; ++i) {
        bytes.push_back(63);
        bytes.insert(bytes.end(), 63, 'a');
    }
    bytes = bytes + wire("00 00 01 00 01");
    EXPECT_EQ(decode_dns(bytes).error(), ParseError::limit);
}

TEST(Dns, OddOctetsOfNamesBecomeDecimal) {
    const auto bytes = wire(
        "00 01 01 00 00 01 00 00 00 00 00 00"
        "06 61 2e 5c 20 00 ff"  // a label of 'a', '.', '\', blank, NUL, 255
        "02 5a 7e"              // "Z~"
        "00 00 01 00 01");
    const auto message = decode_dns(bytes);
    ASSERT_TRUE(message);
    EXPECT_EQ(name_text(message->question.name), R"(a\046\092\032\000\255.z~)");
}

TEST(Dns, TheLongestNameOfOddOctetsFitsTheBuffer) {
    auto bytes = wire("00 01 01 00 00 01 00 00 00 00 00 00");
    for (const std::uint8_t size :
         std::initializer_list<std::uint8_t>{63, 63, 63, 61}) {  // 254 octets and the root
        bytes.push_back(size);
        bytes.insert(bytes.end(), size, 0xff);
    }
    bytes = bytes + wire("00 00 01 00 01");
    const auto message = decode_dns(bytes);
    ASSERT_TRUE(message);
    EXPECT_EQ(name_text(message->question.name).size(), 250U * 4 + 3);
}

TEST(Dns, TheRootIsEmptyAndADefaultNameIsHarmless) {
    const auto bytes = wire("00 01 01 00 00 01 00 00 00 00 00 00 00 00 02 00 01");
    EXPECT_EQ(name_text(decode_dns(bytes)->question.name), "");
    EXPECT_EQ(name_text(DnsName{}), "");
}

TEST(Dns, RefusesWhatSaysNothing) {
    EXPECT_EQ(decode_dns(wire("00 01 01 00 00 00 00 00 00 00 00 00")).error(),
              ParseError::not_this);
    // A server's FORMERR may be the header alone.
    const auto error = wire("00 01 81 81 00 00 00 00 00 00 00 00");
    EXPECT_TRUE(decode_dns(error));
    EXPECT_EQ(probe_dns(error), Likelihood::maybe);
}

TEST(Dns, LookAlikesAreRefused) {
    // A STUN Binding request, an RTP packet, a TLS record.
    EXPECT_EQ(probe_dns(wire("00 01 00 00 21 12 a4 42 00 01 02 03 04 05 06 07 08 09 0a 0b")),
              Likelihood::no);
    EXPECT_EQ(probe_dns(wire("80 00 3b 1e 12 34 56 78 9a bc de f0 d5 d5 d5 d5 d5 d5 d5 d5 d5 d5")),
              Likelihood::no);
    EXPECT_EQ(probe_dns(wire("16 03 01 02 00 01 00 01 fc 03 03 00 00 00 00 00 00 00 00 00 00")),
              Likelihood::no);
    EXPECT_EQ(probe_dns({}), Likelihood::no);
}

TEST(Dns, UnknownTypesAndClassesSurvive) {
    auto odd = with(with(query, 29, 0x5f), 30, 0x73);  // type 24435
    EXPECT_EQ(decode_dns(odd).value().question.type, 24435);
    EXPECT_EQ(probe_dns(odd), Likelihood::yes);
    odd = with(query, 32, 0x63);  // class 99
    EXPECT_EQ(decode_dns(odd).value().question.klass, 99);
    EXPECT_EQ(probe_dns(odd), Likelihood::maybe);
}

TEST(Dns, MulticastQuestionsMayAskForUnicast) {
    const auto bytes = wire(
        "00 00 00 00 00 01 00 00 00 00 00 00"
        "05 5f 68 74 74 70 04 5f 74 63 70 05 6c 6f 63 61 6c 00"  // _http._tcp.local
        "00 0c 80 01");                                          // PTR, QU, IN (RFC 6762 5.4)
    const auto message = decode_dns(bytes);
    ASSERT_TRUE(message);
    EXPECT_TRUE(message->question.unicast_response);
    EXPECT_EQ(message->question.klass, 1);
    EXPECT_EQ(name_text(message->question.name), "_http._tcp.local");
}

TEST(Dns, ReadsAnExtendedError) {
    const auto bytes = wire(
        "2b 7c 81 83 00 01 00 00 00 00 00 01"       // NXDOMAIN
        "01 61 04 74 65 73 74 00 00 01 00 01"       // a.test A
        "00 00 29 10 00 01 00 00 00 00 19"          // OPT, extended RCODE 1
        "00 0a 00 08 01 02 03 04 05 06 07 08"       // COOKIE (RFC 7873)
        "00 0f 00 09 00 0f 62 6c 6f 63 6b 65 64");  // EDE 15 "blocked" (RFC 8914)
    const auto message = decode_dns(bytes);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->header_rcode(), 3);
    DnsRecordReader reader(*message);
    const auto opt = reader.next();
    ASSERT_TRUE(opt);
    const auto edns = decode_edns(*opt);
    ASSERT_TRUE(edns);
    EXPECT_EQ(edns->extended_error, 15);
    EXPECT_EQ(edns->extended_error_text, "blocked");
    EXPECT_EQ(edns->rcode(*message), 0x13);
    // The option's length (offset 50) one too long.
    const auto longer = with(bytes, 50, 10);
    const auto again = decode_dns(longer);
    DnsRecordReader second(*again);
    EXPECT_EQ(decode_edns(second.next().value()).error(), ParseError::bad_length);
}

TEST(Dns, EdnsIsOnlyReadFromOpt) {
    EXPECT_EQ(decode_edns(DnsRecord{}).error(), ParseError::not_this);
}

TEST(Dns, ReadsAServiceBinding) {
    const auto bytes = answer_of(65, wire("00 01 03 73 76 63 00"  // priority 1, target "svc"
                                          "00 01 00 06 02 68 33 02 68 32"        // alpn h3, h2
                                          "00 03 00 02 20 fb"                    // port 8443
                                          "00 04 00 08 c0 00 02 01 c0 00 02 02"  // ipv4hint
                                          "00 05 00 04 00 02 fe 0d"              // ech
                                          "00 06 00 10 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 "
                                          "00 01"                    // ipv6hint
                                          "00 63 00 03 61 22 ff"));  // key99
    const auto message = decode_dns(bytes);
    ASSERT_TRUE(message);
    DnsRecordReader reader(*message);
    const auto record = reader.next();
    ASSERT_TRUE(record);
    const auto binding = decode_service_binding(*message, *record);
    ASSERT_TRUE(binding);
    EXPECT_EQ(binding->priority, 1);
    EXPECT_EQ(name_text(binding->target), "svc");
    EXPECT_EQ(binding->port, 8443);
    EXPECT_EQ(binding->alpn.size(), 6U);
    EXPECT_EQ(binding->ipv4_hint.size(), 8U);
    EXPECT_EQ(binding->ipv6_hint.size(), 16U);
    EXPECT_TRUE(binding->ech);
    EXPECT_EQ(rdata_text(*message, *record),
              "1 svc alpn=h3,h2 port=8443 ipv4hint=192.0.2.1,192.0.2.2 ech=AAL+DQ== "
              R"(ipv6hint=2001:db8::1 key99="a\"\255")");
}

TEST(Dns, RefusesAServiceBindingOutOfOrderOrCut) {
    const std::string_view in_order = "00 01 00 00 01 00 03 02 68 33 00 03 00 02 20 fb";
    const auto good = answer_of(65, wire(in_order));
    for (std::size_t length = 0; length <= wire(in_order).size(); ++length) {
        auto data = wire(in_order);
        data.resize(length);
        const auto bytes = answer_of(65, data);
        const auto message = decode_dns(bytes);
        DnsRecordReader reader(message.value());
        const auto binding = decode_service_binding(*message, reader.next().value());
        const bool whole = length == 3 || length == 10 || length == 16;  // between parameters
        EXPECT_EQ(binding.has_value(), whole) << length;
    }
    const auto bytes = answer_of(65, wire("00 01 00 00 03 00 02 20 fb 00 01 00 03 02 68 33"));
    const auto message = decode_dns(bytes);
    DnsRecordReader reader(message.value());
    EXPECT_EQ(decode_service_binding(*message, reader.next().value()).error(),
              ParseError::bad_value);
}

TEST(Dns, RendersRecordData) {
    EXPECT_EQ(text_of(15, "00 0a 02 6d 78 00"), "10 mx");
    EXPECT_EQ(text_of(12, "01 41 01 62 00"), "a.b");
    EXPECT_EQ(text_of(2, "00"), ".");
    EXPECT_EQ(text_of(6,
                      "01 6e 00 01 72 00 00 00 00 01 00 00 00 02 00 00 00 03 00 00 00 04"
                      "00 00 00 05"),
              "n r 1 2 3 4 5");
    EXPECT_EQ(text_of(16, "03 61 22 62 01 07"), R"("a\"b" "\007")");
    EXPECT_EQ(text_of(33, "00 01 00 02 13 c4 03 73 69 70 00"), "1 2 5060 sip");
    EXPECT_EQ(text_of(35, "00 64 00 32 01 73 07 53 49 50 2b 44 32 55 00 01 78 00"),
              R"(100 50 "s" "SIP+D2U" "" x)");
    EXPECT_EQ(text_of(257, "00 05 69 73 73 75 65 63 61"), R"(0 issue "ca")");
    EXPECT_EQ(text_of(64, "00 00 01 61 00"), "0 a");
    EXPECT_EQ(text_of(1234, "de ad"), "\\# 2 dead");
    EXPECT_EQ(text_of(1234, ""), "\\# 0");
}

TEST(Dns, CopiesRecordDataWithoutCompression) {
    // An answer whose owner ("ab", offset 12) the data point to.
    const auto copied = [](std::uint16_t type, std::string_view data) {
        auto bytes = wire("00 01 81 80 00 00 00 01 00 00 00 00 02 61 62 00");
        bytes = bytes + std::vector<std::uint8_t>{0, static_cast<std::uint8_t>(type), 0, 1};
        const auto octets = wire(data);
        bytes = bytes + wire("00 00 00 3c 00") +
                std::vector<std::uint8_t>{static_cast<std::uint8_t>(octets.size())} + octets;
        const auto message = decode_dns(bytes);
        DnsRecordReader reader(message.value());
        std::string out;
        copy_rdata(*message, reader.next().value(), out);
        return std::vector<std::uint8_t>(out.begin(), out.end());
    };
    EXPECT_EQ(copied(5, "c0 0c"), wire("02 61 62 00"));
    EXPECT_EQ(copied(15, "00 0a 01 63 c0 0c"), wire("00 0a 01 63 02 61 62 00"));
    EXPECT_EQ(copied(35, "00 01 00 02 01 73 00 00 c0 0c"),
              wire("00 01 00 02 01 73 00 00 02 61 62 00"));
    EXPECT_EQ(copied(65, "00 01 c0 0c 00 03 00 02 20 fb"),
              wire("00 01 02 61 62 00 00 03 00 02 20 fb"));
    EXPECT_EQ(copied(6, "c0 0c c0 0c 00 00"), wire("c0 0c c0 0c 00 00"));  // cut: as it is
    EXPECT_EQ(copied(5, "c0 0c 00"), wire("c0 0c 00"));                    // too long
    EXPECT_EQ(copied(1234, "c0 0c"), wire("c0 0c"));
}

TEST(Dns, RendersMalformedDataAsHex) {
    EXPECT_EQ(text_of(1, "c0 00 02"), "\\# 3 c00002");  // an address of three octets
    EXPECT_EQ(text_of(1, ""), "\\# 0");
    EXPECT_EQ(text_of(5, "03 61 62"), "\\# 3 036162");       // a name that does not end
    EXPECT_EQ(text_of(5, "01 61 00 00"), "\\# 4 01610000");  // something behind the name
    EXPECT_EQ(text_of(16, "04 61"), "\\# 2 0461");
    EXPECT_EQ(text_of(65, "00 01 00 00 04 00 03 c0 00 02").substr(0, 4), "\\# 1");
}

}  // namespace
}  // namespace turnpike::proto
