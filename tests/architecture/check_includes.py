#!/usr/bin/env python3
"""Reads every include and compares it with the module table of src/CMakeLists.txt.

    check_includes.py SOURCE_DIRECTORY

A module may include itself and what its USES line names; a few libraries belong to one module, one of them
(yaml-cpp) to one file. `facts` reaches whoever uses it through the public headers only.
"""
import os
import re
import sys

# library header -> the only places that may include it
LIBRARIES = {
    r'pcap([/.].*)?': ['src/capture/'],
    r'seccomp\.h': ['src/guard/'],
    r'cap-ng\.h': ['src/guard/capabilities.cpp'],
    r'uni(str|width)\.h': ['src/base/'],
    r'archive(_entry)?\.h': ['src/capture/', 'src/catalog/release.cpp'],
    r'sqlite3\.h': ['src/store/'],
    r'yaml-cpp/.*': ['src/catalog/yaml_document.cpp'],
    r'openssl/.*': ['src/base/base64.cpp', 'src/proto/', 'src/anonymize/', 'src/catalog/minisign.cpp', 'src/speak/',
                    'src/report/page_files.cpp', 'src/proof/', 'src/probe/tls_', 'src/allocation.cpp'],
    r'ares.*\.h': ['src/probe/resolver.cpp'],
    r'microhttpd\.h': ['src/monitor/http_server.cpp'],
    r'libpsl\.h': ['src/catalog/'],
    r'idn2\.h': ['src/catalog/'],
    r'prometheus/.*': ['src/monitor/metrics.cpp'],
    r'boost/program_options.*': ['src/app/'],
}


def module_table(root):
    with open(os.path.join(root, 'src/CMakeLists.txt')) as file:
        text = file.read()
    table = {}
    for name, rest in re.findall(r'turnpike_module\((\w+)([^)]*)\)', text):
        uses = re.search(r'USES([^A-Z]*)', rest)
        table[name] = set(uses[1].split()) if uses else set()
    return table


def module_of(path):
    parts = path.split('/')
    if parts[0] == 'src' and len(parts) > 2:
        return parts[1]
    if parts[:2] == ['include', 'turnpike'] and len(parts) > 3:
        return parts[2]
    return None


def problems(root):
    table = module_table(root)
    for top in ('src', 'include'):
        for directory, _, files in os.walk(os.path.join(root, top)):
            for name in sorted(files):
                if not name.endswith(('.h', '.cpp')):
                    continue
                path = os.path.relpath(os.path.join(directory, name), root)
                with open(os.path.join(root, path)) as file:
                    includes = re.findall(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', file.read(), re.M)
                yield from check(path, module_of(path), includes, table)


def check(path, module, includes, table):
    if module is not None and module not in table:
        yield f'{path}: module {module} is not in src/CMakeLists.txt'
        return
    for include in includes:
        used = re.match(r'turnpike/(\w+)/', include) or re.match(r'(\w+)/\w+\.h$', include)
        if module is not None and used and used[1] in table and used[1] != module:
            if used[1] not in table[module]:
                yield f'{path}: {module} may not use {used[1]} ({include})'
            elif not include.startswith('turnpike/'):
                yield f'{path}: {include} is private to {used[1]}'
        for library, places in LIBRARIES.items():
            if re.fullmatch(library, include) and not any(path.startswith(place) for place in places):
                yield f'{path}: <{include}> belongs to {", ".join(places)}'


def main():
    found = list(problems(sys.argv[1]))
    print('\n'.join(found))
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
