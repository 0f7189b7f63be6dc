#!/usr/bin/env python3
"""What others may use says what it means: public headers have a docstring at each declaration.

    check_docstrings.py SOURCE_DIRECTORY

In include/turnpike each of these has a `///` comment directly above it, or `///<` behind it:
- classes, structs, enumerations and each of their enumerators;
- aliases, concepts, constants and functions of a namespace;
- public functions and constants of a class, and public classes inside it.
A comment that only repeats the name's words counts as none.

Not needed, because it would say what every reader knows:
- constructors that take nothing, copy or move; destructors, assignments, comparisons; begin(), end(), empty(), and the
  operators * -> ++ () of what the class's comment calls by its purpose;
- a getter that returns the member of its own name and nothing else, `T rows() const { return rows_; }`;
- an overload directly under another of the same name, with no empty line between: they share the comment;
- static members that the comment of their class, or of a class above it in the header, lists in backticks (traits);
- `override` (the base class says it), forward declarations, friends, fields, and specializations.

A function that returns a base::Result (a std::expected) also says when it fails: by the word "Errors" or "fails", or
the name of an enumerator of base::ParseError.

It tries itself on small texts before it looks at the headers, so that it cannot pass for want of seeing.
"""
import os
import re
import sys

from declarations import CLASSES, declarations, enumerators, tokens_of

HEADERS = 'include/turnpike'
ERRORS = 'include/turnpike/base/parse_error.h'
COMPARISONS = ('==', '!=', '<=>', '<', '>', '<=', '>=')
KNOWN_OPERATORS = COMPARISONS + ('=', '*', '->', '++', '( )')
KNOWN_NAMES = ('begin', 'end', 'empty')


class Header:
    """One header's text, and what its declarations lack."""

    def __init__(self, path, text, errors):
        self.path = path
        self.errors = errors
        self.lines = text.split('\n')
        self.tokens = tokens_of(text)
        self.traits = set()  # what comments of classes list in backticks
        self.seen = 0

    def problems(self):
        return list(self.problems_in(self.tokens))

    def problems_in(self, tokens, scope='', public=True):
        above, above_comment = None, ''
        for found in declarations(tokens, scope, public):
            is_type = found.kind in CLASSES + ('enum',)
            if not found.public or not found.kind or (is_type and found.body is None):
                continue
            self.seen += 1
            comment = self.comment_above(found.first_line) or self.comment_behind(found.head_line, found.last_line)
            if not comment and is_overload(found, above):
                comment = above_comment
            above, above_comment = found, comment
            yield from self.problems_of(found, comment)

    def problems_of(self, found, comment):
        if found.kind in CLASSES:
            self.traits |= set(re.findall(r'`(\w+)`', comment))
            yield from self.problems_in(found.body, found.name, found.kind != 'class')
        if found.kind == 'enum':
            for token in enumerators(found.body):
                self.seen += 1
                said = self.comment_above(token.line) or self.comment_behind(token.line)
                yield from self.lacks(said, f'{found.name}::{token.text}', token.line)
        name = f'{found.scope}::{found.name}' if found.scope else found.name
        if comment or not self.needs_none(found):
            yield from self.lacks(comment, name, found.first_line)
        if comment and found.kind == 'function' and can_fail(found) and not self.errors.search(comment):
            yield f'{self.path}:{found.first_line}: the comment of {name} does not say when it fails'

    def lacks(self, comment, name, line):
        if not comment:
            yield f'{self.path}:{line}: {name} has no /// comment'
        elif repeats_name(comment, name.split('::')[-1]):
            yield f'{self.path}:{line}: the comment of {name} repeats its name'

    def comment_above(self, line):
        found = []
        for above in reversed(self.lines[:line - 1]):
            text = above.strip()
            if text.startswith('///') and not text.startswith('///<'):
                found.insert(0, text[3:].strip())
            elif not text.startswith('// NOLINT'):
                break
        return ' '.join(found)

    def comment_behind(self, *lines):
        return ' '.join(' '.join(self.lines[line - 1].split('///<')[1:]).strip() for line in sorted(set(lines))).strip()

    def needs_none(self, found):
        if found.is_specialization() or (found.kind == 'alias' and found.scope):
            return True
        if 'static' in found.words() and found.name in self.traits:
            return True
        return found.kind == 'function' and is_known(found)


def is_overload(found, above):
    return (above is not None and (found.kind, found.name) == (above.kind, above.name) == ('function', above.name) and
            found.first_line == above.last_line + 1)


def is_known(function):
    """Whether every reader of C++ knows what the function does."""
    if 'override' in function.words() or function.name.startswith('~'):
        return True
    if function.name.startswith('operator '):
        return function.name[9:] in KNOWN_OPERATORS
    arguments = function.arguments()
    if function.name == function.scope:
        types = [word for word in arguments if word not in ('const', '&', '&&')]
        return not types or types[0] == function.name
    is_getter = [token.text for token in function.body or ()] == ['return', function.name + '_', ';']
    return not arguments and (is_getter or function.name in KNOWN_NAMES)


def can_fail(function):
    return not {'Result', 'expected'}.isdisjoint(function.result())


def repeats_name(comment, name):
    said = re.findall(r'[a-z0-9]+', comment.lower())
    named = re.findall(r'[a-z]+|[A-Z][a-z]*|[0-9]+', name)
    return set(said) <= {word.lower() for word in named} | {'a', 'an', 'the', 'of', 'is', 'get', 'gets', 'returns'}


def words_of_errors(root):
    with open(os.path.join(root, ERRORS), encoding='utf-8') as file:
        tokens = tokens_of(file.read())
    body = next(found.body for found in declarations(tokens) if found.name == 'ParseError')
    names = [token.text for token in enumerators(body)]
    return re.compile(r'\b(Errors\b|[Ff]ails?\b|' + '|'.join(names) + r')')


# Texts and what the check must find in them, in order.
SAMPLES = (
    ('struct Bare {};', ['Bare has no /// comment']),
    ('struct Forward;\nenum class Later : char;', []),
    ('/// Ours.\nstruct Told {\n    int field;\n    void bare();\n};', ['Told::bare has no /// comment']),
    ('/// Ours.\nclass Told {\n    void hidden();\n\n  public:\n    void bare() const;\n};',
     ['Told::bare has no /// comment']),
    ('/// Ours.\nstruct Told {\n    int rows() const { return rows_; }\n    int all() const { return rows_; }\n};',
     ['Told::all has no /// comment']),
    ('/// Ours.\nstruct Told {\n    Told() = default;\n    Told(const Told&) = delete;\n    ~Told();\n'
     '    explicit Told(int a) : a_{a}, b_(a) {}\n    Told& operator+=(const Told& other);\n'
     '    friend bool operator==(const Told&, const Told&) = default;\n    void run() override;\n};',
     ['Told::Told has no /// comment', 'Told::operator += has no /// comment']),
    ('/// Ours.\nenum class Told : char {\n    first,  ///< as said here\n    second,\n};',
     ['Told::second has no /// comment']),
    ('using Alias = std::vector<int>;\ntemplate <typename T>\nconcept Some = true;\nconstexpr int most{3};',
     ['Alias has no /// comment', 'Some has no /// comment', 'most has no /// comment']),
    ('namespace a {\n// no docstring\nstd::function<void(int)> make(std::function<void()> f = {});\n}',
     ['make has no /// comment']),
    ('/// Both kinds.\nint read(int a);\nint read(long a);\n\nint read(char a);', ['read has no /// comment']),
    ('/// The length.\nint length(int a);', ['the comment of length repeats its name']),
    ('/// Reads a message.\nbase::Result<int> read(int a);', ['the comment of read does not say when it fails']),
    ('/// Reads a message. Errors: truncated.\nbase::Result<int> read(int a);', []),
    ('/// Has a `name`.\nstruct Kind {\n    static constexpr int name = 1;\n    static constexpr int other = 1;\n};',
     ['Kind::other has no /// comment']),
)


def failed_trials():
    for text, expected in SAMPLES:
        found = [problem.split(': ', 1)[1] for problem in Header('sample', text, re.compile('Errors')).problems()]
        if found != expected:
            yield f'this check is wrong: it finds {found}, not {expected}, in\n{text}'


def main():
    root = sys.argv[1]
    errors = words_of_errors(root)
    problems, headers, seen = list(failed_trials()), 0, 0
    for folder, _, names in sorted(os.walk(os.path.join(root, HEADERS))):
        for name in sorted(names):
            if name.endswith('.h'):
                path = os.path.join(folder, name)
                with open(path, encoding='utf-8') as file:
                    header = Header(os.path.relpath(path, root), file.read(), errors)
                problems += header.problems()
                headers, seen = headers + 1, seen + header.seen
    print('\n'.join(problems) or f'{seen} declarations of {headers} headers say what they mean')
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())
