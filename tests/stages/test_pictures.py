"""What a run gave and what a check found can be looked at: a picture a stage, of both sides if there are two."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from modelparity.errors import InputError


def test_a_check_draws_both_sides_of_every_stage(toy, audio, tmp_path):
    whole = toy.run(audio=audio, rate=1000)
    found = toy.check(audio=audio, rate=1000, features=whole["features"] * 1.5, explain=False)
    pictures = found.plot()
    assert list(pictures) == ["features", "activations", "events"]
    for picture in pictures.values():
        assert ET.fromstring(picture).tag.endswith("svg")
    assert "the candidate" in pictures["features"]
    assert "the difference" in pictures["activations"]
    assert pictures._repr_html_().count("<svg") == 3
    assert next(path.name for path in pictures.save(tmp_path / "new")) == "features.svg"
    assert list(found.plot("events")) == ["events"]
    with pytest.raises(InputError, match="nothing to draw of 'audio'"):
        found.plot("audio")


def test_a_run_draws_every_stage_or_those_that_are_named(toy, audio):
    found = toy.run(audio=audio, rate=1000)
    pictures = toy.plot(found)
    assert list(pictures) == list(found)
    for picture in pictures.values():
        assert ET.fromstring(picture).tag.endswith("svg")
        assert "the candidate" not in picture
    assert list(toy.plot(found, "events", "features")) == ["events", "features"]
    with pytest.raises(InputError, match="nothing to draw of 'activation'") as caught:
        toy.plot(found, "activation")
    assert "activations" in str(caught.value)
    with pytest.raises(InputError, match="there is no stage 'loudness'"):
        toy.plot({"loudness": audio})
