"""Mutants of operators' own code, each tried on that operator's own tests: ``make prove OPERATORS="gru softmax"``.

    python -m tests.prove [--fresh] OPERATOR ...

cosmic-ray changes one thing at a time in the bodies of ``src/modelparity/ops/OPERATOR.py`` (a number, a sign, a
comparison, an operation, a loop, a condition), in a copy below build/prove. A mutant that all tests of the operator
pass has survived: it is in ``survivors.toml`` with the reason why no test can kill it, or it is printed. Exit status:
0 if there is none and the list has none too many, 1 otherwise, 2 if the tests fail without a mutant or nothing ran.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLACE = ROOT / "build" / "prove"
LIST = Path(__file__).parent / "survivors.toml"
#: What the tests of operators need beside the package.
NEEDED = ("src", "fixtures", "tests/ops", "conftest.py", "pyproject.toml")
#: Changes that say little: one operation for another is tried with plain ones only, and nothing is a decorator's.
IDLE = re.compile(r"core/(RemoveDecorator|ReplaceBinaryOperator_\w+_(FloorDiv|Mod|Pow|RShift|LShift|Bit\w+))")
#: Seconds that the tests of an operator may take; a mutant that takes longer is killed.
SECONDS = 300.0


@dataclass(frozen=True)
class Mutant:
    """A change of one line of an operator's source, and whether its tests noticed."""

    operator: str
    change: str
    line: str
    killed: bool
    diff: str = ""

    def is_listed(self, entry: dict[str, str]) -> bool:
        """Whether an entry of the list speaks of it; ``change`` there is a pattern."""
        return (entry["operator"], entry["line"]) == (self.operator, self.line) and fnmatchcase(
            self.change, entry["change"]
        )


def source(name: str, root: Path = ROOT) -> Path:
    """The file of an operator. Raises `SystemExit` if there is none."""
    path = root / "src" / "modelparity" / "ops" / f"{name}.py"
    if not path.is_file():
        raise SystemExit(f"{name}: no operator of this name has a file; src/modelparity/ops has one for each")
    return path


def own_tests(name: str) -> list[str]:
    """The test files of an operator: the one that is called after it, else all that apply it by name."""
    own = ROOT / "tests" / "ops" / f"test_{name}.py"
    found = [own] if own.is_file() else sorted((ROOT / "tests" / "ops").glob("test_*.py"))
    naming = [path for path in found if path == own or f'"{name}"' in path.read_text(encoding="utf-8")]
    return [path.relative_to(ROOT).as_posix() for path in naming]


def bodies(text: str) -> list[range]:
    """The lines of every function's body, without its docstring: what computes, no signature and no facts."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            body = node.body[ast.get_docstring(node) is not None :]
            found += [range(one.lineno, (one.end_lineno or one.lineno) + 1) for one in body]
    return found


def worth_trying(change: str, line: int, inside: Iterable[range]) -> bool:
    """Whether a change is made where something is computed, and says something."""
    return not IDLE.fullmatch(change) and any(line in lines for lines in inside)


def tried(name: str, *, fresh: bool = False) -> Iterator[Mutant]:
    """Every mutant of an operator. What an interrupted run has tried on the same sources is not tried again."""
    try:
        from cosmic_ray.work_db import WorkDB, use_db
        from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkResult
    except ImportError as error:
        raise SystemExit("cosmic-ray is not installed: pip install cosmic-ray, or: make prove") from error

    tests, path = own_tests(name), source(name)
    texts = [(ROOT / file).read_bytes() for file in [path, *tests]]
    session = PLACE / f"{name}-{hashlib.sha256(b''.join(texts)).hexdigest()[:12]}.sqlite"
    settings = session.with_suffix(".toml")
    command = f"{sys.executable} -m pytest -x -q -p no:cacheprovider -p no:xdist {' '.join(tests)}"
    settings.write_text(
        f'[cosmic-ray]\nmodule-path = "src/modelparity/ops/{name}.py"\ntimeout = {SECONDS}\nexcluded-modules = []\n'
        f'test-command = "{command}"\n[cosmic-ray.distributor]\nname = "local"\n'
    )
    if fresh or not session.is_file():
        session.unlink(missing_ok=True)
        _cosmic_ray("init", settings, session)
        inside = bodies(path.read_text(encoding="utf-8"))
        with use_db(session, WorkDB.Mode.open) as found:
            for item in list(found.work_items):
                (one,) = item.mutations
                if not worth_trying(one.operator_name, one.start_pos[0], inside):
                    found.set_result(item.job_id, WorkResult(WorkerOutcome.SKIPPED))
        _cosmic_ray("baseline", settings)
    _cosmic_ray("exec", settings, session)
    lines = path.read_text(encoding="utf-8").splitlines()
    with use_db(session, WorkDB.Mode.open) as found:
        items = {item.job_id: item.mutations[0] for item in found.work_items}
        for job, result in found.results:
            if result.worker_outcome is not WorkerOutcome.SKIPPED:
                one = items[job]
                killed = result.test_outcome is not TestOutcome.SURVIVED
                line = lines[one.start_pos[0] - 1].strip()
                yield Mutant(name, one.operator_name, line, killed, result.diff or "")


def _cosmic_ray(*arguments: str | Path) -> None:
    """Run it in the copy. Raises `SystemExit` with what it says."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(PLACE / "tree" / "src"), *sys.path[1:]])}
    command = [sys.executable, "-m", "cosmic_ray.cli", *map(str, arguments)]
    done = subprocess.run(command, cwd=PLACE / "tree", env=env, capture_output=True, text=True)
    if done.returncode:
        print(done.stdout[-3000:], done.stderr[-3000:], file=sys.stderr)
        raise SystemExit(2)


def copied() -> None:
    """A copy of what the tests need: mutants are written over its sources."""
    shutil.rmtree(PLACE / "tree", ignore_errors=True)
    for name in NEEDED:
        there = PLACE / "tree" / name
        there.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, there, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, there)


def problems(mutants: Sequence[Mutant], listed: Sequence[dict[str, str]]) -> list[str]:
    """Survivors that no entry explains, and entries of these operators that explain none."""
    survivors = [one for one in mutants if not one.killed]
    names = {one.operator for one in mutants}
    unknown = [one for one in survivors if not any(map(one.is_listed, listed))]
    stale = [e for e in listed if e["operator"] in names and not any(one.is_listed(e) for one in survivors)]
    return [
        *(f"survived: {one.operator}, {one.change}, {one.line}\n{one.diff}" for one in unknown),
        *(f"no such survivor: {one['operator']}, {one['change']}, {one['line']}" for one in stale),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Try them, print what became of them; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("operators", nargs="+", metavar="OPERATOR")
    parser.add_argument("--fresh", action="store_true", help="try again what was tried")
    options = parser.parse_args(arguments)
    for name in options.operators:
        source(name)
    copied()
    mutants: list[Mutant] = []
    for name in options.operators:
        own = [*tried(name, fresh=options.fresh)]
        killed = sum(one.killed for one in own)
        print(f"{name}: {len(own)} mutants, {killed} killed, {len(own) - killed} survived", flush=True)
        mutants += own
    listed = tomllib.loads(LIST.read_text(encoding="utf-8")).get("survivor", [])
    found = problems(mutants, listed)
    killed = sum(one.killed for one in mutants)
    explained = sum(not one.killed and any(map(one.is_listed, listed)) for one in mutants)
    print(f"{len(mutants)} mutants: {killed} killed, {explained} survived for a reason that is listed")
    for line in found:
        print(f"!! {line}")
    return 2 if not mutants else bool(found)


if __name__ == "__main__":
    raise SystemExit(main())
