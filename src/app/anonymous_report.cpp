// `turnpike report --anonymize`: the report of a copy of the database that tells of nobody.
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <new>

#include "app/annotate.h"
#include "app/anonymous.h"
#include "app/commands.h"
#include "app/confinement.h"
#include "app/memory_option.h"
#include "app/output.h"
#include "app/report_confined.h"
#include "app/verb.h"
#include "turnpike/store/anonymous_copy.h"

namespace turnpike::app {
namespace {

using base::Error;
using base::ExitStatus;
namespace fs = std::filesystem;

/// A folder of our own that goes when we do. Only the process that is not confined can remove it,
/// so the work is done by a child.
class PrivateFolder {
  public:
    PrivateFolder() {
        std::string name = (fs::temp_directory_path() / "turnpike-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) {
            throw Error(ExitStatus::cannot_create, name + ": " + std::strerror(errno) +
                                                       "; set TMPDIR to a folder to write to");
        }
        path_ = name;
    }
    ~PrivateFolder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    PrivateFolder(const PrivateFolder&) = delete;
    PrivateFolder& operator=(const PrivateFolder&) = delete;

    [[nodiscard]] const fs::path& path() const noexcept { return path_; }

  private:
    fs::path path_;
};

/// The words for the report itself, and what --anonymize brought.
struct Words {
    std::vector<std::string> report;
    fs::path key;
    std::vector<fs::path> catalogs;
};

/// Takes "--key FILE" and "--catalog DIR" out.
Words split(const std::vector<std::string>& arguments) {
    Words words;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const auto& word = arguments[i];
        const auto value = [&](std::string_view option) -> std::optional<std::string> {
            if (word == option) {
                if (i + 1 == arguments.size()) {
                    wrong_usage(std::string(option) + ": a value is missing");
                }
                return arguments[++i];
            }
            const auto with_sign = std::string(option) + "=";
            return word.starts_with(with_sign) ? std::optional{word.substr(with_sign.size())}
                                               : std::nullopt;
        };
        if (word == "--anonymize") {
            continue;
        }
        if (const auto key = value("--key")) {
            words.key = *key;
        } else if (const auto catalog = value("--catalog")) {
            words.catalogs.emplace_back(*catalog);
        } else {
            words.report.push_back(arguments[i]);
        }
    }
    return words;
}

/// The child's part: gives up its privileges, copies, and reports the copy.
[[noreturn]] void report_copy(ReportOptions& options, const fs::path& folder,
                              anonymize::Anonymizer& anonymizer) {
    auto status = ExitStatus::io_error;
    try {
        const auto original = fs::absolute(options.database);
        // Where a database stands tells about people as well: the copy is named by what it is.
        fs::current_path(folder);
        options.database = "anonymous.db";
        auto needs = needs_of_reading(original);
        needs.writable.push_back(folder);
        needs.required = options.require_confinement;
        spill_beside(options.database);
        bound_memory(options.memory);
        confine_and_tell(needs);
        store::copy_anonymously(original, options.database,
                                {[&](std::string_view text) { anonymizer.learn(text); },
                                 [&](std::string_view text) { return anonymizer.name(text); },
                                 [&](std::string_view text) { return anonymizer.text(text); }});
        status = report_confined(options);
    } catch (const Error& error) {
        print_error(error.what());
        status = error.status();
    } catch (const std::bad_alloc&) {
        print_error(needs_more_memory(options.database).what());
    } catch (const std::exception& error) {
        print_error(error.what());
    }
    std::fflush(stdout);
    ::_exit(static_cast<int>(status));
}

}  // namespace

bool is_anonymous_report(const std::vector<std::string>& arguments) {
    return std::ranges::find(arguments, "--anonymize") != arguments.end();
}

ExitStatus report_anonymously(const std::vector<std::string>& arguments) {
    const auto words = split(arguments);
    auto options = parse_report(words.report);
    if (!options) {
        flush_out();
        return ExitStatus::done;
    }
    const VendorNames vendors(words.catalogs);
    anonymize::Anonymizer anonymizer(
        anonymization_key(words.key),
        [&vendors](std::string_view name) { return vendors.contains(name); });
    const PrivateFolder folder;
    std::fflush(nullptr);
    const pid_t child = ::fork();
    if (child < 0) {
        throw Error(ExitStatus::io_error, std::string("fork: ") + std::strerror(errno));
    }
    if (child == 0) {
        report_copy(*options, folder.path(), anonymizer);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? static_cast<ExitStatus>(WEXITSTATUS(status)) : ExitStatus::io_error;
}

}  // namespace turnpike::app
