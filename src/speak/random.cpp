// Gets random octets from OpenSSL.
#include "turnpike/speak/random.h"

#include <openssl/rand.h>

#include "turnpike/base/error.h"

namespace turnpike::speak {

void fill_random(std::uint8_t* octets, std::size_t count) {
    if (::RAND_bytes(octets, static_cast<int>(count)) != 1) {
        throw base::Error(base::ExitStatus::io_error, "the system gives no random numbers");
    }
}

Octets random_octets(std::size_t count) {
    Octets octets(count);
    fill_random(octets.data(), count);
    return octets;
}

}  // namespace turnpike::speak
