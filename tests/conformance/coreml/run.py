"""All of coremltools' numerical tests, with predictions by the engine: ``make conformance-coreml``.

    python tests/conformance/coreml/run.py [--sample N] [--jobs 2] [-k EXPRESSION] [--record FILE] [FILE...]

Prints passed, failed and not applicable by operator, and every failure that ``exceptions.toml`` does not explain.
Exit status: 0 if there is none, 1 otherwise, 2 if nothing ran.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import apple
import outcomes


def main(arguments: list[str] | None = None) -> int:
    """Run, watch, and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", help="files of tests, by the end of their path; all if left out")
    parser.add_argument("--sample", type=int, default=0, help="about so many tests instead of all")
    parser.add_argument("--jobs", default="2", help="processes")
    parser.add_argument("-k", default="", dest="expression", help="as for pytest")
    parser.add_argument("--record", type=Path, help="keep the outcomes in this file")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        record = options.record or Path(folder, "record.jsonl")
        started = time.monotonic()
        code = watched(options, record, Path(folder))
        used = os.times()
        wall, busy = time.monotonic() - started, used.children_user + used.children_system
        what = f"coremltools {version('coremltools')}"
        print(f"{what}: {wall:.0f} s with {options.jobs} processes, {busy:.0f} s of computing")
        return report(record, whole=not (options.sample or options.expression or options.files), code=code)


def watched(options: argparse.Namespace, record: Path, folder: Path) -> int:
    """Run pytest in a process of its own and show how far it is; its exit status."""
    files = [apple.expanded(name) for name in options.files] or [str(path) for path in apple.files()]
    flags = [
        "-q",
        "-p",
        "coreml_record",
        f"--record={record}",
        "-n",
        options.jobs,
        "--no-header",
        "--tb=short",
    ]
    if options.sample:
        flags.append(f"--sample={options.sample}")
    if options.expression:
        flags += ["-k", options.expression]
    # Converted packages go to a folder that is gone afterwards: coremltools leaves some behind.
    environment = {**apple.environment(), "TMPDIR": str(folder)}
    with Path(folder, "pytest.log").open("w") as log:
        process = subprocess.Popen(
            apple.command([*flags, *files]), env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            _show(process, record)
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait()
    if process.returncode not in (0, 1):
        print(Path(folder, "pytest.log").read_text(errors="replace")[-4000:], file=sys.stderr)
    return process.returncode


def _show(process: subprocess.Popen[bytes], record: Path) -> None:
    """A progress bar, or a line now and then where nobody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    place, failed, said = 0, 0, time.monotonic()
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("collecting", total=None)
        done, total = 0, None
        while True:
            running = process.poll() is None
            if record.exists():
                with record.open(encoding="utf-8") as file:
                    file.seek(place)
                    while (line := file.readline()).endswith("\n"):
                        place = file.tell()
                        one = json.loads(line)
                        total = one.get("total", total)
                        if "test" in one:
                            done, failed = done + 1, failed + (one["outcome"] == "failed")
            progress.update(task, completed=done, total=total, description=f"{failed} failed")
            if not console.is_terminal and time.monotonic() - said > 60:
                said = time.monotonic()
                print(f"{done} of {total or '?'}, {failed} failed", file=sys.stderr, flush=True)
            if not running:
                return
            time.sleep(0.5)


def report(record: Path, *, whole: bool, code: int) -> int:
    """Print what came out; the exit status."""
    found = outcomes.read(record) if record.exists() else []
    if not found or code not in (0, 1):
        print("no test ran to its end" if not found else f"pytest ended with status {code}", file=sys.stderr)
        return 2
    rows = outcomes.table(found)
    width = max(len(name) for name, *_ in rows)
    for head, lines in (("operator", rows), ("kind of model", outcomes.table(found, outcomes.group_of))):
        print(f"{head:<{width}}  passed  failed  not applicable")
        for name, passed, failed, other in lines:
            print(f"{name:<{width}}  {passed:>6}  {failed or '-':>6}  {other:>14}")
    passed, failed, other = (sum(row[place] for row in rows) for place in (1, 2, 3))
    share = 100 * passed / max(passed + failed, 1)
    print(
        f"{'all':<{width}}  {passed:>6}  {failed:>6}  {other:>14}   {share:.2f}% of those that predict pass"
    )
    if other:
        print("not applicable, by reason:")
    for reason, count in outcomes.reasons(found):
        print(f"{count:>6}  {reason}")
    listed, unreached = outcomes.exceptions()
    wrong = outcomes.problems(found, listed, whole=whole)
    explained = failed - sum(not line.startswith("stale") for line in wrong)
    if whole:
        wrong += outcomes.coverage(found, operators(), unreached)
    print(f"{explained} failures are explained in {outcomes.EXCEPTIONS.name}")
    for line in wrong:
        print(f"!! {line}")
    return 1 if wrong else 0


def operators() -> list[str]:
    """Every MIL operation that can be read, but constants, which are in every program, and every layer type."""
    from modelparity.formats.coreml.mil.operators import translators
    from modelparity.formats.coreml.nn.registry import reads as layer

    return [*(name for name in translators() if name != "const"), *(f"nn.{name}" for name in layer.all())]


if __name__ == "__main__":
    raise SystemExit(main())
