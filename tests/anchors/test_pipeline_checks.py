"""What madmom computed is judged as right; what is known to go wrong in a port is placed in its stage, and named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import modelparity as mp
from modelparity.errors import Unavailable
from modelparity.stages import Checked

Clip = Callable[[str], dict[str, Any]]


def checked(name: str, **given: Any) -> Checked:
    """The result for a processor; skips where madmom's networks were not fetched."""
    try:
        return mp.pipeline(f"madmom/{name}").check(rate=44_100, **given)
    except Unavailable as error:
        pytest.skip(str(error))


@pytest.mark.parametrize(
    ("name", "events"),
    [
        ("key_cnn", "label"),
        ("chroma_dnn", "dccrf_chords"),
        ("onsets_brnn_pp", "peaks_threshold0.4_smooth0.07_combine0.04_fps100"),
        ("onsets_rnn_online", "peaks_online_threshold0.23_pre0.01_fps100"),
    ],
)
def test_what_madmom_computed_is_right(clip: Clip, name: str, events: str) -> None:
    recorded = clip("chords_I_IV_V_I")
    given = {stage: recorded[f"{name}/{stage}"] for stage in ("features", "activations")}
    found = checked(name, audio=recorded["audio"], events=recorded[f"{name}/{events}"], **given)
    assert found.ok, found
    assert {one.band for one in found.values()} <= {"exact", "rounding"}
    assert all(one.given for one in found.values())


@pytest.mark.parametrize(
    "trap",
    [
        {"window": "hann-periodic"},
        {"scale": "power-of-two"},
        {"fmax": 2600.0},
        {"base": "e"},
        {"norm": "none"},
    ],
)
def test_a_trap_of_the_front_end_is_placed_there_and_named(clip: Clip, trap: dict[str, Any]) -> None:
    audio = clip("chords_I_IV_V_I")["audio"]
    theirs = mp.pipeline("madmom/key_cnn", **trap).run(audio=audio, rate=44_100, until="features")["features"]
    found = checked("key_cnn", audio=audio, features=theirs)
    assert [one.name for one in found.failed] == ["features"]
    (cause,) = found["features"].causes
    (key,) = (f"setting {name}={value!r}" for name, value in trap.items())
    assert key in (f"{cause.fault}={cause.variant}", *cause.alike)
    # Of another number of bands the network computes nothing; what moves it little is rounding behind it.
    after = found["activations"]
    assert (after.band == "unjudged") == (theirs.shape[1] != 105)
    assert not after.judged or after.accepted or after.follows == "features"
