"""What a check found can be looked at: both sides of each stage as pictures."""

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
