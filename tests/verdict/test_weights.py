"""Whether a candidate's own arrays were rounded to half: seen where they were, and in no sound copy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from modelparity import Axis, Graph, Node, TensorSpec
from modelparity.engine.arithmetic import arithmetic
from modelparity.verdict.weights import shrunken

RNG = np.random.default_rng(11)
HALVES = ("float16", "bfloat16")


def graph(**arrays: Any) -> Graph:
    """A network that only holds arrays: what it computes does not matter here."""
    spec = TensorSpec("x", (Axis("time"),))
    return Graph("g", (spec,), ("y",), (Node("y", "identity", ("x",), ("y",)),), arrays)


def normal(*shape: int) -> Any:
    return RNG.normal(size=shape).astype(np.float32)


SOURCES = {
    "normal": normal(40, 30),
    "float64 statistics": RNG.normal(size=(80, 3)),
    "ternary": RNG.integers(-1, 2, size=(40, 30)).astype(np.float32) * np.float32(0.0371),
    "two values": np.where(RNG.random((30, 30)) < 0.5, 0.3, -0.3).astype(np.float32),
    "eighths": RNG.integers(-20, 20, size=(40, 30)).astype(np.float32) / 8,
    "sixteenths": RNG.integers(-200, 200, size=(40, 30)).astype(np.float32) / 16,
    "small whole numbers": RNG.integers(-9, 9, size=(40, 30)).astype(np.float32),
    "trained in float16": normal(40, 30).astype(np.float16).astype(np.float32),
    "trained in bfloat16": arithmetic("bfloat16").cast(normal(40, 30)),
    "tiny": normal(40, 30) * np.float32(1e-6),
    "zeros": np.zeros((40, 30), np.float32),
}


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("beside", ["nothing", "a large matrix"])
def test_a_sound_copy_is_not_taken_for_shrunken(name: str, beside: str) -> None:
    """However few bits an array needs: on its own, and where the rest of the network needs all of them."""
    source = {"a": SOURCES[name], **({"b": normal(100, 100)} if beside != "nothing" else {})}
    a = source["a"].astype(np.float32)
    copies = {
        "same": source,
        "stored otherwise": {"a": a.T, **{n: x[::-1] for n, x in source.items() if n == "b"}},
        "negated": {"a": -a},
        "cut": {str(i): part for i, part in enumerate(np.split(a, 2))},
        "as float64": {"a": a.astype(np.float64)},
        "with constants of the format": {"a": a, "half": np.full(9, 0.5, np.float32), "n": np.arange(9)},
    }
    for how, arrays in copies.items():
        assert shrunken(graph(**source), arrays) is None, how


@pytest.mark.parametrize("precision", HALVES)
@pytest.mark.parametrize("name", ["normal", "float64 statistics"])
def test_rounded_arrays_are_seen(name: str, precision: str) -> None:
    ar, source = arithmetic(precision), SOURCES[name]
    for arrays in (
        {"a": ar.cast(source)},
        {"a": ar.cast(source).T},
        {"a": normal(50, 50), "b": ar.cast(source)},  # one of several
        {"a": source, "b": ar.cast(source)},
    ):
        assert shrunken(graph(a=source), arrays) == precision


def test_float16_in_its_own_type_is_seen() -> None:
    assert shrunken(graph(a=SOURCES["normal"]), {"a": SOURCES["normal"].astype(np.float16)}) == "float16"


def test_bfloat16_of_a_float16_source_is_seen() -> None:
    source = SOURCES["trained in float16"]
    assert shrunken(graph(a=source), {"a": arithmetic("bfloat16").cast(source)}) == "bfloat16"


def test_a_few_numbers_say_nothing() -> None:
    source = normal(7)
    assert shrunken(graph(a=source), {"a": source.astype(np.float16)}) is None


def test_a_network_without_weights_is_not_shrunken() -> None:
    assert shrunken(graph(), {}) is None
    assert shrunken(graph(), {"n": np.arange(20), "empty": np.zeros((0, 4), np.float32)}) is None


@pytest.mark.parametrize("beside", ["the same", "others"])
def test_numbers_of_the_source_that_a_half_holds_are_known_again(beside: str) -> None:
    """Also those below what float16 holds with all of its bits, and among very many that it does not hold."""
    short = (
        np.concatenate([RNG.normal(size=300), RNG.normal(size=300) * 2e-6])
        .astype(np.float16)
        .astype(np.float32)
    )
    source = {"a": normal(300, 300), "b": short}
    if beside == "the same":
        assert shrunken(graph(**source), {"b": -short}) is None
    else:
        assert shrunken(graph(**source), {"a": source["a"].astype(np.float16)}) == "float16"
