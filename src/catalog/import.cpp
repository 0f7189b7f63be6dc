// The way of an import: read, complete, and load once as a catalog so that nothing is written that
// would be refused later.
#include "turnpike/catalog/import.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <ranges>
#include <set>
#include <utility>

#include "catalog/check_names.h"
#include "catalog/import_readers.h"
#include "catalog/syntax.h"
#include "catalog/vendor_reader.h"
#include "turnpike/base/error.h"
#include "turnpike/base/text.h"

namespace turnpike::catalog {
namespace {

constexpr std::array<std::pair<std::string_view, ImportKind>, 7> kinds{{
    {"microsoft365", ImportKind::microsoft365},
    {"aws", ImportKind::aws},
    {"google", ImportKind::google},
    {"json", ImportKind::json},
    {"cidrs", ImportKind::cidrs},
    {"csv", ImportKind::csv},
    {"document", ImportKind::document},
}};

Imported read(ImportKind kind, const std::string& text, const ImportOptions& options,
              const std::string& file, ImportMistakes& mistakes) {
    switch (kind) {
        case ImportKind::microsoft365:
            return import_microsoft365(text, options, mistakes);
        case ImportKind::aws:
            return import_aws(text, options, mistakes);
        case ImportKind::google:
            return import_google(text, options, mistakes);
        case ImportKind::json:
            return import_json_list(text, mistakes);
        case ImportKind::cidrs:
            return import_cidrs(text, mistakes);
        case ImportKind::csv:
            return import_csv(text, options, mistakes);
        case ImportKind::document:
            return import_document(text, file);
    }
    return {};
}

void override_with(std::string& field, const std::string& given, std::string_view otherwise) {
    if (!given.empty()) {
        field = given;
    } else if (field.empty()) {
        field = otherwise;
    }
}

// `--product` picks one of several, or names the one that all rows belong to.
void choose_product(Imported& imported, const std::string& product) {
    auto& products = imported.products;
    if (product.empty()) {
        return;
    }
    const auto found = std::ranges::find(products, product, &ImportedProduct::product);
    if (found != products.end()) {
        products = {ImportedProduct(*found)};
        return;
    }
    ImportedProduct all;
    all.product = product;
    all.name = product;
    for (auto& one : products) {
        std::ranges::move(one.rules, std::back_inserter(all.rules));
        if (!one.use_instead.empty()) {
            imported.missed.push_back({0, one.name,
                                       fmt::format("cannot be allow-listed (use {}), and {} would "
                                                   "hide that; leave --product out",
                                                   one.use_instead, product)});
        }
    }
    products = {std::move(all)};
}

void complete(Imported& imported, const ImportOptions& options, const std::string& file) {
    override_with(imported.vendor, options.vendor, "imported");
    choose_product(imported, options.product);
    override_with(imported.revision, options.revision,
                  imported.date.empty() ? std::string_view("undated") : imported.date);
    if (parse_day(imported.revision)) {
        imported.date = imported.revision;
    }
    override_with(imported.location, options.location, file);
    if (imported.title.empty()) {
        imported.title = "imported list";
    }
}

// What an input does not say of its names, and nobody doubts.
void mark_shared(std::vector<ImportedRule>& rules, const std::string& vendor) {
    for (auto& rule : rules) {
        for (auto& name : rule.names) {
            name.shared = name.shared || is_for_many(name.text, vendor);
        }
    }
}

// Ids must differ: the second "media" becomes "media-2".
void number_ids(std::vector<ImportedRule>& rules) {
    std::set<std::string> used;
    std::map<std::string, unsigned> next;
    for (auto& rule : rules) {
        const auto base = rule.id;
        while (!used.insert(rule.id).second) {
            auto& count = next.emplace(base, 2).first->second;
            rule.id = fmt::format("{}-{}", base, count++);
        }
    }
}

}  // namespace

std::optional<ImportKind> parse_import_kind(std::string_view word) noexcept {
    for (const auto& [text, kind] : kinds) {
        if (text == word) {
            return kind;
        }
    }
    return std::nullopt;
}

std::vector<std::string> import_kind_words() {
    std::vector<std::string> words;
    words.reserve(kinds.size());
    for (const auto& [text, kind] : kinds) {
        words.emplace_back(text);
    }
    return words;
}

void ImportMistakes::add_line(std::size_t line, const std::string& reason) {
    lines_.push_back(fmt::format("{}:{}: {}", file_, line, reason));
}

void ImportMistakes::add_place(const std::string& place, const std::string& reason) {
    lines_.push_back(fmt::format("{}: {}: {}", file_, base::escape(place), reason));
}

void ImportMistakes::throw_if_any() const {
    constexpr std::size_t most = 200;
    std::string all;
    for (const auto& line : lines_ | std::views::take(most)) {
        all += (all.empty() ? "" : "\n") + line;
    }
    if (lines_.size() > most) {
        all += fmt::format("\n{}: and {} mistakes more", file_, lines_.size() - most);
    }
    if (!all.empty()) {
        throw base::Error(base::ExitStatus::bad_input, all);
    }
}

Imported imported_list(std::string vendor, std::string product, std::string title) {
    Imported imported;
    imported.vendor = std::move(vendor);
    imported.title = std::move(title);
    ImportedProduct all;
    all.product = product;
    all.name = std::move(product);
    imported.products.push_back(std::move(all));
    return imported;
}

std::string slug(std::string_view text) {
    std::string result;
    for (const char letter : text) {
        const auto c = static_cast<unsigned char>(letter);
        if (std::isalnum(c) != 0) {
            result += static_cast<char>(std::tolower(c));
        } else if (!result.empty() && result.back() != '-') {
            result += '-';
        }
    }
    while (result.ends_with('-')) {
        result.pop_back();
    }
    return result.empty() ? "row" : result;
}

std::string_view without_mark(std::string_view text) noexcept {
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    return text.starts_with(mark) ? text.substr(mark.size()) : text;
}

std::vector<std::string> parts_of(std::string_view text, std::string_view separators) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of(separators), text.size());
        if (const auto part = trim(text.substr(0, end)); !part.empty()) {
            parts.emplace_back(part);
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

Imported import_text(ImportKind kind, const std::string& text, const std::string& file,
                     const ImportOptions& options) {
    ImportMistakes mistakes(file);
    auto imported = read(kind, text, options, file, mistakes);
    mistakes.throw_if_any();
    if (std::ranges::all_of(imported.products, [](const auto& product) {
            return product.rules.empty() && product.use_instead.empty();
        })) {
        for (const auto& miss : imported.missed) {
            mistakes.add_line(miss.line, fmt::format("not understood ({}): {}", miss.reason,
                                                     base::escape(miss.text)));
        }
        mistakes.throw_if_any();
        throw base::Error(base::ExitStatus::bad_input,
                          fmt::format("{}: holds nothing to import", file));
    }
    complete(imported, options, file);
    for (auto& product : imported.products) {
        number_ids(product.rules);
        mark_shared(product.rules, imported.vendor);
    }
    static_cast<void>(parse_catalog(render_yaml(imported), file + " as YAML"));
    return imported;
}

Catalog parse_catalog(const std::string& yaml, const std::filesystem::path& file) {
    Mistakes mistakes(file);
    std::vector<Revision> revisions;
    for (auto& placed : read_vendor(yaml, mistakes)) {
        revisions.push_back(std::move(placed.revision));
    }
    std::string lines;
    for (const auto& mistake : mistakes.sorted()) {
        lines += (lines.empty() ? "" : "\n") + to_string(mistake);
    }
    if (!lines.empty()) {
        throw base::Error(base::ExitStatus::bad_input, lines);
    }
    return Catalog(std::move(revisions));
}

}  // namespace turnpike::catalog
