// `turnpike catalog import`: reads somebody else's document while confined, and writes an entry.
#include "app/catalog_import.h"

#include <fmt/core.h>
#include <fmt/format.h>
#include <iconv.h>

#include <array>
#include <filesystem>
#include <system_error>

#include "app/catalog_files.h"
#include "app/confinement.h"
#include "app/new_file.h"
#include "app/output.h"
#include "turnpike/base/text.h"
#include "turnpike/catalog/diff.h"

namespace turnpike::app {
namespace {

using base::Error;
using base::ExitStatus;

catalog::ImportKind kind_of(const std::string& word) {
    const auto kind = catalog::parse_import_kind(word);
    if (!kind) {
        const auto words = catalog::import_kind_words();
        const auto guess = nearest(word, words);
        throw Error(ExitStatus::usage,
                    fmt::format("catalog import {}: is not a kind of input; {}", base::escape(word),
                                guess ? fmt::format("did you mean {}?", *guess)
                                      : fmt::format("use {}", fmt::join(words, ", "))));
    }
    return *kind;
}

// A choice that the kind knows nothing of would choose nothing, in silence.
void refuse_foreign_choice(catalog::ImportKind kind, const catalog::ImportOptions& options) {
    using catalog::ImportKind;
    const bool has_regions = kind == ImportKind::aws || kind == ImportKind::google;
    const bool has_services = has_regions || kind == ImportKind::microsoft365;
    if (!options.services.empty() && !has_services) {
        throw Error(ExitStatus::usage,
                    "--service: only microsoft365, aws and google have services");
    }
    if (!options.region.empty() && !has_regions) {
        throw Error(ExitStatus::usage, "--region: only aws and google have regions");
    }
}

// Lists and documents come from elsewhere: before the first octet is read this process gives up
// all but writing beside its output.
void confine_to(const std::filesystem::path& output) {
    // The C library loads what converts old web pages, which is not possible any more afterwards;
    // it keeps what is in use.
    [[maybe_unused]] const std::array converters{::iconv_open("UTF-8", "CP1252"),
                                                 ::iconv_open("CP1252", "UTF-8")};
    guard::Needs needs;
    if (!output.empty()) {
        needs.writable.push_back(std::filesystem::absolute(output).parent_path());
    }
    confine_and_tell(needs);
}

void show_difference(const std::filesystem::path& existing, const catalog::Catalog& imported) {
    const auto before = catalog::load({existing});
    const auto differences = catalog::diff(before, imported);
    write_out(differences.empty() ? std::string("The input and the existing file agree.\n")
                                  : catalog::render_diff(differences, catalog::Format::text));
}

}  // namespace

ExitStatus import_file(const CatalogOptions& options) {
    if (options.arguments.size() != 2) {
        throw Error(ExitStatus::usage,
                    "catalog import: takes a kind and a file; see 'turnpike "
                    "catalog --help'");
    }
    const auto kind = kind_of(options.arguments[0]);
    refuse_foreign_choice(kind, options.import_options);
    const auto& input = options.arguments[1];
    const auto text = read_whole(input, [&options] { confine_to(options.output); });
    const auto imported =
        catalog::import_text(kind, text, base::escape(input), options.import_options);
    const auto yaml = catalog::render_yaml(imported);
    for (const auto& warning : imported.warnings) {
        print_error(fmt::format("{}: {}", base::escape(input), warning));
    }
    for (const auto& line : imported.missed) {
        print_error(fmt::format("{}:{}: not understood ({}): {}", base::escape(input), line.line,
                                base::escape(line.reason), base::escape(line.text)));
    }
    // What was understood is written; the status says that it is not all.
    const auto status = imported.missed.empty() ? ExitStatus::done : ExitStatus::bad_input;
    std::error_code ignored;
    if (options.output.empty()) {
        write_out(yaml);
        return status;
    }
    if (std::filesystem::exists(options.output, ignored)) {
        show_difference(options.output, catalog::parse_catalog(yaml, input));
        flush_out();
        throw Error(ExitStatus::cannot_create,
                    fmt::format("{}: exists already and is not overwritten",
                                base::escape(options.output.string())));
    }
    create_file(options.output, yaml);
    return status;
}

}  // namespace turnpike::app
