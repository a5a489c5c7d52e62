"""The engine against its peers on madmom's 65 networks, 100 frames each, one thread, all in one run.

Prints ratios, because machines differ and times do not travel: how many times faster than
onnx.reference.ReferenceEvaluator on the same exported graphs, and what part of onnxruntime's speed; what
float64 and a golden with its floor cost against a plain run; and the peak memory of this process.

Run it with ``make bench`` or ``python benchmarks/zoo.py [--rounds N] [--json FILE]``.
"""

from __future__ import annotations

import os

for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_variable] = "1"  # before numpy loads: everybody here runs on one thread

import argparse
import json
import math
import resource
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import onnxruntime
from onnx.reference import ReferenceEvaluator

import modelparity as mp
from modelparity.inputs import make

FRAMES = 100


def seconds(call: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def groups() -> dict[str, list[Any]]:
    """madmom's networks by architecture: {sub-family: models}; the CRFs decode and are not networks."""
    found = defaultdict(list)
    for model in mp.families()["madmom"].models():
        if "crf" not in model.key:
            found[model.key.rpartition("_")[0] if model.key[-1].isdigit() else model.key].append(model)
    return dict(found)


def session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def measure(models: Sequence[Any], folder: Path, rounds: int) -> dict[str, float]:
    """Times of one architecture, in seconds for all its members: medians over interleaved rounds."""
    graphs = [model.load() for model in models]
    feeds = [make(graph, "noise", seed=1, length=FRAMES) for graph in graphs]
    paths = [mp.convert(graph, folder / f"{graph.hash}.onnx") for graph in graphs]
    sessions = [session(path) for path in paths]
    reference = ReferenceEvaluator(str(paths[0]))
    singles = {name: array.astype("float32") for name, array in feeds[0].items()}
    contenders: dict[str, Callable[[], object]] = {
        "engine float32": lambda: mp.run_many(graphs, feeds, arithmetic="float32"),
        "engine float64": lambda: mp.run_many(graphs, feeds, arithmetic="float64"),
        "one by one": lambda: [
            mp.run(g, f, arithmetic="float32") for g, f in zip(graphs, feeds, strict=True)
        ],
        "onnxruntime": lambda: [s.run(None, f) for s, f in zip(sessions, feeds, strict=True)],
        "plain": lambda: mp.run(graphs[0], feeds[0]),
        "golden": lambda: mp.golden(graphs[0], recipe="noise", seed=1, length=FRAMES),
    }
    for call in contenders.values():
        call()
    times = defaultdict(list)
    for _ in range(rounds):
        for name, call in contenders.items():
            times[name].append(seconds(call))
    result = {name: median(values) for name, values in times.items()}
    slow = min(seconds(lambda: reference.run(None, singles)) for _ in range(min(rounds, 3)))
    return {**result, "onnx.reference": slow * len(models), "members": len(models)}


def ratios(rows: dict[str, dict[str, float]]) -> dict[str, float]:
    """The figures that matter, over all networks."""

    def total(name: str) -> float:
        return sum(row[name] for row in rows.values())

    def mean(over: str, under: str) -> float:
        members = sum(row["members"] for row in rows.values())
        return math.exp(
            sum(row["members"] * math.log(row[over] / row[under]) for row in rows.values()) / members
        )

    return {
        "faster than onnx.reference, geometric mean": mean("onnx.reference", "engine float32"),
        "faster than onnx.reference, one network at a time": mean("onnx.reference", "one by one"),
        "time over onnxruntime, total": total("engine float32") / total("onnxruntime"),
        "time over onnxruntime, one network at a time": total("one by one") / total("onnxruntime"),
        "float64 over float32, total": total("engine float64") / total("engine float32"),
        "golden with floor over plain run, geometric mean": mean("golden", "plain"),
        "golden with floor over plain run, total": sum(r["golden"] * r["members"] for r in rows.values())
        / sum(r["plain"] * r["members"] for r in rows.values()),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7, help="timed rounds per contender (default 7)")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    args = parser.parse_args()
    rows = {}
    print(
        f"{'architecture':34}{'nets':>5}{'onnx.ref':>10}{'ort':>8}{'f64/f32':>9}{'golden':>8}   engine float32 = 1"
    )
    with tempfile.TemporaryDirectory() as folder:
        for name, models in sorted(groups().items()):
            row = rows[name] = measure(models, Path(folder), args.rounds)
            own = row["engine float32"]
            print(
                f"{name:34}{row['members']:>5}{row['onnx.reference'] / own:>10.1f}{row['onnxruntime'] / own:>8.2f}"
                f"{row['engine float64'] / own:>9.2f}{row['golden'] / row['plain']:>8.2f}",
                flush=True,
            )
    figures = ratios(rows)
    print()
    for name, value in figures.items():
        print(f"{value:8.2f}  {name}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1024 if sys.platform != "darwin" else 1024**2
    )
    print(f"{peak:8.0f}  MiB peak memory, all contenders in one process")
    if args.json:
        args.json.write_text(json.dumps({"rows": rows, "ratios": figures}, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
