"""What becomes of files that others ship: `modelparity check F F`, without options, of every one below a folder.

One process a file, so that what one of them takes is its own: whether it loads, the band of the verdict, seconds of
processor time and the peak of memory (above the file's own size; an interpreter with numpy and the runtime is in it),
and the first lines of a refusal. A file that has not ended after ``--seconds`` of processor time is stopped. The
package is compiled first, as an installer leaves it.

Run it with ``make strangers FOLDER=...`` or ``python benchmarks/strangers.py FOLDER [--seconds N] [--json FILE]``.
"""

from __future__ import annotations

import argparse
import compileall
import contextlib
import io
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

import modelparity

SUFFIXES = (".onnx", ".mlmodel", ".mlpackage", ".pkl", ".pt2")
BANDS = ("exact", "rounding", "reduced", "wrong")


@dataclass(frozen=True)
class Outcome:
    """Of one file: ``verdict`` is a band, "unjudged", "refused" (loaded, and no verdict), "not read" or "stopped"."""

    file: str
    megabytes: float
    verdict: str
    seconds: float
    peak_megabytes: float
    reason: str


def main() -> int:
    """Try every file; 0 if all of them got a band."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=int, default=60, help="of processor time, a file (default: 60)")
    parser.add_argument("--json", type=Path, help="write the outcomes here too")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child is not None:
        _try_here(args.folder, args.child)
        return 0
    compileall.compile_dir(Path(modelparity.__path__[0]), quiet=1)
    outcomes = [_tried(path, args) for path in _progress(_files(args.folder))]
    _print(outcomes)
    if args.json is not None:
        args.json.write_text(json.dumps([asdict(one) for one in outcomes], indent=1) + "\n")
    return 0 if all(one.verdict in BANDS for one in outcomes) else 1


def _files(folder: Path) -> list[Path]:
    found = [path for path in folder.rglob("*") if path.suffix in SUFFIXES]
    return sorted(path for path in found if not any(parent.suffix == ".mlpackage" for parent in path.parents))


def _progress(files: list[Path]) -> list[Path]:
    from rich.console import Console
    from rich.progress import track

    return track(files, description="strangers", console=Console(stderr=True))  # type: ignore[return-value]


def _tried(path: Path, args: argparse.Namespace) -> Outcome:
    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (args.seconds, args.seconds + 5))

    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder, "answer.json")
        command = [sys.executable, __file__, str(path), "--child", str(answer)]
        started = time.monotonic()
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=bounded
        )
        usage = None
        while usage is None:
            pid, status, used = os.wait4(process.pid, os.WNOHANG)
            usage = used if pid else None
            if usage is None and time.monotonic() - started > 5 * args.seconds:
                process.kill()
            time.sleep(0.02)
        process.returncode = os.waitstatus_to_exitcode(status)
        told = json.loads(answer.read_text()) if answer.exists() else {}
    size = sum(one.stat().st_size for one in ([path] if path.is_file() else path.rglob("*"))) / 1e6
    verdict = told.get("verdict", "stopped")
    reason = told.get("reason", "" if told.get("verdict") else f"the process ended with {process.returncode}")
    seconds, peak = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1e3
    named = str(path.relative_to(args.folder)) if path.is_relative_to(args.folder) else str(path)
    return Outcome(named, round(size, 1), verdict, round(seconds, 2), round(peak - size), reason)


def _try_here(path: Path, answer: Path) -> None:
    """In the child: check the file against itself, and write down how far it came."""
    from modelparity.cli import main as command

    def tell(**told: object) -> None:
        answer.write_text(json.dumps(told))

    text, complaint = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(text), contextlib.redirect_stderr(complaint):
        command(["check", str(path), str(path), "--json", "-"])
    try:
        cases = json.loads(text.getvalue())["cases"]
    except ValueError:
        tell(verdict="refused" if _loads(path) else "not read", reason=_first(complaint.getvalue()))
        return
    bands = [case["verdict"]["band"] for case in cases if case["verdict"] is not None]
    reasons = [case["reason"] for case in cases if case["reason"]]
    if not bands:
        tell(verdict="refused", reason=_first(reasons[0] if reasons else ""))
        return
    worst = max((band for band in bands if band in BANDS), key=BANDS.index, default="unjudged")
    why = [case["message"] or case["reason"] for case in cases if case["message"] or case["reason"]]
    tell(verdict=worst, reason=_first(why[0]) if why else "")


def _loads(path: Path) -> bool:
    from modelparity.errors import ModelparityError

    try:
        modelparity.load(path)
    except ModelparityError:
        return False
    return True


def _first(text: str) -> str:
    return " | ".join(line.strip() for line in text.strip().splitlines()[:3])[:300]


def _print(outcomes: list[Outcome]) -> None:
    for one in outcomes:
        print(
            f"{one.verdict:9} {one.seconds:7.2f} s {one.peak_megabytes:6.0f} MB  {one.file} ({one.megabytes} MB)"
        )
        if one.reason:
            print(f"          {one.reason}")
    count = Counter(one.verdict for one in outcomes)
    judged = [one for one in outcomes if one.verdict in BANDS]
    loaded = sum(one.verdict != "not read" for one in outcomes)
    print(f"{len(outcomes)} files, {loaded} loaded, {len(judged)} with a band: {dict(count)}")
    if judged:
        seconds = sorted(one.seconds for one in judged)
        print(
            f"processor time of those: median {statistics.median(seconds):.2f} s, most {seconds[-1]:.2f} s; "
            f"peak above the file: most {max(one.peak_megabytes for one in judged):.0f} MB"
        )


if __name__ == "__main__":
    sys.exit(main())
