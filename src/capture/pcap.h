// The pcap format (draft-ietf-opsawg-pcap) and its modified variants.
#pragma once

#include <memory>
#include <string>

#include "capture/file_format.h"

namespace turnpike::capture {

/// Whether a file that begins so is pcap of any variant.
bool is_pcap(base::Bytes head) noexcept;

/// The reader for it. Throws base::Error (bad_input) if the file header is cut or of a version that
/// is not known.
std::unique_ptr<FileFormat> make_pcap_format(base::Bytes head, const std::string& name);

}  // namespace turnpike::capture
