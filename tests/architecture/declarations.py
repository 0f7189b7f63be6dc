"""Reads the declarations of a C++ header, no more of the language than this project's headers need."""
import re
from dataclasses import dataclass

TOKEN = re.compile(r'''(?P<skip>//[^\n]*|/\*.*?\*/|^[ \t]*\#(?:\\\n|[^\n])*|\s+)
                     |(?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+')
                     |(?P<word>\w+(?:'\w+)*)
                     |(?P<sign>::|->|<=>|[=!<>]=|\[\[|\]\]|&&|\+\+|--|[-+*/|]=|\S)''', re.X | re.S | re.M)
BRACKETS = {'(': ')', '{': '}', '[': ']', '[[': ']]'}
CLASSES = ('class', 'struct', 'union')
SPECIFIERS = ('constexpr', 'explicit', 'extern', 'inline', 'static', 'virtual', '__extension__')
NO_NAMES = ('alignas', 'decltype', 'requires', 'noexcept')


@dataclass
class Token:
    text: str
    line: int


@dataclass
class Declaration:
    """A declaration, without the body that it may have."""
    head: list            # its tokens before the body
    last_line: int        # of all of it
    body: list | None     # the tokens of its body; None without
    scope: str = ''       # the class around it; '' in a namespace
    public: bool = True
    kind: str = ''        # 'class', 'struct', 'union', 'enum', 'alias', 'concept', 'constant', 'function'; '' for others
    name: str = ''        # '~Name' of a destructor, 'operator +=' of an operator

    def __post_init__(self):
        self.kind, self.name = kind_and_name(self.words())

    def words(self):
        return [token.text for token in self.head]

    @property
    def first_line(self):
        return self.head[0].line

    @property
    def head_line(self):
        """Where it ends without its body."""
        return self.head[-1].line

    def arguments(self):
        """The words between the parentheses of a function that is no operator."""
        words = outside_of_angles(without_prefixes(self.words()))
        begin = words.index('(')
        return words[begin + 1:end_of(words, begin) - 1]

    def is_specialization(self):
        """Whether a class template is defined for some arguments."""
        words = without_prefixes(self.words())
        return self.kind in CLASSES and '<' in words[:words.index(':') if ':' in words else None]

    def result(self):
        """The words in front of a function's name."""
        words = without_prefixes(self.words())
        return words[:words.index('(')]


def tokens_of(text):
    line, found = 1, []
    for match in TOKEN.finditer(text):
        if match.lastgroup != 'skip':
            found.append(Token(match.group(), line))
        line += match.group().count('\n')
    return found


def end_of(words, at, brackets=BRACKETS):
    """The index behind the bracket that closes the one at `at`."""
    open_, depth = words[at], 0
    for i in range(at, len(words)):
        depth += (words[i] == open_) - (words[i] == brackets[open_])
        if depth == 0:
            return i + 1
    return len(words)


def without_prefixes(words):
    """Without `template <...>`, `requires (...)`, attributes and specifiers in front."""
    while words:
        if words[0] == 'template':
            words = words[end_of(words, 1, {'<': '>'}):]
        elif words[0] == 'requires':
            words = words[end_of(words, 1):]
        elif words[0] == '[[':
            words = words[end_of(words, 0):]
        elif words[0] in SPECIFIERS:
            words = words[1:]
        else:
            break
    return words


def outside_of_angles(words):
    """The words without arguments of templates. An operator's own signs stay."""
    kept, depth = [], 0
    for i, word in enumerate(words):
        if word in ('<', '>') and 'operator' not in words[max(0, i - 1):i]:
            depth += 1 if word == '<' else -1
        elif depth == 0:
            kept.append(word)
    return kept


def name_of_function(words):
    """The name in front of the parentheses of a function; '' for what is none."""
    words = outside_of_angles(words)
    if 'operator' in words:
        at = words.index('operator') + 1
        end = words.index('(', at + 1)
        return 'operator ' + ' '.join(words[at:end])
    i = 0
    while i < len(words) and words[i] not in ('=', '{'):
        if words[i] in BRACKETS:
            if words[i] == '(' and i > 0 and words[i - 1] not in NO_NAMES:
                return ''.join(words[i - 2:i]) if words[max(0, i - 2)] == '~' else words[i - 1]
            i = end_of(words, i)
        else:
            i += 1
    return ''


def kind_and_name(all_words):
    words = without_prefixes(all_words)
    if not words or words[0] in ('friend', 'static_assert', 'namespace'):
        return '', ''
    if words[0] == 'using':
        return ('alias', words[1]) if '=' in words else ('', '')
    if words[0] == 'concept':
        return 'concept', words[1]
    if words[0] == 'enum':
        return 'enum', next(word for word in words[1:] if word not in ('class', 'struct'))
    if words[0] in CLASSES:
        return words[0], without_prefixes(words[1:])[0]
    function = name_of_function(words)
    if function:
        return 'function', function
    if 'constexpr' in all_words:
        end = next((i for i, word in enumerate(words) if word in ('=', '{')), len(words))
        return 'constant', words[end - 1]
    return '', ''


def opens_body(head):
    """Whether a brace behind these tokens opens a body; else it belongs to a value."""
    words = without_prefixes([token.text for token in head])
    if not words or words[0] in ('namespace', 'enum') + CLASSES:
        return True
    if not name_of_function(words):
        return False
    # Behind a constructor's colon a member and its value stand in front of the body.
    members = outside_of_angles(words)
    members = members[end_of(members, members.index('(')):]
    return ':' not in members or members[-1] in (')', '}')


def declarations(tokens, scope='', public=True):
    """The declarations of a namespace, or of a class, without those inside of their bodies."""
    texts = [token.text for token in tokens]
    i, head = 0, []
    while i < len(tokens):
        if not head and texts[i] in ('public', 'protected', 'private'):
            public = texts[i] == 'public'
            i += 2
        elif texts[i] == ';':
            if head:
                yield Declaration(head, tokens[i].line, None, scope, public)
            head = []
            i += 1
        elif texts[i] == '{' and opens_body(head):
            end = end_of(texts, i)
            if 'namespace' in [token.text for token in head]:
                yield from declarations(tokens[i + 1:end - 1])
            else:
                yield Declaration(head, tokens[end - 1].line, tokens[i + 1:end - 1], scope, public)
            head = []
            i = end
        elif texts[i] in BRACKETS:
            end = end_of(texts, i)
            head = head + tokens[i:end]
            i = end
        else:
            head = head + [tokens[i]]
            i += 1


def enumerators(body):
    """The first token of each enumerator."""
    expected, depth = True, 0
    for token in body:
        if expected and depth == 0 and re.match(r'[A-Za-z_]', token.text):
            yield token
            expected = False
        depth += (token.text in BRACKETS) - (token.text in BRACKETS.values())
        expected = expected or (token.text == ',' and depth == 0)
