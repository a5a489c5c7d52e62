"""The two conditional random fields: against exhaustive search, and against the chord labels that madmom gave."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import modelparity as mp
from modelparity.graph import Graph

FIXTURE = Path(__file__).parents[2] / "fixtures" / "crf.pkl"
KEYS = ("chords/2016/chords_cnncrf", "chords/2016/chords_dccrf")
ROOTS = ("A", "A#", "B", "C", "C#", "D", "D#", "E", "F", "F#", "G", "G#")
Recorded = Callable[[str], dict[str, Any]]


def energy(graph: Graph, x: Any, path: tuple[int, ...]) -> float:
    """The energy of one path, term by term as madmom's documentation of the class says it.

    pi is the potential of a state before the first frame, so the best one is taken: max over s of pi[s] + A[s, y0].
    """
    c = {name.split(".")[1]: np.asarray(a, np.float64) for name, a in graph.constants.items()}
    total = float((c["initial"] + c["transition"][:, path[0]]).max() + c["final"][path[-1]])
    for t, state in enumerate(path):
        total += float(c["bias"][state] + x[t].astype(np.float64) @ c["weight"][:, state])
        if t:
            total += float(c["transition"][path[t - 1], state])
    return total


def exhaustive(graph: Graph, x: Any) -> tuple[tuple[int, ...], float]:
    states = graph.constants["path.initial"].size
    best = max(itertools.product(range(states), repeat=len(x)), key=lambda path: energy(graph, x, path))
    return best, energy(graph, x, best)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("length", [1, 2, 5])
def test_fixture_finds_the_best_of_all_paths(length: int, seed: int) -> None:
    graph = mp.load(FIXTURE)
    x = np.random.default_rng(seed).normal(size=(length, 4)).astype(np.float32)
    path = mp.run(graph, x)["y"]
    best, most = exhaustive(graph, x)
    assert path.dtype == np.int64
    assert tuple(path) == best
    assert energy(graph, x, tuple(path)) == most


@pytest.mark.models
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("length", [1, 2, 3])
@pytest.mark.parametrize("key", KEYS)
def test_madmoms_find_the_best_of_all_paths(
    key: str, length: int, seed: int, network: Callable[[str], Graph]
) -> None:
    graph = network(key)
    width = graph.inputs[0].axes[1].size
    assert width is not None
    x = np.random.default_rng(seed).uniform(0, 1, size=(length, width)).astype(np.float32)
    path = tuple(mp.run(graph, x)["y"])
    assert path == exhaustive(graph, x)[0]


@pytest.mark.models
@pytest.mark.parametrize("clip", ["a4_tone", "clicks_120bpm", "chords_I_IV_V_I"])
@pytest.mark.parametrize(("key", "source"), [(KEYS[0], "chords_cnnfeat"), (KEYS[1], "chroma_dnn")])
def test_labels_are_those_that_madmom_gave(
    key: str, source: str, clip: str, network: Callable[[str], Graph], recorded: Recorded
) -> None:
    arrays = recorded(clip)
    path = mp.run(network(key), arrays[f"{source}/activations"].astype(np.float32))["y"]
    wanted = arrays[f"{source}/{key.rpartition('_')[2]}_chords"]
    found = []
    for state, frames in itertools.groupby(range(len(path)), key=lambda t: int(path[t])):
        run = list(frames)
        found.append((run[0] / 10, (run[-1] + 1) / 10, label(state)))
    assert [name for *_, name in found] == list(wanted[:, 2])
    np.testing.assert_allclose([f[:2] for f in found], wanted[:, :2].astype(float), atol=1e-9)


def label(state: int) -> str:
    """madmom's chord classes: 12 major, 12 minor, none."""
    return "N" if state == 24 else f"{ROOTS[state % 12]}:{'maj' if state < 12 else 'min'}"
