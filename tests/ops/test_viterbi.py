from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp

from modelparity.errors import GraphError

# Small whole numbers: sums are exact, so that ties are true ties, and there are many of them.
SCORES = st.integers(-2, 2).map(float)


def score(path, emissions, transition, initial, final, entered):
    """The score of one path that came into its first frame from the state ``entered``."""
    total = initial[entered] + transition[entered, path[0]] + emissions[0, path[0]]
    for t in range(1, len(path)):
        total += transition[path[t - 1], path[t]] + emissions[t, path[t]]
    return total + (0 if final is None else final[path[-1]])


def exhaustive(emissions, transition, initial, final):
    """The best score over all paths, and of the best paths the one that is first when read backwards.

    Ties take the first state at the end, then the first predecessor, and so on: lexicographic order of the
    reversed path.
    """
    time, states = emissions.shape
    best = {
        path: max(score(path, emissions, transition, initial, final, entered) for entered in range(states))
        for path in itertools.product(range(states), repeat=time)
    }
    highest = max(best.values())
    return highest, min((path for path, s in best.items() if s == highest), key=lambda path: path[::-1])


@st.composite
def fields(draw):
    states, time = draw(st.integers(1, 3)), draw(st.integers(1, 5))

    def array(*shape):
        return draw(hnp.arrays(np.float64, shape, elements=SCORES))

    final = array(states) if draw(st.booleans()) else None
    return array(time, states), array(states, states), array(states), final


@given(field=fields())
@settings(max_examples=60, deadline=None)
def test_equals_exhaustive_search_with_ties(apply, field):
    path = apply("viterbi", *field)
    highest, first = exhaustive(*field)
    assert path.dtype == np.int64
    assert max(score(path, *field, entered) for entered in range(len(field[2]))) == highest
    assert tuple(path) == first


@given(seed=st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_equals_exhaustive_search_on_real_scores(apply, seed):
    rng = np.random.default_rng(seed)
    field = rng.standard_normal((5, 3)), rng.standard_normal((3, 3)), *rng.standard_normal((2, 3))
    assert tuple(apply("viterbi", *field)) == exhaustive(*field)[1]


def test_the_initial_scores_are_transitioned_before_the_first_frame(apply):
    transition = np.array([[-9.0, 0.0], [-9.0, -9.0]])  # only 0 -> 1 is cheap
    initial, emissions = np.array([5.0, 0.0]), np.zeros((1, 2))
    assert apply("viterbi", emissions, transition, initial).tolist() == [1]


def test_all_equal_takes_state_zero(apply):
    zeros = np.zeros((4, 3)), np.zeros((3, 3)), np.zeros(3), np.zeros(3)
    assert apply("viterbi", *zeros).tolist() == [0, 0, 0, 0]


def test_madmoms_own_example(apply):
    """The documented example of madmom.ml.crf.ConditionalRandomField, with its documented answer."""
    eta = np.spacing(1)
    initial = np.log(np.array([0.7, 0.2, 0.1]) + eta)
    transition = np.log(np.array([[0.6, 0.2, 0.2], [0.1, 0.7, 0.2], [0.1, 0.1, 0.8]]) + eta)
    observation = np.log(np.array([[0.9, 0.5, 0.1], [0.1, 0.5, 0.1]]) + eta)
    seen = np.eye(2)[[0, 0, 1, 0, 1, 1]]
    path = apply("viterbi", 1 + seen @ observation, transition, initial, np.ones(3))
    assert path.tolist() == [0, 0, 1, 1, 1, 1]


def test_lanes_with_scores_of_their_own_equal_single_runs(apply_lanes):
    rng = np.random.default_rng(1)
    field = (
        rng.standard_normal((3, 9, 4)),
        rng.standard_normal((3, 4, 4)),
        rng.standard_normal((1, 4)),
        rng.standard_normal((3, 4)),
    )
    paths = apply_lanes("viterbi", *field)
    assert paths.shape == (3, 9)
    for lane in range(3):
        alone = apply_lanes("viterbi", *(a if len(a) == 1 else a[lane : lane + 1] for a in field))
        np.testing.assert_array_equal(paths[lane], alone[0])


@pytest.mark.parametrize(
    ("index", "array", "said"),
    [
        (0, np.zeros((0, 3)), "a frame at least"),
        (1, np.zeros((3, 2)), "transition"),
        (2, np.zeros(2), "initial"),
        (3, np.zeros((1, 3)), "final"),
    ],
)
def test_what_does_not_fit_is_refused(apply, index, array, said):
    field = [np.zeros((4, 3)), np.zeros((3, 3)), np.zeros(3), np.zeros(3)]
    field[index] = array
    with pytest.raises(GraphError, match=said):
        apply("viterbi", *field)
