// What a rule's destinations refer to: settings of the user's, and feeds.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "turnpike/catalog/catalog.h"

namespace turnpike::catalog {

/// "customer:turn.host" gives "turn.host"; "" for references that no setting fills.
std::string_view setting_of(std::string_view reference) noexcept;

/// The names in braces of a pattern, in order; views into the pattern.
std::vector<std::string_view> placeholders_of(std::string_view pattern);

/// The words of a text, parted by blanks; views into it.
std::vector<std::string_view> words_of(std::string_view text);

/// A reference to a feed that can be refreshed; views into the reference.
struct FeedReference {
    std::string_view vendor;
    std::string_view product;
    std::vector<std::string_view> words;  ///< of its rows: those that hold all of them
    [[nodiscard]] std::string selector() const {
        return std::string(vendor) + '/' + std::string(product);
    }
};

/// "feed:amazon/feed-ip-ranges EC2 {region}"; nothing for other references, and for feeds that are
/// only described in words.
std::optional<FeedReference> feed_of(std::string_view reference);

/// The reference of a destination for people: how much of a feed was loaded, or that it never was.
std::string reference_text(const Destinations& all);

}  // namespace turnpike::catalog
