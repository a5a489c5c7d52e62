"""All 65 networks against what madmom 0.16.1 computed, in units of float32's own floor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from modelparity import run
from modelparity.family import families
from modelparity.graph import Graph
from modelparity.verdict.compare import compare
from modelparity.verdict.floor import measure
from modelparity_families.madmom.listing import listing

KEYS = [key for key, entry in listing().models.items() if entry.kind == "network"]
FIXTURES = families()["fixtures"].models()


def agree(graph: Graph, feeds: dict[str, Any], wanted: Any) -> None:
    """The recorded output is within the floor of the float64 run; types may be those that madmom returned."""
    truth = run(graph, feeds)
    floor = measure(graph, feeds, truth)
    judged = compare("y", wanted, truth["y"], floor.outputs["y"], dtypes=("float32", "float64", "int64"))
    assert judged.band in ("exact", "rounding"), (
        f"{graph.name}: {judged.floors:.3g} times what rounding can explain at {judged.index}, {judged}"
    )


@pytest.mark.models
@pytest.mark.parametrize("key", KEYS)
def test_network_computes_what_madmom_computed(
    key: str, network: Callable[[str], Graph], recorded: Callable[[str], dict[str, Any]]
) -> None:
    anchors = recorded("layers")
    agree(network(key), {"x": anchors[f"{key}|x"]}, anchors[f"{key}|y"])


@pytest.mark.parametrize("model", FIXTURES, ids=lambda model: model.key)
def test_fixture_computes_what_madmom_computed(model: Any) -> None:
    inputs, outputs = model.anchor()
    agree(model.load(), inputs, outputs["y"])


@pytest.mark.parametrize("key", ["bgru", "blstm", "cnn"])
def test_a_wrong_network_does_not_agree(key: str) -> None:
    model = next(model for model in FIXTURES if model.key == key)
    graph = model.load()
    inputs, outputs = model.anchor()
    name = next(name for name in graph.constants if name.endswith((".h0", ".peephole", "conv.weight")))
    wrong = graph.changed(
        constants={**graph.constants, name: graph.constants[name][::-1] * np.float32(1.001)}
    )
    with pytest.raises(AssertionError, match="times what rounding"):
        agree(wrong, dict(inputs), outputs["y"])
