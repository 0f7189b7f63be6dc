// Which folders make up the catalog: public names of the built-in one, and places given again.
#include "app/catalog_choice.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "turnpike/catalog/index.h"

namespace turnpike::app {
namespace {

class CatalogChoice : public testing::Test {
  protected:
    CatalogChoice()
        : directory_(std::filesystem::temp_directory_path() / "turnpike-catalog-choice-test") {
        std::filesystem::create_directories(directory_);
        std::ofstream(directory_ / "example.yaml") << R"(vendor: example
name: Example
products:
  - product: calls
    name: Calls
    revisions:
      - revision: 2025-01-31
        date: 2025-01-31
        source: {title: Guide, location: somewhere, kind: vendor}
        rules:
          - {id: a, purpose: a, ports: {tcp: [443]}, names: a.example.com}
)";
    }
    ~CatalogChoice() override { std::filesystem::remove_all(directory_); }
    std::filesystem::path directory_;
};

TEST_F(CatalogChoice, PublicNamesOfTheBuiltInCatalogCountBesideAnyOther) {
    const auto catalog = load_catalog({directory_});
    EXPECT_EQ(catalog.revisions().size(), 1U);
    const catalog::Index index(catalog.current(), catalog.public_ech_names());
    EXPECT_TRUE(index.is_public_ech_name("cloudflare-ech.com"));
    EXPECT_FALSE(index.is_public_ech_name("a.example.com"));
}

// A live run keeps the places and loads from them again.
TEST_F(CatalogChoice, PlacesOfPlacesAreThePlaces) {
    const auto places = catalog_places({directory_});
    EXPECT_EQ(catalog_places(places), places);
}

}  // namespace
}  // namespace turnpike::app
