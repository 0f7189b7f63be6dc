// Builds the tree of a YAML document from yaml-cpp's events, within bounds.
#include "catalog/yaml_document.h"

#include <fmt/core.h>
#include <yaml-cpp/anchor.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "turnpike/base/text.h"

namespace turnpike::catalog {
namespace {

// Bounds: a catalog of 10,000 rules has some 300,000 nodes, three levels of lists.
constexpr std::size_t most_nodes = 2'000'000;
constexpr std::size_t deepest = 32;
// Below this size comparing keys one by one is cheaper than a table.
constexpr std::size_t few_entries = 16;

Place place_of(const YAML::Mark& mark) noexcept {
    if (mark.is_null()) {
        return {};
    }
    return {static_cast<std::size_t>(mark.line) + 1, static_cast<std::size_t>(mark.column) + 1};
}

// Thrown to end yaml-cpp's walk once a bound is reached; caught below, never leaves this file.
struct Stop {};

}  // namespace

// Turns yaml-cpp's events into YamlNodes.
class YamlTreeBuilder : public YAML::EventHandler {
  public:
    YamlTreeBuilder(YamlDocument& document, Mistakes& mistakes)
        : document_(document), mistakes_(mistakes) {}

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (++documents_ > 1) {
            mistakes_.add(place_of(mark), "a second document begins; a file holds one");
            throw Stop{};
        }
    }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        attach(make(YamlNode::Kind::null, mark, anchor));
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto named = anchors_.find(anchor);
        if (named == anchors_.end() || !named->second->complete) {
            mistakes_.add(place_of(mark), "an alias within what it names");
            throw Stop{};
        }
        grow(named->second->weight, place_of(mark));
        attach(named->second);
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        refuse_tag(mark, tag);
        refuse_controls(mark, value);
        auto* node = make(YamlNode::Kind::scalar, mark, anchor);
        node->text = value;
        node->block = value.find('\n') != std::string::npos;
        attach(node);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value /*style*/) override {
        refuse_tag(mark, tag);
        open(make(YamlNode::Kind::sequence, mark, anchor));
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value /*style*/) override {
        refuse_tag(mark, tag);
        open(make(YamlNode::Kind::map, mark, anchor));
    }
    void OnMapEnd() override {
        refuse_duplicate_keys(*open_.back().node);
        close();
    }

  private:
    struct Open {
        YamlNode* node;
        const YamlNode* key = nullptr;  ///< of a map, while its value is awaited
    };

    YamlNode* make(YamlNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
        grow(1, place_of(mark));
        auto& node = document_.nodes_.emplace_back();
        node.kind = kind;
        node.place = place_of(mark);
        node.complete = kind == YamlNode::Kind::null || kind == YamlNode::Kind::scalar;
        if (anchor != YAML::NullAnchor) {
            anchors_[anchor] = &node;
        }
        return &node;
    }

    void attach(const YamlNode* node) {
        if (open_.empty()) {
            document_.root_ = node;
            return;
        }
        auto& [parent, key] = open_.back();
        parent->weight += node->weight;
        if (parent->kind == YamlNode::Kind::sequence) {
            parent->items.push_back(node);
        } else if (key == nullptr) {
            key = node;
        } else {
            parent->entries.emplace_back(key, node);
            key = nullptr;
        }
    }

    void open(YamlNode* node) {
        if (open_.size() >= deepest) {
            mistakes_.add(node->place, fmt::format("nested deeper than {} levels", deepest));
            throw Stop{};
        }
        open_.push_back({node});
    }

    void close() {
        auto* node = open_.back().node;
        open_.pop_back();
        node->complete = true;
        attach(node);
    }

    // Counts aliases as if they were written out, so that a small file cannot stand for a huge one.
    void grow(std::size_t count, Place place) {
        size_ += count;
        if (size_ > most_nodes) {
            mistakes_.add(
                place, fmt::format("aliases and values add up to more than {} values", most_nodes));
            throw Stop{};
        }
    }

    void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
        // yaml-cpp marks untagged plain scalars with "?" and quoted ones with "!".
        if (!tag.empty() && tag != "?" && tag != "!") {
            mistakes_.add(place_of(mark),
                          fmt::format("the tag {} is not allowed", base::escape(tag)));
        }
    }

    // What is shown on a terminal later must not move its cursor.
    void refuse_controls(const YAML::Mark& mark, const std::string& value) {
        const bool odd = std::ranges::any_of(value, [](char c) {
            return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f;
        });
        if (odd) {
            mistakes_.add(place_of(mark), "a control character in the text");
        }
    }

    void refuse_duplicate_keys(const YamlNode& map) {
        const bool many = map.entries.size() > few_entries;
        std::unordered_set<std::string_view> seen;
        for (auto entry = map.entries.begin(); entry != map.entries.end(); ++entry) {
            const auto& key = *entry->first;
            if (key.kind != YamlNode::Kind::scalar) {
                mistakes_.add(key.place, "a key must be a word");
                continue;
            }
            const bool again =
                many ? !seen.insert(key.text).second
                     : std::any_of(map.entries.begin(), entry, [&key](const auto& earlier) {
                           return earlier.first->text == key.text;
                       });
            if (again) {
                mistakes_.add(key.place,
                              fmt::format("duplicate key \"{}\"", base::escape(key.text)));
            }
        }
    }

    YamlDocument& document_;
    Mistakes& mistakes_;
    std::unordered_map<YAML::anchor_t, const YamlNode*> anchors_;
    std::vector<Open> open_;
    std::size_t size_ = 0;
    int documents_ = 0;
};

namespace {

std::string hint(const YAML::ParserException& error) {
    std::string reason = "not valid YAML: " + base::escape(error.msg);
    const bool about_alias = error.msg.find("alias") != std::string::npos ||
                             error.msg.find("anchor") != std::string::npos;
    if (about_alias) {
        reason += " (a name that begins with * must be quoted)";
    }
    return reason;
}

}  // namespace

YamlDocument::YamlDocument(const std::string& text, Mistakes& mistakes) {
    if (is_compiled(text)) {
        return;
    }
    std::istringstream stream(text);
    YamlTreeBuilder builder(*this, mistakes);
    try {
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(builder)) {
        }
    } catch (const YAML::ParserException& error) {
        mistakes.add(place_of(error.mark), hint(error));
        root_ = nullptr;
    } catch (const Stop&) {
        root_ = nullptr;
    }
}

}  // namespace turnpike::catalog
