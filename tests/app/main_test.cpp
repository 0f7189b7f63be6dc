// The program from the outside: words in, exit status, standard output and standard error out.
#include "turnpike/app/main.h"

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <string>
#include <thread>

#include "app/program.h"
#include "store/sample_run.h"
#include "turnpike/store/reader.h"

namespace turnpike {
namespace {

using test::run;
using test::TemporaryDirectory;

const std::string catalog_directory = TURNPIKE_SOURCE_DIR "/catalog";

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

// One line that begins with the program's name.
bool one_line(const std::string& text) {
    return text.starts_with("turnpike: ") && std::ranges::count(text, '\n') == 1 &&
           text.ends_with('\n');
}

class Program : public ::testing::Test {
  protected:
    [[nodiscard]] std::string file(const char* name) const { return (directory_ / name).string(); }
    void capture(const char* name, unsigned packets, std::uint32_t link_type = 1) const {
        test::write_file(file(name), test::pcap_of_queries(packets, link_type));
    }
    [[nodiscard]] test::Outcome analyze(std::vector<std::string> words,
                                        const std::string& input = {}) const {
        words.insert(words.begin(),
                     {"analyze", "--catalog", catalog_directory, "--output", file("a.db")});
        return run(words, input);
    }

    TemporaryDirectory directory_;
};

TEST_F(Program, HelpsAndSaysItsVersion) {
    for (const auto& words : std::vector<std::vector<std::string>>{{"--help"},
                                                                   {"analyze", "--help"},
                                                                   {"report", "--help"},
                                                                   {"catalog", "--help"},
                                                                   {"catalog", "list", "--help"}}) {
        const auto outcome = run(words);
        EXPECT_EQ(outcome.status, 0) << words[0];
        EXPECT_TRUE(contains(outcome.out, "Usage: turnpike")) << outcome.out;
        EXPECT_EQ(outcome.err, "");
    }
    EXPECT_EQ(run({"--version"}).out, "turnpike 0.1.0\n");
    EXPECT_EQ(run({"help", "analyze"}).out, run({"analyze", "--help"}).out);
    EXPECT_EQ(run({"help", "catalog", "import"}).out, run({"catalog", "import", "--help"}).out);
    EXPECT_EQ(run({"help"}).out, run({"--help"}).out);
}

TEST_F(Program, HelpsWithEachActionOfTheCatalog) {
    for (const auto* action : {"list", "show", "check", "diff", "new", "import"}) {
        const auto help = run({"catalog", action, "--help"});
        EXPECT_TRUE(help.out.starts_with(std::string("Usage: turnpike catalog ") + action));
        EXPECT_TRUE(contains(help.out, std::string("\n  turnpike catalog ") + action)) << help.out;
        EXPECT_EQ(contains(help.out, "--region"), std::string_view(action) == "import");
    }
}

TEST_F(Program, TellsOfEveryActionOfTheCatalog) {
    const auto help = run({"catalog", "--help"}).out;
    for (const auto* action :
         {"list", "show", "check", "diff", "new", "export", "import", "refresh", "update"}) {
        EXPECT_TRUE(contains(help, std::string("\n") + action + ' ') ||
                    help.starts_with(std::string(action) + ' '))
            << action << help;
    }
    EXPECT_TRUE(contains(help, "csv, json)")) << help;
    EXPECT_TRUE(contains(run({"catalog", "import", "--help"}).out, "csv, json)"));
}

TEST_F(Program, ListsInterfacesAsJson) {
    const auto list = run({"live", "--list", "--format", "json"});
    EXPECT_EQ(list.status, 0) << list.err;
    EXPECT_TRUE(list.out.starts_with("[")) << list.out;
    EXPECT_TRUE(list.out.ends_with("]\n")) << list.out;
    EXPECT_TRUE(contains(list.out, R"({"name": "lo", "description": )")) << list.out;
    EXPECT_TRUE(contains(list.out, R"("loopback": true)")) << list.out;
}

TEST_F(Program, TakesAListOfStatusesWithBlanks) {
    capture("a.pcap", 1);
    const auto outcome = analyze({"--fail-on", "blocked, nothing-seen", file("a.pcap")});
    EXPECT_EQ(outcome.status, 1) << outcome.err;
}

TEST_F(Program, RefusesInADryRunWhatAProbeWouldRefuse) {
    test::write_file(file("open.key"), "0123456789abcdef0123456789abcdef");
    std::filesystem::permissions(file("open.key"), std::filesystem::perms::others_read,
                                 std::filesystem::perm_options::add);
    const std::vector<std::string> probe{"probe", "--dry-run", "--require", "whereby"};
    const auto with = [&probe](std::vector<std::string> words) {
        words.insert(words.begin(), probe.begin(), probe.end());
        return run(words).status;
    };
    EXPECT_EQ(with({}), 0);
    EXPECT_EQ(with({"--responder", "192.0.2.1", "--key-file", file("no.key")}), 66);
    EXPECT_EQ(with({"--responder", "192.0.2.1", "--key-file", file("open.key")}), 77);
    EXPECT_EQ(with({"--ca-file", file("no.pem")}), 66);
}

TEST_F(Program, SaysThatTheDatabaseIsCompleteOnlyWhereOneWasWritten) {
    capture("a.pcap", 1);
    const auto analyzed =
        run({"analyze", "--catalog", catalog_directory, "--output", file("b.db"), file("a.pcap")},
            {}, "/dev/full");
    EXPECT_EQ(analyzed.status, 74);
    EXPECT_TRUE(contains(analyzed.err, "b.db is complete all the same")) << analyzed.err;
    const auto listed = run({"catalog", "list"}, {}, "/dev/full");
    EXPECT_EQ(listed.status, 74);
    EXPECT_FALSE(contains(listed.err, "complete")) << listed.err;
}

TEST_F(Program, ReportsWhatItAnalyzedWhereTheDiskIsFull) {
    std::filesystem::create_directory(file("disk"));
    if (::mount("tmpfs", file("disk").c_str(), "tmpfs", 0, "size=4m") != 0) {
        GTEST_SKIP() << "needs the right to mount a small file system";
    }
    const auto analyze_there = [this] {
        return run({"analyze", "--catalog", catalog_directory, "--output", file("disk/a.db"),
                    TURNPIKE_SOURCE_DIR "/captures/whereby/fallback.pcap"});
    };
    const auto first = analyze_there();
    EXPECT_EQ(first.status, 0) << first.err;
    // Room for the log and its index, and for the beginning of a run.
    const auto room = std::filesystem::space(file("disk")).available;
    test::write_file(file("disk/filler"), std::string(room - 52 * 1024, 'x'));
    const auto second = analyze_there();
    EXPECT_EQ(second.status, 74);
    EXPECT_TRUE(one_line(second.err)) << second.err;
    EXPECT_TRUE(contains(second.err, "the disk is full")) << second.err;
    EXPECT_TRUE(contains(second.err, "nothing of this run is stored")) << second.err;
    EXPECT_EQ(second.out, first.out.substr(0, first.out.find("\nWhat to type next")));
    EXPECT_EQ(store::Reader(file("disk/a.db")).runs().size(), 1U);
    ::umount(file("disk").c_str());
}

TEST_F(Program, ExportsWhatAnEarlierRunFound) {
    capture("a.pcap", 1);
    ASSERT_EQ(analyze({file("a.pcap")}).status, 0);
    ASSERT_EQ(analyze({file("a.pcap")}).status, 0);
    const auto blocked = [this](const char* number) {
        return run(
            {"catalog", "export", "--format", "csv", "--blocked", file("a.db"), "--run", number});
    };
    EXPECT_TRUE(contains(blocked("1").err, "of run 1")) << blocked("1").err;
    EXPECT_EQ(blocked("3").status, 64);
}

TEST_F(Program, ListsTheRevisionsOfWhatIsNamed) {
    const auto list = run({"catalog", "list", "agora/rtc-web", "--format", "csv"});
    EXPECT_TRUE(contains(list.out, "agora,rtc-web,2018-11-06")) << list.out;
    EXPECT_FALSE(contains(list.out, "whereby")) << list.out;
    EXPECT_EQ(run({"catalog", "list", "nobody"}).status, 64);
}

TEST_F(Program, RefusesWrongUsageWithASuggestion) {
    struct Case {
        std::vector<std::string> words;
        std::string_view said;
    };
    const std::vector<Case> cases{
        {{}, "no verb given"},
        {{"analyse", "x.pcap"}, "did you mean 'turnpike analyze'?"},
        {{"frobnicate"}, "see 'turnpike --help'"},
        {{"analyze"}, "no capture given"},
        {{"analyze", "--formt", "json", "x.pcap"}, "did you mean --format?"},
        {{"analyze", "--out", "x.db", "x.pcap"}, "--out: unknown option; did you mean --output?"},
        {{"analyze", "--format"}, "see 'turnpike analyze --help'"},
        {{"analyze", "--format", "jsn", "x.pcap"}, "did you mean json?"},
        {{"analyze", "--format", "yaml", "x.pcap"}, "use text, json, html, csv, markdown or junit"},
        {{"report", "--evidence-only", "x.db"}, "--evidence-only: goes with --annotate"},
        {{"report", "--key=k", "x.db"}, "--key: goes with --anonymize"},
        {{"analyze", "--fail-on", "blocked,unmached", "x.pcap"}, "did you mean unmatched?"},
        {{"analyze", "--fail-on", "", "x.pcap"}, "--fail-on: names no status"},
        {{"analyze", "--set", "version", "x.pcap"}, "write NAME=VALUE"},
        {{"analyze", "--memory", "1T", "x.pcap"}, "give a size of 64M or more"},
        {{"analyze", "--memory", "63M", "x.pcap"}, "give a size of 64M or more"},
        {{"analyze", "--memory", "-1G", "x.pcap"}, "give a size of 64M or more"},
        {{"report"}, "no database given"},
        {{"report", "a.db", "b.db"}, "one database at a time"},
        {{"report", "--run", "x", "a.db"}, "see 'turnpike report --help'"},
        {{"report", "--list", "--run", "1", "a.db"}, "--run: does not go with --list"},
        {{"report", "a.db", "--list", "--explain=1"}, "--explain: does not go with --list"},
        {{"report", "--list", "-q", "a.db"}, "-q: does not go with --list"},
        {{"report", "--list", "--rn", "1", "a.db"}, "--rn: unknown option"},
        {{"analyze", "-o", "-", "x.pcap"}, "--output -: the result database must be a file"},
        {{"help", "nope"}, "nope: unknown verb"},
        {{"help", "analyse"}, "did you mean 'turnpike analyze'?"},
        {{"analyze", "--format", "pdf", "x.pcap"}, "pdf: is not a format; use text"},
        {{"live", "--list", "--format", "html"}, "live --list takes text or json"},
        {{"catalog", "export", "--format", "csv", "--run", "1"}, "--run: say whose run"},
        {{"catalog"}, "no action given"},
        {{"catalog", "lst"}, "did you mean 'turnpike catalog list'?"},
        {{"catalog", "show"}, "no selector given"},
        {{"catalog", "list", "--format", "html"}, "not a format of the catalog"},
    };
    for (const auto& [words, said] : cases) {
        const auto outcome = run(words);
        EXPECT_EQ(outcome.status, 64) << outcome.err;
        EXPECT_TRUE(one_line(outcome.err)) << outcome.err;
        EXPECT_TRUE(contains(outcome.err, said)) << outcome.err;
        EXPECT_EQ(outcome.out, "");
    }
}

TEST_F(Program, AnalyzesACapture) {
    capture("a.pcap", 3);
    const auto outcome = analyze({file("a.pcap")});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.err, "");
    EXPECT_TRUE(contains(outcome.out, "3 packets, ")) << outcome.out;
    store::Reader reader(file("a.db"));
    const auto runs = reader.runs();
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_TRUE(runs[0].complete);
    EXPECT_EQ(runs[0].packets, 3U);
    EXPECT_EQ(runs[0].turnpike_version, "0.1.0");
    EXPECT_EQ(runs[0].first_packet, "2025-11-21T09:05:00.250000Z");
    std::vector<std::string> names;
    reader.each_row("dns_queries", 1, [&](std::span<const store::Cell> cells) {
        names.emplace_back(std::get<std::string_view>(cells[4]));
    });
    EXPECT_EQ(names, (std::vector<std::string>{"example.com", "example.com", "example.com"}));
}

TEST_F(Program, ReadsStandardInput) {
    const auto outcome = analyze({"-"}, test::pcap_of_queries(2));
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_TRUE(contains(outcome.out, "2 packets, ")) << outcome.out;
}

TEST_F(Program, IsQuietWhenAsked) {
    capture("a.pcap", 3);
    const auto outcome = analyze({"--quiet", file("a.pcap")});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.out + outcome.err, "");
}

TEST_F(Program, PrintsEveryFormat) {
    capture("a.pcap", 3);
    const std::vector<std::pair<const char*, std::string_view>> formats{
        {"text", "CANNOT TELL"}, {"json", "{\n"},       {"csv", "run_id,vendor,"},
        {"markdown", "# "},      {"html", "<!DOCTYPE"}, {"junit", "<?xml"}};
    for (const auto& [format, beginning] : formats) {
        const auto outcome = analyze({"--format", format, file("a.pcap")});
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        EXPECT_TRUE(outcome.out.starts_with(beginning)) << outcome.out.substr(0, 40);
    }
    store::Reader reader(file("a.db"));
    EXPECT_EQ(reader.runs().size(), formats.size());
}

TEST_F(Program, ReportsAStoredRunAgain) {
    capture("a.pcap", 3);
    capture("b.pcap", 5);
    const auto first = analyze({file("a.pcap")});
    const auto second = analyze({file("b.pcap")});
    EXPECT_EQ(run({"report", file("a.db")}).out, second.out);
    auto earlier = run({"report", "--run", "1", file("a.db")}).out;
    constexpr std::string_view which = " --run 1";  // in what to type next
    ASSERT_TRUE(contains(earlier, which)) << earlier;
    earlier.erase(earlier.find(which), which.size());
    EXPECT_EQ(earlier, first.out);
    const auto missing = run({"report", "--run", "9", file("a.db")});
    EXPECT_EQ(missing.status, 64);
    EXPECT_TRUE(contains(missing.err, "holds 1 to 2")) << missing.err;
}

TEST_F(Program, FailsOnAStatusOfRequiredRequirementsOnly) {
    capture("a.pcap", 3);
    EXPECT_EQ(analyze({"--require", "whereby", "--fail-on", "unmatched", file("a.pcap")}).status,
              1);
    EXPECT_EQ(analyze({"--require", "whereby", "--fail-on", "blocked,inconclusive", file("a.pcap")})
                  .status,
              0);
    EXPECT_EQ(run({"report", "--quiet", "--fail-on", "unmatched", file("a.db")}).status, 1);
    EXPECT_EQ(run({"report", "--quiet", "--fail-on", "nothing-seen", file("a.db")}).status, 1)
        << "no call was made";
    EXPECT_EQ(run({"report", "--quiet", "--fail-on", "blocked", file("a.db")}).status, 0);
    const test::SampleRun sample;  // its only unmatched required row belongs to other/phone
    sample.write(file("b.db"));
    EXPECT_EQ(
        run({"report", "--quiet", "--require", "acme", "--fail-on", "unmatched", file("b.db")})
            .status,
        0);
    EXPECT_EQ(
        run({"report", "--quiet", "--require", "other", "--fail-on", "unmatched", file("b.db")})
            .status,
        1);
}

TEST_F(Program, SuggestsTheNearestSelector) {
    capture("a.pcap", 1);
    const auto outcome = analyze({"--require", "wereby", file("a.pcap")});
    EXPECT_EQ(outcome.status, 64);
    EXPECT_TRUE(one_line(outcome.err)) << outcome.err;
    EXPECT_TRUE(contains(outcome.err, "whereby")) << outcome.err;
    EXPECT_FALSE(std::filesystem::exists(file("a.db")));
}

TEST_F(Program, RefusesWhatIsNoCapture) {
    test::write_file(file("empty.pcap"), "");
    test::write_file(file("text.pcap"), "hello, this is not a capture\n");
    for (const auto* name : {"empty.pcap", "text.pcap"}) {
        const auto outcome = analyze({file(name)});
        EXPECT_EQ(outcome.status, 65) << outcome.err;
        EXPECT_TRUE(one_line(outcome.err)) << outcome.err;
        EXPECT_TRUE(contains(outcome.err, file(name))) << outcome.err;
    }
    const auto missing = analyze({file("nowhere.pcap")});
    EXPECT_EQ(missing.status, 66);
    EXPECT_TRUE(one_line(missing.err)) << missing.err;
    EXPECT_FALSE(std::filesystem::exists(file("a.db")));
}

TEST_F(Program, NamesALinkTypeItDoesNotKnow) {
    capture("a.pcap", 3, 147);
    const auto outcome = analyze({file("a.pcap")});
    EXPECT_EQ(outcome.status, 65);
    EXPECT_TRUE(one_line(outcome.err)) << outcome.err;
    EXPECT_TRUE(contains(outcome.err, "USER0 (147)")) << outcome.err;
}

TEST_F(Program, AnalyzesACutOffCaptureUpToTheCut) {
    capture("a.pcap", 3);
    const std::string whole = test::read_file(file("a.pcap"));
    test::write_file(file("a.pcap"), whole.substr(0, whole.size() - 5));
    const auto outcome = analyze({file("a.pcap")});
    EXPECT_EQ(outcome.status, 74);
    EXPECT_TRUE(one_line(outcome.err)) << outcome.err;
    EXPECT_TRUE(contains(outcome.err, file("a.pcap") + ": packet 3")) << outcome.err;
    EXPECT_TRUE(contains(outcome.out, "has not ended cleanly")) << outcome.out;
    store::Reader reader(file("a.db"));
    EXPECT_FALSE(reader.runs().at(0).complete);
    EXPECT_EQ(reader.runs().at(0).packets, 2U);
}

TEST_F(Program, KeepsWhatItReadWhenInterrupted) {
    test::Running running(
        {"analyze", "--catalog", catalog_directory, "--output", file("a.db"), "-"},
        test::pcap_of_queries(3));
    // The run's row is there once the database is open, which is after the capture was recognised.
    for (int i = 0; i < 500 && !std::filesystem::exists(file("a.db-wal")); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{200});
    running.signal(SIGINT);
    const auto outcome = running.wait();
    EXPECT_EQ(outcome.status, 74) << outcome.err;
    EXPECT_TRUE(contains(outcome.err, "interrupted after")) << outcome.err;
    store::Reader reader(file("a.db"));
    EXPECT_FALSE(reader.runs().at(0).complete);
}

TEST_F(Program, SaysWhereItCannotWrite) {
    capture("a.pcap", 1);
    const auto no_place = run({"analyze", "--catalog", catalog_directory, "--output",
                               file("missing/a.db"), file("a.pcap")});
    EXPECT_EQ(no_place.status, 73);
    EXPECT_TRUE(one_line(no_place.err)) << no_place.err;
    test::write_file(file("a.db"), "a letter");
    const auto foreign = analyze({file("a.pcap")});
    EXPECT_EQ(foreign.status, 65);
    EXPECT_TRUE(contains(foreign.err, "is not a turnpike database")) << foreign.err;
    EXPECT_EQ(test::read_file(file("a.db")), "a letter");
    const auto full =
        run({"analyze", "--catalog", catalog_directory, "--output", file("b.db"), file("a.pcap")},
            {}, "/dev/full");
    EXPECT_EQ(full.status, 74);
    EXPECT_TRUE(contains(full.err, "standard output: No space left on device")) << full.err;
}

TEST_F(Program, RefusesWhatIsNoDatabase) {
    test::write_file(file("a.db"), "a letter");
    EXPECT_EQ(run({"report", file("a.db")}).status, 65);
    EXPECT_EQ(run({"report", file("b.db")}).status, 66);
    EXPECT_TRUE(one_line(run({"report", file("b.db")}).err));
}

TEST_F(Program, ListsShowsAndChecksTheCatalog) {
    const auto list = run({"catalog", "list", "--catalog", catalog_directory});
    EXPECT_EQ(list.status, 0) << list.err;
    EXPECT_TRUE(contains(list.out, "whereby/meetings@2025-01-31")) << list.out;
    const auto show =
        run({"catalog", "show", "whereby/meetings@2025-01-31", "--catalog", catalog_directory});
    EXPECT_EQ(show.status, 0) << show.err;
    EXPECT_TRUE(contains(show.out, "turn.whereby.com")) << show.out;
    EXPECT_EQ(run({"catalog", "show", "nobody", "--catalog", catalog_directory}).status, 64);
    EXPECT_EQ(run({"catalog", "check", "--quiet", catalog_directory}).status, 0);
    test::write_file(file("bad.yaml"), "vendor: [\n");
    const auto bad = run({"catalog", "check", file("bad.yaml")});
    EXPECT_EQ(bad.status, 65);
    EXPECT_TRUE(contains(bad.err, "bad.yaml:")) << bad.err;
}

}  // namespace
}  // namespace turnpike
