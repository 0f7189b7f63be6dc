// Named objects that several rules share.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace turnpike::catalog {

/// Gives each value one name, made of the value as far as the firewall's names allow.
class ObjectNames {
  public:
    /// `longest` is the longest name that the firewall takes.
    explicit ObjectNames(std::size_t longest) : longest_(longest) {}
    /// The name, and whether the value is new, so that its object has to be written.
    struct Named {
        std::string name;
        bool is_new = false;
    };
    Named name(std::string_view value);

  private:
    std::size_t longest_;
    std::map<std::string, std::string, std::less<>> names_;
    std::set<std::string> taken_;
};

}  // namespace turnpike::catalog
