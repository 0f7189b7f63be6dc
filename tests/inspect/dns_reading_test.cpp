// What a DNS message says without its flow, and the room that a reading keeps.
#include "turnpike/inspect/dns_reading.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "support/messages.h"

namespace turnpike::inspect::test {
namespace {

TEST(DnsReader, ReadsAQuestionAndItsAnswers) {
    DnsReader reader(base::HashKey(1));
    DnsReading question;
    reader.read(dns_query(7, "Meet.Example"), question);
    EXPECT_FALSE(question.error);
    EXPECT_FALSE(question.response);
    EXPECT_EQ(question.id, 7U);
    EXPECT_EQ(question.said.name, "meet.example");
    EXPECT_EQ(question.said.type, 1U);

    DnsReading answer;
    reader.read(dns_answer(7, "meet.example", 0, {"192.0.2.7", "192.0.2.8"}), answer);
    EXPECT_TRUE(answer.response);
    EXPECT_EQ(answer.answer_count, 2U);
    ASSERT_EQ(answer.said.answers.size(), 2U);
    EXPECT_EQ(answer.said.answers[1].address, base::IpAddress::v4(0xc0000208));
    EXPECT_EQ(answer.said.rcode, 0U);
    EXPECT_EQ(answer.name_hash, question.name_hash);
}

TEST(DnsReader, LeavesNothingOfTheMessageBefore) {
    DnsReader reader(base::HashKey(1));
    DnsReading reading;
    reader.read(dns_answer(7, "meet.example", 0, {"192.0.2.7"}), reading);
    reader.read(dns_answer(8, "gone.example", 3, {}), reading);
    EXPECT_EQ(reading.said.rcode, 3U);
    EXPECT_TRUE(reading.said.answers.empty());
    constexpr std::array<std::uint8_t, 3> no_message{1, 2, 3};
    reader.read(no_message, reading);
    EXPECT_EQ(reading.error, base::ParseError::truncated);
    reader.read(dns_query(9, "meet.example"), reading);
    EXPECT_FALSE(reading.error);
    EXPECT_FALSE(reading.response);
}

TEST(DnsReader, KeepsLittleRoomOfALargeMessage) {
    DnsReader reader(base::HashKey(1));
    DnsReading reading;
    const std::vector<std::string_view> many(200, "192.0.2.7");
    reader.read(dns_answer(7, "meet.example", 0, many), reading);
    EXPECT_EQ(reading.said.answers.size(), 200U);
    reader.read(dns_answer(8, "meet.example", 0, {"192.0.2.7"}), reading);
    EXPECT_EQ(reading.said.answers.size(), 1U);
    EXPECT_LE(reading.said.answers.capacity(), 64U);
}

}  // namespace
}  // namespace turnpike::inspect::test
