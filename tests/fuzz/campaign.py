"""Many cases in a process of their own: a crash or a hang of theirs is a finding, and the campaign goes on."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
#: Cases that are asked for at once, and seconds of silence after which a worker is taken for dead: its own limit
#: for one case comes first, and says where it stood.
BATCH, SILENCE = 200, 90


@dataclass
class Campaign:
    """What came out: answers counted by (kind of mutation, outcome), and the findings themselves."""

    target: str
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    findings: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def done(self) -> int:
        """How many cases were tried."""
        return sum(self.counts.values())

    def run(
        self, first: int, count: int, watch: Callable[[Campaign], None] = lambda campaign: None
    ) -> Campaign:
        """Try cases ``first`` to ``first + count``; ``watch`` is called after every one of them."""
        started = time.perf_counter()
        with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
            number, last = first, first + count
            while number < last:
                for answer in answers(self.target, Path(folder), number, last):
                    self.counts[answer["kind"], answer["outcome"]] += 1
                    if answer["outcome"] == "finding":
                        self.findings.append(answer)
                    number = answer["number"] + 1
                    self.seconds = time.perf_counter() - started
                    watch(self)
        return self

    def distinct(self) -> list[tuple[dict[str, Any], int]]:
        """One finding of each sort, with how many there are of it; the most frequent first."""
        sorts = Counter(one["what"] for one in self.findings)
        first = {one["what"]: one for one in reversed(self.findings)}
        return [(first[what], count) for what, count in sorts.most_common()]

    def table(self) -> list[tuple[str, ...]]:
        """Rows of text: what came of each kind of mutation."""
        outcomes = sorted({outcome for _, outcome in self.counts} - {"finding"})
        head = ("mutation of", *outcomes, "finding", "cases")
        rows = [head]
        for kind in [*sorted({kind for kind, _ in self.counts}), None]:
            mine = Counter[str]()
            for (one, outcome), count in self.counts.items():
                if kind in (one, None):
                    mine[outcome] += count
            cells = (mine[outcome] for outcome in (*outcomes, "finding"))
            rows.append((kind or "all", *map(str, cells), str(sum(mine.values()))))
        return rows


def answers(target: str, folder: Path, first: int, last: int) -> Iterator[dict[str, Any]]:
    """Answers of one worker, until it has done all or is dead; its death is the last answer."""
    command = [sys.executable, str(HERE / "worker.py"), target, str(folder)]
    threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    with tempfile.TemporaryFile("w+") as noise:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=noise,
            env={**os.environ, **threads},
        )
        try:
            number = first
            for answer in _exchange(process, first, last):
                number = answer["number"] + 1
                yield answer
            if number < last:
                yield {"number": number, "kind": "?", "outcome": "finding", **_death(process, noise)}
        finally:
            process.kill()
            process.wait()


def _exchange(process: subprocess.Popen[bytes], first: int, last: int) -> Iterator[dict[str, Any]]:
    """Ask for batches and read lines; ends when there are no more or none comes."""
    assert process.stdin is not None
    assert process.stdout is not None
    pending, buffer = 0, b""
    for start in range(first, last, BATCH):
        end = min(start + BATCH, last)
        try:
            process.stdin.write(f"{start} {end}\n".encode())
            process.stdin.flush()
        except BrokenPipeError:
            return
        pending = end - start
        while pending:
            ready, _, _ = select.select([process.stdout], [], [], SILENCE)
            chunk = os.read(process.stdout.fileno(), 1 << 16) if ready else b""
            if not chunk:
                return
            *lines, buffer = (buffer + chunk).split(b"\n")
            for line in lines:
                pending -= 1
                yield json.loads(line)


def _death(process: subprocess.Popen[bytes], noise: Any) -> dict[str, str]:
    """What a worker's end says: a hang (it said so itself, or is silent) or a crash."""
    try:
        code = process.wait(60)  # one that died may be slow to go on a busy machine
    except subprocess.TimeoutExpired:
        return {"what": "hangs and cannot be interrupted", "detail": f"no answer for {SILENCE} seconds"}
    noise.seek(0)
    said = noise.read()[-6000:]
    lines = [line for line in said.splitlines() if "modelparity" in line]
    where = lines[0].split("modelparity/")[-1].strip() if lines else "an unknown place"
    if "Timeout" in said:
        return {"what": f"takes too long at {where}", "detail": said}
    return {"what": f"the process ended with status {code} at {where}", "detail": said}
