// What every importer must keep to, whatever the input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "turnpike/base/error.h"
#include "turnpike/catalog/import.h"

namespace turnpike::fuzz {

/// Imports the octets. Aborts if the result is no entry that loads, a port is impossible, or an
/// error does not begin with the input's name.
inline void import_input(catalog::ImportKind kind, const std::uint8_t* data, std::size_t size,
                         const std::string& name) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    try {
        const auto imported = catalog::import_text(kind, text, name, {});
        if (imported.products.empty()) {
            std::abort();
        }
        for (const auto& product : imported.products) {
            for (const auto& rule : product.rules) {
                for (const auto& port : rule.ports) {
                    if (port.text != "unstated" && (port.first == 0 || port.first > port.last)) {
                        std::abort();
                    }
                }
            }
        }
        static_cast<void>(catalog::parse_catalog(catalog::render_yaml(imported), name));
    } catch (const base::Error& error) {
        if (error.status() != base::ExitStatus::bad_input ||
            !std::string_view(error.what()).starts_with(name)) {
            std::abort();
        }
    }
}

}  // namespace turnpike::fuzz
