"""madmom's 65 networks as Core ML files against the same networks as they are, run by this package's engine.

One by one, 100 frames each, one thread. Prints, for each architecture and over all: how many times as long the
engine takes on the operations of the ``.mlpackage`` (best of interleaved rounds), in float32 and float64; and
how many times as long reading the file and running it once takes as reading the source and running it once.

Run it with ``make bench`` or ``python benchmarks/coreml.py [--rounds N] [--json FILE]``.
"""

from __future__ import annotations

import os

for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_variable] = "1"  # before numpy loads

import argparse
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import modelparity as mp
from modelparity.inputs import make

FRAMES = 100
CONTENDERS = (
    "source float32",
    "coreml float32",
    "source float64",
    "coreml float64",
    "read source",
    "read coreml",
)


def seconds(call: Callable[[], object]) -> float:
    """Processor time of one call: the machine may be busy with other things."""
    start = time.process_time()
    call()
    return time.process_time() - start


def measure(model: Any, folder: Path, rounds: int) -> dict[str, float]:
    """Best times of one network, in seconds."""
    graph = model.load()
    feeds = make(graph, "noise", seed=1, length=FRAMES)
    path = mp.convert(graph, folder / f"{graph.hash}.mlpackage")
    read = mp.load(path)
    calls: dict[str, Callable[[], object]] = {
        "source float32": lambda: mp.run(graph, feeds, arithmetic="float32"),
        "coreml float32": lambda: mp.run(read, feeds, arithmetic="float32"),
        "source float64": lambda: mp.run(graph, feeds, arithmetic="float64"),
        "coreml float64": lambda: mp.run(read, feeds, arithmetic="float64"),
        "read source": model.load,
        "read coreml": lambda: mp.load(path),
    }
    for call in calls.values():
        call()
    times = defaultdict(list)
    for _ in range(rounds):
        for name, call in calls.items():
            times[name].append(seconds(call))
    return {name: min(values) for name, values in times.items()}


def ratios(row: dict[str, float]) -> dict[str, float]:
    """What the times come to."""
    once = row["coreml float32"] + row["read coreml"]
    return {
        "float32": row["coreml float32"] / row["source float32"],
        "float64": row["coreml float64"] / row["source float64"],
        "read and run": once / (row["source float32"] + row["read source"]),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15, help="timed rounds per network (default 15)")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    args = parser.parse_args()
    rows: dict[str, dict[str, float]] = defaultdict(lambda: dict.fromkeys((*CONTENDERS, "members"), 0.0))
    with tempfile.TemporaryDirectory() as folder:
        for model in mp.families()["madmom"].models():
            if "crf" in model.key:
                continue
            group = model.key.rpartition("_")[0] if model.key[-1].isdigit() else model.key
            rows[group]["members"] += 1
            for name, value in measure(model, Path(folder), args.rounds).items():
                rows[group][name] += value
    print(
        f"{'architecture':34}{'nets':>5}{'float32':>9}{'float64':>9}{'read and run':>14}   the source's time = 1"
    )
    rows["all"] = {key: sum(row[key] for row in rows.values()) for key in (*CONTENDERS, "members")}
    for name, row in rows.items():
        found = ratios(row)
        print(
            f"{name:34}{row['members']:>5.0f}{found['float32']:>9.2f}{found['float64']:>9.2f}"
            f"{found['read and run']:>14.2f}"
        )
    if args.json:
        args.json.write_text(json.dumps({"rows": rows, "ratios": ratios(rows["all"])}, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
