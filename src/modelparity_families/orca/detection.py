"""A file from its samples to a verdict, some windows after others: what is held does not grow with the file."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from modelparity import run
from modelparity.errors import InputError
from modelparity.family import Progress
from modelparity.graph import Array, GraphBuilder
from modelparity.stages import Pipeline

from .files import Samples, opened
from .frontend.orders import kept, sliced_first
from .verdict import Detection, verdict

#: Windows that are computed together; more where their starts fall on whole seconds less often.
GROUP = 16
#: Logits (window, class) of images (window, channel, mel, time).
Network = Callable[[Array], Array]


@dataclass(frozen=True)
class Found:
    """A file's confidences (window), its verdict, its length in seconds, and a small spectrogram (mel, column)."""

    confidences: Array
    verdict: Detection
    seconds: float
    spectrogram: Array


def detect(path: Path, pipeline: Pipeline, network: Network, progress: Progress | None = None) -> Found:
    """What the pipeline says of a sound file, with ``network`` in place of its own.

    A setting that needs the whole file (``normalize``) has it read twice. Raises `ArtefactError` for a file that is
    no sound, and `Unavailable`.
    """
    chosen = pipeline.settings
    shares, columns = [np.zeros(0, np.float32)], [np.zeros((chosen["bands"], 0), np.float32)]
    with opened(path) as file:
        seconds, total = file.total / file.rate, count(pipeline, file.total, file.rate)
    for images in groups(path, pipeline):
        logits = network(images)
        made = pipeline.run(logits=logits, until="confidences")["confidences"]
        shares.append(made)
        columns.append(_columns(images, chosen["hop"] * chosen["sample_rate"] / chosen["hop_length"], total))
        if progress is not None:
            progress(path.name, sum(map(len, shares)), total)
    confidences = np.concatenate(shares)
    said = pipeline.run(confidences=confidences)["verdict"] if len(confidences) else verdict(confidences)
    return Found(confidences, said, seconds, np.concatenate(columns, axis=1))


def count(pipeline: Pipeline, total: int, rate: int) -> int:
    """How many windows a file of so many samples has."""
    chosen = pipeline.settings
    if not sliced_first(chosen["order"]):
        total, rate = -(-total * chosen["sample_rate"] // rate), chosen["sample_rate"]
    hops = float(total / (chosen["hop"] * rate))
    if not chosen["strict"]:
        return math.ceil(hops)
    size = int(chosen["window"] * rate)
    starts = (int(int(i * chosen["hop"] * 1000) * rate / 1000) for i in range(math.floor(hops)))
    return int(sum(start + size <= total for start in starts))


def groups(path: Path, pipeline: Pipeline) -> Iterator[Array]:
    """Images (window, channel, mel, time) of some windows after others, as `Pipeline.run` has them of all."""
    chosen = pipeline.settings
    order, hop, window = chosen["order"], chosen["hop"], chosen["window"]
    together = Fraction(hop).limit_denominator(1000).denominator
    together *= -(-GROUP // together)
    if chosen["resample_way"] == "fourier" and not sliced_first(order):
        raise InputError(
            "an FFT takes all of a file at once, and files are read in pieces",
            where=path,
            found=f"resample_way='fourier', order={order!r}",
            expected="another way, or an order that cuts windows first",
            fix="--set order=original",
        )
    peak = None
    if chosen["normalize"] and not sliced_first(order):
        peak = max((float(np.abs(one).max(initial=0)) for one in _resampled(path, pipeline)), default=0.0)
    with opened(path) as file:
        number = count(pipeline, file.total, file.rate)
        for first in range(0, number, together):
            some = min(together, number - first)
            start, end = first * hop, (first + some - 1) * hop + window
            if sliced_first(order):
                audio = file.between(round(start * file.rate), math.ceil(end * file.rate) + 1)
                found = pipeline.run(audio=audio, rate=file.rate, until="image")
            else:
                x = _level(_at_rate(file, pipeline, start, end), peak, chosen["pcm"])
                found = pipeline.run(resampled=x, until="image")
            yield found["image"][:some]


def _resampled(path: Path, pipeline: Pipeline) -> Iterator[Array]:
    """All of a file at the rate of the network, in pieces, before it is written as 16 bits."""
    with opened(path) as file:
        for second in range(math.ceil(file.total / file.rate)):
            yield _at_rate(file, pipeline, second, second + 1)


def _at_rate(file: Samples, pipeline: Pipeline, start: float, end: float) -> Array:
    """Samples of one channel from ``start`` to ``end`` (seconds) at the rate of the network, not yet in 16 bits.

    So many are read around them as the filter reaches, from a whole second on: there both rates have a sample.
    """
    chosen = pipeline.settings
    to = chosen["sample_rate"]
    reach = math.ceil(chosen["resample_half"] * max(1.0, file.rate / to) / file.rate) + 1
    first = max(0, math.floor(start) - reach)
    audio = file.between(first * file.rate, math.ceil(end + reach) * file.rate)
    plain = pipeline.with_settings(normalize=False, pcm="none")
    graph = plain.graph("resampled", dtype=audio.dtype.name, channels=file.channels)
    made = run(graph, {"audio": audio, "rate": np.asarray(file.rate)})["resampled"]
    total = -(-file.total * to // file.rate)
    begin, stop = round(start * to) - first * to, min(math.ceil(end * to), total) - first * to
    piece: Array = made[begin : max(begin, stop)]
    return piece


def _level(x: Array, peak: float | None, pcm: str) -> Array:
    """Samples at the level of the file's loudest one, then as 16 bits keep them."""
    stage = GraphBuilder("level")
    given = stage.given("x", "sample", dtype="float64")
    if peak:
        given = stage.node("div", (given, stage.constant("peak", np.asarray(peak))), "level")
    kept(stage, given, "kept", pcm=pcm, here=True)
    found: Array = run(stage.graph("kept"), x)["kept"].astype(np.float32)
    return found


def _columns(images: Array, frames: float, total: int) -> Array:
    """(mel, column): what each window is the first to see, a few columns each."""
    width = max(1, min(round(frames), images.shape[-1]))
    parts = max(1, min(width, 20, 1200 // max(total, 1)))
    ends = np.linspace(0, width, parts + 1).astype(int)
    made = [images[:, 0, :, a:b].mean(-1) for a, b in pairwise(ends)]
    found: Array = np.stack(made, -1).transpose(1, 0, 2).reshape(images.shape[2], -1)
    return found


def network_of(pipeline: Pipeline, *, batch: int = 8) -> tuple[str, Network]:
    """What computes the logits: PyTorch where it is installed, else the engine; and its name."""
    from importlib.util import find_spec

    from .layers import Layers
    from .models import weights

    member = pipeline.stage("logits").members[0]  # type: ignore[attr-defined]
    if find_spec("torch") is None:
        return "engine", lambda images: pipeline.run(image=images, until="logits")["logits"]
    import torch

    from .network import module_of

    module = module_of(Layers(), weights(member.path()))

    def compute(images: Array) -> Array:
        with torch.inference_mode():
            parts: list[Any] = [
                module(torch.from_numpy(np.ascontiguousarray(images[at : at + batch]))).numpy()
                for at in range(0, len(images), batch)
            ]
        return np.concatenate(parts)

    return "torch", compute
