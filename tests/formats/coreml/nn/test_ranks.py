"""How many axes a layer's results have, for those that change it: what reads them behind it depends on it."""

from __future__ import annotations

import numpy as np
import pytest

X, ROW = (2, 3, 4), (5,)
#: By layer: shapes of the inputs (whole numbers below 2 where their name is i), results, and what is added.
LAYERS = {
    "flatten to two axes": ({"x": X}, 1, lambda b, i, o: b.add_flatten_to_2d("l", *i, *o, axis=2)),
    "expand": ({"x": X}, 1, lambda b, i, o: b.add_expand_dims("l", *i, *o, [0, -1])),
    "squeeze one": ({"x": (1, 3, 1)}, 1, lambda b, i, o: b.add_squeeze("l", *i, *o, axes=[0])),
    "squeeze all": ({"x": (1, 3, 1)}, 1, lambda b, i, o: b.add_squeeze("l", *i, *o, squeeze_all=True)),
    "squeeze to one": ({"x": (1, 1)}, 1, lambda b, i, o: b.add_squeeze("l", *i, *o, axes=[0, 1])),
    "stack": ({"x": X, "z": X}, 1, lambda b, i, o: b.add_stack("l", i, *o, axis=1)),
    "concatenate": ({"x": X, "z": X}, 1, lambda b, i, o: b.add_concat_nd("l", i, *o, axis=1)),
    "reduce": ({"x": X}, 1, lambda b, i, o: b.add_reduce_sum("l", *i, *o, axes=[0, 2], keepdims=False)),
    "reduce, kept": ({"x": X}, 1, lambda b, i, o: b.add_reduce_max("l", *i, *o, axes=[1], keepdims=True)),
    "reduce all": (
        {"x": X},
        1,
        lambda b, i, o: b.add_reduce_min("l", *i, *o, reduce_all=True, keepdims=False),
    ),
    "argmax": ({"x": X}, 1, lambda b, i, o: b.add_argmax("l", *i, *o, axis=1, keepdims=False)),
    "gather": ({"x": X, "i": (2, 3)}, 1, lambda b, i, o: b.add_gather("l", i, *o, axis=1)),
    "gather tuples": ({"x": X, "i": (3, 2)}, 1, lambda b, i, o: b.add_gather_nd("l", i, *o)),
    "one hot": ({"i": (2, 3)}, 1, lambda b, i, o: b.add_one_hot("l", i, *o, one_hot_vector_size=4)),
    "top k": ({"x": X}, 2, lambda b, i, o: b.add_topk("l", i, o, k=2, axis=-1)),
    "split": ({"x": X}, 2, lambda b, i, o: b.add_split_nd("l", *i, o, axis=2, num_splits=2)),
    "windows": ({"x": X}, 1, lambda b, i, o: b.add_sliding_windows("l", *i, *o, axis=2, window_size=2)),
    "shape": ({"x": X}, 1, lambda b, i, o: b.add_get_shape("l", *i, *o)),
    "broadcast": ({"x": (3, 1)}, 1, lambda b, i, o: b.add_broadcast_to_static("l", *i, *o, [2, 3, 4])),
    "broadcast as another": ({"x": ROW, "z": (2, 5)}, 1, lambda b, i, o: b.add_broadcast_to_like("l", i, *o)),
    "reshape": ({"x": X}, 1, lambda b, i, o: b.add_reshape_static("l", *i, *o, [4, 6])),
    "reshape as another": ({"x": (6,), "z": (2, 3)}, 1, lambda b, i, o: b.add_reshape_like("l", i, *o)),
    "product": ({"x": X, "z": (4, 5)}, 1, lambda b, i, o: b.add_batched_mat_mul("l", i, *o)),
    "product with a vector": ({"x": X, "z": (4,)}, 1, lambda b, i, o: b.add_batched_mat_mul("l", i, *o)),
    "where": ({"x": X}, 1, lambda b, i, o: b.add_where_nonzero("l", *i, *o)),
    "sum of two ranks": ({"x": ROW, "z": (2, 5)}, 1, lambda b, i, o: b.add_add_broadcastable("l", i, *o)),
    "blocks to channels": (
        {"x": (4, 4, 6)},
        1,
        lambda b, i, o: b.add_reorganize_data("l", *i, *o, mode="SPACE_TO_DEPTH", block_size=2),
    ),
    "channels to blocks": (
        {"x": (4, 2, 3)},
        1,
        lambda b, i, o: b.add_reorganize_data("l", *i, *o, mode="DEPTH_TO_SPACE", block_size=2),
    ),
    "tile": ({"x": X}, 1, lambda b, i, o: b.add_tile("l", *i, *o, reps=[2, 1, 2])),
    "pad": (
        {"x": X},
        1,
        lambda b, i, o: b.add_constant_pad(
            "l", i, *o, pad_to_given_output_size_mode=False, pad_amounts=[0, 1, 0, 0, 2, 0]
        ),
    ),
    "slice away": (
        {"x": X},
        1,
        lambda b, i, o: b.add_slice_static(
            "l", *i, *o, [0, 1, 0], [2, 2, 4], [1, 1, 1], [False] * 3, [False] * 3, [False, True, False]
        ),
    ),
}


@pytest.mark.parametrize("layer", LAYERS)
def test_the_rank_of_a_result_is_known(network, run, believed, layer):
    shapes, results, add = LAYERS[layer]
    outputs = ["y", "w"][:results]
    b = network(shapes, outputs)
    add(b, list(shapes), outputs)
    rng = np.random.default_rng(1)
    run(b, **{n: rng.integers(0, 2, s) if n == "i" else rng.standard_normal(s) for n, s in shapes.items()})
    known = [believed[-1].rank(believed[-1].blobs[name]) for name in outputs]
    assert (None in known) == (layer in ("squeeze all", "gather tuples"))  # which only a run can tell
