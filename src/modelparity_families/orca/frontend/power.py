"""How strong each band is in each frame: stage ``power``."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from modelparity.graph import Graph, GraphBuilder
from modelparity.stages import Mistakes, Span, one_of

from ...mel_filters import NORMS, SCALES, filters
from .resampling import RATE, Rate, Seconds
from .spectrum import Taper, spectrum

#: Mistakes that ports are known to have, likelier ones first.
Outside = Annotated[
    str, Mistakes({"zeros": "zeros in place of mirrored samples outside", "edge": "edge repeated outside"})
]
MelScale = Annotated[str, Mistakes({"slaney": "Slaney's mel scale"})]
MelNorm = Annotated[str, Mistakes({"slaney": "bands normalised as Slaney does"})]
Exponent = Annotated[int, Span(1, 2), Mistakes({1: "magnitudes in place of power"})]
MelRate = Annotated[Rate, Mistakes({RATE: "filters for the rate that the windows have"})]
Silence = Annotated[float, Span(0, 1e5), Mistakes({4.0: "silence to 4 s before the transform"})]
Size = Annotated[int, Span(1, 1 << 20)]
Hertz = Annotated[float, Span(0, 5e6)]
Highest = Annotated[Hertz, Mistakes({8_000.0: "filters no higher than half the rate that they assume"})]


def mel_power(
    *,
    window: Seconds = 2.0,
    strict: bool = True,
    sample_rate: Rate = RATE,
    silence_s: Silence = 0.0,
    n_fft: Size = 2560,
    hop_length: Size = 256,
    taper: Taper = "hann-periodic",
    centered: bool = True,
    outside: Outside = "reflect",
    exponent: Exponent = 2,
    transform: str = "fft",
    bands: Size = 256,
    mel_sample_rate: MelRate = 16_000,
    mel_f_min: Hertz = 0.0,
    mel_f_max: Highest = 10_000.0,
    mel_scale: MelScale = "htk",
    mel_norm: MelNorm = "none",
) -> Graph:
    """windows (window, sample) -> power (window, mel, time)

    |sum over n of w[n] x[n] exp(-2 pi i k n / N)|^2 of each frame, summed up by `filters`; 1 + floor(samples / hop)
    frames, which lie around their samples. Where windows may be shorter, a window is mirrored at its own end,
    power_frames (window) says how many frames it has, and those behind are 0.

    Args:
        window: seconds in a window.
        strict: whether all windows are whole.
        sample_rate: of the windows, in Hz.
        silence_s: shorter windows get zeros behind them, to so many seconds, before they are transformed.
        n_fft: samples in a frame.
        hop_length: samples from one frame to the next.
        taper: a key of `spectrum.TAPERS`; torch's is "hann-periodic".
        centered: whether the first frame lies around the first sample, or begins with it.
        outside: "reflect", "zeros" or "edge": what lies before the first sample and behind the last.
        exponent: 2 for power, 1 for magnitudes.
        transform: "fft", or "product" for products with cosines and sines, which ports have where there is no FFT.
            The values are the same, but more of them is due to rounding.
        bands: how many.
        mel_sample_rate: the rate that the filters are laid for. 16 kHz is torchaudio's default and was never passed,
            though windows have 20 kHz: a filter labelled f passes 1.25 f.
        mel_f_min: the lowest frequency of the filters, in Hz.
        mel_f_max: the highest one. Above 8 kHz there are no bins, so that the last 18 bands are empty.
        mel_scale: "htk" or "slaney".
        mel_norm: "none", or "slaney" for triangles of the same area.

    Raises:
        InputError: a setting has no such value.
    """
    one_of("outside", outside, ("reflect", "zeros", "edge"))
    one_of("mel_scale", mel_scale, SCALES)
    one_of("mel_norm", mel_norm, NORMS)
    stage = GraphBuilder("power")
    x = stage.given("windows", "window", "sample")
    size, silent = int(window * sample_rate), int(silence_s * sample_rate)
    if silent > size:
        x = stage.node("pad", x, "with_silence", before=(0, 0), after=(0, silent - size))
    size = max(size, silent)
    before, frames = (n_fft // 2 if centered else 0), ""
    given: tuple[str, ...]
    if not strict:
        length = stage.given("windows_length", "window", dtype="int64")
        if silent:
            length = stage.node(
                "maximum", (length, stage.constant("silent", np.asarray(silent))), "filled_up"
            )
        frames = _counted(stage, length, n_fft if not centered else 0, hop_length)
        x = _mirrored(stage, x, length, size, n_fft, outside)
        count = 1 + (size if centered else size - n_fft) // hop_length
        given = (
            stage.node("transpose", x, "samples", axes=(1, 0)),
            stage.constant("count", np.asarray(count)),
        )
    else:
        given = (stage.node("transpose", x, "samples", axes=(1, 0)),)
    counted = "to-end" if centered else "whole"
    cuts = {"size": n_fft, "hop": float(hop_length), "before": before, "outside": outside, "counted": counted}
    cutted = stage.node("frames", given, "frames", **cuts)
    cutted = stage.node("transpose", cutted, "frames_of_windows", axes=(2, 0, 1))
    strength = spectrum(stage, cutted, n_fft=n_fft, taper=taper, exponent=exponent, transform=transform)
    matrix = filters(
        n_fft // 2 + 1,
        bands,
        rate=mel_sample_rate,
        low=mel_f_min,
        high=mel_f_max,
        scale=mel_scale,
        norm=mel_norm,
    )
    mel = stage.node("filterbank", (strength, stage.constant("filters", matrix)), "mel")
    if strict:
        stage.node("transpose", mel, "power", axes=(0, 2, 1))
        return stage.graph("power")
    every = stage.node("transpose", mel, "every_frame", axes=(0, 2, 1))
    there = within(stage, frames, 1 + size // hop_length, "frames_there") if centered else ""
    if not centered:
        there = within(stage, frames, count, "frames_there")
    stage.node("select", (there, every, stage.constant("nothing", 0.0)), "power")
    return stage.graph("power", frames)


def within(stage: GraphBuilder, count: str, most: int, name: str) -> str:
    """Which of ``most`` frames a window has: (window, 1, most), from how many there are (window)."""
    places = stage.constant(f"{name}_places", np.arange(most, dtype=np.int64)[None, None])
    wide = stage.node("expand_dims", count, f"{name}_count", axes=(1, 2))
    return stage.node("less", (places, wide), name)


def _counted(stage: GraphBuilder, length: str, size: int, hop: int) -> str:
    """How many frames a window of that length has, at least 0."""
    less, by = (
        stage.constant(name, np.asarray(value, np.int64)) for name, value in (("size", size), ("by", hop))
    )
    one = stage.constant("one", np.asarray(1, np.int64))
    whole = stage.node("floor_div", (stage.node("sub", (length, less), "room"), by), "hops")
    none = stage.constant("none", np.asarray(0, np.int64))
    counted = stage.node("maximum", (stage.node("add", (whole, one), "counted"), none), "at_least_none")
    return stage.node("identity", counted, "power_frames")


def _mirrored(stage: GraphBuilder, x: str, length: str, size: int, n_fft: int, outside: str) -> str:
    """Windows (window, size + n_fft), each continued behind its own end as ``outside`` says."""
    more = size + n_fft
    places = stage.constant("places", np.arange(more, dtype=np.int64)[None])
    own = stage.node("expand_dims", length, "own_length", axes=(1,))
    one, none = (stage.constant(f"whole_{n}", np.asarray(n, np.int64)) for n in (1, 0))
    last = stage.node("maximum", (stage.node("sub", (own, one), "before_end"), none), "last")
    if outside == "reflect":
        two = stage.constant("whole_2", np.asarray(2, np.int64))
        turn = stage.node("maximum", (stage.node("mul", (last, two), "twice"), one), "turn")
        over = stage.node("mod", (places, turn), "over")
        at = stage.node("minimum", (over, stage.node("sub", (turn, over), "back")), "mirrored")
        at = stage.node("minimum", (at, last), "at")
    else:
        at = stage.node("minimum", (places, last), "at")
    found = stage.node("gather_batched", (x, at), "continued", axis=1, batch_dims=1)
    if outside == "zeros":
        inside = stage.node("less", (places, own), "inside")
        found = stage.node("select", (inside, found, stage.constant("silence", 0.0)), "ended")
    return found
