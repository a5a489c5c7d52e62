"""Values of stages on disk: what a run leaves is what a check reads, also of results that only a family knows."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import numpy as np
import pytest

from modelparity.errors import InputError
from modelparity.stages import Decoded, Decoder, Events, Item, Label, Segments
from modelparity.stages.on_disk import given, store


@dataclass(frozen=True)
class Verdicts(Decoded):
    """A dict of somebody's own."""

    word: str = "verdicts"

    def read(self, value):
        if not isinstance(value, dict):
            raise InputError("not a verdict", found=type(value).__name__)
        return value

    def plain(self, value):
        return value

    def items(self, value):
        return [Item((value["at"],), (value["said"],))]


def decoding(toy, gives):
    part = Decoder("events", ("activations",), function=np.asarray, gives=gives)
    return replace(toy, parts=(*toy.parts[:-1], part), _kept={}), part


@pytest.mark.parametrize(
    ("gives", "value", "name"),
    [
        (Events(), np.array([0.1, 0.30000000000000004]), "events.txt"),
        (Events(), np.array([[0.1, 60.0], [2.0, 64.0]]), "events.txt"),
        (Events(), np.zeros(0), "events.txt"),
        (Segments(), [(0.0, 1.5, "C:maj"), (1.5, 2.0, "N")], "events.txt"),
        (Label(), "A minor", "events.txt"),
        (Verdicts(), {"at": 0.5, "said": "call"}, "events.json"),
    ],
)
def test_what_is_stored_is_read_the_same(toy, tmp_path, gives, value, name):
    made, part = decoding(toy, gives)
    path = store(tmp_path, "events", part, value)
    assert path.name == name
    found = given(made, "events", path).values["events"]
    assert gives.items(gives.read(found)) == gives.items(gives.read(value))
    (tmp_path / "as.json").write_text(json.dumps(gives.plain(value)))
    if not isinstance(gives, Label):
        found = given(made, "events", tmp_path / "as.json").values["events"]
        assert gives.items(gives.read(found)) == gives.items(gives.read(value))


def test_times_stay_times_and_numbers_are_whole(toy, tmp_path):
    made, part = decoding(toy, Segments())
    assert store(tmp_path, "events", part, [(0.0, 8.0, "N")]).read_text() == "0.0\t8.0\tN\n"
    made, part = decoding(toy, Events())
    assert store(tmp_path, "events", part, [[1.0, 60.0]]).read_text() == "1.0\t60\n"
    assert made.stages[-1] == "events"


def test_what_has_no_form_is_refused(toy, tmp_path):
    made, _ = decoding(toy, Verdicts())
    (tmp_path / "a.txt").write_text("0.5 call\n")
    with pytest.raises(InputError, match="no form in lines"):
        given(made, "events", tmp_path / "a.txt")
    for text in ("{", "[" * 100_000, ""):
        (tmp_path / "a.json").write_text(text)
        with pytest.raises(InputError, match="not readable as JSON"):
            given(made, "events", tmp_path / "a.json")
    with pytest.raises(InputError, match=r"the suffix '\.json'"):
        given(made, "features", tmp_path / "a.json")
