"""ONNX files read and run by this package's engine, against onnxruntime and onnx.reference; one thread each.

A ResNet-50 and a BERT-base (sequence 128) with random weights, made locally. Prints how many times as long the
engine takes as onnxruntime (float32, best of interleaved rounds), how many times as long onnx.reference takes as
the engine, and how much memory reading takes in units of the file's size, in a process of its own.

Run it with ``make bench`` or ``python benchmarks/onnx_files.py [--rounds N] [--json FILE]``.
"""

from __future__ import annotations

import os

for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_variable] = "1"  # before numpy loads

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx.reference import ReferenceEvaluator
from onnx_models import bert_base, resnet50

import modelparity as mp

#: Most times as long as onnxruntime, least times as fast as onnx.reference, and most memory in file sizes.
AIMS = {"resnet50": (3.0, 5.0), "bert_base": (2.0, None), "memory": 1.2}

_MEMORY = """
import sys
import modelparity as mp
def peak():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) * 1024
import modelparity.formats.onnx.read.reader
from modelparity.formats.onnx.read.node import translators
translators()
before = peak()
graph = mp.load(sys.argv[1])
print(peak() - before)
"""


def seconds(call: Callable[[], object]) -> float:
    """Processor time of one call: the machine may be busy with other things."""
    start = time.process_time()
    call()
    return time.process_time() - start


def measure(path: Path, feeds: dict[str, Any], rounds: int, reference: bool) -> dict[str, float]:
    """Best times in seconds: reading, running, onnxruntime, and onnx.reference if asked for; and the difference."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    times = {"read": seconds(lambda: mp.load(path))}
    graph = mp.load(path)
    calls: dict[str, Callable[[], Any]] = {
        "engine": lambda: mp.run(graph, feeds, arithmetic="float32"),
        "onnxruntime": lambda: session.run(None, feeds),
    }
    results = {name: call() for name, call in calls.items()}
    best = dict.fromkeys(calls, float("inf"))
    for _ in range(rounds):
        for name, call in calls.items():
            best[name] = min(best[name], seconds(call))
    if reference:
        evaluator = ReferenceEvaluator(onnx.load(path))
        best["reference"] = seconds(lambda: evaluator.run(None, feeds))
    (ours,) = results["engine"].values()
    theirs = results["onnxruntime"][0]
    times["difference"] = float(np.abs(ours - theirs).max() / np.abs(theirs).max())
    return times | best


def memory(path: Path) -> float:
    """Memory that reading takes at most, in sizes of the file."""
    made = subprocess.run(
        [sys.executable, "-c", _MEMORY, str(path)], capture_output=True, text=True, check=True
    )
    return int(made.stdout) / path.stat().st_size


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    rng = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        cases = {
            "resnet50": (
                resnet50(Path(folder) / "resnet50.onnx"),
                {"image": rng.standard_normal((1, 3, 224, 224), np.float32)},
            ),
            "bert_base": (
                bert_base(Path(folder) / "bert_base.onnx"),
                {"ids": rng.integers(0, 30522, (1, 128))},
            ),
        }
        found = {
            name: measure(path, feeds, chosen.rounds, AIMS[name][1] is not None)
            for name, (path, feeds) in cases.items()
        }
        path = cases["bert_base"][0]
        size, peak = path.stat().st_size, memory(path)
    for name, row in found.items():
        slower, faster = AIMS[name]
        line = (
            f"{name}: {row['engine'] / row['onnxruntime']:.2f} times onnxruntime (aim: at most {slower:g}), "
        )
        if "reference" in row:
            line += (
                f"{row['reference'] / row['engine']:.1f} times as fast as onnx.reference (aim: {faster:g}), "
            )
        print(
            line + f"{row['engine']:.3f} s a run, {row['read']:.2f} s to read, off by {row['difference']:.1e}"
        )
    print(
        f"reading {size / 1e6:.0f} MB takes {peak:.2f} times that in memory (aim: at most {AIMS['memory']:g})"
    )
    if chosen.json is not None:
        chosen.json.write_text(json.dumps({**found, "memory": peak}, indent=1))


if __name__ == "__main__":
    main()
