// Ties rows without places to the section that names the places.
#include "catalog/import_ties.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "catalog/import_readers.h"

namespace turnpike::catalog {
namespace {

bool same_ports(const std::vector<PortItem>& a, const std::vector<PortItem>& b) {
    return std::ranges::equal(a, b, [](const PortItem& one, const PortItem& other) {
        return one.transport == other.transport && one.first == other.first &&
               one.last == other.last;
    });
}

std::set<std::string> words_of(std::string_view text) {
    static const std::set<std::string, std::less<>> common{
        "tcp",    "udp",     "tls",     "the",     "and",  "for",   "a",    "of",          "to",
        "server", "servers", "service", "traffic", "port", "ports", "over", "requirements"};
    std::set<std::string> words;
    for (const auto& word : parts_of(slug(text), "-")) {
        if (!common.contains(word) && word.size() > 1) {
            words.insert(word);
        }
    }
    return words;
}

/// A row of one section without places, and a section whose sentences and lists say more of it.
class Ties {
  public:
    explicit Ties(std::vector<Section>& sections) : sections_(sections) {}

    void tie() {
        std::size_t rows = 0;
        for (const auto& section : sections_) {
            rows += section.rows.size();
        }
        if (rows > most_rows || sections_.size() > most_rows) {
            return;
        }
        for (auto& section : sections_) {
            for (auto& row : section.rows) {
                if (row.places.empty() && !row.ports.empty() && !row.unnamed) {
                    take_from(row, [&](const Section& other) {
                        return &other != &section && speaks_of(other, row);
                    });
                }
            }
        }
        // A row that lost its name: what is left with its very ports, if that is one.
        drop_restated();
        for (auto& section : sections_) {
            for (auto& row : section.rows) {
                if (row.places.empty() && row.unnamed) {
                    take_from(row, [&](const Section& other) { return &other != &section; });
                }
            }
        }
        drop_restated();
    }

  private:
    static bool speaks_of(const Section& section, const Draft& row) {
        const auto heading = heading_of(section);
        if (std::ranges::find(row.anchors, slug(heading)) != row.anchors.end()) {
            return true;
        }
        const auto words = words_of(row.purpose);
        return std::ranges::any_of(words_of(heading),
                                   [&](const auto& word) { return words.contains(word); });
    }

    template <typename Fits>
    void take_from(Draft& row, const Fits& fits) {
        Draft* found = nullptr;
        for (auto& section : sections_) {
            if (!fits(section)) {
                continue;
            }
            for (auto& other : section.rows) {
                if (!other.places.empty() && same_ports(other.ports, row.ports) &&
                    other.purpose.empty()) {
                    if (found != nullptr) {
                        return;
                    }
                    found = &other;
                }
            }
        }
        if (found != nullptr) {
            row.places = found->places;
            restated_.insert(found);
            row.notes = row.notes.empty() ? found->notes : row.notes;
            if (row.purpose.empty()) {
                row.purpose = purpose_of(found);
            }
        }
    }
    std::string purpose_of(const Draft* row) const {
        for (const auto& section : sections_) {
            for (const auto& other : section.rows) {
                if (&other == row) {
                    return heading_of(section);
                }
            }
        }
        return {};
    }

    void drop_restated() {
        for (auto& section : sections_) {
            std::vector<Draft> rows;
            for (auto& row : section.rows) {
                if (!restated_.contains(&row)) {
                    rows.push_back(std::move(row));
                }
            }
            section.rows = std::move(rows);
        }
        restated_.clear();
    }

    std::vector<Section>& sections_;
    std::set<const Draft*> restated_;
};

}  // namespace

void tie(std::vector<Section>& sections) {
    Ties(sections).tie();
}

}  // namespace turnpike::catalog
