"""Every model in every runtime that is here, each runtime in a fresh process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from modelparity import convert
from modelparity.describe import state_size
from modelparity.errors import RuntimeFailure
from modelparity.family import Progress
from modelparity.graph import Array
from modelparity.runtimes import runtime

from ..graph import graph_of
from ..models import locate, weights
from ..specs import FLOAT, LATENCY, MEMORY
from ..stack import Stack, stack
from . import child

#: Seconds that one runtime may take for all its models.
PATIENCE = 600


@dataclass(frozen=True)
class Figure:
    """One model in one runtime. Times are seconds of one call of one frame, memory is bytes.

    ``counted`` is weights and state as float32, ``late`` the number of calls beyond the budget; ``resident`` is what
    the process grew by, where that was measured.
    """

    model: str
    runtime: str
    median: float
    p99: float
    worst: float
    calls: int
    late: int
    counted: int
    resident: int | None

    @property
    def fast(self) -> bool:
        """Whether even the slowest call kept the budget."""
        return self.worst <= LATENCY

    @property
    def small(self) -> bool:
        """Whether the model keeps the budget of memory."""
        return self.counted <= MEMORY

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {**vars(self), "fast": self.fast, "small": self.small}


@dataclass(frozen=True)
class Benchmark:
    """All figures, and why a runtime has none."""

    figures: tuple[Figure, ...]
    absent: Mapping[str, str]

    @property
    def kept(self) -> bool:
        """Whether every model keeps the budget, by its median call."""
        return all(one.median <= LATENCY and one.small for one in self.figures)

    def to_json(self) -> dict[str, Any]:
        """As plain data, with the budget and the versions of what took part."""
        from modelparity.report import environment

        return {
            "format": "modelparity benchmark",
            "version": 1,
            "budget": {"seconds": LATENCY, "bytes": MEMORY},
            "environment": environment(),
            "absent": dict(self.absent),
            "figures": [figure.to_json() for figure in self.figures],
        }


def measure(
    models: Sequence[str], runtimes: Sequence[str], *, frames: int = 5000, progress: Progress | None = None
) -> Benchmark:
    """Times of ``frames`` calls of each model in each runtime, on one thread, after `child.WARM` for nothing."""
    say = progress or (lambda what, done, total: None)
    figures: list[Figure] = []
    absent: dict[str, str] = {}
    for place, name in enumerate(runtimes):
        say(name, place, len(runtimes))
        if (missing := runtime(name).missing()) is not None:
            absent[name] = missing
            continue
        found = _native(models, frames) if name == "rtneural" else _child(name, models, frames)
        figures += [_figure(model, name, *found[model]) for model in models]
    figures.sort(key=lambda one: models.index(one.model))
    return Benchmark(tuple(figures), absent)


def _figure(model: str, runtime: str, seconds: Array, resident: int | None) -> Figure:
    own = stack(model)
    graph = graph_of(own, _weights(own))
    median, p99 = np.percentile(seconds, (50, 99))
    late = int((seconds > LATENCY).sum())
    counted = FLOAT * (own.parameters + state_size(graph))
    return Figure(
        model, runtime, float(median), float(p99), float(seconds.max()), len(seconds), late, counted, resident
    )


def _child(name: str, models: Sequence[str], frames: int) -> dict[str, tuple[Array, int | None]]:
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    command = [sys.executable, "-m", child.__name__, name, str(frames), *models]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            env={**os.environ, **threads},
        )
    except subprocess.TimeoutExpired as error:
        raise RuntimeFailure(f"{name} took longer than {PATIENCE} seconds", fix="fewer --frames") from error
    if done.returncode:
        raise RuntimeFailure(
            f"{name} could not be measured", found=done.stderr.strip()[-800:] or done.returncode
        )
    found = json.loads(done.stdout)
    return {model: (np.array(one["seconds"]), int(one["resident"])) for model, one in found.items()}


def _native(models: Sequence[str], frames: int) -> dict[str, tuple[Array, int | None]]:
    """RTNeural's own clock around each call of forward, in its own process; Python has no part in it."""
    from modelparity.runtimes.rtneural import RTNeural

    found: dict[str, tuple[Array, int | None]] = {}
    running = RTNeural(limit=PATIENCE)
    with tempfile.TemporaryDirectory() as folder:
        for model in models:
            own = stack(model)
            path = convert(graph_of(own, _weights(own)), Path(folder) / f"{model}.json")
            x = np.random.default_rng(0).standard_normal((child.WARM + frames, own.input), dtype=np.float32)
            _, seconds = running.timed(path, {"x": x})
            found[model] = (np.asarray(seconds).reshape(-1)[child.WARM :], None)
    running.close()
    return found


def _weights(own: Stack) -> dict[str, Array]:
    return weights(own, locate(own.name))
