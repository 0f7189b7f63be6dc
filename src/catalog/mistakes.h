// What is wrong with catalog files, collected so that a user sees all of it at once.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace turnpike::catalog {

/// A place in a file, counted from 1; 0 where there is none.
struct Place {
    std::size_t line = 0;
    std::size_t column = 0;
};

/// One mistake.
struct Mistake {
    std::filesystem::path file;
    Place place;
    std::string reason;
};

/// "file:line:column: reason", without the place where there is none.
std::string to_string(const Mistake& mistake);

/// The mistakes of one file.
class Mistakes {
  public:
    explicit Mistakes(std::filesystem::path file) : file_(std::move(file)) {}
    void add(Place place, std::string reason);
    [[nodiscard]] bool empty() const noexcept { return mistakes_.empty(); }
    [[nodiscard]] const std::filesystem::path& file() const noexcept { return file_; }
    /// In the order of the file.
    [[nodiscard]] std::vector<Mistake> sorted() const;

  private:
    std::filesystem::path file_;
    std::vector<Mistake> mistakes_;
};

}  // namespace turnpike::catalog
