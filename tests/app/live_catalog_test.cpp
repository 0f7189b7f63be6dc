// A catalog may be loaded again while a run goes on: an error names its place, and what was loaded
// before is whole.
#include "app/live_catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/live_world.h"
#include "turnpike/base/error.h"

namespace turnpike::app {
namespace {

using test::CatalogFolder;
using test::requirement;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view further_rule = R"(          - id: control
            purpose: control
            ports: {tcp: [8443]}
            names: "*.acme.example.com"
)";

TEST(LiveCatalog, AnErrorSaysWhereItIs) {
    const CatalogFolder folder;
    folder.write(test::calls_catalog() + "          - id: [broken\n");
    try {
        folder.load();
        FAIL();
    } catch (const base::Error& error) {
        EXPECT_EQ(error.status(), base::ExitStatus::bad_input);
        EXPECT_THAT(error.what(), HasSubstr("acme.yaml:19"));
        EXPECT_THAT(error.what(), Not(HasSubstr("\n")));
    }
}

TEST(LiveCatalog, AnEmptyPlaceIsAnErrorAndNoEmptyCatalog) {
    const CatalogFolder folder;
    std::filesystem::remove(folder.document());
    EXPECT_THROW(folder.load(), base::Error);
    std::filesystem::remove(folder.places().front());
    EXPECT_THROW(folder.load(), base::Error);
}

TEST(LiveCatalog, ASelectorOfTheCommandLineMustNameSomethingEachTime) {
    const CatalogFolder folder;
    AnalyzeOptions options;
    options.require = {"acme/calls"};
    EXPECT_NO_THROW(LiveCatalog(folder.places(), options));
    auto renamed = test::calls_catalog();
    renamed.replace(renamed.find("product: calls"), 14, "product: rooms");
    folder.write(renamed);
    EXPECT_THROW(LiveCatalog(folder.places(), options), base::Error);
}

TEST(LiveCatalog, IsTakenUpWithTheNextJudgementAndKeepsWhatWasSeen) {
    const CatalogFolder folder;
    LiveJudgement judgement(folder.load(), false);
    support::ObservationBuilder built;
    built.connection("203.0.113.1", 443, "api.acme.example.com", 0);
    auto round = test::round_of(built.observation, 1);
    judgement.accept(round);
    judgement.judge();
    ASSERT_EQ(judgement.result().requirements.size(), 2U);
    folder.write(test::calls_catalog() + std::string(further_rule));
    judgement.use(folder.load());
    EXPECT_EQ(judgement.result().requirements.size(), 2U);
    EXPECT_EQ(requirement(judgement, "signaling").requirement.rule->purpose, "signaling")
        << "the old one must live as long as a result points into it";
    judgement.judge();
    EXPECT_EQ(judgement.result().requirements.size(), 3U);
    EXPECT_EQ(requirement(judgement, "signaling").status, verdict::Status::observed);
    EXPECT_EQ(requirement(judgement, "control").status, verdict::Status::unmatched);
}

}  // namespace
}  // namespace turnpike::app
