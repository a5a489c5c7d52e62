"""The pipeline ``performance/muq``: from sound to scores of a performance, and long recordings chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from modelparity.errors import InputError
from modelparity.graph import Array, Graph, GraphBuilder, Node, TensorSpec
from modelparity.stages import Given, Networks, Numeric, Pipeline

from ..names import MUQ, NAME
from . import models
from .muq import front_end
from .muq.front_end import LEAST, RATE
from .muq.graph import HIDDEN, MASK, PICTURE

#: Samples in a chunk: longer recordings are cut, and chunks know nothing of each other.
CHUNK = 30 * RATE
NEEDS = (
    "Without published weights of MuQ (folder muq of MODELPARITY_PERFORMANCE) and trained ones of A1 (folder a1) "
    "both networks are small and seeded: scores mean nothing then."
)


def sound(value: Any, *, rate: float | None = None) -> Array:
    """Samples (sample,) or (sample, channel) at 24 kHz -> (sample,) float32, channels averaged.

    Whole numbers are divided by their full scale: 16 bits by 32768.

    Raises:
        InputError: another rate or none, another shape, samples that are not finite, fewer than 1025, more than 30 s.
    """
    if rate != RATE:
        raise InputError(
            f"MuQ knows sound of {RATE:,} samples a second only",
            found=f"rate={rate!r}",
            expected=f"rate={RATE}",
            fix=f"resample it, then give rate={RATE} beside audio=",
        )
    array = np.asarray(value)
    if array.dtype.kind not in "fi" or array.ndim not in (1, 2) or not array.shape[-1]:
        raise InputError(
            "not sound",
            found=f"{array.dtype} of shape {array.shape}",
            expected="floats or signed whole numbers (sample,) or (sample, channel)",
        )
    if array.dtype.kind == "i":
        array = array / -float(np.iinfo(array.dtype).min)
    if not np.isfinite(array).all():
        raise InputError(
            "samples are not finite", found=f"{int((~np.isfinite(array)).sum())} of {array.size}"
        )
    if not LEAST <= len(array) <= CHUNK:
        raise InputError(
            f"{len(array)} samples are too {'few' if len(array) < LEAST else 'many'}",
            expected=f"{LEAST} to {CHUNK}",
            fix="modelparity_families.performance.audio.pipeline.embedding takes a long recording by chunks"
            if len(array) > CHUNK
            else None,
        )
    kept: Array = (array if array.ndim == 1 else array.mean(axis=1)).astype(np.float32)
    return kept


@dataclass(frozen=True)
class Recording:
    """MuQ on one recording: logmel (mel, frame) -> hidden (state, vector, width) of the last four layers."""

    key: str = MUQ

    def load(self) -> Graph:
        """The network. Raises as `Model.load`."""
        return _alone(models.muq_averaged(), PICTURE, MASK, HIDDEN, 1)


@dataclass(frozen=True)
class Performance:
    """A1 on one performance: embedding (vector, feature) -> scores (label)."""

    key: str = models.A1

    def load(self) -> Graph:
        """The network. Raises as `Model.load`."""
        return _alone(models.model(models.A1).load(), "embeddings", "mask", "scores", 0)


def picture(
    *,
    outside: front_end.Outside = "reflect",
    mel_scale: front_end.MelScale = "htk",
    mel_norm: front_end.MelNorm = "none",
) -> Graph:
    """audio (sample) -> logmel (mel, frame) in dB, as `front_end.logmel` has it

    Args:
        outside: "reflect", "zeros" or "edge": what lies before the first sample and behind the last.
        mel_scale: "htk" or "slaney".
        mel_norm: "none", or "slaney" for triangles of the same area.
    """
    whole = front_end.logmel(outside=outside, mel_scale=mel_scale, mel_norm=mel_norm)
    return _alone(whole, "audio", "", "logmel", 0)


def averaged() -> Graph:
    """hidden (state, vector, width) -> embedding (vector, width): the mean of the states."""
    stage = GraphBuilder("embedding")
    x = stage.given("hidden", "state", "vector", "width")
    stage.node("reduce_mean", x, "embedding", axes=(0,))
    return stage.graph("embedding")


@cache
def pipelines() -> Mapping[str, Pipeline]:
    """The audio side's pipelines by name."""
    parts = (
        Given("audio", read=sound, about="samples as float32, channels averaged"),
        Numeric("logmel", ("audio",), graph=picture, about="128 mel bands in dB, 100 frames a second"),
        Networks(
            "hidden", ("logmel",), members=(Recording(),), about="MuQ's layers 9 to 12, 25 vectors a second"
        ),
        Numeric("embedding", ("hidden",), graph=averaged, about="their mean"),
        Networks("scores", ("embedding",), members=(Performance(),), about="A1's scores, between 0 and 1"),
    )
    about = "scores of a piano performance from its sound, by MuQ and what learned on top of it"
    return {MUQ: Pipeline(f"{NAME}/{MUQ}", parts, about, needs=NEEDS)}


def chunks(audio: Array, size: int = CHUNK) -> Iterator[Array]:
    """Pieces of audio (sample, ...) of ``size`` samples, the last one shorter.

    Raises `InputError` for a last piece of fewer than 1025 samples, which the front end cannot take.
    """
    rest = len(audio) % size
    if not len(audio) or 0 < rest < LEAST:
        raise InputError(
            f"the last chunk has {rest} samples",
            expected=f"{LEAST} at least",
            fix="cut the recording, or pad it",
        )
    for start in range(0, len(audio), size):
        yield audio[start : start + size]


def embedding(audio: Array, *, rate: float, size: int = CHUNK) -> Array:
    """The embedding (vector, width) of a recording of any length: of its chunks, one behind the other.

    ``mp.pipeline("performance/muq").run(embedding=...)`` makes scores of it. Raises `InputError` as that does.
    """
    own = pipelines()[MUQ]
    made = [own.run(audio=one, rate=rate, until="embedding")["embedding"] for one in chunks(audio, size)]
    return np.concatenate(made)


def _alone(graph: Graph, given: str, mask: str, gives: str, axis: int) -> Graph:
    """A graph on a batch of one: without the batch's axis, the first of its input and ``axis`` of its output.

    All of what a mask would tell counts.
    """
    (spec,) = (one for one in graph.inputs if one.name == given)
    batched = {given: f"{given}_batch", gives: f"{gives}_batch"}

    def renamed(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(batched.get(name, name) for name in names)

    inner = (
        Node(n.name, n.op, renamed(n.inputs), renamed(n.outputs), n.attrs, n.origin) for n in graph.nodes
    )
    first = Node("one", "expand_dims", (given,), (batched[given],), {"axes": (0,)})
    last = Node("of_one", "squeeze", (batched[gives],), (gives,), {"axes": (axis,)})
    constants = {mask: np.ones((1, 1), np.float32)} if mask else {}
    return graph.changed(
        inputs=(TensorSpec(given, spec.axes[1:]),),
        outputs=(gives,),
        nodes=(first, *inner, last),
        constants={**graph.constants, **constants},
        defaults={},
    )
