// Asks libpsl for the registrable part of a name.
#include "turnpike/catalog/registrable_domain.h"

#include <libpsl.h>

namespace turnpike::catalog {

std::string registrable_domain(std::string_view name) {
    const std::string text(name);
    const char* const domain = psl_registrable_domain(psl_builtin(), text.c_str());
    return domain == nullptr ? std::string{} : std::string{domain};
}

}  // namespace turnpike::catalog
