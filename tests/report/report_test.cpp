// Every format of the report over a sample run: what it says, fits and escapes.
#include "turnpike/report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>
#include <regex>
#include <sstream>
#include <string>
#include <utility>

#include "report/opening.h"
#include "report/printable.h"
#include "report/wording.h"
#include "store/sample_run.h"
#include "turnpike/base/error.h"

namespace turnpike {
namespace {

using report::Format;
using test::SampleRun;
using test::TemporaryDirectory;

std::string render(const std::filesystem::path& path, Format format,
                   const report::Options& options = {}) {
    store::Reader reader(path);
    std::string out;
    report::render(reader, reader.runs().back(), format, options,
                   [&out](std::string_view piece) { out += piece; });
    return out;
}

// The sample with what its verdicts come to.
struct ToldRun : SampleRun {
    ToldRun() {
        result.headlines = {{&meet, verdict::HeadlineState::fails,
                             "blocked: Chat (tcp 5222) (no such name)",
                             "Let the resolver answer for chat.acme.example."}};
    }
};

std::string render_sample(Format format, const report::Options& options = {}) {
    const TemporaryDirectory directory;
    ToldRun().write(directory / "a.db");
    return render(directory / "a.db", format, options);
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(line);
    }
    return lines;
}

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

// Without the script, the style and the libraries' licences, which names cannot reach.
std::string without_own_files(std::string text) {
    constexpr std::array parts{std::pair{"<style>", "</style>"}, std::pair{"<script>", "</script>"},
                               std::pair{"<p class=\"licence\">", "</p>"}};
    for (const auto& [begin, end] : parts) {
        const auto from = text.find(begin);
        const auto to = text.find(end, from);
        EXPECT_NE(to, std::string::npos) << begin;
        text.erase(from, to - from);
    }
    return text;
}

TEST(TextReport, ReadsLikeThis) {
    // After a wanted change: TURNPIKE_WRITE_GOLDEN=1 writes the file anew; read it before keeping
    // it.
    const std::filesystem::path golden = TURNPIKE_SOURCE_DIR "/tests/report/golden/sample.txt";
    // The database lies in another folder each time.
    const auto text =
        std::regex_replace(render_sample(Format::text), std::regex(R"(\S*/a\.db)"), "a.db");
    if (std::getenv("TURNPIKE_WRITE_GOLDEN") != nullptr) {
        std::ofstream(golden) << text;
    }
    std::ifstream file(golden);
    EXPECT_EQ(text, std::string(std::istreambuf_iterator<char>(file), {}));
}

TEST(TextReport, FitsTheWidthAndHasNoControlCharacters) {
    for (const std::size_t width : {100U, 60U}) {
        report::Options options;
        options.width = width;
        for (const auto& line : lines_of(render_sample(Format::text, options))) {
            EXPECT_LE(report::columns_of(line), width) << line;
            EXPECT_TRUE(std::ranges::all_of(line, [](char c) { return c >= 0x20 && c <= 0x7e; }))
                << line;
        }
    }
}

TEST(TextReport, ColorsOnlyWhenAsked) {
    EXPECT_FALSE(contains(render_sample(Format::text), "\x1b"));
    report::Options options;
    options.color = true;
    EXPECT_TRUE(contains(render_sample(Format::text, options), "\x1b[1;38;5;166m"));
}

TEST(TextReport, ShowsEverythingThatWasAskedFor) {
    const TemporaryDirectory directory;
    ToldRun sample;
    sample.start.selectors = "acme, other";
    sample.write(directory / "a.db");
    report::Options options;
    options.all = true;
    const auto text = render(directory / "a.db", Format::text, options);
    EXPECT_TRUE(contains(text, "unmatched     tcp 5061")) << text;
    EXPECT_TRUE(contains(text, "use instead: Acme Cloud Proxy")) << text;
    EXPECT_FALSE(contains(text, "No traffic was seen of")) << text;
}

TEST(TextReport, CanBeLimitedToAProduct) {
    report::Options options;
    options.selectors = {"other/phone"};
    const auto text = render_sample(Format::text, options);
    EXPECT_TRUE(contains(text, "other/phone@2026-02-02")) << text;
    EXPECT_FALSE(contains(text, "acme/meet")) << text;
}

TEST(TextReport, SaysThatARunWasBrokenOff) {
    const TemporaryDirectory directory;
    const SampleRun sample;
    {
        store::Writer writer(directory / "a.db");
        writer.begin(sample.start);
        writer.write_facts(sample.observation);
        writer.write_verdicts(sample.observation, sample.result);
        writer.end(sample.observation.quality, false);
    }
    EXPECT_TRUE(contains(render(directory / "a.db", Format::text), "has not ended cleanly"));
}

TEST(Reports, SayFirstThatARunWasNotStoredCompletely) {
    const TemporaryDirectory directory;
    const SampleRun sample;
    {
        store::Writer writer(directory / "begun.db");  // the disk is full at once
        writer.begin(sample.start);
    }
    {
        store::Writer writer(directory / "half.db");  // ... or later
        writer.begin(sample.start);
        writer.write_facts(sample.observation);
        writer.write_verdicts(sample.observation, sample.result);
    }
    for (const auto* const name : {"begun.db", "half.db"}) {
        const auto text = render(directory / name, Format::text);
        EXPECT_TRUE(text.starts_with("CANNOT TELL: This run was not stored completely")) << text;
        EXPECT_TRUE(contains(text, "To do: Analyze the capture again")) << text;
        for (const auto format :
             {Format::text, Format::json, Format::html, Format::markdown, Format::junit}) {
            const auto report = render(directory / name, format);
            EXPECT_TRUE(contains(report, "was not stored completely")) << report;
            EXPECT_FALSE(contains(report, "capture holds no packets")) << report;
            EXPECT_FALSE(contains(report, "Make a call")) << report;
        }
    }
}

TEST(Reports, KeepTheirWordsForALiveRunThatWaits) {
    const TemporaryDirectory directory;
    {
        store::Writer writer(directory / "a.db");
        writer.begin(SampleRun().start);
    }
    store::Reader reader(directory / "a.db");
    const auto page = report::render_live(reader, reader.runs().back(), {});
    EXPECT_FALSE(contains(page.document, "stored completely")) << page.document;
    EXPECT_TRUE(contains(page.document, "Make a call")) << page.document;
}

TEST(TextReport, AnEmptyRunIsNoError) {
    const TemporaryDirectory directory;
    {
        store::Writer writer(directory / "a.db");
        writer.begin({test::at(0), "empty.pcap", "0.1.0", ""});
        writer.end({}, true);
    }
    const auto text = render(directory / "a.db", Format::text);
    EXPECT_TRUE(contains(text, "no packets")) << text;
    EXPECT_TRUE(contains(
        text, "No traffic of any vendor in the current revisions of the catalog was seen."))
        << text;
}

TEST(Reports, EscapeWhatComesFromTheNetwork) {
    const TemporaryDirectory directory;
    ToldRun sample;
    sample.result.flows[1].attribution.make().server_name =
        "<script>\x1b]0;owned\x07|`*\xe2\x80\xae.acme.example";
    sample.result.undocumented[0].detail = "udp 1 to \x1b[2J<b>";
    sample.result.warnings = {"a\r\nb\x9b"};
    sample.write(directory / "a.db");
    for (const auto format :
         {Format::text, Format::json, Format::csv, Format::markdown, Format::html, Format::junit}) {
        const auto text = render(directory / "a.db", format);
        EXPECT_TRUE(std::ranges::all_of(text, [](char c) {
            return c == '\n' || static_cast<unsigned char>(c) >= 0x20;
        })) << text;
        EXPECT_FALSE(contains(text, "\x9b")) << text;
    }
    const auto html = render(directory / "a.db", Format::html);
    EXPECT_FALSE(contains(without_own_files(html), "<script>")) << html;
    EXPECT_FALSE(contains(html, "<b>")) << html;
    EXPECT_TRUE(contains(render(directory / "a.db", Format::junit), "&lt;script&gt;"));
    EXPECT_TRUE(contains(render(directory / "a.db", Format::markdown), "\\<script\\>"));
}

TEST(CsvReport, HoldsNoFormula) {
    const TemporaryDirectory directory;
    ToldRun sample;
    sample.meet.rules[0].purpose = "=HYPERLINK(\"x\")";
    sample.meet.rules[1].purpose = "@SUM(A1)";
    sample.write(directory / "a.db");
    const auto text = render(directory / "a.db", Format::csv);
    EXPECT_TRUE(contains(text, "\"'=HYPERLINK(\"\"x\"\")\"")) << text;
    EXPECT_TRUE(contains(text, ",'@SUM(A1),")) << text;
}

TEST(HtmlReport, CutsEndlessTexts) {
    const TemporaryDirectory directory;
    ToldRun sample;
    sample.result.flows[1].attribution.make().server_name = std::string(65'536, 'x');
    sample.result.warnings = {std::string(65'536, 'y')};
    sample.write(directory / "a.db");
    const auto text = without_own_files(render(directory / "a.db", Format::html));
    EXPECT_FALSE(contains(text, std::string(2'001, 'x')));
    EXPECT_FALSE(contains(text, std::string(2'001, 'y')));
}

TEST(JsonReport, HasAKeyForEveryViewAndItsColumns) {
    const auto text = render_sample(Format::json);
    for (const auto view : store::Reader::views()) {
        EXPECT_TRUE(contains(text, '"' + std::string(view) + "\": [")) << view;
    }
    EXPECT_TRUE(contains(text, R"({"run_id": 1, "vendor": "acme", "product": "meet", )"
                               R"("revision": "2026-01-01", "rule_id": "turn-udp", )"
                               R"("purpose": "Media relay over UDP", "level": "required", )"
                               R"("transport": "udp", "ports": "3478", )"
                               R"("destination": "turn.acme.example", "status": "blocked", )"
                               R"("block_reason": "icmp_prohibited", "stage": "udp", )"
                               R"("grade": "A", "flows_passed": 0, "flows_blocked": 1, )"))
        << text;
    EXPECT_TRUE(contains(text, R"("jitter_ms": null)"));
    EXPECT_TRUE(contains(text, R"("rtt_ms": 20.5)"));
    EXPECT_TRUE(contains(text, R"("qname": "odd\\x1b[31m.acme.example")"));
}

TEST(JsonReport, ShowsOnlyTheRunAskedFor) {
    const TemporaryDirectory directory;
    const SampleRun sample;
    sample.write(directory / "a.db");
    sample.write(directory / "a.db");
    store::Reader reader(directory / "a.db");
    std::string out;
    report::render(reader, reader.runs().front(), Format::json, {},
                   [&out](std::string_view piece) { out += piece; });
    EXPECT_TRUE(contains(out, R"("run_id": 1)"));
    EXPECT_FALSE(contains(out, R"("run_id": 2)"));
}

TEST(CsvReport, IsOneLineARequirement) {
    const auto lines = lines_of(render_sample(Format::csv));
    ASSERT_EQ(lines.size(), 8U);
    EXPECT_TRUE(
        lines[0].starts_with("run_id,vendor,product,revision,rule_id,purpose,level,"
                             "transport,ports,destination,status,block_reason,stage,grade,"
                             "flows_passed,flows_blocked,flows_inconclusive,first_seen,"
                             "last_seen"))
        << lines[0];
    EXPECT_TRUE(
        lines[2].starts_with("1,acme,meet,2026-01-01,turn-udp,Media relay over UDP,"
                             "required,udp,3478,turn.acme.example,blocked,"
                             "icmp_prohibited,udp,A,0,1,0,2026-11-21T09:05:03.000000Z,"))
        << lines[2];
}

TEST(MarkdownReport, HasATableAProductAndWhatToOpen) {
    const auto text = render_sample(Format::markdown);
    EXPECT_TRUE(contains(text, "## Acme Meet (acme/meet@2026-01-01)")) << text;
    EXPECT_TRUE(contains(text,
                         "- turn-udp: Open outbound UDP port 3478 to turn.acme.example, answers "
                         "included."))
        << text;
    EXPECT_TRUE(contains(text, "| **blocked** | udp 3478 | turn.acme.example |")) << text;
}

TEST(JunitReport, CountsBlockedAsFailuresAndUnseenAsSkipped) {
    const auto text = render_sample(Format::junit);
    EXPECT_TRUE(contains(text, R"(<testsuites name="turnpike" tests="6" failures="2" errors="0" )"
                               R"(skipped="2">)"))
        << text;
    EXPECT_TRUE(contains(text, R"(<failure type="icmp_prohibited")")) << text;
    EXPECT_EQ(std::ranges::count(text, '<'), std::ranges::count(text, '>'));
}

TEST(HtmlReport, StandsAlone) {
    const auto whole = render_sample(Format::html);
    EXPECT_TRUE(whole.starts_with("<!DOCTYPE html>"));
    EXPECT_TRUE(contains(whole, "default-src 'none'; script-src 'sha256-")) << whole.substr(0, 900);
    EXPECT_FALSE(contains(whole, "unsafe-inline"));
    const auto text = without_own_files(whole);
    for (const auto* outside :
         {"http:", "https:", " src=", "@import", "url(", "<link", " style=", " onclick="}) {
        EXPECT_FALSE(contains(text, outside)) << outside;
    }
    EXPECT_TRUE(contains(text,
                         "Open outbound UDP port 3478 to turn.acme.example, answers "
                         "included."));
}

TEST(HtmlReport, ShowsTheWayAndTheMissingRule) {
    const auto text = render_sample(Format::html);
    EXPECT_TRUE(contains(text, "<strong>✕ firewall</strong>a device on the path showed itself"))
        << text;
    EXPECT_TRUE(contains(text, "198.51.100.9/32,  # turn.acme.example, seen in the capture"));
    EXPECT_TRUE(contains(text, "udp dport 3478 ct state new accept"));
    EXPECT_TRUE(contains(text, "<a href=\"#flow-3\">flow 3</a>"));
}

TEST(HtmlReport, HoldsEveryFlowForItsScript) {
    const auto text = render_sample(Format::html);
    EXPECT_TRUE(contains(text, "\"id\":[1,2,3,4,5,6,7],")) << text;
    EXPECT_TRUE(contains(text, "\"label\":\"turn-udp, udp 3478\"")) << text;
    // Relay over TLS took over from relay over UDP.
    EXPECT_TRUE(contains(text, "\"text\":\"turn-tls takes over from turn-udp\"")) << text;
}

TEST(Reports, SayThatAFeedIsNotLoaded) {
    const TemporaryDirectory directory;
    ToldRun sample;
    auto& waiting = sample.meet.rules[5].destinations;  // its row saw no traffic
    waiting.names.clear();
    waiting.reference = "feed:acme/feed-ranges";
    sample.write(directory / "a.db");
    for (const auto format : {Format::text, Format::markdown, Format::html}) {
        const auto text = render(directory / "a.db", format);
        EXPECT_TRUE(contains(text, "1 row can match nothing")) << text;
        EXPECT_THAT(text, ::testing::ContainsRegex("turnpike catalog[ \n]+refresh acme"));
    }
}

TEST(Reports, MayTellLocalTime) {
    ::setenv("TZ", "<+0530>-5:30", 1);
    ::tzset();
    report::Options options;
    options.local_time = true;
    const auto text = render_sample(Format::text, options);
    const auto html = render_sample(Format::html, options);
    const auto json = render_sample(Format::json, options);
    ::unsetenv("TZ");
    ::tzset();
    EXPECT_TRUE(contains(text, "2026-11-21 14:35:00 to 14:36:01 +05:30")) << text;
    EXPECT_TRUE(contains(html, "\"shift\":19800000,")) << html;
    EXPECT_TRUE(contains(json, "2026-11-21T09:05:01.000000Z")) << "programs read UTC";
}

TEST(TextReport, OpensWithTheHeadlinesInTwelveLines) {
    const TemporaryDirectory directory;
    ToldRun sample;
    std::string endless;
    for (int i = 0; i < 200; ++i) {
        endless += "very long words ";
    }
    sample.result.headlines[0].headline += endless;
    sample.result.headlines[0].advice += endless;
    sample.result.headlines.push_back(
        {&sample.phone, verdict::HeadlineState::works, "1 row got through", {}});
    sample.write(directory / "a.db");
    for (const std::size_t width : {60U, 80U, 200U}) {
        report::Options options;
        options.width = width;
        const auto lines = lines_of(render(directory / "a.db", Format::text, options));
        EXPECT_TRUE(lines[0].starts_with("FAILS  acme/meet: blocked: Chat (tcp 5222)")) << lines[0];
        const auto end = std::ranges::find(lines, "");
        EXPECT_LE(end - lines.begin(), 12);
        const std::string opening =
            std::accumulate(lines.begin(), end, std::string(),
                            [](std::string sum, const std::string& line) { return sum += line; });
        EXPECT_TRUE(contains(opening, "To do: Let the resolver answer")) << opening;
        EXPECT_TRUE(contains(opening, "WORKS  other/phone: 1 row got through.")) << opening;
    }
}

TEST(TextReport, FoldsRowsWithoutTraffic) {
    const auto text = render_sample(Format::text);
    EXPECT_TRUE(contains(text, "1 more row saw no traffic (--all shows it)")) << text;
    EXPECT_FALSE(contains(text, "Crash reports")) << text;
    report::Options options;
    options.all = true;
    EXPECT_TRUE(contains(render_sample(Format::text, options), "logs: Crash reports"));
}

TEST(TextReport, ListsEverythingBlockedAndWhatToTypeNext) {
    const auto text = render_sample(Format::text);
    EXPECT_TRUE(contains(text,
                         "1 flow, udp 3478: 192.168.1.10 > turn.acme.example (flow 3), a device "
                         "says that the traffic is\n    prohibited (icmp_prohibited)\n"))
        << text;
    EXPECT_TRUE(contains(text,
                         "1 flow, tcp 443: 192.168.1.10 > 198.51.100.8 (flow 7), no answer to the "
                         "connection attempt\n    (tcp_timeout)\n"))
        << text;
    EXPECT_TRUE(contains(text, "--explain acme/meet/turn-udp\n")) << text;
    EXPECT_TRUE(contains(
        text, "turnpike catalog export --format nftables --inside lan0 --outside wan0 --blocked "))
        << text;
}

// The words of a command line as a shell reads it, of those that a report prints.
std::vector<std::string> shell_words(const std::string& text) {
    std::vector<std::string> words(1);
    bool in_quotes = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\'') {
            in_quotes = !in_quotes;
        } else if (text[i] == '\\' && !in_quotes) {
            words.back() += text[++i] == '\n' ? "" : text.substr(i, 1);
        } else if (text[i] == ' ' && !in_quotes) {
            words.emplace_back();
        } else {
            words.back() += text[i];
        }
    }
    std::erase(words, "");
    return words;
}

TEST(TextReport, BreaksACommandBetweenItsWordsOnly) {
    const TemporaryDirectory directory;
    const auto path = directory / "all the calls of Monday's round, B\xc3\xbcro 3, second try.db";
    ToldRun().write(path);
    report::Options options;
    for (const std::size_t width : {60U, 100U, 200U}) {
        options.width = width;
        const auto text = render(path, Format::text, options);
        const auto from = text.find("  turnpike report ");
        ASSERT_NE(from, std::string::npos) << text;
        const auto end = text.find("\n      ", from);
        const auto words = shell_words(text.substr(from, end - from));
        EXPECT_EQ(words, (std::vector<std::string>{"turnpike", "report", path.string(), "--explain",
                                                   "acme/meet/turn-udp"}))
            << text;
    }
}

TEST(Reports, ShowNamesOfFilesAsPeopleWroteThem) {
    const TemporaryDirectory directory;
    ToldRun sample;
    sample.start.source = "B\xc3\xbcro\x1b[1m\xe2\x80\xae\xff.pcap";
    sample.write(directory / "a.db");
    const std::string shown = "B\xc3\xbcro\\x1b[1m\\xe2\\x80\\xae\\xff.pcap";
    for (const auto format : {Format::text, Format::html}) {
        EXPECT_TRUE(contains(render(directory / "a.db", format), shown));
    }
    const auto title = lines_of(render(directory / "a.db", Format::markdown)).front();
    EXPECT_TRUE(contains(title, "B\xc3\xbcro")) << title;
    EXPECT_FALSE(contains(title, "\x1b")) << title;
}

TEST(TextReport, SaysWhatWasSeenWhereNoVendorWas) {
    const TemporaryDirectory directory;
    const SampleRun sample;  // without headlines nothing proves a product
    sample.write(directory / "a.db");
    report::Options options;
    options.width = 200;
    const auto text = render(directory / "a.db", Format::text, options);
    EXPECT_TRUE(text.starts_with("CANNOT TELL: No traffic of any vendor")) << text;
    EXPECT_TRUE(contains(text, "turn.acme.example (2 flows, 1 blocked)")) << text;
    EXPECT_FALSE(contains(text, "Media relay over UDP")) << text;
}

TEST(Reports, PartTheThousandsOfEveryCount) {
    report::Summary summary;
    summary.sightings.protocols = {{"unknown", 50'000, 0, 16'571}};
    EXPECT_TRUE(contains(report::opening_without_vendor(summary).why,
                         "unknown (50,000 flows, 16,571 blocked)"));
    report::RequirementSummary row;
    row.row.status = "observed";
    row.row.flows_passed = 5'000;
    row.row.flows_blocked = 3'000;
    EXPECT_EQ(report::status_text(row), "observed, 3,000 of 8,000 attempts blocked");
}

TEST(TextReport, NeverCallsOneSidedTrafficComplete) {
    const auto trust_of = [](const SampleRun& sample) {
        const TemporaryDirectory directory;
        sample.write(directory / "a.db");
        return render(directory / "a.db", Format::text);
    };
    EXPECT_TRUE(contains(trust_of(ToldRun()), "both directions visible"));
    ToldRun flow;
    flow.result.flows[4].inconclusive = verdict::InconclusiveReason::one_sided_capture;
    EXPECT_FALSE(contains(trust_of(flow), "both directions visible"));
    ToldRun silent;
    silent.result.any_answer = false;
    EXPECT_FALSE(contains(trust_of(silent), "both directions visible"));
    ToldRun empty;
    empty.observation.quality = {};
    EXPECT_FALSE(contains(trust_of(empty), "both directions visible"));
}

TEST(TextReport, CountsWhatFailsNowAndThen) {
    const TemporaryDirectory directory;
    ToldRun sample;
    auto& flow = sample.result.flows[6];
    flow.outcome = verdict::Outcome::inconclusive;
    flow.reason = verdict::BlockReason::none;
    flow.inconclusive = verdict::InconclusiveReason::intermittent;
    sample.result.requirements[0].blocked = 0;
    sample.result.requirements[0].undecided = 1;
    sample.write(directory / "a.db");
    EXPECT_TRUE(
        contains(render(directory / "a.db", Format::text), "failed now and then: 1 of 2 attempts"));
}

TEST(Reports, CarryTheHeadlineInEveryFormat) {
    for (const auto format :
         {Format::text, Format::json, Format::csv, Format::markdown, Format::html, Format::junit}) {
        const auto text = render_sample(format);
        EXPECT_TRUE(contains(text, "blocked: Chat (tcp 5222)")) << text;
        EXPECT_TRUE(contains(text, "Let the resolver answer for chat.acme.example")) << text;
        EXPECT_TRUE(contains(text, "turn-udp")) << text;
    }
    EXPECT_TRUE(contains(render_sample(Format::json), R"("next": ["turnpike report )"));
}

TEST(Reports, SayInEveryFormatThatNothingOfAVendorWasSeen) {
    const TemporaryDirectory directory;
    SampleRun sample;
    sample.write(directory / "a.db");
    for (const auto format : {Format::text, Format::json, Format::markdown, Format::html}) {
        EXPECT_TRUE(
            contains(render(directory / "a.db", format),
                     "No traffic of any vendor in the current revisions of the catalog was seen."))
            << static_cast<int>(format);
    }
    EXPECT_TRUE(contains(
        render(directory / "a.db", Format::junit),
        "value=\"No traffic of any vendor in the current revisions of the catalog was seen."));
    EXPECT_TRUE(contains(render(directory / "a.db", Format::csv),
                         ",cannot_tell,\"none of its own names and networks was seen, so"));
    const auto json = render(directory / "a.db", Format::json);
    EXPECT_TRUE(contains(json, R"("headline": ["CANNOT TELL: No traffic of any vendor)"));
    EXPECT_TRUE(contains(json, R"("advice": ["Make a call while capturing)"));
    EXPECT_TRUE(contains(json, R"("next": ["turnpike report )"));
}

TEST(Reports, ClaimNothingOfARunThatWasStoredWithoutHeadlines) {
    report::Summary summary;
    summary.knows_headlines = false;
    const auto list = report::openings(summary);
    ASSERT_EQ(list.size(), 1U);
    EXPECT_TRUE(contains(list[0].why, "earlier turnpike")) << list[0].why;
    EXPECT_TRUE(contains(list[0].advice, "Analyze")) << list[0].advice;
}

TEST(Reports, NameWhatWasTriedWhereADocumentDemandsAWideOpening) {
    const TemporaryDirectory directory;
    ToldRun sample;
    auto& flow = sample.result.flows[4];
    flow.outcome = verdict::Outcome::blocked;
    flow.reason = verdict::BlockReason::udp_timeout;
    flow.grade = verdict::Grade::c;
    flow.inconclusive = verdict::InconclusiveReason::none;
    auto& row = sample.result.requirements[3];  // its destination is ANY
    row.status = verdict::Status::blocked;
    row.reason = flow.reason;
    row.grade = flow.grade;
    row.inconclusive = flow.inconclusive;
    row.undecided = 0;
    row.blocked = 1;
    sample.write(directory / "a.db");
    report::Options options;
    options.width = 200;
    for (const auto format : {Format::text, Format::markdown, Format::html, Format::junit}) {
        EXPECT_TRUE(contains(render(directory / "a.db", format, options),
                             "to any address (as the document demands; tried: "))
            << static_cast<int>(format);
    }
}

// The fourth row's flow 5, blocked for a reason of media.
struct BlockedMedia : ToldRun {
    explicit BlockedMedia(verdict::BlockReason reason) {
        auto& flow = result.flows[4];
        auto& row = result.requirements[3];
        row.status = verdict::Status::blocked;
        flow.outcome = verdict::Outcome::blocked;
        row.reason = flow.reason = reason;
        row.stage = flow.stage = verdict::Stage::media;
        row.grade = flow.grade = verdict::Grade::c;
        row.inconclusive = flow.inconclusive = verdict::InconclusiveReason::none;
        row.undecided = 0;
        row.blocked = 1;
    }
    [[nodiscard]] std::string page() const {
        const TemporaryDirectory directory;
        write(directory / "a.db");
        return without_own_files(render(directory / "a.db", Format::html));
    }
};

TEST(HtmlReport, TicksNoStepThatNothingShows) {
    const auto silent = BlockedMedia(verdict::BlockReason::udp_timeout).page();
    EXPECT_FALSE(contains(silent, "✓ STUN")) << silent;
    EXPECT_FALSE(contains(silent, "✓ DTLS")) << silent;
    EXPECT_TRUE(contains(silent, "✕ media")) << silent;
    EXPECT_TRUE(contains(silent, "here, or the server is down"));
}

TEST(HtmlReport, TicksWhatAnsweredBeforeMediaWentOneWay) {
    BlockedMedia run(verdict::BlockReason::one_way);
    EXPECT_FALSE(contains(run.page(), "✓ STUN"));
    EXPECT_TRUE(contains(run.page(), "here, or the server itself"));
    run.observation.stun[0].flow = 4;
    run.observation.stun[0].method = 1;
    EXPECT_TRUE(contains(run.page(), "✓ STUN</span><span class=\"step died\">✕ media"));
    run.observation.stun[0].method = 3;
    EXPECT_TRUE(contains(run.page(), "✓ TURN</span><span class=\"step died\">✕ media"));
    run.observation.stun[0].outcome = facts::StunOutcome::timeout;
    EXPECT_FALSE(contains(run.page(), "✓ TURN"));
}

TEST(Reports, DoNotSayThatAServerIsDownWhichAnswered) {
    const TemporaryDirectory directory;
    BlockedMedia(verdict::BlockReason::one_way).write(directory / "a.db");
    report::Options options;
    options.width = 200;
    const auto text = render(directory / "a.db", Format::text, options);
    EXPECT_TRUE(contains(text, "grade C, suspected: it may be the server itself")) << text;
}

TEST(Reports, ListNamesThatDnsBlocksAmongWhatWasBlocked) {
    report::Options options;
    options.width = 200;
    for (const auto format : {Format::text, Format::markdown, Format::html}) {
        const auto report = render_sample(format, options);
        const auto list = report.substr(report.rfind("Everything that was blocked"));
        EXPECT_TRUE(contains(list,
                             "name chat.acme.example: the resolver says that the name does "
                             "not exist (dns"))
            << list;
    }
}

TEST(Reports, NameTheRunInWhatToTypeNextIfThereIsANewerOne) {
    const TemporaryDirectory directory;
    const ToldRun sample;
    sample.write(directory / "a.db");
    sample.write(directory / "a.db");
    store::Reader reader(directory / "a.db");
    for (const auto format : {Format::text, Format::json}) {
        report::Options options;
        options.width = 200;
        std::string older;
        report::render(reader, reader.runs().front(), format, options,
                       [&older](std::string_view piece) { older += piece; });
        EXPECT_TRUE(contains(older, "a.db --run 1 --explain")) << older;
        EXPECT_TRUE(contains(older, "--blocked")) << older;
        EXPECT_TRUE(contains(older, "a.db --run 1 --format html")) << older;
        EXPECT_FALSE(contains(render(directory / "a.db", format, options), "--run"));
    }
}

TEST(Reports, AskForNoCallWhereAProbeMadeTheAttempts) {
    const TemporaryDirectory directory;
    SampleRun sample;
    sample.result.warnings = {"AUDIT WITHOUT A CALL: 3 attempts were made from this host"};
    sample.write(directory / "a.db");
    for (const auto format : {Format::text, Format::json, Format::csv, Format::html}) {
        const auto report = render(directory / "a.db", format);
        EXPECT_FALSE(contains(report, "Make a call")) << report;
        EXPECT_TRUE(contains(report, "--name")) << report;
    }
}

TEST(CsvReport, BeginsWithWhatWasSeen) {
    const TemporaryDirectory directory;
    SampleRun sample;
    sample.result.headlines = {
        {&sample.phone, verdict::HeadlineState::cannot_tell, "its names were asked for", ""}};
    sample.write(directory / "a.db");
    const auto lines = lines_of(render(directory / "a.db", Format::csv));
    ASSERT_GT(lines.size(), 2U);
    EXPECT_TRUE(contains(lines[1], ",phone,")) << lines[1];
    EXPECT_TRUE(lines[1].ends_with(",cannot_tell,its names were asked for,")) << lines[1];
}

TEST(Reports, SelectorsNameVendorProductAndRevision) {
    const store::ProductName name{"acme", "meet", "2026-01-01"};
    EXPECT_TRUE(report::selects("acme", name));
    EXPECT_TRUE(report::selects("acme/meet", name));
    EXPECT_TRUE(report::selects("acme/meet@2026-01-01", name));
    for (const auto* other : {"acm", "acme/", "acme/mee", "acme/meet@", "acme/meet@2026-01-0",
                              "acme/meet@2026-01-011", "acmes", "meet", ""}) {
        EXPECT_FALSE(report::selects(other, name)) << other;
    }
}

TEST(Reports, SuggestTheNearestSelector) {
    report::Options options;
    options.selectors = {"acme/meat"};
    try {
        render_sample(Format::text, options);
        FAIL() << "a selector that names nothing was taken";
    } catch (const base::Error& error) {
        EXPECT_EQ(error.status(), base::ExitStatus::usage);
        EXPECT_TRUE(contains(error.what(), "did you mean acme/meet?")) << error.what();
    }
}

TEST(Reports, KnowTheirFormats) {
    EXPECT_EQ(report::parse_format("json"), Format::json);
    EXPECT_EQ(report::parse_format("markdown"), Format::markdown);
    EXPECT_FALSE(report::parse_format("yaml"));
    EXPECT_FALSE(report::parse_format("Text"));
}

}  // namespace
}  // namespace turnpike
