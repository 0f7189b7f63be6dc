// A copy of a result database without what identifies people and networks.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace turnpike::store {

/// What makes texts anonymous.
struct TextCleaners {
    std::function<void(std::string_view)> learn;           ///< told every name first
    std::function<std::string(std::string_view)> of_name;  ///< for columns that hold a name
    std::function<std::string(std::string_view)> of_text;  ///< for all others
};

/// Copies the database and passes every text of it through the cleaners, save what comes from the
/// catalog. `to` must not exist. Throws what the reader of the database throws, or io_error.
void copy_anonymously(const std::filesystem::path& from, const std::filesystem::path& to,
                      const TextCleaners& cleaners);

}  // namespace turnpike::store
