// The five documents from which the format began, imported by the program and compared with the
// entries written by hand: ports, transports, names and conditions of every section.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <tuple>

#include "catalog/imported_text.h"
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

fs::path documents() {
    return fs::path(TURNPIKE_SOURCE_DIR) / "../shared/vendor-documents";
}

class ImportDocuments : public testing::Test {
  protected:
    void SetUp() override {
        if (!fs::is_directory(documents())) {
            GTEST_SKIP() << "no documents in " << documents();
        }
    }
    /// The import as it loads again; nothing in the document may be missed.
    static Catalog imported(const std::string& name) {
        const std::ifstream stream(documents() / name, std::ios::binary);
        std::ostringstream text;
        text << stream.rdbuf();
        const auto result = import_text(ImportKind::document, text.str(), name, {});
        EXPECT_THAT(result.missed, IsEmpty());
        return parse_catalog(render_yaml(result), name);
    }
    static const Revision& product(const Catalog& catalog, const std::string& name) {
        return *catalog.select("imported/" + name).front();
    }
    static const Revision& by_hand(const std::string& selector) {
        static const Catalog catalog = load({fs::path(TURNPIKE_SOURCE_DIR) / "catalog"});
        return *catalog.select(selector).front();
    }
};

// Rows of media that replace each other: by preference.
std::map<unsigned, Row> alternatives_of(const Revision& revision) {
    std::map<unsigned, Row> rows;
    for (const auto& rule : revision.rules) {
        if (!rule.alternative_group.empty()) {
            rows.emplace(rule.preference, row_of(rule));
        }
    }
    return rows;
}

TEST_F(ImportDocuments, Sendbird) {
    const auto catalog = imported("000_41778c2c40109936.txt");
    const auto& revision = catalog.revisions().front();
    EXPECT_EQ(rows_of(revision), rows_of(by_hand("sendbird/calls")));
    for (const auto& rule : revision.rules) {
        EXPECT_EQ(rule.destinations.any_without_wildcards, !rule.destinations.any) << rule.id;
    }
    ASSERT_EQ(revision.rules.size(), 3U);
    EXPECT_EQ(revision.rules[0].level, Level::required);
    EXPECT_EQ(revision.rules[1].condition, "when using Direct Call");
    EXPECT_EQ(revision.rules[2].level, Level::optional);
}

TEST_F(ImportDocuments, Whereby2025) {
    const auto catalog = imported("001_eaeeebfdd0024e7a.txt");
    const auto& revision = catalog.revisions().front();
    const auto& wanted = by_hand("whereby/meetings@2025-01-31");
    EXPECT_EQ(rows_of(revision), rows_of(wanted));
    EXPECT_EQ(alternatives_of(revision), alternatives_of(wanted));
    for (const auto& rule : revision.rules) {
        EXPECT_EQ(rule.direction, RuleDirection::outbound);
        for (const auto& name : rule.destinations.names) {
            EXPECT_EQ(name.note, name.text == "*.amazonaws.net" ? "user avatars" : "");
        }
    }
    EXPECT_EQ(revision.rules.back().level, Level::optional) << "names that no service claims";
}

TEST_F(ImportDocuments, Whereby2024WhoseCopyLostItsMarkup) {
    const auto catalog = imported("004_dbdf93de677adebf.txt");
    const auto& revision = catalog.revisions().front();
    const auto& wanted = by_hand("whereby/meetings@2024-11-19");
    EXPECT_EQ(rows_of(revision), rows_of(wanted));
    EXPECT_EQ(alternatives_of(revision), alternatives_of(wanted));
}

TEST_F(ImportDocuments, Agora2020) {
    const auto catalog = imported("002_4e67e0e5b74e4d76.txt");
    EXPECT_EQ(catalog.revisions().size(), 6U);
    for (const auto* name : {"rtc-web", "rtm-native", "rtm-web"}) {
        const auto& wanted = by_hand(std::string("agora/") + name + "@2020-09-15");
        EXPECT_EQ(rows_of(product(catalog, name)), rows_of(wanted)) << name;
        EXPECT_EQ(product(catalog, name).revision, "2020-09-15");
    }
    for (const auto& port : product(catalog, "rtc-web").rules.back().ports) {
        EXPECT_EQ(port.when.empty(), port.condition.empty()) << port.text;
    }
    for (const auto& [name, selector] : {std::pair{"rtc-native", "agora/rtc-native@2020-09-15"},
                                         {"on-premise-recording", "agora/recording@2020-09-15"},
                                         {"gaming", "agora/gaming@2020-09-15"}}) {
        const auto& closed = product(catalog, name);
        EXPECT_FALSE(closed.allow_listable) << name;
        EXPECT_THAT(closed.use_instead, testing::HasSubstr("the Cloud Proxy")) << name;
        EXPECT_THAT(by_hand(selector).use_instead, testing::HasSubstr("the Cloud Proxy"));
        EXPECT_THAT(closed.rules, IsEmpty());
    }
}

TEST_F(ImportDocuments, Agora2018) {
    const auto catalog = imported("003_896b9188205df0be.txt");
    for (const auto& [name, selector] : {
             std::pair{"native", "agora/rtc-native@2018-11-06"},
             {"web", "agora/rtc-web@2018-11-06"},
             {"signaling", "agora/signaling@2018-11-06"},
             {"gaming", "agora/gaming@2018-11-06"},
         }) {
        EXPECT_EQ(rows_of(product(catalog, name)), rows_of(by_hand(selector))) << name;
    }
    // Where the recorder's downstream comes from is not stated.
    const auto& recording = product(catalog, "recording").rules;
    const auto& wanted = by_hand("agora/recording@2018-11-06").rules;
    ASSERT_EQ(recording.size(), wanted.size());
    EXPECT_EQ(row_of(recording[0]), row_of(wanted[0]));
    EXPECT_EQ(row_of(recording[1]), row_of(wanted[1]));
    EXPECT_EQ(std::get<0>(row_of(recording[2])), std::get<0>(row_of(wanted[2])));
    EXPECT_EQ(recording[2].destinations.reference, "unstated");
    EXPECT_EQ(recording[2].duplex, Duplex::simplex);
    EXPECT_EQ(recording[2].direction, RuleDirection::inbound);
    EXPECT_EQ(recording[2].level, Level::conditional);
}

TEST(ImportDocument, ListsWhatItDidNotUnderstand) {
    const auto result = import_text(ImportKind::document,
                                    "# Guide\n\n| Service | Protocol | Port |\n|---|---|---|\n"
                                    "| Media | UDP | 3478 |\n| Odd | SCTP | 5000 |\n\n"
                                    "Firewalls must open port range 6000 to everybody.\n",
                                    "guide.md", {});
    EXPECT_EQ(result.title, "Guide");
    ASSERT_EQ(result.products[0].rules.size(), 1U);
    EXPECT_EQ(result.products[0].rules[0].purpose, "Media");
    ASSERT_EQ(result.missed.size(), 2U);
    EXPECT_EQ(result.missed[0].line, 6U);
    EXPECT_EQ(result.missed[0].text, "Odd | SCTP | 5000");
    EXPECT_EQ(result.missed[1].line, 8U);
}

// Markup that never ends must not cost the square of its length.
TEST(ImportDocument, HostileLinesEndSoon) {
    for (const auto* part :
         {"[", "<a", "[a](", "&lt;", "|", "(", "1,", "a.b ", "port 1 tcp ", "1-", "<div>", "> ",
          "- ", "a.example.com:1 ", "*.", "**", "<table><tr><td rowspan=9999 colspan=9999>1"}) {
        std::string text;
        while (text.size() < 100'000) {
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
    const auto& rules = result.products[0].rules;
    ASSERT_EQ(rules.size(), 2U);
    EXPECT_EQ(rules[0].ports.size(), 2U);
    EXPECT_EQ(rules[1].ports[1].text, "8000-8010");
    ASSERT_EQ(rules[1].names.size(), 1U);
    EXPECT_EQ(rules[1].names[0].text, "*.example.com");
    EXPECT_THAT(result.missed, IsEmpty());
}

// What each of these once came out as is in the changelog: names glued together, ranges split,
// port 10, port 38, rules from comments.
TEST(ImportDocument, ReadsWhatPagesReallyHold) {
    const auto result = import_text(
        ImportKind::document,
        "<TABLE><TR><TH>Use<TH>Protocol<TH>Port<TH>Destination</TR>"
        "<TR><TD>Fax (T-38)<TD>UDP<TD>10,000 - 60,000<TD>fax.example.com*</TR>"
        "<TR><TD>Voice<TD>UDP<TD>16384&ndash;32768<TD>192.0.2.0/25<BR>198.51.100.4 &ndash; "
        "198.51.100.7</TR></TABLE><!-- TCP port 9999 --><script>'TCP port 9998'</script>",
        "guide.html", {});
    EXPECT_EQ(text_of(result),
              "imported document, undated\nimported: imported\n"
              "  udp 10000-60000 > fax.example.com | | Fax (T-38)\n"
              "  udp 16384-32768 > 192.0.2.0/25 198.51.100.4/30 | | Voice\n");
}

TEST(ImportDocument, RefusesWhatIsNoText) {
    for (const auto& [text, reason] : {std::pair<std::string, std::string>{"\xFF\xFE"
                                                                           "a",
                                                                           "UTF-16"},
                                       {"%PDF-1.7", "PDF"},
                                       {std::string("a\0b", 3), "no text"}}) {
        try {
            static_cast<void>(import_text(ImportKind::document, text, "guide", {}));
            ADD_FAILURE() << reason;
        } catch (const base::Error& error) {
            EXPECT_EQ(error.status(), base::ExitStatus::bad_input);
            EXPECT_THAT(error.what(), testing::HasSubstr(reason));
        }
    }
}

TEST(ImportDocument, OneOfSeveralProductsIsChosenByName) {
    const auto* const text =
        "# Ports\n\n## A SDK\n\nOpen TCP ports 443 and 80.\n\n## B SDK\n\nOpen UDP ports 1 and "
        "2.\n";
    ImportOptions options;
    EXPECT_EQ(import_text(ImportKind::document, text, "x.md", options).products.size(), 2U);
    options.product = "b";
    const auto one = import_text(ImportKind::document, text, "x.md", options);
    ASSERT_EQ(one.products.size(), 1U);
    EXPECT_EQ(one.products[0].rules.size(), 1U);
    options.product = "all";
    EXPECT_EQ(import_text(ImportKind::document, text, "x.md", options).products[0].rules.size(),
              2U);
}

}  // namespace
}  // namespace turnpike::catalog
