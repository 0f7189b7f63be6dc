// One product in a result: its rows, and what is worth a headline about them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "turnpike/verdict/result.h"

namespace turnpike::verdict {

/// What flows of a product met that no status of a row tells.
struct Trouble {
    std::uint32_t flows = 0;
    std::vector<const catalog::Rule*> rules;  ///< whose flows met it, each once
    base::Duration longest{};                 ///< how long such a session had worked
};

/// Traffic of a product that its document does not mention.
struct Strays {
    std::uint32_t flows = 0;
    std::uint32_t blocked = 0;
    std::string example;  ///< "undocumented port: udp 4443 to x.example", a blocked one first
};

/// What was tried on a row that is blocked.
struct Tried {
    const RequirementVerdict* row = nullptr;
    std::string addresses;  ///< a few, where the row leads anywhere
    std::string name;       ///< that was not resolved; may be empty
};

/// What a headline is made of. Points into the result and the catalog.
struct ProductState {
    const catalog::Revision* revision = nullptr;  ///< the newest considered
    bool proven = false;                          ///< something shows that it was there
    std::vector<const RequirementVerdict*> rows;
    std::vector<const AlternativeOutcome*> alternatives;
    Trouble mtu;
    Trouble interrupted;
    Trouble mistrusted;                              ///< clients refused the certificate
    std::vector<const RequirementVerdict*> refused;  ///< rows on which they always did
    std::vector<Tried> tried;                        ///< one entry a blocked row
    Strays strays;
};

/// "TURN relay over UDP (udp 443)".
std::string row_name(const RequirementVerdict& verdict);

/// State, headline and advice of a product.
Headline headline_of(const ProductState& product);

}  // namespace turnpike::verdict
