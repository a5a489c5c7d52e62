"""madmom's decoders beyond what was recorded: against exhaustive search, block by block, and on bad input."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from modelparity.errors import InputError, NotCausalError
from modelparity.stages import settings_of
from modelparity_families.madmom import decoders
from modelparity_families.madmom.decoders.chains import Chains
from modelparity_families.madmom.decoders.viterbi import best_path


def dense(chains: Chains) -> np.ndarray:
    """(state from, state to): probabilities of a step."""
    table = np.zeros((chains.states, chains.states))
    for states in range(chains.states - 1):
        table[states, states + 1] = 1
    table[chains.last.ravel()] = 0
    for group, last in enumerate(chains.last):
        to = chains.first[(group + 1) % chains.groups]
        table[np.ix_(last, to)] = chains.change
    return table


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_no_path_is_more_probable(data):
    lengths = np.array(data.draw(st.lists(st.integers(1, 3), min_size=1, max_size=2)))
    groups = data.draw(st.integers(1, 2)) if lengths.sum() < 4 else 1
    rng = np.random.default_rng(data.draw(st.integers(0, 1000)))
    change = rng.random((len(lengths), len(lengths)))
    change /= change.sum(axis=1, keepdims=True)
    chains = Chains(lengths, change, rng.integers(0, 2, groups * lengths.sum()), groups)
    scores = np.log(rng.random((data.draw(st.integers(1, 4)), 2)))
    with np.errstate(divide="ignore"):
        steps = np.log(dense(chains))

    def probability(path):
        before = [-np.log(chains.states) + steps[r, path[0]] for r in range(chains.states)]
        inside = sum(steps[a, b] for a, b in pairwise(path))
        return max(before) + inside + sum(scores[t, chains.kinds[s]] for t, s in enumerate(path))

    found, value = best_path(chains, scores)
    best = max(probability(path) for path in product(range(chains.states), repeat=len(scores)))
    assert value == pytest.approx(best)
    assert probability(found.tolist()) == pytest.approx(best)


@given(cuts=st.lists(st.integers(0, 400), max_size=5), seed=st.integers(0, 20))
@settings(max_examples=15, deadline=None)
def test_beats_block_by_block_are_those_of_the_whole(cuts, seed):
    activations = np.random.default_rng(seed).random(400) ** 4 * 0.98 + 0.01
    online = decoders.OnlineBeats(
        fps=100, min_bpm=55, max_bpm=215, num_tempi=None, transition_lambda=100, observation_lambda=16
    )
    blocks = np.split(activations, sorted(cuts))
    found = np.concatenate([online.push(block) for block in blocks])
    np.testing.assert_array_equal(found, decoders.beats_online(activations))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: decoders.peaks(np.zeros(10), treshold=0.3), r"treshold[\s\S]*threshold"),
        (lambda: decoders.peaks(np.zeros(10), smooth=-1.0), r"'smooth'[\s\S]*at least 0"),
        (lambda: decoders.peaks(np.zeros(10), fps=0), r"'fps'[\s\S]*above 0"),
        (lambda: decoders.peaks(np.zeros(10), threshold=float("nan")), "'threshold'"),
        (lambda: decoders.beats(np.zeros(10), correct=1), r"'correct'[\s\S]*True or False"),
        (lambda: decoders.downbeats(np.full((10, 2), 0.2), beats_per_bar=()), "'beats_per_bar'"),
        (lambda: decoders.downbeats(np.full((10, 2), 0.2), beats_per_bar=(3, 0)), r"'beats_per_bar'[\s\S]*1"),
        (lambda: decoders.bars(np.full(4, 0.2), beats_per_bar=3), "between meters"),
        (lambda: decoders.key(np.full(24, np.nan)), r"no key[\s\S]*1\.4 s"),
        (lambda: decoders.peaks(np.zeros((10, 1))), r"another shape[\s\S]*\[:, 0\]"),
        (lambda: decoders.beats(np.ones(200)), "every path is impossible"),
    ],
)
def test_what_no_decoder_takes_is_said(call, said):
    with pytest.raises(InputError, match=said):
        call()


def test_one_bar_length_is_a_list_of_one():
    activations = np.random.default_rng(0).random((300, 2)) * 0.4 + 0.05
    np.testing.assert_array_equal(
        decoders.downbeats(activations, beats_per_bar=4), decoders.downbeats(activations, beats_per_bar=(4,))
    )


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_online_peaks_are_the_same_block_by_block(data):
    rng = np.random.default_rng(data.draw(st.integers(0, 10_000)))
    values = rng.random(60).astype(np.float32)
    values[rng.random(60) < 0.3] = 0.6
    chosen = {
        "threshold": data.draw(st.sampled_from([0.0, 0.3, 0.6])),
        "pre_max": data.draw(st.sampled_from([0.0, 0.01, 0.05])),
        "pre_avg": data.draw(st.sampled_from([0.0, 0.1])),
        "combine": data.draw(st.sampled_from([0.0, 0.03])),
        "smooth": 0.05,
        "post_max": 0.05,
        "online": True,
    }
    rest = {name: one.default for name, one in settings_of(decoders.peaks).items() if name not in chosen}
    made = decoders.OnlinePeaks(**chosen, **rest)
    cuts = sorted(data.draw(st.lists(st.integers(0, 60), max_size=6)))
    found = np.concatenate([made.push(block) for block in np.split(values, cuts)])
    np.testing.assert_array_equal(found, decoders.peaks(values, **chosen))
    with pytest.raises(NotCausalError, match="depend on later frames"):
        decoders.OnlinePeaks(**{**chosen, "online": False}, **rest)
