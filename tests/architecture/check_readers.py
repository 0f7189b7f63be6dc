#!/usr/bin/env python3
"""Whatever is declared for others has somebody who uses it.

    check_readers.py SOURCE_DIRECTORY

Every function in include/turnpike must be named in the program besides its declaration and its definition, and every
field of a fact outside of inspection, which writes them. Names are compared, not meanings: a name that two things share hides the
one without a reader. Tests, benchmarks and fuzz targets do not count.
"""
import os
import re
import sys
from collections import Counter

# name -> why it may have no reader in the program
ALLOWED = {
    'flows_seen': 'how a test of days of traffic knows that nothing was forgotten',
    'streams': 'how a flow that leaves memory takes its rows along',
    'fanout_hash': 'says in C++ what the filter program of the kernel computes; tests compare the two',
}
FACTS = 'include/turnpike/facts/'
WRITERS = ('src/inspect/', 'include/turnpike/inspect/')  # what facts say of themselves reads them, too
NO_FUNCTIONS = {'if', 'for', 'while', 'switch', 'return', 'sizeof', 'operator', 'catch', 'static_assert', 'alignas',
                'decltype', 'requires', 'noexcept', 'defined'}
ARGUMENTS = r'\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)'
DECLARATION = re.compile(r'(?<![\w.>:])(?:[\w\]][\w:<>,&*\s\[\]]*?[\s&*>])(\w+)\s*' + ARGUMENTS +
                         r'\s*(?:const)?\s*(?:noexcept)?\s*(?:override)?\s*(?:->[^;{]*)?[;{]')
FIELD = re.compile(r'^    (?!return|using|friend|static|struct|enum|\[\[|explicit|constexpr)[\w:<>, ]+?[>\w] (\w+)\s*(?:=|;|\{)')


def without_comments(text):
    text = re.sub(r'"(\\.|[^"\\\n])*"', '""', text)
    return re.sub(r'//[^\n]*|/\*.*?\*/', '', text, flags=re.S)


def sources(root):
    found = {}
    for top in ('include', 'src'):
        for folder, _, names in os.walk(os.path.join(root, top)):
            for name in names:
                if name.endswith(('.h', '.cpp')):
                    path = os.path.join(folder, name)
                    with open(path, encoding='utf-8') as file:
                        found[os.path.relpath(path, root)] = without_comments(file.read())
    return found


def functions_without_readers(files):
    words = {path: Counter(re.findall(r'\w+', text)) for path, text in files.items()}
    for path, text in sorted(files.items()):
        if not path.startswith('include/'):
            continue
        declared = Counter(match.group(1) for match in DECLARATION.finditer(text))
        for name in sorted(set(declared) - NO_FUNCTIONS - set(ALLOWED)):
            # A definition begins its line; a use stands inside a function.
            definition = re.compile(rf'(?m)^[^\s#}}].*?\b{name}\s*\(')
            uses = words[path][name] - declared[name]
            uses += sum(words[other][name] - len(definition.findall(files[other]))
                        for other in files if other != path and name in words[other])
            if uses <= 0:
                yield f'{path}: nobody in the program calls {name}()'


def facts_without_readers(files):
    readers = ' '.join(text for path, text in files.items() if not path.startswith(WRITERS))
    read = set(re.findall(r'(?:\.|->|::)\s*(\w+)', readers))
    for path, text in sorted(files.items()):
        if not path.startswith(FACTS):
            continue
        for line in re.sub(r'\n\s{8,}', ' ', text).split('\n'):
            field = FIELD.match(line)
            if field and not field.group(1).endswith('_') and field.group(1) not in read | set(ALLOWED):
                yield f'{path}: nobody reads the fact {field.group(1)}'


def main():
    files = sources(sys.argv[1])
    problems = list(functions_without_readers(files)) + list(facts_without_readers(files))
    print('\n'.join(problems) or f'{len(files)} files: everything has a reader')
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())
