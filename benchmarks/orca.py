"""What OrcaHello's detector takes on one core: its front end for ten minutes and an hour of sound, and its network.

Prints processor seconds, the highest memory of a process of its own, and the network's time over onnxruntime's. Run
it from the root of a checkout: ``python -m benchmarks.orca [--minutes 10 60]``.
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
import onnxruntime
import soundfile

import modelparity as mp
from modelparity_families.orca.detection import groups
from modelparity_families.orca.graph import graph_of
from modelparity_families.orca.layers import Layers
from modelparity_families.orca.weights import image, seeded

RATE = 44_100


def recording(path: Path, minutes: float) -> None:
    """A file of noise in 16 bits, written a second at a time."""
    rng = np.random.default_rng(0)
    with soundfile.SoundFile(path, "w", RATE, 1, "PCM_16") as file:
        for _ in range(round(60 * minutes)):
            file.write(rng.integers(-3000, 3000, RATE, np.int16))


def front_end(minutes: float) -> dict[str, float]:
    """Processor seconds and MiB of all images of a file of so many minutes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "recording.wav"
        recording(path, minutes)
        start = time.process_time()
        windows = sum(len(one) for one in groups(path, mp.pipeline("orca/detector")))
        seconds = time.process_time() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"windows": windows, "seconds": seconds, "memory": memory}


def best(call: Callable[[], Any], times: int = 3) -> float:
    """The least processor seconds of a call that was made once before."""
    call()
    took = []
    for _ in range(times):
        start = time.process_time()
        call()
        took.append(time.process_time() - start)
    return min(took)


def network() -> dict[str, float]:
    """Processor seconds an image, by the engine in float32 and by onnxruntime on one core."""
    graph, x = graph_of(Layers(), seeded(Layers())), image(0, 1, 312)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    with tempfile.TemporaryDirectory() as folder:
        path = mp.convert(graph, Path(folder) / "network.onnx")
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    ours = best(lambda: mp.run(graph, x, arithmetic="native"))
    return {"engine": ours, "onnxruntime": best(lambda: session.run(None, {"image": x}))}


def main() -> None:
    """Print a line each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, nargs="+", default=[10.0, 60.0], help="lengths of files")
    parser.add_argument("--json", action="store_true", help="measure the only length here, and print JSON")
    args = parser.parse_args()
    if args.json:
        print(json.dumps(front_end(args.minutes[0])))
        return
    took = network()
    ratio = took["engine"] / took["onnxruntime"]
    print(
        f"network: {took['engine']:.2f} s an image, {ratio:.1f} times onnxruntime ({took['onnxruntime']:.2f} s)"
    )
    for minutes in args.minutes:
        command = [sys.executable, "-m", "benchmarks.orca", "--json", "--minutes", str(minutes)]
        row = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        told = f"{row['seconds']:.1f} s for {row['windows']} windows, {row['memory']:.0f} MiB at most"
        print(f"front end, {minutes:g} minutes: {told}", flush=True)


if __name__ == "__main__":
    main()
