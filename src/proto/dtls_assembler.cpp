// Puts DTLS handshake fragments together: RFC 6347 4.2.3.
#include <algorithm>

#include "turnpike/proto/dtls.h"

namespace turnpike::proto {

using base::ParseError;
using base::Result;

Result<DtlsHandshakeMessage> DtlsAssembler::add(const DtlsHandshakeFragment& fragment) {
    if (fragment.whole()) {
        return DtlsHandshakeMessage{.type = fragment.type,
                                    .message_sequence = fragment.message_sequence,
                                    .body = fragment.body};
    }
    if (fragment.length > max_message) {
        return std::unexpected{ParseError::limit};
    }
    if (fragment.offset + fragment.body.size() > fragment.length) {
        return std::unexpected{ParseError::bad_length};
    }
    Partial& partial = partial_of(fragment);
    if (auto added = partial.pieces.add(fragment.offset, fragment.body); !added) {
        return std::unexpected{added.error()};
    }
    const base::Bytes body = partial.pieces.prefix();
    if (body.size() < partial.length) {
        return std::unexpected{ParseError::truncated};
    }
    partial.used = false;
    return DtlsHandshakeMessage{
        .type = partial.type, .message_sequence = partial.sequence, .body = body};
}

/// The message that the fragment belongs to, new or begun; the oldest one makes room.
DtlsAssembler::Partial& DtlsAssembler::partial_of(const DtlsHandshakeFragment& fragment) {
    ++clock_;
    const auto same = std::ranges::find_if(partials_, [&](const Partial& partial) {
        // A peer that starts anew counts messages from 0 again: type and length tell.
        return partial.used && partial.sequence == fragment.message_sequence &&
               partial.type == fragment.type && partial.length == fragment.length;
    });
    if (same != partials_.end()) {
        same->age = clock_;
        return *same;
    }
    auto free = std::ranges::find(partials_, false, &Partial::used);
    if (free == partials_.end() && partials_.size() < max_messages) {
        free = partials_.emplace(partials_.end());
        free->pieces = PieceBuffer{budget_};
    } else if (free == partials_.end()) {
        free = std::ranges::min_element(partials_, {}, &Partial::age);
    }
    free->pieces.release();
    free->length = fragment.length;
    free->age = clock_;
    free->sequence = fragment.message_sequence;
    free->type = fragment.type;
    free->used = true;
    return *free;
}

void DtlsAssembler::release() noexcept {
    partials_ = std::vector<Partial>();
}

}  // namespace turnpike::proto
