// `turnpike catalog export`, `import`, `diff` and `new`, and the user's own catalog, through the
// command line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "app/program.h"
#include "store/sample_run.h"
#include "turnpike/catalog/export.h"

namespace turnpike {
namespace {

using test::run;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const std::string catalog_directory = TURNPIKE_SOURCE_DIR "/catalog";
const std::string capture = TURNPIKE_SOURCE_DIR "/captures/sendbird/media-blocked.pcap";

class CatalogActions : public testing::Test {
  protected:
    [[nodiscard]] std::string file(const char* name) const { return (directory_ / name).string(); }

  private:
    test::TemporaryDirectory directory_;
};

TEST_F(CatalogActions, ExportsWhatAnAnalysisFoundBlocked) {
    ASSERT_EQ(run({"analyze", "--catalog", catalog_directory, "--quiet", "--output", file("a.db"),
                   capture})
                  .status,
              0);
    const std::vector<std::string> command{"catalog",   "export",   "--catalog", catalog_directory,
                                           "--format",  "iptables", "--inside",  "lan0",
                                           "--outside", "wan0",     "--blocked", file("a.db")};
    const auto rules = run(command);
    EXPECT_EQ(rules.status, 0) << rules.err;
    EXPECT_THAT(rules.out, HasSubstr("# turn-1.calls.sendbird.com, seen in the capture\n"
                                     "-A TURNPIKE-OUT -d 203.0.113.20/32 -p udp -m udp --dport "
                                     "5349 -m conntrack --ctstate NEW -j ACCEPT\n"));
    EXPECT_THAT(rules.out, Not(HasSubstr("--dport 443"))) << "what passes needs no rule";
    auto others = command;
    others.insert(others.end(), {"--require", "zoom"});
    EXPECT_THAT(run(others).out, Not(HasSubstr("--dport")));
}

TEST_F(CatalogActions, ExportsEveryRowWithTheAddressesSeen) {
    ASSERT_EQ(run({"analyze", "--catalog", catalog_directory, "--quiet", "--output", file("a.db"),
                   capture})
                  .status,
              0);
    const auto rules = run({"catalog", "export", "--catalog", catalog_directory, "--format",
                            "nftables", "--inside", "lan0", "--outside", "wan0", "--require",
                            "sendbird", "--level", "recommended", "--seen", file("a.db")});
    EXPECT_EQ(rules.status, 0) << rules.err;
    EXPECT_THAT(rules.out, HasSubstr("tcp dport 443 ct state new accept"));
    EXPECT_THAT(rules.out, HasSubstr("udp dport 5349 ct state new accept"));
    EXPECT_THAT(rules.out, HasSubstr("peer-to-peer udp 1024-65535: left out, optional"));
    EXPECT_THAT(rules.out, Not(HasSubstr("CHECK"))) << "DNS led to every address";
    const std::vector<std::string> other{"catalog",   "export",   "--catalog", catalog_directory,
                                         "--format",  "nftables", "--inside",  "lan0",
                                         "--outside", "wan0",     "--require", "whereby"};
    EXPECT_THAT(run(other).out, HasSubstr("--blocked DB or --seen DB"));
    auto asked = other;
    asked.insert(asked.end(), {"--seen", file("a.db")});
    EXPECT_THAT(run(asked).out, HasSubstr("was seen in the capture either"));
    EXPECT_THAT(run(asked).out, Not(HasSubstr("--seen DB"))) << "it was given";
}

// Any client can write any name into its hello, and get an address of its own opened so.
TEST_F(CatalogActions, AddressesThatOnlyAHelloNamesAreMarked) {
    ASSERT_EQ(
        run({"analyze", "--catalog", catalog_directory, "--quiet", "--output", file("a.db"),
             std::string(TURNPIKE_SOURCE_DIR) + "/captures/verdicts/proxy-passes-after-407.pcap"})
            .status,
        0);
    const auto rules = run({"catalog", "export", "--catalog", catalog_directory, "--format",
                            "nftables", "--inside", "lan0", "--outside", "wan0", "--require",
                            "sendbird", "--seen", file("a.db")});
    EXPECT_EQ(rules.status, 0) << rules.err;
    EXPECT_THAT(rules.out, HasSubstr("# CHECK the addresses marked so"));
    EXPECT_THAT(rules.out, HasSubstr("CHECK IT: only the client called the address so"));
}

TEST_F(CatalogActions, ExportNeedsAFirewallAndItsSides) {
    EXPECT_EQ(run({"catalog", "export"}).status, 64);
    const auto typo = run({"catalog", "export", "--format", "nftable"});
    EXPECT_EQ(typo.status, 64);
    EXPECT_THAT(typo.err, HasSubstr("did you mean nftables?"));
    EXPECT_EQ(run({"catalog", "export", "--format", "csv", "zoom"}).status, 64);
    EXPECT_EQ(run({"catalog", "list", "--blocked", "a.db"}).status, 64);
    const auto open = run({"catalog", "export", "--catalog", catalog_directory, "--format",
                           "nftables", "--require", "whereby"});
    EXPECT_EQ(open.status, 64);
    EXPECT_EQ(open.out, "");
    EXPECT_THAT(open.err, HasSubstr("needs --inside (an interface or networks)"));
}

TEST_F(CatalogActions, ExportRefusesWordsThatMeanNothing) {
    const auto refusal = [](const std::vector<std::string>& words) {
        std::vector<std::string> command{"catalog",  "export", "--catalog", catalog_directory,
                                         "--format", "csv",    "--require", "whereby"};
        command.insert(command.end(), words.begin(), words.end());
        const auto done = run(command);
        EXPECT_EQ(done.status, 64) << done.out;
        return done.err;
    };
    EXPECT_THAT(refusal({"--level", "require"}), HasSubstr("did you mean required?"));
    EXPECT_THAT(refusal({"--alternative", "best"}), HasSubstr("use preferred, all"));
    EXPECT_THAT(refusal({"--inside", "lan"}), HasSubstr("--inside lan: has no meaning here"));
    EXPECT_THAT(refusal({"--part", "2"}), HasSubstr("only aws-security-group"));
    EXPECT_THAT(refusal({"--seen", "a.db", "--blocked", "a.db"}), HasSubstr("one of them"));
}

TEST_F(CatalogActions, ExportHelpNamesEveryFormatAndOption) {
    const auto help = run({"catalog", "export", "--help"});
    EXPECT_EQ(help.status, 0);
    for (const auto& word : catalog::firewall_words()) {
        EXPECT_THAT(help.out, HasSubstr("\n  " + word + " ")) << word;
    }
    for (const auto* option : {"--inside", "--outside", "--level", "--alternative", "--seen",
                               "--blocked", "--part", "Examples:"}) {
        EXPECT_THAT(help.out, HasSubstr(option));
    }
}

TEST_F(CatalogActions, RemarksThatAFormatCannotHoldGoToStandardError) {
    const std::vector<std::string> command{
        "catalog",  "export", "--catalog", catalog_directory,
        "--format", "csv",    "--require", "agora/rtc-native@2020-09-15"};
    const auto loud = run(command);
    EXPECT_THAT(loud.err, HasSubstr("Cloud Proxy"));
    auto quiet_command = command;
    quiet_command.emplace_back("--quiet");
    const auto quiet = run(quiet_command);
    EXPECT_EQ(quiet.err, "");
    EXPECT_EQ(quiet.out, loud.out);
}

TEST_F(CatalogActions, ImportShowsTheDifferenceInsteadOfOverwriting) {
    test::write_file(file("list.txt"), "192.0.2.0/24\n");
    const std::vector<std::string> import{"catalog",  "import", "cidrs",    file("list.txt"),
                                          "--vendor", "mine",   "--output", file("mine.yaml")};
    ASSERT_EQ(run(import).status, 0);
    const auto before = test::read_file(file("mine.yaml"));
    EXPECT_EQ(run({"catalog", "check", "--catalog", file("mine.yaml"), "--quiet"}).status, 0);

    test::write_file(file("list.txt"), "192.0.2.0/24\n198.51.100.0/24\n");
    const auto again = run(import);
    EXPECT_EQ(again.status, 73);
    EXPECT_THAT(again.out, HasSubstr("198.51.100.0/24"));
    EXPECT_THAT(again.err, HasSubstr("not overwritten"));
    EXPECT_EQ(test::read_file(file("mine.yaml")), before);
}

TEST_F(CatalogActions, ImportNamesEveryMistake) {
    test::write_file(file("list.txt"), "192.0.2.1/24\n\nstray\n");
    const auto bad = run({"catalog", "import", "cidrs", file("list.txt")});
    EXPECT_EQ(bad.status, 65);
    EXPECT_THAT(bad.err, HasSubstr("list.txt:1: "));
    EXPECT_THAT(bad.err, HasSubstr("list.txt:3: "));
    EXPECT_EQ(run({"catalog", "import", "cidrs", file("none.txt")}).status, 66);
    EXPECT_EQ(run({"catalog", "import", "cidr", file("list.txt")}).status, 64);
}

TEST_F(CatalogActions, ImportRefusesChoicesThatTheKindDoesNotHave) {
    test::write_file(file("list.txt"), "203.0.113.0/24\n");
    for (const auto* option : {"--service", "--region"}) {
        const auto list = run({"catalog", "import", "cidrs", file("list.txt"), option, "eu"});
        EXPECT_EQ(list.status, 64);
        EXPECT_THAT(list.err, HasSubstr(option));
    }
}

TEST_F(CatalogActions, ImportListsWhatADocumentDidNotGive) {
    test::write_file(file("guide.md"),
                     "# Guide\n\n- Open UDP ports 3478 and 5000-5010.\n"
                     "- The port range 6000 is for administrators.\n");
    const auto guide = run({"catalog", "import", "document", file("guide.md")});
    EXPECT_EQ(guide.status, 65) << "what was understood is written all the same";
    EXPECT_THAT(guide.out, HasSubstr("- 5000-5010"));
    EXPECT_THAT(guide.err, HasSubstr("guide.md:4: not understood (no transport is stated)"));
}

TEST_F(CatalogActions, NewWritesAnEntryThatChecks) {
    ASSERT_EQ(run({"catalog", "new", "--output", file("new.yaml")}).status, 0);
    EXPECT_EQ(run({"catalog", "check", "--catalog", file("new.yaml"), "--quiet"}).status, 0);
    EXPECT_EQ(run({"catalog", "new", "--output", file("new.yaml")}).status, 73);
    EXPECT_EQ(run({"catalog", "new"}).out, test::read_file(file("new.yaml")));
}

// Nobody but the project can read the sources of its own entries again; one's own are another
// matter.
TEST_F(CatalogActions, CheckWarnsOfAgeWhereTheUserCanClearIt) {
    const auto built_in = run({"catalog", "check", "--catalog", catalog_directory});
    EXPECT_EQ(built_in.status, 0) << built_in.err;
    EXPECT_THAT(built_in.out, AllOf(HasSubstr("0 errors, 0 warnings"), Not(HasSubstr("warning:"))));
    const auto maintained =
        run({"catalog", "check", "--catalog", catalog_directory, "--stale-after", "1"});
    EXPECT_EQ(maintained.status, 0) << maintained.err;
    EXPECT_THAT(maintained.out,
                HasSubstr("warning: agora/gaming@2020-09-15: last known to be right on"));
    std::filesystem::copy(catalog_directory + "/agora.yaml", file("agora.yaml"));
    EXPECT_THAT(run({"catalog", "check", file("agora.yaml")}).out,
                HasSubstr("warning: agora/gaming@2020-09-15: last known to be right on"));
    EXPECT_THAT(run({"catalog", "show", "--catalog", catalog_directory, "agora/gaming"}).out,
                HasSubstr("age             last known to be right"));
    EXPECT_EQ(run({"catalog", "check", "--stale-after", "0"}).status, 64);
    EXPECT_EQ(run({"catalog", "check", "--stale-after", "soon"}).status, 64);
    EXPECT_EQ(run({"catalog", "list", "--stale-after", "9"}).status, 64);
}

TEST_F(CatalogActions, DiffComparesRevisionsAndFiles) {
    const auto revisions = run({"catalog", "diff", "--catalog", catalog_directory,
                                "agora/rtc-web@2018-11-06", "agora/rtc-web@2020-09-15"});
    EXPECT_EQ(revisions.status, 0) << revisions.err;
    EXPECT_THAT(revisions.out, HasSubstr("30011-30013"));
    ASSERT_EQ(run({"catalog", "new", "--output", file("new.yaml")}).status, 0);
    const auto files = run({"catalog", "diff", file("new.yaml"), file("new.yaml")});
    EXPECT_EQ(files.status, 0) << files.err;
    EXPECT_EQ(run({"catalog", "diff", "agora"}).status, 64);
}

TEST_F(CatalogActions, TheUsersOwnEntriesComeBehindTheBuiltInOnes) {
    const auto own = file("turnpike/catalog");
    std::filesystem::create_directories(own);
    ASSERT_EQ(run({"catalog", "new", "--output", own + "/mine.yaml"}).status, 0);
    ::setenv("XDG_CONFIG_HOME", file("").c_str(), 1);
    const auto list = run({"catalog", "list", "--format", "csv"});
    const auto named = run({"catalog", "list", "--catalog", catalog_directory});
    ::unsetenv("XDG_CONFIG_HOME");
    EXPECT_EQ(list.status, 0) << list.err;
    EXPECT_THAT(list.out, HasSubstr(own + "/mine.yaml"));
    EXPECT_THAT(list.out, HasSubstr("whereby"));
    EXPECT_THAT(named.out, Not(HasSubstr("mine.yaml")));
}

}  // namespace
}  // namespace turnpike
