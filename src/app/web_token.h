// The secret that lets browsers see the live page, kept in a file that only its owner can read.
#pragma once

#include <filesystem>
#include <string>

namespace turnpike::app {

struct WebToken {
    std::string text;
    bool fresh = false;  ///< made just now: nobody knows it yet
};

/// Reads the token, or makes one of 128 random bits and its file (mode 0600). Throws base::Error:
/// no_permission if others may read the file, bad_input if it holds none, cannot_open,
/// cannot_create.
WebToken web_token(const std::filesystem::path& file);

}  // namespace turnpike::app
