// Loads directories of vendor files: all or nothing, with every mistake of every file.
#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <system_error>
#include <utility>

#include "catalog/feeds_reader.h"
#include "catalog/public_names_reader.h"
#include "catalog/vendor_reader.h"
#include "turnpike/base/error.h"
#include "turnpike/base/folder.h"
#include "turnpike/base/text.h"
#include "turnpike/catalog/catalog.h"

namespace turnpike::catalog {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ExitStatus;

// A catalog of 10,000 rules takes about 4 MB; anything far beyond is no vendor's document.
constexpr std::uintmax_t largest_file = std::uintmax_t{32} << 20U;

std::vector<fs::path> yaml_files(const fs::path& place) {
    std::error_code error;
    if (fs::is_regular_file(place, error)) {
        return {place};
    }
    auto files = base::entries_of(place, error);
    std::erase_if(files, [](const fs::path& file) { return file.extension() != ".yaml"; });
    if (error) {
        throw Error(ExitStatus::cannot_open, fmt::format("{}: cannot read the catalog: {}; "
                                                         "check the path and its permissions",
                                                         place.string(), error.message()));
    }
    if (files.empty()) {
        throw Error(ExitStatus::bad_input,
                    fmt::format("{}: no .yaml file in this catalog directory", place.string()));
    }
    std::ranges::sort(files);
    return files;
}

// The file's text, or nothing after a mistake was noted.
std::optional<std::string> read_file(const fs::path& file, Mistakes& mistakes) {
    std::error_code error;
    const auto size = fs::file_size(file, error);
    if (!error && size > largest_file) {
        mistakes.add({}, fmt::format("{} bytes are too many for a vendor's file (at most {})", size,
                                     largest_file));
        return std::nullopt;
    }
    std::ifstream stream(file, std::ios::binary);
    if (error || !stream) {
        throw Error(ExitStatus::cannot_open,
                    fmt::format("{}: cannot be opened: {}; check the path and its permissions",
                                file.string(), error ? error.message() : std::strerror(errno)));
    }
    std::string text(static_cast<std::size_t>(size), '\0');
    stream.read(text.data(), static_cast<std::streamsize>(size));
    text.resize(static_cast<std::size_t>(stream.gcount()));
    return text;
}

// The revisions of several directories; a later directory replaces whole revisions.
class Collection {
  public:
    void begin_directory() { ++directory_; }

    void add(PlacedRevision placed, Mistakes& mistakes) {
        const auto selector = placed.revision.selector();
        const auto known = positions_.find(selector);
        if (known == positions_.end()) {
            positions_[selector] = {revisions_.size(), directory_};
            revisions_.push_back(std::move(placed.revision));
            return;
        }
        auto& [position, directory] = known->second;
        if (directory == directory_) {
            mistakes.add(placed.place, fmt::format("{} is already in {}", selector,
                                                   revisions_[position].file.string()));
            return;
        }
        directory = directory_;
        revisions_[position] = std::move(placed.revision);
    }

    std::vector<Revision> take() { return std::move(revisions_); }

  private:
    struct Known {
        std::size_t position = 0;
        int directory = 0;
    };
    std::vector<Revision> revisions_;
    std::map<std::string, Known> positions_;
    int directory_ = 0;
};

// A feed of the same product takes the place of an earlier one.
void add_feeds(std::vector<Feed>& feeds, std::vector<Feed> more) {
    for (auto& feed : more) {
        const auto known = std::ranges::find(feeds, feed.selector(), &Feed::selector);
        if (known == feeds.end()) {
            feeds.push_back(std::move(feed));
        } else {
            *known = std::move(feed);
        }
    }
}

// Everything that the files of a catalog hold.
struct Contents {
    Collection revisions;
    std::vector<NamePattern> public_names;
    std::vector<Feed> feeds;
};

void read_into(Contents& contents, const fs::path& file, std::vector<Mistake>& all) {
    Mistakes mistakes(file);
    if (const auto text = read_file(file, mistakes)) {
        if (file.filename() == public_names_file) {
            std::ranges::move(read_public_names(*text, mistakes),
                              std::back_inserter(contents.public_names));
        } else if (file.filename() == feeds_file) {
            add_feeds(contents.feeds, read_feeds(*text, mistakes));
        } else {
            for (auto& placed : read_vendor(*text, mistakes)) {
                contents.revisions.add(std::move(placed), mistakes);
            }
        }
    }
    std::ranges::move(mistakes.sorted(), std::back_inserter(all));
}

void refuse_dangling(const Catalog& catalog, const Revision& revision, std::string_view verb,
                     const std::vector<std::string>& selectors, std::vector<Mistake>& all) {
    for (const auto& selector : selectors) {
        try {
            static_cast<void>(catalog.select(selector));
        } catch (const Error& error) {
            all.push_back({revision.file,
                           {},
                           fmt::format("{} {} {}", revision.selector(), verb, error.what())});
        }
    }
}

void refuse_dangling_selectors(const Catalog& catalog, std::vector<Mistake>& all) {
    for (const auto& revision : catalog.revisions()) {
        refuse_dangling(catalog, revision, "includes", revision.includes, all);
        if (revision.newest) {
            refuse_dangling(catalog, revision, "is superseded by", revision.superseded_by, all);
        }
    }
}

void throw_if_any(const std::vector<Mistake>& mistakes) {
    if (mistakes.empty()) {
        return;
    }
    std::string lines;
    for (const auto& mistake : mistakes) {
        lines += (lines.empty() ? "" : "\n") + to_string(mistake);
    }
    throw Error(ExitStatus::bad_input, lines);
}

}  // namespace

Catalog load(const std::vector<fs::path>& directories) {
    Contents contents;
    std::vector<Mistake> mistakes;
    for (const auto& directory : directories) {
        contents.revisions.begin_directory();
        for (const auto& file : yaml_files(directory)) {
            read_into(contents, file, mistakes);
        }
    }
    throw_if_any(mistakes);
    Catalog catalog(contents.revisions.take(), std::move(contents.public_names),
                    std::move(contents.feeds));
    refuse_dangling_selectors(catalog, mistakes);
    throw_if_any(mistakes);
    return catalog;
}

}  // namespace turnpike::catalog
