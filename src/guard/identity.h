// The user that the process becomes where it was started as root.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "turnpike/guard/guard.h"

namespace turnpike::guard {

struct Identity {
    uid_t user;
    gid_t group;
};

/// Becomes the user that `needs` asks for or the one that fits, with one group, for good, and hands
/// the files over. Returns his name or number; empty where the user stays who he was. What stood in
/// the way is noted. Throws base::Error as `confine` does.
std::string change_user(const Needs& needs, std::vector<std::string>& notes);

/// Throws what `change_user` would throw of the user that `needs` names.
void check_user(const Needs& needs);

}  // namespace turnpike::guard
