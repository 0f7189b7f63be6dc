// Finds names that belong to clouds, to everybody, or to another vendor.
#include "catalog/check_names.h"

#include <fmt/core.h>
#include <libpsl.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "turnpike/catalog/registrable_domain.h"

namespace turnpike::catalog {
namespace {

constexpr std::array<std::string_view, 20> shared_clouds{
    "amazonaws.com", "amazonaws.net", "cloudfront.net",   "azure.com",
    "azure.net",     "azureedge.net", "windows.net",      "akamaihd.net",
    "akamaized.net", "edgekey.net",   "googleapis.com",   "gstatic.com",
    "fastly.net",    "sentry.io",     "posthog.com",      "helpscout.net",
    "segment.io",    "edgesuite.net", "launchdarkly.com", "googleusercontent.com"};

/// A domain whose traffic every network has, calls or not, and the vendor it belongs to.
struct Everywhere {
    std::string_view domain;
    std::string_view vendor;
};
constexpr std::array<Everywhere, 31> everywhere{{
    {"google.com", "google"},
    {"googleapis.com", "google"},
    {"gstatic.com", "google"},
    {"googleusercontent.com", "google"},
    {"googlevideo.com", "google"},
    {"youtube.com", "google"},
    {"youtube-nocookie.com", "google"},
    {"ytimg.com", "google"},
    {"google-analytics.com", "google"},
    {"googletagmanager.com", "google"},
    {"gvt1.com", "google"},
    {"microsoft.com", "microsoft"},
    {"microsoftonline.com", "microsoft"},
    {"microsoftonline-p.com", "microsoft"},
    {"msauth.net", "microsoft"},
    {"msftauth.net", "microsoft"},
    {"office.com", "microsoft"},
    {"office.net", "microsoft"},
    {"office365.com", "microsoft"},
    {"outlook.com", "microsoft"},
    {"live.com", "microsoft"},
    {"sharepoint.com", "microsoft"},
    {"windows.net", "microsoft"},
    {"msftncsi.com", "microsoft"},
    {"apple.com", "apple"},
    {"dropbox.com", "dropbox"},
    {"facebook.com", "meta"},
    {"gravatar.com", "automattic"},
    {"godaddy.com", "godaddy"},
    {"digicert.com", "digicert"},
    {"entrust.net", "entrust"},
}};

bool includes_vendor(const Revision& revision, std::string_view vendor) {
    return std::ranges::any_of(revision.includes, [vendor](const std::string& selector) {
        return std::string_view(selector).substr(0, selector.find('/')) == vendor;
    });
}

/// A pattern that an entry calls its own.
struct Claim {
    const Revision* revision = nullptr;
    const Rule* rule = nullptr;
    const NamePattern* name = nullptr;
};

// The claims of all current revisions by registrable domain.
std::map<std::string, std::vector<Claim>> claims_of(const Catalog& catalog) {
    std::map<std::string, std::vector<Claim>> claims;
    for (const auto* revision : catalog.current()) {
        for (const auto& rule : revision->rules) {
            for (const auto& name : rule.destinations.names) {
                const auto domain = is_wildcard(name.text) ? literal_domain(name.text)
                                                           : std::string_view(name.text);
                auto registered = registrable_domain(domain);
                if (!name.shared && !registered.empty()) {
                    claims[std::move(registered)].push_back({revision, &rule, &name});
                }
            }
        }
    }
    return claims;
}

bool is_everybodys(std::string_view domain, std::string_view pattern, std::string_view vendor) {
    const auto known = std::ranges::find(everywhere, domain, &Everywhere::domain);
    return known != everywhere.end() && (vendor != known->vendor || takes_all_of(pattern, domain));
}

void check_everywhere(std::string_view domain, const std::vector<Claim>& claims,
                      std::vector<Finding>& findings) {
    for (const auto& claim : claims) {
        if (is_everybodys(domain, claim.name->text, claim.revision->vendor)) {
            findings.push_back({Severity::warning, claim.revision, claim.rule,
                                fmt::format("{}: every network has traffic to {}; say shared: true",
                                            claim.name->text, domain)});
        }
    }
}

// Another vendor that calls the same domain its own and is not one of the pair that builds on the
// other.
const Revision* rival(const Claim& claim, const std::vector<Claim>& claims) {
    for (const auto& other : claims) {
        const auto& mine = claim.revision->vendor;
        const auto& theirs = other.revision->vendor;
        if (mine != theirs && !includes_vendor(*claim.revision, theirs) &&
            !includes_vendor(*other.revision, mine)) {
            return other.revision;
        }
    }
    return nullptr;
}

}  // namespace

bool is_wildcard(std::string_view pattern) noexcept {
    return pattern.starts_with('.') || pattern.find_first_of("*{") != std::string_view::npos;
}

std::string_view literal_domain(std::string_view pattern) noexcept {
    const auto wild = pattern.find_last_of("*}");
    const auto dot = pattern.find('.', wild == std::string_view::npos ? 0 : wild);
    return dot == std::string_view::npos ? std::string_view{} : pattern.substr(dot + 1);
}

bool takes_all_of(std::string_view pattern, std::string_view domain) noexcept {
    auto own = pattern.substr(0, pattern.size() - domain.size());
    bool in_braces = false;
    return std::ranges::none_of(own, [&in_braces](char c) {
        in_braces = c == '{' || (in_braces && c != '}');
        return !in_braces && c != '*' && c != '.' && c != '}';
    });
}

bool is_shared_cloud(std::string_view domain) {
    return std::ranges::find(shared_clouds, domain) != shared_clouds.end() ||
           psl_is_public_suffix2(psl_builtin(), std::string(domain).c_str(), PSL_TYPE_PRIVATE) == 1;
}

bool is_for_many(std::string_view pattern, std::string_view vendor) {
    const auto domain = is_wildcard(pattern) ? literal_domain(pattern) : pattern;
    return (is_wildcard(pattern) && takes_all_of(pattern, domain) && is_shared_cloud(domain)) ||
           is_everybodys(registrable_domain(domain), pattern, vendor);
}

void check_owners(const Catalog& catalog, std::vector<Finding>& findings) {
    for (const auto& [domain, claims] : claims_of(catalog)) {
        check_everywhere(domain, claims, findings);
        if (is_shared_cloud(domain)) {
            continue;  // below a cloud's domain every customer has names of his own
        }
        for (const auto& claim : claims) {
            if (const auto* other = rival(claim, claims)) {
                findings.push_back(
                    {Severity::warning, claim.revision, claim.rule,
                     fmt::format("{}: {} calls {} its own, too; say shared: true, or include what "
                                 "this is built on",
                                 claim.name->text, other->selector(), domain)});
            }
        }
    }
}

void check_aliases(const Catalog& catalog, std::vector<Finding>& findings) {
    std::set<std::string_view> vendors;
    std::map<std::string_view, std::set<std::string_view>> meanings;
    for (const auto& revision : catalog.revisions()) {
        vendors.insert(revision.vendor);
        for (const auto* aliases : {&revision.vendor_aliases, &revision.product_aliases}) {
            for (const auto& alias : *aliases) {
                meanings[alias].insert(revision.vendor);
            }
        }
    }
    for (const auto* revision : catalog.current()) {
        for (const auto* aliases : {&revision->vendor_aliases, &revision->product_aliases}) {
            for (const auto& alias : *aliases) {
                if (vendors.contains(alias) || meanings[alias].size() > 1) {
                    findings.push_back(
                        {Severity::warning, revision, nullptr,
                         fmt::format("the alias \"{}\" means another vendor, too", alias)});
                }
            }
        }
    }
}

}  // namespace turnpike::catalog
