// Reads `--memory`, works out its default, and bounds the process of `report`.
#include "app/memory_option.h"

#include <fmt/core.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <memory>

#include "turnpike/base/printable.h"
#include "turnpike/base/text.h"

namespace turnpike::app {
namespace {

constexpr std::size_t least_memory = std::size_t{64} << 20U;

// Read before the program confines itself.
std::size_t default_memory() {
    constexpr std::size_t most = std::size_t{2} << 30U;
    const auto pages = ::sysconf(_SC_PHYS_PAGES);
    const auto size = ::sysconf(_SC_PAGESIZE);
    if (pages <= 0 || size <= 0) {
        return most;
    }
    const auto machine = static_cast<std::size_t>(pages) * static_cast<std::size_t>(size);
    return std::clamp(machine / 4, least_memory, most);
}

std::size_t parse_memory(const std::string& text) {
    std::size_t number = 0;
    const auto* const end = text.data() + text.size();
    const auto [behind, error] = std::from_chars(text.data(), end, number);
    const std::string_view unit(behind, end);
    const unsigned shift = unit == "M" ? 20 : 30;
    constexpr std::size_t most = std::size_t{1} << 50U;
    if (error != std::errc{} || (unit != "M" && unit != "G") || number > most >> shift ||
        number << shift < least_memory) {
        wrong_usage(fmt::format("--memory {}: give a size of 64M or more, such as 512M or 4G",
                                base::escape(text)));
    }
    return number << shift;
}

// What the process holds already, as RLIMIT_DATA counts it (proc_pid_statm(5), field 6).
std::size_t held_now() {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/proc/self/statm", "re"),
                                                               std::fclose);
    std::size_t pages = 0;
    if (!file || std::fscanf(file.get(), "%*u %*u %*u %*u %*u %zu", &pages) != 1) {
        return 0;
    }
    return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

void add_memory_option(po::options_description& options) {
    options.add_options()("memory", po::value<std::string>()->value_name("SIZE"),
                          "memory for flows, names and what belongs to them, such as 512M or 4G: "
                          "beyond it the oldest of no vendor are given up (default: a quarter of "
                          "the machine's, at most 2G)");
}

void add_report_memory_option(po::options_description& options) {
    options.add_options()("memory", po::value<std::string>()->value_name("SIZE"),
                          "memory that this may take, such as 512M or 4G; where it is not enough "
                          "the status is 74, and json and csv need the least (default: a quarter "
                          "of the machine's, at most 2G)");
}

std::size_t memory_of(const po::variables_map& map) {
    return map.contains("memory") ? parse_memory(map["memory"].as<std::string>())
                                  : default_memory();
}

void bound_memory(std::size_t octets) {
    ::rlimit limit{};
    if (::getrlimit(RLIMIT_DATA, &limit) == 0) {
        limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, held_now() + octets);
        ::setrlimit(RLIMIT_DATA, &limit);
    }
}

base::Error needs_more_memory(const std::filesystem::path& database) {
    return {base::ExitStatus::io_error,
            fmt::format("{}: takes more memory than --memory allows; allow more",
                        base::from_catalog(database.string()))};
}

}  // namespace turnpike::app
