"""What the laboratory's commands share: options, scratch space, threads, worlds in their sandboxes."""

import concurrent.futures
import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import sandbox


PROGRAM = Path(__file__).resolve().parent.parent.parent / "build/release/bin/turnpike"


class ProgramMissing(Exception):
    pass


def require_program(path):
    if not Path(path).exists():
        raise ProgramMissing(f"{path} is not there; build it or give --turnpike")


def add_options(verb, kept, *, program=None, jobs=4, each="worlds", limit=True):
    """The options of every command that judges turnpike."""
    verb.add_argument("--turnpike", default=str(PROGRAM), help=program)
    verb.add_argument("--keep", type=Path, help=f"keep {kept} here")
    verb.add_argument("--jobs", type=int, default=jobs, help=f"{each} at a time")
    if limit:
        verb.add_argument("--limit", type=int, default=60, help="disagreements to print")


def scratch_folder():
    """A temporary folder; what a killed run left behind is removed first."""
    place = Path(tempfile.gettempdir())
    for folder in place.glob("turnpike-lab-*-*"):
        owner = folder.name.split("-")[2]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists():
            shutil.rmtree(folder, ignore_errors=True)
    return tempfile.TemporaryDirectory(prefix=f"turnpike-lab-{os.getpid()}-")


@contextlib.contextmanager
def workers(count):
    """Threads that wait for worlds; they live until all worlds are done, as PDEATHSIG demands.

    An interruption ends the worlds at once instead of waiting for them.
    """
    pool = concurrent.futures.ThreadPoolExecutor(count)
    try:
        yield pool
    except BaseException:
        sandbox.stop_all()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def run_sandboxed(arguments, folder, module="laboratory.world", seconds=120):
    """One world in its sandbox, killed with all it started if it takes too long."""
    log = folder / "world.log"
    with log.open("w") as out:
        process = sandbox.start(module, arguments, out)
        try:
            status = process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            status = f"no end after {seconds} seconds"
        finally:
            sandbox.stop(process)
    if status == 0:
        return ""
    lines = log.read_text().strip().splitlines()
    return f"{status}: {lines[-1] if lines else 'no output'}"
