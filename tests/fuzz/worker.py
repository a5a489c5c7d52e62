"""One process of a campaign: makes cases and tries them under limits of memory and time.

    python tests/fuzz/worker.py TARGET FOLDER    and then, on standard input, lines of: FIRST LAST

Each case is answered by a line of JSON: number, kind of mutation, outcome, and for a finding what happened. A
case that takes too long, or a crash, ends the process; where it stood is then on standard error.
"""

from __future__ import annotations

import faulthandler
import importlib
import json
import os
import resource
import sys
import traceback
import warnings
from pathlib import Path
from random import Random
from typing import IO, Any, Protocol

sys.path.insert(0, str(Path(__file__).parent))

#: Seconds that one case may take, and how many bytes it may add to the peak and to the address space.
SECONDS, PEAK, SPACE = 20, 256 << 20, 1 << 30
#: What a run may ask for: small, so that whatever is not bounded shows.
LIMITS = {"elements": 1 << 20, "turns": 200, "steps": 1 << 24}


class Target(Protocol):
    """What a campaign tries: how its cases are made, and what is done with them."""

    def case(self, rng: Random, number: int, folder: Path) -> tuple[Path, str]:
        """Make a case in the folder: its path, and what kind of mutation it is."""

    def trial(self, path: Path, rng: Random) -> str:
        """Do what must be survived; the outcome in a few words. Whatever it raises is a finding."""


def target(name: str) -> Target:
    """The target of that name: ``TARGET`` of the module ``NAME/target.py``."""
    sys.path.insert(0, str(Path(__file__).parent / name))
    found: Target = importlib.import_module("target").TARGET()
    return found


def peak() -> int:
    """The most memory that this process has held so far, in bytes.

    Linux counts what the parent held before this program started into ``ru_maxrss``, so its own peak is read.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.open() if line.startswith("VmHWM")) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def bounded() -> None:
    """From here on, address space is limited."""
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if Path("/proc/self/statm").exists() else 0
    if pages:
        most = pages * resource.getpagesize() + SPACE
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def attempt(one: Target, number: int, folder: Path) -> dict[str, Any]:
    """A case from making to outcome."""
    path, kind = one.case(Random(number), number, folder)
    before = peak()
    answer: dict[str, Any] = {"number": number, "kind": kind}
    try:
        answer["outcome"] = one.trial(path, Random(~number))
    except Exception as error:
        answer |= {
            "outcome": "finding",
            "what": sort(error),
            "detail": traceback.format_exc(limit=-12)[-6000:],
        }
    if peak() - before > PEAK and answer["outcome"] != "finding":
        what = f"{peak() - before >> 20} MiB of memory"
        answer |= {"outcome": "finding", "what": "took too much memory", "detail": what}
    return answer


def sort(error: BaseException) -> str:
    """Type of an error and where it came from: what makes two findings one."""
    if isinstance(error, AssertionError):  # a complaint about an error, which says more
        complaint, error = str(error).split(":")[0][:60], error.__context__ or error
        return f"{complaint}, raised in {_last(error)}"
    return f"{type(error).__name__} in {_last(error)}"


def _last(error: BaseException) -> str:
    """The innermost place in the package that an error went through."""
    frames = traceback.extract_tb(error.__traceback__)
    last = ([one for one in frames if "modelparity" in one.filename] or frames)[-1]
    return f"{Path(last.filename).name}:{last.name}"


def work(one: Target, folder: Path, requests: IO[str], answers: IO[str]) -> None:
    """Answer requests until there are no more."""
    from modelparity.engine.limits import limited

    attempt(one, 0, folder)  # so that what is imported late counts for no case
    bounded()
    with limited(**LIMITS):
        for line in requests:
            first, last = map(int, line.split())
            for number in range(first, last):
                faulthandler.dump_traceback_later(SECONDS, exit=True)
                answer = attempt(one, number, folder)
                faulthandler.cancel_dump_traceback_later()
                answers.write(json.dumps(answer) + "\n")
                answers.flush()


def main() -> None:
    """Answers go to what standard output was; what anybody prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    faulthandler.enable()
    warnings.simplefilter("ignore")
    work(target(sys.argv[1]), Path(sys.argv[2]), sys.stdin, answers)


if __name__ == "__main__":
    main()
