#!/usr/bin/python3
"""reproducible_test.py [TARGET...]: builds the same source in two folders and compares what comes out, bit by bit.

Without targets some small modules, which is what a test run has time for; `turnpike` is the whole program.
"""
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PARTS = ('CMakeLists.txt', 'CMakePresets.json', 'cmake', 'src', 'include', 'catalog', 'packaging', 'LICENSE', 'tools/live',
         'README.md')
TARGETS = sys.argv[1:] or ['turnpike_base', 'turnpike_guard', 'turnpike_wire']


def built(folder):
    """The digests of what was built, by name."""
    for part in PARTS:
        place = folder / part
        place.parent.mkdir(parents=True, exist_ok=True)
        if (SOURCE / part).is_dir():
            shutil.copytree(SOURCE / part, place)
        else:
            shutil.copy(SOURCE / part, place)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(('CCACHE', 'CMAKE_CXX_COMPILER_LAUNCHER'))}
    environment['CCACHE_DISABLE'] = '1'
    subprocess.run(['cmake', '-S', folder, '-B', folder / 'build', '-G', 'Ninja', '-DCMAKE_BUILD_TYPE=Release',
                    '-DTURNPIKE_TESTS=OFF', '-DTURNPIKE_BENCH=OFF'], check=True, stdout=subprocess.DEVNULL, env=environment)
    subprocess.run(['cmake', '--build', folder / 'build', '--target', *TARGETS], check=True, stdout=subprocess.DEVNULL,
                   env=environment)
    files = [*folder.glob('build/src/lib*.a'), *folder.glob('build/bin/turnpike')]
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def main():
    with tempfile.TemporaryDirectory(prefix='turnpike-build-') as scratch:
        one, two = (built(pathlib.Path(scratch) / name) for name in ('one', 'another-folder/and-deeper'))
    differing = sorted(name for name in one.keys() | two.keys() if one.get(name) != two.get(name))
    for name in differing:
        print(f'{name} differs')
    print(f'{len(one)} files compared')
    return 1 if differing or not one else 0


if __name__ == '__main__':
    sys.exit(main())
