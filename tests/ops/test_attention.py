from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from modelparity.errors import GraphError

torch = pytest.importorskip("torch")


def by_torch(*arrays, **options):
    tensors = [None if a is None else torch.tensor(a) for a in arrays]
    return torch.nn.functional.scaled_dot_product_attention(*tensors, **options).numpy()


def draw(rng, lead=(2, 3), target=4, source=5, width=6, out=7):
    return (
        rng.standard_normal((*lead, target, width)),
        rng.standard_normal((*lead, source, width)),
        rng.standard_normal((*lead, source, out)),
    )


@pytest.mark.parametrize("lead", [(), (3,), (2, 3)])
@pytest.mark.parametrize("mask", ["none", "boolean", "added", "causal", "broadcast"])
@pytest.mark.parametrize("scale", [None, 0.3])
def test_equals_torch(apply, lead, mask, scale):
    rng = np.random.default_rng(1)
    q, k, v = draw(rng, lead)
    open_ = rng.random((4, 5)) < 0.6
    open_[:, 0] = True
    made = {
        "boolean": open_,
        "added": np.where(open_, rng.standard_normal((4, 5)), -np.inf),
        "broadcast": open_[0],
    }.get(mask)
    causal = mask == "causal"
    want = by_torch(q, k, v, made if mask != "broadcast" else made[None], scale=scale, is_causal=causal)
    y = apply("attention", q, k, v, made, scale=scale, causal=causal)
    assert y.shape == want.shape
    np.testing.assert_allclose(y, want, rtol=1e-12, atol=1e-14)


@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_a_written_out_sum_for_any_shape(apply, data):
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    sizes = [data.draw(st.integers(1, 4)) for _ in range(4)]
    q, k, v = draw(rng, (), *sizes)
    y = apply("attention", q, k, v, scale=1.0)
    for row, got in zip(q, y, strict=True):
        weights = np.array([np.exp(sum(row * key)) for key in k])
        np.testing.assert_allclose(got, weights / weights.sum() @ v, rtol=1e-10)


@pytest.mark.parametrize("key_heads", [1, 2, 6])
def test_grouped_heads_equal_torch(apply, key_heads):
    rng = np.random.default_rng(2)
    q, _, _ = draw(rng, (2, 6))
    _, k, v = draw(rng, (2, key_heads))
    np.testing.assert_allclose(
        apply("attention", q, k, v, grouped=True), by_torch(q, k, v, enable_gqa=True), rtol=1e-12
    )


def test_a_row_with_nothing_open_is_nan_or_zero_as_asked(apply):
    rng = np.random.default_rng(3)
    q, k, v = draw(rng, ())
    mask = np.ones((4, 5), bool)
    mask[2] = False
    for shut in (mask, np.where(mask, 0.0, -np.inf)):
        formula = apply("attention", q, k, v, shut)
        zeroed = apply("attention", q, k, v, shut, empty_row="zero")
        assert np.isnan(formula[2]).all()
        np.testing.assert_array_equal(zeroed[2], np.zeros(7))
        np.testing.assert_array_equal(np.delete(formula, 2, 0), np.delete(zeroed, 2, 0))
    np.testing.assert_allclose(
        zeroed, by_torch(q, k, v, mask), rtol=1e-12
    )  # torch since 2.5 gives zeros here


def test_a_large_finite_mask_is_no_closed_mask(apply):
    """A row masked by -1e9 everywhere still attends: adding it moves all scores alike."""
    q, k, v = draw(np.random.default_rng(4), ())
    y = apply("attention", q, k, v, np.full((4, 5), -1e9), empty_row="zero")
    np.testing.assert_allclose(y, apply("attention", q, k, v), atol=1e-6)  # 1e9 swallows scores below 1e-7


def test_huge_scores_do_not_overflow(apply):
    q, k, v = draw(np.random.default_rng(5), ())
    y = apply("attention", q * 1e200, k, v)
    np.testing.assert_array_equal(y, v[(q @ k.T).argmax(axis=1)])


def test_nan_spreads_over_its_row_only(apply):
    q, k, v = draw(np.random.default_rng(6), ())
    q[1, 0] = np.nan
    y = apply("attention", q, k, v, empty_row="zero")
    assert np.isnan(y[1]).all()
    assert np.isfinite(np.delete(y, 1, 0)).all()


def test_lanes_are_independent(apply_lanes):
    rng = np.random.default_rng(7)
    q, k, v = (np.stack(g) for g in zip(*(draw(rng) for _ in range(3)), strict=True))
    mask = np.tri(4, 5, dtype=bool)[None]
    y = apply_lanes("attention", q, k, v, mask)
    for lane in range(3):
        one = slice(lane, lane + 1)
        np.testing.assert_allclose(
            y[lane], apply_lanes("attention", q[one], k[one], v[one], mask)[0], rtol=1e-13
        )


@pytest.mark.parametrize("name", ["float32", "float16", "bfloat16"])
def test_lower_precisions_stay_near_and_on_their_grid(apply, name):
    q, k, v = draw(np.random.default_rng(8))
    mask = np.where(np.tri(4, 5, dtype=bool), 0.0, -np.inf)
    exact, y = apply("attention", q, k, v, mask), apply("attention", q, k, v, mask, ar=name)
    ulp = {"float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}[name]
    assert 0 < np.abs(y - exact).max() < 50 * ulp
    if name == "float16":
        np.testing.assert_array_equal(y, y.astype(np.float16))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"key": np.zeros((5, 7))}, "differ in width"),
        ({"value": np.zeros((4, 7))}, "differ in length"),
        ({"mask": np.zeros((3, 5))}, "mask does not broadcast"),
        ({"query": np.zeros(6)}, "position and a feature"),
        ({"empty_row": "mean"}, "unknown empty_row"),
    ],
)
def test_what_does_not_fit_is_refused(apply, change, said):
    q, k, v = draw(np.random.default_rng(9), ())
    given_ = {"query": q, "key": k, "value": v, "mask": None, **change}
    arrays = [given_.pop(name) for name in ("query", "key", "value", "mask")]
    with pytest.raises(GraphError, match=said):
        apply("attention", *arrays, **given_)


def test_head_counts_that_do_not_divide_are_refused(apply):
    (q, _, _), (_, k, v) = draw(np.random.default_rng(0), (6,)), draw(np.random.default_rng(0), (4,))
    with pytest.raises(GraphError, match="no multiple of key heads"):
        apply("attention", q, k, v, grouped=True)


@pytest.mark.parametrize(("causal", "masked"), list(itertools.product([False, True], repeat=2)))
def test_causal_and_mask_combine(apply, causal, masked):
    q, k, v = draw(np.random.default_rng(10), ())
    mask = np.random.default_rng(11).random((4, 5)) < 0.7
    mask[:, 0] = True
    both = (mask if masked else True) & (np.tri(4, 5, dtype=bool) if causal else np.ones((4, 5), bool))
    y = apply("attention", q, k, v, mask if masked else None, causal=causal)
    np.testing.assert_allclose(y, by_torch(q, k, v, both), rtol=1e-12)
