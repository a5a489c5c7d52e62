"""What madmom's pipelines take: processor seconds a stage and memory, for a song of three minutes, on one core.

Each pipeline runs in a process of its own. Beside the engine's networks stand the same networks by onnxruntime. Run
it from the root of a checkout: ``python -m benchmarks.pipelines [--seconds 180] [NAME ...]``.
"""

from __future__ import annotations

import os

for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[_variable] = "1"

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Column, Table

import modelparity as mp
from modelparity.stages import Decoder, Given, Networks

RATE = 44_100
BEAT = 0.5


def song(seconds: float) -> Any:
    """Chords that change each bar, struck on every beat, over noise: int16."""
    t = np.arange(round(seconds * RATE)) / RATE
    root = 220.0 * 2 ** (np.array([0, 5, 7, 0])[(t // (4 * BEAT)).astype(int) % 4] / 12)
    phase = 2 * np.pi * np.cumsum(root) / RATE
    chord = sum(np.sin(phase * ratio) for ratio in (0.25, 1, 1.26, 1.5)) / 8
    noise = np.random.default_rng(0).normal(size=t.size) * 0.01
    return ((chord * np.exp(-4 * (t % BEAT)) + noise) * 32_767).astype(np.int16)


def timed(call: Callable[[], Any]) -> tuple[Any, float]:
    """What a call gives, and the processor seconds that it took."""
    start = time.process_time()
    found = call()
    return found, time.process_time() - start


def by_onnxruntime(graph: mp.Graph, features: Any, place: Path) -> float:
    """Processor seconds of one run of a network by onnxruntime on one core; loading it is not counted."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    path = mp.convert(graph, place / "network.onnx")
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    fed = {session.get_inputs()[0].name: np.asarray(features, np.float32)}
    return timed(lambda: session.run(None, fed))[1]


def measured(name: str, seconds: float) -> dict[str, Any]:
    """{what: processor seconds or MiB} of one pipeline."""
    p, audio = mp.pipeline(name), song(seconds)
    values: dict[str, Any] = {"audio": audio, "rate": RATE}
    if "beats" in p.stages:
        values["beats"] = np.arange(BEAT, seconds - 0.1, BEAT)
    networks = [part for part in p.parts if isinstance(part, Networks)]
    for part in networks:
        p.members(part.name)
    took = {"front end": 0.0, "networks": 0.0, "decoder": 0.0, "onnxruntime": 0.0}
    for stage in p.stages:
        part = p.stage(stage)
        if isinstance(part, Given):
            continue
        found, spent = timed(lambda stage=stage: p.run(until=stage, **values))
        kind = {Networks: "networks", Decoder: "decoder"}.get(type(part), "front end")
        took[kind] += spent
        values[stage] = found[stage]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with tempfile.TemporaryDirectory() as place:
        for part in networks:
            for member in p.members(part.name):
                took["onnxruntime"] += by_onnxruntime(member, values[part.takes[0]], Path(place))
    return {**took, "memory": memory}


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="pipelines; by default all of madmom's")
    parser.add_argument("--seconds", type=float, default=180.0, help="length of the song")
    parser.add_argument("--json", action="store_true", help="measure the only pipeline here, and print JSON")
    args = parser.parse_args()
    names = args.names or [name for name in mp.pipelines() if name.startswith("madmom/")]
    if args.json:
        print(json.dumps(measured(names[0], args.seconds)))
        return
    table = Table(
        Column("pipeline", no_wrap=True),
        "front end",
        "networks",
        "decoder",
        "all",
        "networks by onnxruntime",
        "MiB",
    )
    rows = []
    for name in names:
        command = [
            sys.executable,
            "-m",
            "benchmarks.pipelines",
            name,
            "--json",
            "--seconds",
            str(args.seconds),
        ]
        row = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        rows.append(row)
        parts = [row["front end"], row["networks"], row["decoder"]]
        numbers = [*parts, sum(parts), row["onnxruntime"]]
        table.add_row(name, *(f"{one:.2f} s" for one in numbers), f"{row['memory']:.0f}")
    Console().print(table)
    ours = sum(row["front end"] + row["networks"] + row["decoder"] for row in rows)
    around = sum(row["front end"] + row["decoder"] for row in rows)
    networks = sum(row["onnxruntime"] for row in rows)
    print(f"all: {ours:.1f} s for {args.seconds:g} s of sound, {ours / args.seconds:.2f} of its length")
    print(f"front ends and decoders {around:.1f} s, networks by onnxruntime {networks:.1f} s")


if __name__ == "__main__":
    main()
