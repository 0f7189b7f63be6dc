// Base64 by OpenSSL's encoder.
#include "turnpike/base/base64.h"

#include <openssl/evp.h>

namespace turnpike::base {

std::string base64(Bytes octets) {
    std::string text((octets.size() + 2) / 3 * 4, '\0');
    // OpenSSL writes a zero behind the text, where std::string keeps its own.
    ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), octets.data(),
                      static_cast<int>(octets.size()));
    return text;
}

}  // namespace turnpike::base
