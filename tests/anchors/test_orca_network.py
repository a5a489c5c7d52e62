"""OrcaHello's network against what its port computed: names, made-up weights, and what every layer gives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import modelparity as mp
from modelparity.graph import Graph
from modelparity_families.orca.graph import graph_of
from modelparity_families.orca.layers import Layers, from_fastai, to_fastai
from modelparity_families.orca.weights import image, seeded

HERE = Path(__file__).parent / "orca"
#: float32 against float64 on these images, as upstream's own network measured it.
FLOOR = {"clip": 3.5e-6, "noise312": 4.1e-5, "noise313": 1.3e-5}


@cache
def arrays(name: str) -> dict[str, Any]:
    with np.load(HERE / f"{name}.npz", allow_pickle=False) as found:
        return {key: found[key] for key in found.files}


@cache
def network() -> Graph:
    return graph_of(Layers(), seeded(Layers()), frames=None)


def given(name: str) -> Any:
    if name == "clip":
        return arrays("frontend_mono_44k1_2s")["port/model_input"][None, None]
    return image(0, 2, 312) if name == "noise312" else image(0, 1, 313)


def test_every_name_and_shape_both_ways() -> None:
    rows = json.loads((HERE / "keymap.json").read_text("utf-8"))
    assert len(rows) == 332
    assert {port: tuple(shape) for _, port, shape in rows} == Layers().shapes
    assert [from_fastai(theirs) for theirs, _, _ in rows] == [port for _, port, _ in rows]
    assert [to_fastai(port) for _, port, _ in rows] == [theirs for theirs, _, _ in rows]
    assert from_fastai("0.2.weight") is None
    assert to_fastai("model.head.weight") is None


def test_weights_of_seed_0_are_those_that_upstream_was_run_with() -> None:
    wanted = arrays("network")["weight_check"]
    for array, (total, magnitudes, first, last) in zip(seeded(Layers()).values(), wanted, strict=True):
        values = array.reshape(-1).astype(np.float64)
        assert (values[0], values[-1]) == (first, last)
        np.testing.assert_allclose(
            (values.sum(), np.abs(values).sum()), (total, magnitudes), rtol=0, atol=1e-6
        )


@pytest.mark.parametrize("name", FLOOR)
def test_logits(name: str) -> None:
    wanted = arrays("network")
    got = mp.run(network(), given(name), taps=True)
    np.testing.assert_allclose(got["logits"], wanted[f"{name}/logits_float64"], rtol=0, atol=1e-12)
    assert np.abs(got["logits"] - wanted[f"{name}/logits"]).max() <= FLOOR[name]
    layers(name, got, wanted)


def layers(name: str, got: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """What every module gave: its mean and spread, and of some a slice or all of it."""
    seen = 0
    for key, value in wanted.items():
        clip, _, rest = key.partition("/")
        module, _, what = rest.rpartition("/")
        if clip != name or not module:
            continue
        ours = got[tap(module)]
        channels_first = np.moveaxis(ours, -1, 1) if ours.ndim == 4 else ours
        seen += 1
        if what == "mean_std":
            np.testing.assert_allclose((ours.mean(), ours.std()), value, rtol=1e-5, atol=1e-6)
        elif what == "shape":
            assert channels_first.shape == tuple(value)
        elif what == "slice":
            _, c, h, w = channels_first.shape
            cut = channels_first[0, :: c // 16, :: max(1, h // 4), :: max(1, w // 5)]
            assert np.abs(cut - value).max() <= 1e-4 * max(1.0, np.abs(value).max())
        elif what == "value":
            assert np.abs(ours - value).max() <= 1e-4 * max(1.0, np.abs(value).max())
    assert seen > 30


def tap(module: str) -> str:
    """The tensor that a module of upstream's gives: layers end where their last block does."""
    if module == "fc.7":
        return "logits"
    if module == "fc.0":
        module = "avgpool"
    if module in ("fc.2", "fc.6"):  # dropout
        module = f"fc.{int(module[3:]) - 1}"
    blocks = dict(zip(("layer1", "layer2", "layer3", "layer4"), Layers().blocks, strict=True))
    return f"model.{module}" if module not in blocks else f"model.{module}.{blocks[module] - 1}"


def test_confidence_is_the_second_share() -> None:
    wanted = arrays("network")
    for name in FLOOR:
        logits = wanted[f"{name}/logits_float64"]
        shares = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
        np.testing.assert_allclose(shares, wanted[f"{name}/softmax"], atol=2e-5)
