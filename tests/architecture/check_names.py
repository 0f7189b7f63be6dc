#!/usr/bin/python3
"""Files that are compiled together do not share names of functions: check_names.py BUILD_FOLDER

CMake's unity builds compile eight files of a module as one. Two functions of one name and one signature in unnamed
namespaces would not compile. With different signatures they would, and a call could find the other file's. Types, aliases
and constants need no test: the compiler refuses two that differ.
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


def functions_of(text):
    """The names of the functions in the unnamed namespaces of a file."""
    return {match['name'] for namespace in UNNAMED.finditer(text) for match in FUNCTION.finditer(namespace[1])}


def clashes(texts):
    """(name, files) of functions that two of the files declare; `texts` by file."""
    where = defaultdict(list)
    for file, text in sorted(texts.items()):
        for name in functions_of(text):
            where[name].append(file)
    return [(name, files) for name, files in sorted(where.items()) if len(files) > 1]


def try_itself():
    one = 'namespace {\n\nint rank_of(const std::string& word) {\n    return 1;\n}\n\n}  // namespace\n'
    two = 'namespace {\n\nunsigned rank_of(std::string_view word) {\n    return 2;\n}\n\n}  // namespace\n'
    other = 'namespace {\nconstexpr auto limit = 3;\n}  // namespace\nint rank_of(int);\n'
    assert functions_of(other) == set(), functions_of(other)
    assert clashes({'a.cpp': one, 'b.cpp': two, 'c.cpp': other}) == [('rank_of', ['a.cpp', 'b.cpp'])]
    assert not clashes({'a.cpp': one, 'c.cpp': other})


def main():
    try_itself()
    together = sorted(Path(sys.argv[1]).glob('**/Unity/unity_*.cxx'))
    found = files = 0
    for unity in together:
        paths = [Path(path) for path in re.findall(r'#include "(.*)"', unity.read_text())]
        texts = {path.name: path.read_text() for path in paths if path.exists()}
        files += len(texts)
        for name, where in clashes(texts):
            found += 1
            print(f'{unity.parts[-3]}: {name} is declared in {" and ".join(where)}')
    print(f'{files} files compiled in {len(together)} parts, {found} names of functions declared twice in one')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
