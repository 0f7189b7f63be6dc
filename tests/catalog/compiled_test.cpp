// A catalog that was parsed when the program was built is the one that would be parsed now.
#include "turnpike/catalog/compiled.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "catalog/mistakes.h"
#include "catalog/yaml_document.h"

namespace turnpike::catalog {
namespace {

namespace fs = std::filesystem;

// Everything of a tree, aliases followed.
void print(const YamlNode& node, std::ostream& out) {
    out << static_cast<int>(node.kind) << (node.block ? "|" : " ") << node.place.line << ':'
        << node.place.column << ' ' << node.weight << (node.complete ? " " : "? ") << node.text
        << '\n';
    for (const YamlNode* const item : node.items) {
        print(*item, out);
    }
    for (const auto& [key, value] : node.entries) {
        print(*key, out);
        print(*value, out);
    }
}

std::string printed(const std::string& text) {
    Mistakes mistakes("file.yaml");
    const YamlDocument document(text, mistakes);
    std::ostringstream out;
    if (document.root() != nullptr) {
        print(*document.root(), out);
    }
    for (const Mistake& mistake : mistakes.sorted()) {
        out << to_string(mistake) << '\n';
    }
    return out.str();
}

class Compiled : public ::testing::Test {
  protected:
    ~Compiled() override { use_compiled({}); }
};

TEST_F(Compiled, TheBuiltInFilesAreTheSameTrees) {
    std::vector<fs::path> files;
    std::vector<std::string> texts;
    std::vector<std::string> parsed;
    for (const auto& entry : fs::directory_iterator(TURNPIKE_SOURCE_DIR "/catalog")) {
        if (entry.path().extension() == ".yaml") {
            std::ifstream stream(entry.path());
            texts.emplace_back(std::istreambuf_iterator<char>(stream),
                               std::istreambuf_iterator<char>());
            files.push_back(entry.path());
            parsed.push_back(printed(texts.back()));
        }
    }
    ASSERT_FALSE(files.empty());
    const std::string compiled = compile(files);
    use_compiled(compiled);
    for (std::size_t i = 0; i < files.size(); ++i) {
        EXPECT_EQ(printed(texts[i]), parsed[i]) << files[i];
    }
}

TEST_F(Compiled, AliasesAndTextsOfSeveralLinesStayAndAnotherTextIsParsed) {
    const auto file = fs::temp_directory_path() / "turnpike-compiled-test.yaml";
    const std::string text = "a: &a [1, ~]\nb: *a\nc: |\n  two\n  lines\n";
    std::ofstream(file) << text;
    const std::string parsed = printed(text);
    const std::string other = printed(text + "d: 1\n");
    const std::string compiled = compile({file});
    use_compiled(compiled);
    EXPECT_EQ(printed(text), parsed);
    EXPECT_EQ(printed(text + "d: 1\n"), other);
    fs::remove(file);
}

TEST_F(Compiled, WhatHoldsAMistakeIsNotCompiled) {
    const auto file = fs::temp_directory_path() / "turnpike-mistaken-test.yaml";
    std::ofstream(file) << "a: 1\na: 2\n";
    EXPECT_ANY_THROW(compile({file}));
    fs::remove(file);
}

}  // namespace
}  // namespace turnpike::catalog
