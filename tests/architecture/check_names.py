#!/usr/bin/python3
"""Files that are compiled together do not share names of functions: check_names.py BUILD_FOLDER SOURCE_FOLDER

CMake's unity builds compile eight files of a module as one. Two functions of one name and one signature in unnamed
namespaces would not compile. With different signatures they would, and a call could find the other file's. So could a call of what
a header declares that the first file does not know. Types, aliases and constants need no test: the compiler refuses two
that differ. The presets that compile modules so (asan, for one) look at those, too.
"""
import re
import sys
from collections import defaultdict
from pathlib import Path

UNNAMED = re.compile(r'^namespace \{$(.*?)^\}  // namespace$', re.M | re.S)
# At the first column, where the style puts definitions only: the name before the parenthesis.
FUNCTION = re.compile(
    r'^(?:\[\[\w+\]\] )?(?!return|using|struct|class|static_assert|TEST|INSTANTIATE)'
    r'[\w:][\w:<>,&*\[\] ]*?[ *&](?P<name>\w+)\(', re.M)

INCLUDED = re.compile(r'^#include "(.*)"', re.M)


def functions_of(text):
    """The names of the functions in the unnamed namespaces of a file."""
    return {match['name'] for namespace in UNNAMED.finditer(text) for match in FUNCTION.finditer(namespace[1])}


def clashes(texts, headers):
    """(name, files) of functions that two of the files declare, or one of them and a header of another that it does not
    include itself; `texts` by file, `headers` the texts of what may be included, by name."""
    where = defaultdict(set)
    for file, text in texts.items():
        for name in functions_of(text):
            where[name].add(file)
    included = {file: [name for name in INCLUDED.findall(text) if name in headers] for file, text in texts.items()}
    for file, names in included.items():
        for header in names:
            for match in FUNCTION.finditer(headers[header]):
                others = where.get(match['name'], set()) - {file, header}
                if any(header not in included.get(other, [header]) for other in others):
                    where[match['name']].add(header)
    return [(name, sorted(files)) for name, files in sorted(where.items()) if len(files) > 1]


def try_itself():
    one = 'namespace {\n\nint rank_of(const std::string& word) {\n    return 1;\n}\n\n}  // namespace\n'
    two = 'namespace {\n\nunsigned rank_of(std::string_view word) {\n    return 2;\n}\n\n}  // namespace\n'
    other = 'namespace {\nconstexpr auto limit = 3;\n}  // namespace\nint rank_of(int);\n'
    assert functions_of(other) == set(), functions_of(other)
    assert clashes({'a.cpp': one, 'b.cpp': two, 'c.cpp': other}, {}) == [('rank_of', ['a.cpp', 'b.cpp'])]
    assert not clashes({'a.cpp': one, 'c.cpp': other}, {})
    headers = {'rank.h': 'int rank_of(double weight);\n'}
    caller = '#include "rank.h"\n'
    assert clashes({'a.cpp': one, 'c.cpp': caller}, headers) == [('rank_of', ['a.cpp', 'rank.h'])]
    assert not clashes({'a.cpp': caller + one, 'c.cpp': caller}, headers)


def main():
    try_itself()
    root = Path(sys.argv[2])
    headers = {str(path.relative_to(folder)): path.read_text() for folder in (root / 'include', root / 'src', root / 'tests')
               for path in folder.glob('**/*.h')}
    together = sorted(Path(sys.argv[1]).glob('**/Unity/unity_*.cxx'))
    found = files = 0
    for unity in together:
        paths = [Path(path) for path in re.findall(r'#include "(.*)"', unity.read_text())]
        texts = {path.name: path.read_text() for path in paths if path.exists()}
        files += len(texts)
        for name, where in clashes(texts, headers):
            found += 1
            print(f'{unity.parts[-3]}: {name} is declared in {" and ".join(where)}')
    print(f'{files} files compiled in {len(together)} parts, {found} names of functions declared twice in one')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
