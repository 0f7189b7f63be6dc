// What is refused as no capture, and what the refusal says.
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/file_format.h"
#include "capture/support/reading.h"

namespace turnpike::capture {
namespace {

using testing::error_of;

std::pair<std::string, int> refusal(std::string_view octets) {
    return error_of([&] { recognize(base::as_bytes(octets), "FILE"); });
}

TEST(Recognize, RefusesWhatIsNoCapture) {
    const std::string message =
        "FILE: not a capture file (neither pcap nor pcapng, plain or compressed; give what "
        "tcpdump, dumpcap or Wireshark wrote)";
    EXPECT_EQ(refusal("Hello, world. This is text, and a good deal of it.\n"),
              std::pair(message, 65));
    EXPECT_EQ(refusal("\xa1\xb2"), std::pair(message, 65));  // half a magic number
    EXPECT_EQ(refusal({"\0\0\0\0\0\0\0\0", 8}), std::pair(message, 65));
    EXPECT_EQ(refusal(""), std::pair(std::string("FILE: not a capture file (it is empty)"), 65));
}

TEST(Recognize, SaysWhichOtherFormatItIs) {
    EXPECT_EQ(refusal({"snoop\0\0\0\0\0\0\2\0\0\0\4", 16}).first,
              "FILE: not a capture file (it is of the snoop format; convert it with editcap)");
    EXPECT_THAT(refusal("GMBU\2\0\1\0").first, ::testing::HasSubstr("Network Monitor"));
}

TEST(Recognize, TakesMagicNumbersInEitherByteOrder) {
    const std::string rest({"\0\2\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 20});
    for (const std::string_view magic :
         {"\xa1\xb2\xc3\xd4", "\xa1\xb2\x3c\x4d", "\xa1\xb2\xcd\x34"}) {
        EXPECT_EQ(refusal(std::string(magic) + rest).second, 0) << magic;
        // The other order makes the version 512.1024, which is known to be none.
        EXPECT_THAT(refusal(std::string(magic.rbegin(), magic.rend()) + rest).first,
                    ::testing::HasSubstr("unknown version 512.1024"));
    }
}

}  // namespace
}  // namespace turnpike::capture
