// Which protocol a stream begins with: one table, and what each row makes.
#pragma once

#include <memory>

#include "stream_reader.h"

namespace turnpike::inspect {

/// The octets at the front of what one end sent, of a stream that nobody reads yet.
struct Beginning {
    const PayloadContext& payload;
    base::Bytes octets;
    /// This may be the middle of the connection, so weaker marks must do for some protocols, and do
    /// not for others.
    bool midstream = false;
};

/// A row of the table.
struct StreamProtocol {
    bool (*begins)(const Beginning& beginning) noexcept;
    /// What is known by recognising it alone. Null: nothing.
    void (*note)(const Beginning& beginning);
    /// Who reads on; null, also as a result: nobody needs to.
    std::unique_ptr<StreamReader> (*make)(const Beginning& beginning, Context& context,
                                          MessageSink& messages);
    /// Looked for in the middle of a connection whose start was not captured, at every segment.
    bool may_begin_late = false;
};

/// The first row that fits; null if none does.
const StreamProtocol* recognize(const Beginning& beginning) noexcept;

}  // namespace turnpike::inspect
