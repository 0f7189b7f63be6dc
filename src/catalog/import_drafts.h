// What is known of a row while its document is being read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "catalog/import_blocks.h"
#include "catalog/import_words.h"
#include "turnpike/catalog/import.h"

namespace turnpike::catalog {

/// A row before its section is known as a whole: it may still lack its destinations.
struct Draft {
    std::size_t line = 0;
    std::string purpose;
    std::vector<PortItem> ports;  ///< with their transports; empty: not stated
    Places places;
    std::string condition;
    std::vector<Circumstance> when;
    std::string direction;  ///< empty: not said
    std::optional<Level> level;
    std::string notes;
    std::vector<std::string> anchors;    ///< parts of the page that the row points at
    std::vector<std::string> footnotes;  ///< marks in the row: "*", "**"
    bool unnamed = false;                ///< the page lost the row's name
    bool simplex = false;                ///< one way, as the document says
};

/// What stands around a table or a sentence and counts for it, too.
struct DraftContext {
    std::vector<Transport> transports;
    std::string direction;
    std::string condition;
    std::optional<Level> level;
    bool ports = false;  ///< speaks of ports: numbers below are ports
};

struct Drafts {
    std::vector<Draft> rows;
    std::vector<ImportedMiss> missed;
};

/// One rule has one transport: a draft for each, "TCP/UDP" makes two.
void add_by_transport(const Draft& draft, const PortList& ports, std::vector<Draft>& rows);

/// The rows of a table, by its heads.
Drafts read_table(const DocumentBlock& table, const DraftContext& context);

/// Words by which a sentence or a cell takes back what it says: "not", "no longer", "except".
bool takes_back(std::string_view text);
/// The same of a table's row, whose words say more: "deprecated", "not required".
bool retires(std::string_view text);
/// Words that tell of other versions, other times or mere possibilities: no demand of today.
bool tells_of_other_times(std::string_view text);
/// "inbound" or "outbound" if the words say one of them, "both" if both.
std::string direction_in(std::string_view text);
/// A name, a network, or a transport beside a number: what nobody may overlook.
bool names_something(std::string_view text);

}  // namespace turnpike::catalog
