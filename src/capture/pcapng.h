// The pcapng format (draft-ietf-opsawg-pcapng).
#pragma once

#include <memory>
#include <string>

#include "capture/file_format.h"

namespace turnpike::capture {

/// Whether a file that begins so is pcapng.
bool is_pcapng(base::Bytes head) noexcept;

/// The reader for it. Throws base::Error (bad_input) if its first block is cut, contradicts itself
/// or is of a version that is not known.
std::unique_ptr<FileFormat> make_pcapng_format(base::Bytes head, const std::string& name);

}  // namespace turnpike::capture
