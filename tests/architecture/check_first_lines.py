#!/usr/bin/env python3
"""Every file opens with what it is, so that a reader knows whether to read on.

    check_first_lines.py SOURCE_DIRECTORY

The first line of a source file, of a test, of a tool and of what the build reads is a comment: a sentence that says what
the file holds. (A line that tells the system how to run the file may stand above it; a Python file may have its docstring
instead.) A sentence that only names the file's own header says nothing.
"""
import os
import sys

FOLDERS = ('include', 'src', 'tests', 'bench', 'tools', 'captures', 'cmake')
MARKS = {'.h': '//', '.cpp': '//', '.js': '//', '.jsx': '//', '.mjs': '//', '.css': '/*', '.py': '"""', '.sh': '#',
         '.cmake': '#', '.dict': '#'}
# Written by others, or by tools from what stands elsewhere.
NOT_OURS = ('tests/fuzz/corpus/', 'tests/browser/node_modules/')
FEWEST_WORDS = 4


def mark_of(path, first_line):
    name = os.path.basename(path)
    if name == 'CMakeLists.txt':
        return '#'
    ending = os.path.splitext(name)[1]
    if not ending and first_line.startswith('#!'):
        return '"""' if 'python' in first_line else '//' if 'node' in first_line else '#'
    return MARKS.get(ending)


def opening(lines, mark):
    """The words of the comment that the file opens with; none if it opens with something else."""
    if lines and lines[0].startswith('#!'):
        lines = lines[1:]
    if not lines or not lines[0].startswith((mark, '#') if mark == '"""' else mark):
        return []
    if mark in ('//', '#') or lines[0].startswith('#'):
        sign = '//' if mark == '//' else '#'
        comment = []
        for line in lines:
            if not line.startswith(sign):
                break
            comment.append(line[len(sign):])
        return ' '.join(comment).split()
    end = {'"""': '"""', '/*': '*/'}[mark]
    return ' '.join(lines)[len(mark):].split(end)[0].split()


def problem_of(path, lines, mark):
    words = opening(lines, mark)
    if not words:
        return f'{path}: does not open with what it is; write a sentence as its first line'
    if words[0].startswith(('NOLINT', 'clang-format')):
        return f'{path}: opens with a directive; write what the file is above it'
    if len(words) < FEWEST_WORDS or words[:2] == ['Implementation', 'of']:
        return f'{path}: opens with "{" ".join(words)}", which does not say what it holds'
    return None


def files_of(root):
    for top in FOLDERS:
        for folder, folders, names in os.walk(os.path.join(root, top)):
            folders[:] = [name for name in folders if name != '__pycache__']
            for name in names:
                path = os.path.relpath(os.path.join(folder, name), root)
                if not path.startswith(NOT_OURS):
                    yield path


def main():
    root = sys.argv[1]
    problems, count = [], 0
    for path in sorted(files_of(root)):
        full = os.path.join(root, path)
        if os.path.islink(full):
            continue
        with open(full, 'rb') as file:
            start = file.read(4096).decode('utf-8', 'replace')
        lines = start.split('\n')
        mark = mark_of(path, lines[0])
        # An empty file has nothing to say, such as the one that makes a folder a package.
        if mark and start.strip():
            count += 1
            problems.append(problem_of(path, lines, mark))
    problems = [problem for problem in problems if problem]
    print('\n'.join(problems) or f'{count} files say what they are')
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())
