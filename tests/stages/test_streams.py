"""A pipeline block by block gives what it gives of the whole; a stage that needs later frames is named."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from modelparity.errors import InputError, NotCausalError
from modelparity.stages import Decoder, Events, Function, Given, Networks, Numeric, Pipeline

from .conftest import Unit, above, loudness


class Above:
    """`above`, block by block."""

    def __init__(self, *, threshold: float, fps: float) -> None:
        self.threshold, self.fps, self.frames, self.before = threshold, fps, 0, False

    def push(self, activations):
        on = np.asarray(activations) >= self.threshold
        starts = np.flatnonzero(on & ~np.concatenate(([self.before], on[:-1])))
        found = (starts + self.frames) / self.fps
        self.frames += len(on)
        self.before = bool(on[-1]) if len(on) else self.before
        return found


def framed(frames, *, rate: int | None = None):
    """Frames of ten samples each."""
    if rate != 1000:
        raise InputError("another rate", found=rate, expected=1000)
    return np.asarray(frames)


@pytest.fixture
def online() -> Pipeline:
    return Pipeline(
        "toy/online",
        (
            Given("audio", read=framed),
            Numeric("features", ("audio",), graph=loudness),
            Networks("activations", ("features",), members=(Unit("one", 2.0), Unit("two", 3.0))),
            Decoder("events", ("activations",), function=above, gives=Events(), online=Above),
        ),
        causal=True,
    )


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(0, 20), min_size=1, max_size=8), threshold=st.floats(0.1, 0.9))
def test_blocks_joined_are_the_whole(online, audio, sizes, threshold):
    pipeline = online.with_settings(threshold=threshold)
    made, at, parts = pipeline.stream(rate=1000), 0, []
    frames = np.tile(audio.reshape(-1, 10), (4, 1))
    for size in (*sizes, 1):
        parts.append(made.push(frames[at : at + size]))
        at += size
    whole = pipeline.run(audio=frames[:at], rate=1000)
    for name in ("features", "activations", "events"):
        joined = np.concatenate([part[name] for part in parts])
        np.testing.assert_allclose(joined, whole[name], rtol=1e-6)
        assert joined.dtype == whole[name].dtype


def test_a_stream_ends_where_it_is_told_and_starts_anew(online, audio):
    frames = audio.reshape(-1, 10)
    made = online.stream(rate=1000, until="activations")
    first = made.push(frames[:7])
    assert list(first) == ["features", "activations"]
    with pytest.raises(InputError, match="differs from the blocks before it"):
        made.push(frames[:7].astype(np.float64))
    made.reset()
    again = made.push(frames[:7].astype(np.float64))
    np.testing.assert_allclose(again["activations"], first["activations"], rtol=1e-6)
    with pytest.raises(InputError, match="another rate"):
        online.stream().push(frames)


def test_the_stage_that_needs_later_frames_is_named(toy, online):
    with pytest.raises(NotCausalError, match="stage 'features'"):
        toy.stream(rate=1000)
    decoder = Decoder("events", ("activations",), function=above, gives=Events())
    with pytest.raises(NotCausalError, match=r"stage 'events' .*\n.*\n.*until='activations'"):
        Pipeline("toy/late", (*online.parts[:3], decoder)).stream(rate=1000)
    mean = Function("mean", ("audio",), function=lambda x: x - x.mean())
    with pytest.raises(NotCausalError, match="stage 'mean' needs all"):
        Pipeline("toy/mean", (online.parts[0], mean)).stream(rate=1000)
    two = Numeric("features", ("audio", "beats"), graph=loudness)
    with pytest.raises(NotCausalError, match="takes one sound"):
        Pipeline("toy/two", (online.parts[0], Given("beats"), two)).stream(rate=1000)
