// YAML made strict: a tree that keeps every place, refuses duplicate keys, and is bounded against
// documents that blow up. The only door to yaml-cpp, which by itself takes duplicate keys and reads
// 010 as 8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/mistakes.h"

namespace turnpike::catalog {

/// A value of the document. Scalars stay text; what they mean is decided by who reads them.
struct YamlNode {
    enum class Kind : std::uint8_t { null, scalar, sequence, map };
    Kind kind = Kind::null;
    bool block = false;  ///< a scalar of several lines (| or >)
    Place place;
    std::string text;
    std::vector<const YamlNode*> items;
    std::vector<std::pair<const YamlNode*, const YamlNode*>> entries;  ///< in document order
    std::size_t weight = 1;  ///< nodes below and itself, aliases counted as often as they occur
    bool complete = false;   ///< false while its own content is being read
};

/// A parsed document; nodes live as long as it.
class YamlDocument {
  public:
    /// Parses one document, unless that was done before (compiled.h). What is wrong goes to
    /// `mistakes`; then the tree may be partial and root() null.
    YamlDocument(const std::string& text, Mistakes& mistakes);
    [[nodiscard]] const YamlNode* root() const noexcept { return root_; }

  private:
    friend class YamlTreeBuilder;
    friend std::string compile(const std::vector<std::filesystem::path>& files);
    // In compiled.cpp.
    bool is_compiled(std::string_view text);
    void from_octets(std::string_view octets);
    [[nodiscard]] std::string to_octets() const;

    std::deque<YamlNode> nodes_;
    const YamlNode* root_ = nullptr;
};

}  // namespace turnpike::catalog
