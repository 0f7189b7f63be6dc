// Any bytes as a DNS message: decoded, walked and rendered to the end.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "turnpike/facts/dns_record.h"
#include "turnpike/proto/dns.h"
#include "turnpike/proto/stream_framing.h"

namespace {

using namespace turnpike::proto;
using turnpike::base::Bytes;

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

void walk(const DnsMessage& message) {
    DnsRecordReader reader(message);
    std::string text;
    std::string data;
    NameBuffer buffer;
    std::size_t records = 0;
    while (const auto record = reader.next()) {
        ++records;
        require(render_name(record->owner, buffer).size() <= buffer.text.size());
        text.clear();
        data.clear();
        copy_rdata(message, *record, data);
        turnpike::facts::render_dns_record(record->type, data, text);
        require(!text.empty());
        record_address(*record);
        static_cast<void>(decode_edns(*record));
        static_cast<void>(decode_service_binding(message, *record));
    }
    require(records * 11 <= message.bytes.size());  // no record is shorter than that
}

void one_message(Bytes bytes) {
    const auto likelihood = probe_dns(bytes);
    const auto message = decode_dns(bytes);
    if (!message) {
        return;
    }
    require(message->question_count > 0 || likelihood != Likelihood::yes ||
            message->answer_count + message->authority_count + message->additional_count > 0);
    NameBuffer buffer;
    render_name(message->question.name, buffer);
    walk(*message);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes bytes{data, size};
    one_message(bytes);
    if (const auto framed = next_framed_message(bytes)) {
        require(framed->consumed <= size);
        one_message(framed->message);
    }
    return 0;
}
