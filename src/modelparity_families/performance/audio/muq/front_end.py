"""From a waveform to the picture that MuQ sees: stage ``logmel``, and what a mask of samples says of vectors."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from modelparity.errors import InputError
from modelparity.graph import Array, Axis, Graph, GraphBuilder, TensorSpec
from modelparity.stages import Mistakes, Span

from ....mel_filters import filters

#: Samples a second.
RATE = 24_000
#: Samples in a frame, and the fewest that a recording has: the half frame on each side is mirrored.
SIZE = 2048
LEAST = SIZE // 2 + 1

Outside = Annotated[str, Mistakes({"zeros": "zeros in place of mirrored samples outside"})]
MelScale = Annotated[str, Mistakes({"slaney": "Slaney's mel scale"})]
MelNorm = Annotated[str, Mistakes({"slaney": "bands normalised as Slaney does"})]


def logmel(
    *,
    hop: Annotated[int, Span(1, SIZE)] = 240,
    mels: Annotated[int, Span(1, SIZE)] = 128,
    outside: Outside = "reflect",
    mel_scale: MelScale = "htk",
    mel_norm: MelNorm = "none",
    highest: Annotated[float, Span(1, RATE)] = RATE / 2,
    least: Annotated[float, Span(0, 1)] = 1e-10,
) -> Graph:
    """audio (batch, sample) at 24 kHz -> logmel (batch, mel, frame) in dB; samples // hop frames

    10 log10 of the power of each frame in each band, at least 10 log10(least): silence has -100 dB. Frames of 2048
    samples under a periodic Hann window lie around every ``hop``-th sample, and the recording is mirrored at its
    ends; the last frame, which lies around what follows the end, is dropped.

    Args:
        hop: samples from one frame to the next.
        mels: how many bands.
        outside: "reflect", "zeros" or "edge": what lies before the first sample and behind the last.
        mel_scale: "htk" or "slaney".
        mel_norm: "none", or "slaney" for triangles of the same area.
        highest: frequency of the filters in Hz.
        least: power that is counted for less.
    """
    stage = GraphBuilder("logmel")
    x = stage.node("transpose", stage.given("audio", "batch", "sample"), "samples", axes=(1, 0))
    cuts = {"size": SIZE, "hop": float(hop), "before": SIZE // 2, "outside": outside, "counted": "to-end"}
    x = stage.node("slice", stage.node("frames", x, "all_frames", **cuts), "frames", starts=(0,), ends=(-1,))
    x = stage.node("transpose", x, "by_recording", axes=(2, 0, 1))
    x = stage.node("magnitude_spectrum", x, "spectrum", periodic=True, power=2, single=True)
    rows = filters(SIZE // 2 + 1, mels, rate=RATE, low=0.0, high=highest, scale=mel_scale, norm=mel_norm)
    x = stage.node("dense", (x, stage.constant("filters", rows)), "power")
    x = stage.node("log10", stage.node("clip", x, "audible", min=least), "bels")
    x = stage.node("mul", (x, stage.constant("ten", 10.0)), "decibels")
    stage.node("transpose", x, "logmel", axes=(0, 2, 1))
    given = TensorSpec("audio", (Axis("batch"), Axis("sample", least=LEAST)))
    return stage.graph("logmel").changed(inputs=(given,))


def frame_mask(mask: Array, frames: int, each: int) -> Array:
    """mask (batch, sample), True where a recording is -> (batch, frame) float32: which frames count

    All ``each`` frames of a vector are alike. Every int(samples / vectors)-th number of the mask tells of a vector,
    as the original takes them: up to two vectors more may count than the recording alone has. Raises `InputError`
    for a row in which nothing counts.
    """
    whole, vectors = np.asarray(mask).astype(bool), -(-frames // each)
    if whole.ndim != 2 or not 1 <= vectors <= whole.shape[1]:
        raise InputError("no mask of samples", found=whole.shape, expected=f"(batch, at least {vectors})")
    if (empty := np.flatnonzero(~whole.any(axis=1))).size:
        raise InputError(f"row {empty[0]} of the mask is empty: nothing of that recording counts")
    kept = whole[:, :: int(whole.shape[1] / vectors)][:, :vectors]
    spread: Array = np.repeat(kept, each, axis=1)[:, :frames].astype(np.float32)
    return spread
