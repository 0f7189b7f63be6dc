// What somebody who made the traffic himself knows of it: which row each flow was tried for, and
// what a second witness at the far end saw. `turnpike probe` does; watching others' calls there is
// nothing of the kind.
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "turnpike/base/ip_address.h"
#include "turnpike/catalog/catalog.h"
#include "turnpike/facts/facts.h"
#include "turnpike/verdict/result.h"

namespace turnpike::verdict {

/// What the far end saw of an attempt: the second capture of docs/verdicts.md, grade A.
struct Witness {
    bool arrived = false;    ///< something of it: a SYN, a datagram
    bool words = false;      ///< what was said, with the proof in it
    bool connected = false;  ///< TCP: the handshake was completed there
    bool answered = false;   ///< and it was answered
};

/// What is known of one flow.
struct Declared {
    std::vector<catalog::Requirement> rows;  ///< that it was tried for
    /// Silence speaks against the path. False for addresses that were picked from a network, and
    /// for protocols that servers do not answer to strangers.
    bool answer_is_due = true;
    std::optional<Witness> witness;
};

/// By flow.
class Declarations {
  public:
    /// Says what is known of the flow between these two ends; takes the place of what was said
    /// before.
    void add(facts::Transport transport, const base::Endpoint& client, const base::Endpoint& server,
             Declared declared);
    /// Null for a flow of which nothing is known.
    [[nodiscard]] const Declared* find(const facts::Flow& flow) const;
    /// Nothing was declared.
    [[nodiscard]] bool empty() const noexcept { return known_.empty(); }

  private:
    struct Key {
        facts::Transport transport = facts::Transport::tcp;
        base::Endpoint client;
        base::Endpoint server;
        friend bool operator==(const Key&, const Key&) = default;
    };
    struct KeyHash {
        std::size_t operator()(const Key& key) const noexcept;
    };
    std::unordered_map<Key, Declared, KeyHash> known_;
};

}  // namespace turnpike::verdict
