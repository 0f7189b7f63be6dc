#include "turnpike/attribute/attribution.h"

namespace turnpike::attribute {

std::string_view to_string(Confidence value) noexcept {
    switch (value) {
        case Confidence::exact:
            return "exact";
        case Confidence::dns:
            return "dns";
        case Confidence::context:
            return "context";
        case Confidence::port:
            return "port";
    }
    return "";
}

}  // namespace turnpike::attribute
