// The five documents from which the format began, imported by the program and compared with the
// entries written by hand: ports, transports, names and conditions of every section.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <tuple>

#include "turnpike/base/error.h"
#include "turnpike/catalog/import.h"

namespace turnpike::catalog {
namespace {

namespace fs = std::filesystem;
using testing::IsEmpty;

/// What one rule opens: port items, names, ANY. Rules compare without regard to their order.
using Port = std::tuple<std::string, std::string, std::string>;
using Row = std::tuple<std::set<Port>, std::set<std::string>, bool>;
using Rows = std::multiset<Row>;

// Documents say "for RTMP converter" and "for the RTMP converter" alike.
std::string without_articles(std::string text) {
    for (auto at = text.find("the "); at != std::string::npos; at = text.find("the ")) {
        text.erase(at, 4);
    }
    return text;
}

Row row_of(const Rule& rule) {
    Row row;
    for (const auto& port : rule.ports) {
        std::get<0>(row).emplace(to_string(port.transport), port.text,
                                 without_articles(port.condition));
    }
    for (const auto& name : rule.destinations.names) {
        std::get<1>(row).insert(name.text);
    }
    // The importer writes ANY for traffic from a source that the document does not name.
    std::get<2>(row) = rule.destinations.any || rule.destinations.reference == "unstated";
    return row;
}

/// The rules whose ids begin with a section's slug; "" takes all.
Rows rows_of(const Revision& revision, const std::string& section = "") {
    Rows rows;
    for (const auto& rule : revision.rules) {
        if (rule.id.starts_with(section)) {
            rows.insert(row_of(rule));
        }
    }
    return rows;
}

std::set<Port> ports_of(const Rows& rows) {
    std::set<Port> ports;
    for (const auto& row : rows) {
        ports.insert(std::get<0>(row).begin(), std::get<0>(row).end());
    }
    return ports;
}

std::set<std::string> names_of(const Rows& rows) {
    std::set<std::string> names;
    for (const auto& row : rows) {
        names.insert(std::get<1>(row).begin(), std::get<1>(row).end());
    }
    return names;
}

class ImportDocuments : public testing::Test {
  protected:
    void SetUp() override {
        if (!fs::exists(documents())) {
            GTEST_SKIP() << documents() << " is not here";
        }
    }
    static fs::path documents() {
        return fs::path(TURNPIKE_SOURCE_DIR) / "../shared/vendor-documents";
    }
    /// The import as it loads again; nothing in the document may be missed.
    static Catalog imported(const std::string& name) {
        std::ifstream stream(documents() / name, std::ios::binary);
        std::ostringstream text;
        text << stream.rdbuf();
        const auto result = import_text(ImportKind::document, text.str(), name, {});
        EXPECT_THAT(result.missed, IsEmpty());
        return parse_catalog(render_yaml(result), name);
    }
    static const Revision& by_hand(const std::string& selector) {
        static const Catalog catalog = load({fs::path(TURNPIKE_SOURCE_DIR) / "catalog"});
        return *catalog.select(selector).front();
    }
};

TEST_F(ImportDocuments, Sendbird) {
    const auto catalog = imported("000_41778c2c40109936.txt");
    const auto& revision = catalog.revisions().front();
    EXPECT_EQ(rows_of(revision), rows_of(by_hand("sendbird/calls")));
    for (const auto& rule : revision.rules) {
        EXPECT_EQ(rule.destinations.any_without_wildcards, !rule.destinations.any) << rule.id;
    }
}

// The table has ports without names, the lists names without ports; only the section about TURN
// ties both. By hand the rows of the table took the names of the lists.
void compare_whereby(const Revision& revision, const Revision& by_hand, const std::string& turn,
                     const std::string& signaling, const std::string& domains) {
    const auto wanted = rows_of(by_hand);
    EXPECT_EQ(ports_of(rows_of(revision)), ports_of(wanted));
    EXPECT_EQ(names_of(rows_of(revision)), names_of(wanted));
    auto turn_rows = rows_of(by_hand, "turn-");
    EXPECT_EQ(rows_of(revision, turn), turn_rows);
    EXPECT_EQ(names_of(rows_of(revision, signaling)), names_of(rows_of(by_hand, "signaling")));
    auto listed = names_of(rows_of(revision, domains));
    listed.insert("turnserver.appearin.net");  // stands in the TURN list only
    EXPECT_EQ(listed, names_of(wanted));
}

TEST_F(ImportDocuments, Whereby2025) {
    const auto catalog = imported("001_eaeeebfdd0024e7a.txt");
    compare_whereby(catalog.revisions().front(), by_hand("whereby/meetings@2025-01-31"),
                    "additional-info-turn-sfu-media", "additional-info-signaling",
                    "domain-whitelisting");
}

TEST_F(ImportDocuments, Whereby2024WhoseCopyLostItsMarkup) {
    const auto catalog = imported("004_dbdf93de677adebf.txt");
    compare_whereby(catalog.revisions().front(), by_hand("whereby/meetings@2024-11-19"),
                    "turn-sfu-media", "signaling-wss", "domain-whitelisting");
}

TEST_F(ImportDocuments, Agora2020) {
    const auto catalog = imported("002_4e67e0e5b74e4d76.txt");
    const auto& revision = catalog.revisions().front();
    EXPECT_EQ(rows_of(revision, "agora-rtc-sdk-web-sdk"),
              rows_of(by_hand("agora/rtc-web@2020-09-15")));
    EXPECT_EQ(rows_of(revision, "agora-rtm-sdk-native-sdk"),
              rows_of(by_hand("agora/rtm-native@2020-09-15")));
    EXPECT_EQ(rows_of(revision, "agora-rtm-sdk-web-sdk"),
              rows_of(by_hand("agora/rtm-web@2020-09-15")));
    EXPECT_EQ(revision.rules.size(), 5U) << "the other sections cannot be allow-listed";
}

TEST_F(ImportDocuments, Agora2018) {
    const auto catalog = imported("003_896b9188205df0be.txt");
    const auto& revision = catalog.revisions().front();
    for (const auto& [section, selector] : {
             std::pair{"agora-native-sdk", "agora/rtc-native@2018-11-06"},
             {"agora-web-sdk", "agora/rtc-web@2018-11-06"},
             {"agora-signaling-sdk", "agora/signaling@2018-11-06"},
             {"agora-recording-sdk", "agora/recording@2018-11-06"},
             {"agora-gaming-sdk", "agora/gaming@2018-11-06"},
         }) {
        EXPECT_EQ(rows_of(revision, section), rows_of(by_hand(selector))) << section;
    }
    const auto simplex = std::ranges::find(revision.rules, Duplex::simplex, &Rule::duplex);
    ASSERT_NE(simplex, revision.rules.end());
    EXPECT_EQ(simplex->direction, RuleDirection::inbound);
    EXPECT_EQ(simplex->level, Level::conditional);
}

TEST(ImportDocument, ListsWhatItDidNotUnderstand) {
    const auto result = import_text(ImportKind::document,
                                    "# Guide\n\n| Service | Protocol | Port |\n|---|---|---|\n"
                                    "| Media | UDP | 3478 |\n| Odd | SCTP | 5000 |\n\n"
                                    "Firewalls must open port range 6000 to everybody.\n",
                                    "guide.md", {});
    EXPECT_EQ(result.title, "Guide");
    ASSERT_EQ(result.rules.size(), 1U);
    EXPECT_EQ(result.rules[0].purpose, "Media");
    EXPECT_THAT(result.missed,
                testing::ElementsAre(testing::HasSubstr("6: "), testing::HasSubstr("8: ")));
}

// Markup that never ends must not cost the square of its length.
TEST(ImportDocument, HostileLinesEndSoon) {
    for (const auto* part : {"[", "<a", "[a](", "&lt;", "|", "(", "1,", "a.b ", "port 1 tcp "}) {
        std::string text;
        while (text.size() < 300'000) {
            text += part;
        }
        try {
            static_cast<void>(import_text(ImportKind::document, text, "guide.md", {}));
        } catch (const base::Error& error) {
            EXPECT_EQ(error.status(), base::ExitStatus::bad_input);
        }
    }
}

TEST(ImportDocument, ReadsHtmlTablesAndLists) {
    const auto result = import_text(
        ImportKind::document,
        "<h1>Guide</h1><table><tr><th>Protocol</th><th>Port</th><th>Destination</th></tr>"
        "<tr><td>TCP/UDP</td><td>443, 8000-8010</td><td><code>*.example.com</code></td></tr>"
        "</table>",
        "guide.html", {});
    ASSERT_EQ(result.rules.size(), 2U);
    EXPECT_EQ(result.rules[0].ports.size(), 2U);
    EXPECT_EQ(result.rules[1].ports[1].text, "8000-8010");
    EXPECT_THAT(result.rules[1].names, testing::ElementsAre("*.example.com"));
    EXPECT_THAT(result.missed, IsEmpty());
}

}  // namespace
}  // namespace turnpike::catalog
