"""Where a candidate departs, as data: in the verdict's JSON and text, and nowhere where nobody asked."""

from __future__ import annotations

import json

from modelparity.verdict.judgement import Output
from modelparity.verdict.locate import Located, Seen
from modelparity.verdict.model import Verdict

PLACE = Located(
    reference="gru_1",
    candidate="GRU_7",
    origin="node 7",
    reference_origin="layers[1]",
    region=("gru_1", "add_1"),
    departed=("GRU_7", "Add_9"),
    compared=0.75,
    nodes=(Seen("GRU_7", "gru", "departed", "gru_1"), Seen("Add_9", "add", "departed")),
)


def verdict(**located):
    one = Output("y", "wrong", 40.0, (2,), (2,), "float32", got=1.0, want=2.0, difference=1.0, floor=0.025)
    return Verdict("r", "c", "engine", "wrong", "rounding", 40.0, (one,), **located)


def test_json_has_the_place_where_it_was_asked():
    assert "located" not in verdict().to_json()
    data = json.loads(json.dumps(verdict(located=PLACE).to_json(), allow_nan=False))["located"]
    assert (data["candidate"], data["reference"], data["compared"]) == ("GRU_7", "gru_1", 0.75)
    assert data["nodes"][1] == {"node": "Add_9", "op": "add", "status": "departed"}
    assert "side" not in data


def test_the_text_names_both_nodes_and_where_they_come_from():
    text = str(verdict(located=PLACE))
    (first, *others) = [line for line in text.splitlines() if "GRU_7" in line]
    assert first.split()[0] == "place"
    assert "node 7" in first
    assert not others
    assert "'gru_1' (layers[1])" in text
    assert "so do Add_9" in text
    assert "75% of 2 nodes" in text
    assert "place" not in str(verdict())
