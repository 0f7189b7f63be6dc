// Other people's lists and documents as catalog entries: feeds, address lists, tables.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "turnpike/catalog/catalog.h"

namespace turnpike::catalog {

/// The formats that can be read.
enum class ImportKind : std::uint8_t {
    microsoft365,  ///< the Microsoft 365 endpoints web service, JSON
    aws,           ///< ip-ranges.json
    google,        ///< goog.json and cloud.json
    json,          ///< any other JSON: its networks and names, by the members that lead there
    cidrs,         ///< a plain list of networks, one a line
    csv,           ///< a table with named columns
    document,      ///< a vendor's firewall document in Markdown or HTML
};
/// By the words of import_kind_words(); nothing for any other word.
std::optional<ImportKind> parse_import_kind(std::string_view word) noexcept;
/// The words that parse_import_kind() knows.
std::vector<std::string> import_kind_words();

/// What the input does not say of itself.
struct ImportOptions {
    std::string vendor;    ///< an identifier; empty: the kind's own, else "imported"
    std::string product;   ///< an identifier; of a document with several products: which one
    std::string revision;  ///< "2025-01-31" gives the date, too; empty: the input's day, "undated"
    std::string location;  ///< where the input is from; empty: the file's name
    std::vector<std::string> services;  ///< of JSON feeds: only these; empty: all
    std::string region;                 ///< of aws and google: only this region or scope
};

/// A name pattern as it will stand in the YAML (NamePattern).
struct ImportedName {
    std::string text;
    std::string note;     ///< "user avatars"; empty without
    bool shared = false;  ///< many share it
};

/// A row before it is a Rule: the words that will stand in the YAML.
struct ImportedRule {
    std::string id;
    std::string purpose;
    std::string level;  ///< empty: required
    std::string condition;
    std::vector<Circumstance> when;
    std::string direction;        ///< empty: outbound
    std::vector<PortItem> ports;  ///< empty: not stated
    std::vector<ImportedName> names;
    std::vector<Network> networks;
    bool any = false;
    bool any_without_wildcards = false;
    std::string reference;  ///< "customer:turn.host", "unstated"; empty without
    bool simplex = false;
    std::vector<PortItem> source_ports;
    std::vector<std::string> expects;
    std::vector<std::string> carries;
    std::string alternative_group;
    std::string alternative;  ///< the branch within the group; empty: none
    unsigned preference = 0;  ///< of that branch; 0: unordered
    std::string media_by;     ///< of that branch; empty: not said
    std::string tier;
    std::string without_it;
    std::string effective_from;  ///< a day
    std::string effective_until;
    std::string lifecycle;
    std::vector<std::string> inferred;
    bool as_printed = false;
    std::vector<std::string> probe_names;
    std::string notes;
};

/// One product's part of the input.
struct ImportedProduct {
    std::string product;      ///< an identifier
    std::string name;         ///< for people
    std::string revision;     ///< empty: the input's
    std::string use_instead;  ///< not empty: it cannot be allow-listed, and has no rules
    std::vector<ImportedRule> rules;
    bool feed = false;  ///< a list that rows of other products refer to
    /// The revision before, which must outlive this: what it says of the product and of the
    /// document as a whole is said again. Null without.
    const Revision* like = nullptr;
};

/// A line of a document with a port or a place in it that was not understood. The texts stand here
/// as they stand there: escape before printing.
struct ImportedMiss {
    std::size_t line = 0;  ///< from 1
    std::string text;
    std::string reason;
};

/// All that was read from one input: what a vendor's file will say, and what was not understood.
struct Imported {
    std::string vendor;
    std::string revision;
    std::string date;  ///< empty without
    std::string title;
    std::string location;
    std::string read_on;  ///< a day; empty: nobody says
    std::string etag;
    std::vector<ImportedProduct> products;  ///< one; of a document that parts them, several
    std::vector<ImportedMiss> missed;       ///< of a document, by line
    std::vector<std::string> warnings;      ///< what was passed over and does no harm
};

/// Reads `text`. `file` is only a name for messages. Throws base::Error (bad_input) with every
/// mistake and its place, one a line.
Imported import_text(ImportKind kind, const std::string& text, const std::string& file,
                     const ImportOptions& options);

/// A vendor's file as load() reads it.
std::string render_yaml(const Imported& imported);

/// The catalog of one vendor's file given as text; `file` is only a name. Throws like load().
Catalog parse_catalog(const std::string& yaml, const std::filesystem::path& file);

}  // namespace turnpike::catalog
