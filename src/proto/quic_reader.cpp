// Reads the packets of a connection's beginning, one datagram after the other: RFC 9000 7.2
// (connection ids), 12.2 (coalescing), 17.2.5 (Retry), RFC 9001 5.2 (keys), RFC 9368 (a server
// may answer in another version).
#include "turnpike/proto/quic_reader.h"

#include <algorithm>

#include "proto/quic_versions.h"
#include "turnpike/proto/gquic.h"

namespace turnpike::proto {

using base::Bytes;
using base::ParseError;
using base::Result;

namespace {

constexpr std::uint8_t long_form = 0x80;  // RFC 8999 5.1
constexpr std::uint8_t fixed_bit = 0x40;  // RFC 9000 17.2
constexpr std::size_t message_header_size = 4;

constexpr QuicSide other(QuicSide side) noexcept {
    return side == QuicSide::client ? QuicSide::server : QuicSide::client;
}

constexpr std::size_t index(QuicSide side) noexcept {
    return static_cast<std::size_t>(side);
}

void mark(QuicPacketType type, QuicReport& report) noexcept {
    switch (type) {
        case QuicPacketType::initial:
            report.initial = true;
            break;
        case QuicPacketType::zero_rtt:
            report.zero_rtt = true;
            break;
        case QuicPacketType::handshake:
            report.handshake = true;
            break;
        case QuicPacketType::retry:
            report.retry = true;
            break;
        case QuicPacketType::version_negotiation:
            report.version_negotiation = true;
            break;
        case QuicPacketType::one_rtt:
            report.one_rtt = true;
            break;
        case QuicPacketType::unknown_long:
            report.unknown_long = true;
            break;
    }
}

}  // namespace

Result<QuicReport> QuicReader::read(Bytes datagram, QuicSide sender, QuicOpener& opener) {
    QuicReport report;
    report.sender = sender;
    if (const auto google = decode_gquic_packet(datagram)) {
        read_gquic(*google, report);
        return report;
    }
    Bytes rest = datagram;
    bool first = true;
    while (!rest.empty()) {
        const bool is_short = (rest[0] & long_form) == 0;
        // Octets of zero after the last packet are padding. A short header may lack the fixed bit
        // once the connection is known: Google's have none, and RFC 9287 lets it vary.
        const bool known = first && version_ != 0;
        if (is_short && (rest[0] & fixed_bit) == 0 && !known) {
            break;
        }
        const auto packet = decode_quic_packet(rest);
        if (!packet) {
            if (first) {
                return std::unexpected{packet.error()};
            }
            report.problem = packet.error();
            break;
        }
        if (first && version_ == 0 && !packet->fixed_bit &&
            packet->type != QuicPacketType::version_negotiation) {
            return std::unexpected{ParseError::not_this};
        }
        first = false;
        read_packet(*packet, report, opener);
    }
    if (first) {
        return std::unexpected{datagram.empty() ? ParseError::truncated : ParseError::not_this};
    }
    take_messages(report);
    return report;
}

Result<QuicReport> QuicReader::read_cut(Bytes datagram, QuicSide sender) noexcept {
    const auto packet = decode_quic_header(datagram);
    if (!packet) {
        return std::unexpected{packet.error()};
    }
    QuicReport report;
    report.sender = sender;
    report.version = packet->version;
    report.problem = ParseError::truncated;
    mark(packet->type, report);
    return report;
}

Bytes QuicReader::unfinished_client_hello() const noexcept {
    const Bytes begun = stream(QuicSide::client).unfinished();
    const bool hello = begun.size() > message_header_size &&
                       begun[0] == static_cast<std::uint8_t>(TlsHandshakeType::client_hello);
    return hello ? begun.subspan(message_header_size) : Bytes{};
}

void QuicReader::release() noexcept {
    for (auto& side : sides_) {
        side.stream.release();
    }
}

void QuicReader::read_packet(const QuicPacket& packet, QuicReport& report, QuicOpener& opener) {
    mark(packet.type, report);
    if (report.version == 0) {
        report.version = packet.version;
    }
    switch (packet.type) {
        case QuicPacketType::initial:
            read_initial(packet, report, opener);
            break;
        case QuicPacketType::retry:
        case QuicPacketType::version_negotiation:
            // Only servers send these (RFC 9000 17.2.1, 17.2.5).
            report.sender = QuicSide::server;
            report.sender_proven = true;
            break;
        default:
            break;
    }
}

void QuicReader::read_initial(const QuicPacket& packet, QuicReport& report, QuicOpener& opener) {
    const auto opened = open(packet, report, opener);
    if (!opened) {
        report.problem = opened.error();
        return;
    }
    report.opened = true;
    report.sender_proven = true;
    Side& side = sides_[index(report.sender)];
    side.largest = std::max(side.largest, opened->packet_number);
    read_frames(opened->payload, report);
}

/// Tries the keys at hand for the believed sender, then those that this packet would have if it
/// were a client's first (a new connection, or one after a Retry), then those of the other side.
Result<QuicOpened> QuicReader::open(const QuicPacket& packet, QuicReport& report,
                                    QuicOpener& opener) noexcept {
    if (auto opened = open_as(report.sender, packet, opener)) {
        return opened;
    }
    if (auto opened = adopt(packet, opener)) {
        report.sender = QuicSide::client;
        return opened;
    }
    auto opened = open_as(other(report.sender), packet, opener);
    if (opened) {
        report.sender = other(report.sender);
    }
    return opened;
}

Result<QuicOpened> QuicReader::open_as(QuicSide side, const QuicPacket& packet,
                                       QuicOpener& opener) noexcept {
    if (!has_keys_) {
        return std::unexpected{ParseError::bad_checksum};
    }
    const Side& state = sides_[index(side)];
    if (packet.version == version_) {
        return opener.open(packet, state.keys, state.largest);
    }
    // RFC 9368 2.3: after compatible negotiation the keys come from the same id with the new salt.
    const Bytes id = Bytes{original_id_.octets}.first(original_id_.size);
    const auto keys = opener.derive(packet.version, id, side);
    if (!keys) {
        return std::unexpected{keys.error()};
    }
    return opener.open(packet, *keys, state.largest);
}

Result<QuicOpened> QuicReader::adopt(const QuicPacket& packet, QuicOpener& opener) noexcept {
    const Bytes id = packet.destination_id;
    const auto client = opener.derive(packet.version, id, QuicSide::client);
    if (!client) {
        return std::unexpected{client.error()};
    }
    auto opened = opener.open(packet, *client);
    if (!opened) {
        return opened;
    }
    const auto server = opener.derive(packet.version, id, QuicSide::server);
    for (auto& side : sides_) {
        side.stream.reset();
        side.largest = 0;
    }
    sides_[index(QuicSide::client)].keys = *client;
    sides_[index(QuicSide::server)].keys = *server;
    std::ranges::copy(id, original_id_.octets.begin());
    original_id_.size = static_cast<std::uint8_t>(id.size());
    version_ = packet.version;
    has_keys_ = true;
    return opened;
}

void QuicReader::read_frames(Bytes payload, QuicReport& report) {
    const QuicVersionTraits* const traits = quic_version_traits(version_);
    const bool google = traits != nullptr && traits->google_frames;
    CryptoStream& stream = sides_[index(report.sender)].stream;
    while (!payload.empty()) {
        const auto frame = google ? decode_q050_frame(payload) : decode_quic_frame(payload);
        if (!frame) {
            // Google's acknowledgements are not decoded, which is no fault of the packet.
            if (!google) {
                report.problem = frame.error();
            }
            return;
        }
        if (frame->type == QuicFrame::Type::connection_close) {
            report.close = *frame;
            report.close->data = {};  // would be overwritten by the next packet opened
        } else if (frame->type == QuicFrame::Type::crypto) {
            if (const auto added = stream.add(frame->offset, frame->data); !added) {
                report.problem = added.error();
            }
        }
    }
}

/// The messages that are whole now. Last of all, for views into the stream die when it grows.
void QuicReader::take_messages(QuicReport& report) noexcept {
    if (!report.opened) {
        return;
    }
    CryptoStream& stream = sides_[index(report.sender)].stream;
    if (quic_family(version_) == QuicFamily::gquic_initial) {
        read_gquic_message(stream.unfinished(), report);
        return;
    }
    while (const auto message = stream.next()) {
        if (message->type == TlsHandshakeType::client_hello) {
            report.client_hello = *message;
        } else if (message->type == TlsHandshakeType::server_hello) {
            report.server_hello = *message;
        }
    }
}

void QuicReader::read_gquic(const GquicPacket& packet, QuicReport& report) noexcept {
    report.version = packet.version;
    report.version_negotiation = packet.negotiation;
    version_ = packet.version;
    if (packet.negotiation) {
        report.sender = QuicSide::server;
        report.sender_proven = true;
        return;
    }
    if (const auto message = find_gquic_message(packet.payload)) {
        report.initial = true;
        report.opened = true;
        read_gquic_message(*message, report);
    }
}

void QuicReader::read_gquic_message(Bytes bytes, QuicReport& report) noexcept {
    const auto message = decode_gquic_message(bytes);
    if (!message) {
        return;
    }
    report.sender = message->tag == gquic_chlo ? QuicSide::client : QuicSide::server;
    report.sender_proven = true;
    if (message->tag == gquic_chlo) {
        report.gquic_hello = true;
        report.gquic_server_name = message->server_name;
        report.gquic_user_agent = message->user_agent;
    }
}

}  // namespace turnpike::proto
