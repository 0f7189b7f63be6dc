// Parsed YAML as octets: for each document the size and octets of its text, then its nodes in the
// order in which they were made. Numbers are 32 bits wide; nodes are named by their place.
#include "turnpike/catalog/compiled.h"

#include <fmt/core.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <unordered_map>

#include "catalog/mistakes.h"
#include "catalog/yaml_document.h"
#include "turnpike/base/error.h"

namespace turnpike::catalog {
namespace {

std::string_view compiled_documents;

void put(std::string& out, std::size_t number) {
    const auto word = static_cast<std::uint32_t>(number);
    out.append(reinterpret_cast<const char*>(&word), sizeof word);
}

void put(std::string& out, std::string_view text) {
    put(out, text.size());
    out += text;
}

// Reads what `put` wrote. What is read was made by this program's own build, so nothing is checked.
class Words {
  public:
    explicit Words(std::string_view octets) noexcept : octets_(octets) {}
    [[nodiscard]] bool empty() const noexcept { return octets_.empty(); }
    std::uint32_t number() noexcept {
        std::uint32_t word = 0;
        std::memcpy(&word, octets_.data(), sizeof word);
        octets_.remove_prefix(sizeof word);
        return word;
    }
    std::string_view text() noexcept {
        const std::size_t size = number();
        const std::string_view text = octets_.substr(0, size);
        octets_.remove_prefix(size);
        return text;
    }

  private:
    std::string_view octets_;
};

std::string text_of(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(stream), {}};
    if (!stream) {
        throw base::Error(base::ExitStatus::cannot_open,
                          fmt::format("{}: cannot be read", file.string()));
    }
    return text;
}

}  // namespace

std::string YamlDocument::to_octets() const {
    std::unordered_map<const YamlNode*, std::size_t> places;
    for (const YamlNode& node : nodes_) {
        places.emplace(&node, places.size());
    }
    std::string out;
    put(out, nodes_.size());
    put(out, root_ == nullptr ? nodes_.size() : places.at(root_));
    for (const YamlNode& node : nodes_) {
        put(out, (static_cast<std::size_t>(node.kind) << 1U) | (node.block ? 1U : 0U));
        put(out, node.place.line);
        put(out, node.place.column);
        put(out, node.text);
        put(out, node.weight);
        put(out, node.items.size());
        for (const YamlNode* const item : node.items) {
            put(out, places.at(item));
        }
        put(out, node.entries.size());
        for (const auto& [key, value] : node.entries) {
            put(out, places.at(key));
            put(out, places.at(value));
        }
    }
    return out;
}

void YamlDocument::from_octets(std::string_view octets) {
    Words words(octets);
    nodes_.resize(words.number());
    const std::size_t root = words.number();
    root_ = root < nodes_.size() ? &nodes_[root] : nullptr;
    for (YamlNode& node : nodes_) {
        const std::uint32_t kind = words.number();
        node.kind = static_cast<YamlNode::Kind>(kind >> 1U);
        node.block = (kind & 1U) != 0;
        node.place.line = words.number();
        node.place.column = words.number();
        node.text = words.text();
        node.weight = words.number();
        node.complete = true;
        node.items.resize(words.number());
        for (const YamlNode*& item : node.items) {
            item = &nodes_[words.number()];
        }
        node.entries.resize(words.number());
        for (auto& [key, value] : node.entries) {
            key = &nodes_[words.number()];
            value = &nodes_[words.number()];
        }
    }
}

bool YamlDocument::is_compiled(std::string_view text) {
    for (Words words(compiled_documents); !words.empty();) {
        const std::string_view known = words.text();
        const std::string_view octets = words.text();
        if (known == text) {
            from_octets(octets);
            return true;
        }
    }
    return false;
}

std::string compile(const std::vector<std::filesystem::path>& files) {
    std::string out;
    for (const auto& file : files) {
        const std::string text = text_of(file);
        Mistakes mistakes(file);
        const YamlDocument document(text, mistakes);
        if (!mistakes.empty()) {
            throw base::Error(base::ExitStatus::bad_input, to_string(mistakes.sorted().front()));
        }
        put(out, text);
        put(out, document.to_octets());
    }
    return out;
}

void use_compiled(std::string_view compiled) noexcept {
    compiled_documents = compiled;
}

}  // namespace turnpike::catalog
