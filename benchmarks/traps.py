"""Known mistakes in the settings of madmom's pipelines: how many are caught, placed in their stage, and named.

Each mistake that a setting declares is made to a pipeline, for sound of a few seconds in two channels; what it gives
of a stage, rounded to float32 by an arithmetic that errs as floats do, is checked. Those that change nothing on this
sound must raise no name. Run it from the root of a checkout:
``python -m benchmarks.traps [--stages features|activations|events ...] [--seconds 1.5] [--songs 1] [NAME ...]``.
"""

from __future__ import annotations

import os

for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[_variable] = "1"

import argparse
import time
import warnings
from collections import Counter
from typing import Any

import numpy as np

import modelparity as mp
from modelparity.errors import ModelparityError
from modelparity.stages import Decoder
from modelparity.stages.chain import Chain
from modelparity.stages.checking import Check
from modelparity.stages.mistakes import changes
from modelparity.stages.running import Run, facts, reading

RATE = 44_100


def song(seconds: float, seed: int = 1) -> Any:
    """Struck tones over noise, in two channels: int16 (sample, channel)."""
    rng, t = np.random.default_rng(seed), np.arange(round(seconds * RATE)) / RATE
    sound = rng.normal(size=t.size) * 0.01
    for place in range(int(seconds / 0.45)):
        since = t - 0.05 - 0.45 * place
        pitch = 220 * 2 ** (rng.integers(24) / 12)
        tone = sum(np.sin(2 * np.pi * pitch * k * since) / k for k in (1, 2, 3, 5))
        sound += np.where(since >= 0, tone * np.exp(-np.maximum(since, 0) * 6), 0)
    sound /= 1.5 * np.abs(sound).max()
    both = np.stack([sound, np.roll(sound, 30) * 0.7 + rng.normal(size=t.size) * 0.005], axis=1)
    return (both * 32_767).astype(np.int16)


def stages_of(pipeline: Any, kinds: list[str]) -> list[str]:
    """The stages that are checked: the last of numbers before the networks, the activations, the events."""
    named = {"activations": ["activations"], "events": ["events"]}
    numeric = [name for name in pipeline.stages if pipeline.stage(name).kind in ("numeric", "function")]
    named["features"] = numeric[-1:]
    if pipeline.name == "madmom/bars":
        named["features"] = ["rhythmic_by_beat", "harmonic_by_beat"]
    return [stage for kind in kinds for stage in named[kind]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    kinds = ["features", "activations", "events"]
    parser.add_argument("--stages", nargs="+", choices=kinds, default=kinds)
    parser.add_argument("--seconds", type=float, default=1.5, help="length of the sound")
    parser.add_argument("--songs", type=int, default=1, help="how many different ones")
    parser.add_argument("--explain", type=float, default=600.0, help="seconds for each search")
    asked = parser.parse_args()
    names = asked.names or [name for name in mp.pipelines() if name.startswith("madmom/")]
    total: Counter[str] = Counter()
    for name in names:
        count: Counter[str] = Counter()
        start = time.process_time()
        pipeline = mp.pipeline(name)
        for seed in range(asked.songs):
            given: dict[str, Any] = {"audio": song(asked.seconds, 1 + seed), "rate": RATE}
            if name == "madmom/bars":
                given["beats"] = np.arange(0.2, asked.seconds, 0.45)
            for stage in stages_of(pipeline, asked.stages):
                measured(pipeline, given, stage, count, asked.explain)
        seconds = time.process_time() - start
        print(f"{name}: {told(count)}; {seconds / max(1, count['made']):.1f} s each", flush=True)
        total += count
    print(f"all: {told(total)}")


def told(count: Counter[str]) -> str:
    changed = count["made"] - count["equal"]
    return (
        f"{count['made']} mistakes, {count['equal']} change nothing here ({count['named equal']} of them named); of "
        f"{changed}, {count['caught']} caught, {count['placed']} placed, {count['named']} named"
    )


def measured(pipeline: Any, given: Any, stage: str, count: Counter[str], explain: float) -> None:
    own = {stage}
    beside = {}
    if isinstance(pipeline.stage(stage), Decoder):  # beside the reference's own values before it
        run = pipeline.run(**given)
        beside = {one: run[one] for one in pipeline.stage(stage).takes if one not in given}
    else:
        open_ones = [stage]
        while open_ones:
            for one in pipeline.stage(open_ones.pop()).takes:
                if pipeline.stage(one).kind != "given" and one not in own:
                    own.add(one)
                    open_ones.append(one)
    read = reading(pipeline, {**given, **beside})
    reference = Chain(Run(pipeline, read, (stage,), facts(pipeline, read)).compute())
    right = reference.run.value(stage)
    for change in changes(pipeline, [one.name for one in pipeline.parts if one.name in own]):
        if not change.known:
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                theirs = change.made(pipeline).run(**given, **beside, until=stage)[stage]
        except (ModelparityError, ValueError, IndexError):  # loud
            continue
        count["made"] += 1
        if not isinstance(pipeline.stage(stage), Decoder):
            theirs = _erring(np.asarray(theirs))
        found = Check(reference, {stage: theirs}, {}, "rounding", explain, None).result()[stage]
        same = np.shape(theirs) == np.shape(right) and (
            found.accepted
            if not isinstance(pipeline.stage(stage), Decoder)
            else np.array_equal(theirs, right)
        )
        if same:
            count["equal"] += 1
            count["named equal"] += bool(found.causes)
            continue
        count["caught"] += found.failed
        placed = any(set(cause.nodes) & change.touches for cause in found.causes)
        keys = {f"{cause.fault}={cause.variant}" for cause in found.causes}
        keys |= {key for cause in found.causes for key in cause.alike}
        count["placed"] += placed
        count["named"] += change.key in keys
        if change.key not in keys:
            said = [cause.text[:110] for cause in found.causes]
            print(f"  {pipeline.name} {stage}: {change.key} not named ({found.band}): {said}", flush=True)


def _erring(values: Any) -> Any:
    """The values with an error of about one unit in the last place, as another program has."""
    if values.dtype.kind != "f":
        return values
    errors = np.random.default_rng(0).integers(-1, 2, size=values.shape)
    single = values.astype(np.float32)
    erred = single + errors.astype(np.float32) * np.spacing(single)
    return np.where(single == 0, single, erred).astype(np.float32)


if __name__ == "__main__":
    main()
