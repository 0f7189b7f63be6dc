// `turnpike catalog refresh`: fetches the lists, then reads them while confined, and writes what
// changed.
#include "app/catalog_refresh.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "app/catalog_choice.h"
#include "app/catalog_fetch.h"
#include "app/catalog_files.h"
#include "app/confinement.h"
#include "app/output.h"
#include "turnpike/base/folder.h"
#include "turnpike/base/printable.h"
#include "turnpike/base/text.h"
#include "turnpike/catalog/refresh.h"

namespace turnpike::app {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ExitStatus;
using catalog::Feed;
using catalog::Refreshed;

// What the program may replace and remove in a folder that is the user's.
constexpr std::string_view mark = "# Written by turnpike catalog refresh, which may replace it.\n";
// The newest, and the one before it to compare with.
constexpr std::size_t kept_revisions = 2;

bool is_ours(const fs::path& file) {
    return read_start(file, mark.size()) == mark;
}

// The files that earlier refreshes of a feed left, the newest first.
std::vector<fs::path> files_of(const Feed& feed, const fs::path& directory) {
    const auto front = fmt::format("{}-{}-", feed.vendor, feed.product);
    constexpr std::string_view rest = "2026-11-22.yaml";
    std::error_code ignored;
    auto files = base::entries_of(directory, ignored);
    std::erase_if(files, [&](const fs::path& file) {
        const auto name = file.filename().string();
        return !name.starts_with(front) || name.size() != front.size() + rest.size() ||
               !is_ours(file);
    });
    std::ranges::sort(files, std::greater<>());
    return files;
}

void write(const Feed& feed, const Refreshed& state) {
    const auto directory = own_catalog_directory();
    const auto file = directory / state.file;
    std::error_code ignored;
    if (fs::exists(file, ignored) && !is_ours(file)) {
        throw Error(ExitStatus::cannot_create,
                    fmt::format("{}: exists already and is not of turnpike's making; rename it",
                                base::escape(file.string())));
    }
    replace_file(file, std::string(mark) + state.yaml);
    auto files = files_of(feed, directory);
    for (std::size_t i = kept_revisions; i < files.size(); ++i) {
        fs::remove(files[i], ignored);
    }
    write_out(fmt::format("{}: written to {}\n", state.revision().selector(),
                          base::escape(file.string())));
}

std::string size_text(const catalog::Revision& revision) {
    std::size_t networks = 0;
    std::size_t names = 0;
    for (const auto& rule : revision.rules) {
        networks += rule.destinations.prefixes.size();
        names += rule.destinations.names.size();
    }
    return fmt::format("{}, {}, {}", base::counted(revision.rules.size(), "row"),
                       base::counted(networks, "network"), base::counted(names, "name"));
}

// What a server says may hold anything, and goes to a terminal.
void show_refreshed(const Refreshed& state) {
    const auto& revision = state.revision();
    if (state.before == nullptr) {
        write_out(fmt::format("{}: new, {}\n", revision.selector(), size_text(revision)));
        return;
    }
    const auto text =
        catalog::render_diff({catalog::diff(*state.before, revision)}, catalog::Format::text);
    write_out(escaped_lines(text));
    if (state.shrunk) {
        write_out(fmt::format("CAREFUL: more than half of {} ({}) is gone; now {}\n",
                              state.before->selector(), size_text(*state.before),
                              size_text(revision)));
    }
}

bool wanted(const Refreshed& state, const CatalogOptions& options) {
    if (!options.yes) {
        return asked(fmt::format("Write {} to your catalog?", state.revision().selector()));
    }
    if (state.shrunk) {
        throw Error(ExitStatus::bad_input,
                    fmt::format("{}: not written, more than half of it is gone; say yes to it "
                                "without --yes",
                                state.revision().selector()));
    }
    return true;
}

// The tag counts only for the address that it came from.
std::string etag_of(const Feed& feed, const catalog::Revision* before) {
    return before != nullptr && before->source_location == feed.location ? before->etag : "";
}

/// A feed as it came in, or why it did not.
struct Arrival {
    const Feed* feed = nullptr;
    catalog::FeedInput input;
    bool unchanged = false;  ///< the server says that nothing is new
    std::optional<Error> failure;
};

void fetch_into(Arrival& arrival, const catalog::Catalog& known, const FetchLimits& limits) {
    const auto& feed = *arrival.feed;
    auto fetched = fetch(feed.location, etag_of(feed, catalog::newest_of(known, feed)), limits);
    arrival.unchanged = fetched.unchanged;
    arrival.input.file = base::escape(feed.location);
    arrival.input.text = std::move(fetched.text);
    arrival.input.etag = std::move(fetched.etag);
    arrival.input.changed = fetched.changed;
}

// What servers send is read by a process that can reach nothing but the user's own catalog.
void confine_to_own_catalog() {
    const auto directory = own_catalog_directory();
    std::error_code ignored;
    fs::create_directories(directory, ignored);  // writing says what is wrong with it
    guard::Needs needs;
    needs.writable.push_back(directory);
    confine_and_tell(needs);
}

// Everything that needs the network comes before the first octet of any list is looked at.
std::vector<Arrival> arrivals_of(const std::vector<const Feed*>& feeds,
                                 const catalog::Catalog& known, const CatalogOptions& options) {
    std::vector<Arrival> arrivals;
    for (const auto* feed : feeds) {
        auto& arrival = arrivals.emplace_back();
        arrival.feed = feed;
        arrival.input.today = base::now();
        if (!options.from.empty()) {
            arrival.input.file = base::escape(options.from);
            arrival.input.text = read_whole(options.from, confine_to_own_catalog);
            return arrivals;
        }
        try {
            fetch_into(arrival, known, options.limits);
        } catch (const Error& error) {
            arrival.failure = error;
        }
    }
    confine_to_own_catalog();
    return arrivals;
}

void refresh_one(const Arrival& arrival, const catalog::Catalog& known,
                 const CatalogOptions& options) {
    if (arrival.failure) {
        throw Error(*arrival.failure);
    }
    const auto& feed = *arrival.feed;
    const auto state =
        arrival.unchanged ? Refreshed() : catalog::refresh(known, feed, arrival.input);
    for (const auto& warning : state.warnings) {
        print_error(fmt::format("{}: {}", feed.selector(), base::escape(warning)));
    }
    if (arrival.unchanged || !state.changed) {
        write_out(fmt::format("{}: nothing new\n", catalog::newest_of(known, feed)->selector()));
        return;
    }
    show_refreshed(state);
    if (wanted(state, options)) {
        write(feed, state);
    } else {
        write_out(fmt::format("{}: not written\n", state.revision().selector()));
    }
}

}  // namespace

ExitStatus refresh_feeds(const CatalogOptions& options) {
    if (own_catalog_directory().empty()) {
        throw Error(ExitStatus::cannot_create,
                    "catalog refresh: nowhere to write to; set HOME or XDG_CONFIG_HOME");
    }
    const auto known = load_catalog({});
    const auto feeds = catalog::select_feeds(known, options.arguments);
    if (!options.from.empty() && feeds.size() != 1) {
        throw Error(ExitStatus::usage,
                    "--from: a file holds one feed; name it, like zoom/feed-meetings");
    }
    auto status = ExitStatus::done;
    for (const auto& arrival : arrivals_of(feeds, known, options)) {
        try {
            refresh_one(arrival, known, options);
        } catch (const Error& error) {
            flush_out();
            print_error(error.what());
            status = status == ExitStatus::done ? error.status() : status;
        }
    }
    return status;
}

}  // namespace turnpike::app
