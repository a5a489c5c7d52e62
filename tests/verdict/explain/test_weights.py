"""Arrays are found again in whatever order a format has them; what is scaled, rounded, other or missing is said."""

from __future__ import annotations

import numpy as np
import pytest

from modelparity import Axis, Graph, Node, TensorSpec
from modelparity.verdict.explain.weights import compared

RNG = np.random.default_rng(0)
W, U, B, C = (RNG.standard_normal(shape).astype(np.float32) for shape in ((6, 8), (8, 8), (8,), (8,)))


def holding(**arrays: np.ndarray) -> Graph:
    spec = TensorSpec("x", (Axis("time"), Axis("feature", 6)))
    return Graph("arrays", (spec,), ("y",), (Node("n", "identity", ("x",), ("y",)),), arrays)


def how(candidate: Graph) -> dict[str, str]:
    return {one.name: one.how for one in compared(holding(w=W, u=U, b=B, c=C), candidate).found}


@pytest.mark.parametrize(
    ("arrays", "expected"),
    [
        ({"w": W, "u": U, "b": B, "c": C}, ""),
        ({"p": W.T, "q": U[::-1], "r": -B, "s": C[::-1]}, "moved"),
        ({"p": np.concatenate([W, U]), "q": B + C}, "moved"),
    ],
)
def test_arrays_are_there_in_any_order(arrays: dict[str, np.ndarray], expected: str) -> None:
    found = compared(holding(w=W, u=U, b=B, c=C), holding(**arrays))
    assert not found.suspect
    assert not found.extra
    assert {one.how for one in found.found} == {expected}


@pytest.mark.parametrize(
    ("other", "text"),
    [
        (W * np.float32(1.5), "is scaled by 1.5"),
        (W.astype(np.float16).astype(np.float32), "is rounded to float16"),
        (np.where(np.arange(8) < 2, W + 1, W), "differs in 25% of its values"),
        (RNG.standard_normal(W.shape).astype(np.float32), "has other values"),
    ],
)
def test_what_is_altered_is_said(other: np.ndarray, text: str) -> None:
    found = compared(holding(w=W, u=U, b=B), holding(w=other.astype(np.float32), u=U, b=B))
    assert found.suspect == {"w"}
    assert [*found.describe()] == [f"in the candidate 'w' {text}"]


def test_what_is_missing_is_said_with_what_is_there_instead() -> None:
    found = compared(holding(w=W, b=B), holding(w=W, other=RNG.standard_normal(3).astype(np.float32)))
    assert [*found.describe()] == ["the candidate does not have the values of 'b'; it has 'other' instead"]
