// Landlock (landlock(7)): file access that is left to this process, by folder.
#pragma once

#include <string>
#include <vector>

#include "turnpike/base/descriptor.h"
#include "turnpike/guard/guard.h"

namespace turnpike::guard {

/// A set of rules. Made while files can still be reached, put in force once privileges are gone.
class Landlock {
  public:
    /// Collects the rules for `needs`; what cannot be opened is noted. A kernel without Landlock is
    /// `missing` it.
    Landlock(const Needs& needs, std::vector<std::string>& notes,
             std::vector<std::string>& missing);

    /// Binds this thread and those it starts from now on. Needs no_new_privs. Returns the version
    /// of the interface that was used, 0 if none was.
    int restrict(std::vector<std::string>& missing) const;

  private:
    void allow(const std::filesystem::path& path, std::uint64_t access,
               std::vector<std::string>& notes) const;
    void allow_interface_counters(std::vector<std::string>& notes) const;

    int abi_ = 0;
    std::uint64_t handled_ = 0;  ///< kinds of access that are denied where no rule allows them
    base::Descriptor rules_;
};

}  // namespace turnpike::guard
