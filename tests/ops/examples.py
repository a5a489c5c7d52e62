"""A call of every operator that has facts, on which they are compared with the kernel.

Floats are drawn anew by each check, in the shapes that stand here; whole numbers and booleans are meant as they are.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from modelparity.engine.operator import Operator, find, names
from modelparity.graph import Array


@dataclass(frozen=True)
class Example:
    """Arrays in the order of the parameters, attributes, and a shape of the first that is too short for a window."""

    arrays: tuple[Array | None, ...]
    attrs: dict[str, Any] = field(default_factory=dict)
    short: tuple[int, ...] = ()


def call(*arrays: Any, short: tuple[int, ...] = (), **attrs: Any) -> Example:
    """An example; a tuple stands for floats of that shape, a list for whole numbers."""
    made = [None if a is None else np.ones(a) if isinstance(a, tuple) else np.asarray(a) for a in arrays]
    return Example(tuple(made), attrs, short)


BITS = [[1, 2, 3], [12, 5, 250]]
NONE = (False, False)
IMAGE, WIDE = (2, 6, 5, 3), (1, 12, 4, 6)
#: By operator, several where a setting decides. Elementwise operators of floats without settings need none.
EXAMPLES: dict[str, list[Example]] = {
    "adaptive_average_pool": [call(IMAGE, sizes=(3, 2))],
    "adaptive_max_pool": [call(IMAGE, sizes=(3, 2))],
    "append": [call((3, 4), (4,))],
    "argmax": [call((3, 4, 2), axis=1), call((3, 4), axis=0, keepdims=True)],
    "argsort": [call((3, 4), axis=0)],
    "attention": [
        call((2, 3, 4, 6), (2, 3, 5, 6), (2, 3, 5, 7)),
        call((4, 4, 6), (2, 5, 6), (2, 5, 7), (4, 5), grouped=True, causal=True),
        call((4, 6), (3, 5, 6), (3, 5, 7)),
    ],
    "average_pool": [
        call(IMAGE, size=(2, 3), short=(2, 1, 1, 3)),
        call(IMAGE, size=(2, 3), padding=((1, 0), (1, 1)), count_padding=True, short=(2, 0, 1, 3)),
        call(IMAGE, size=(3, 3), padding="same", count_padding=False, short=(2, 0, 0, 3)),
    ],
    "band_part": [call((2, 3, 4), lower=1, upper=0)],
    "batch_to_space": [call((4, 3, 2, 2), block=(2, 2))],
    "bit_cast": [call((2, 3), source="float32", to="int32")],
    "bit_shift": [call(BITS, [[1], [2]])],
    "bitwise_and": [call(BITS, [1, 2, 3])],
    "bitwise_not": [call(BITS)],
    "bitwise_or": [call(BITS, [1, 2, 3])],
    "bitwise_xor": [call(BITS, [1, 2, 3])],
    "broadcast_to": [call((3, 1, 4), shape=(2, 3, 5, 4))],
    "cache_write": [call((2, 3, 6, 4), (2, 3, 2, 4), [1, 3]), call((2, 6, 4), (2, 2, 4), circular=True)],
    "cast": [call((2, 3), to="float"), call((2, 3), to="int32"), call((2, 3), to="bool")],
    "compress": [call((2, 3), [[1, 0, 1], [0, 1, 1]])],
    "concat": [call((2, 3), (2, 4), axis=1)],
    "conv": [
        call((9, 4), (3, 4, 5), short=(2, 4)),
        call((9, 4), (3, 2, 6), padding=((4, 0),), dilations=(2,), groups=2, short=(0, 4)),
        call((2, 9, 8, 4), (3, 2, 1, 8), (8,), strides=(2, 1), groups=4, short=(2, 2, 8, 4)),
        call((2, 9, 8, 4), (3, 2, 4, 8), (8,), strides=(2, 1), flip=True, short=(2, 9, 1, 4)),
    ],
    "conv_transpose": [
        call((4, 3), (3, 3, 5), padding=((2, 1),), short=(1, 3)),
        call((2, 4, 5, 6), (3, 2, 6, 2), (6,), padding=((2, 1), (0, 0)), groups=3, short=(2, 1, 5, 6)),
    ],
    "couple_pairs": [call((3, 6), classes=4)],
    "crop_like": [call((2, 3, 5, 6), (1, 1, 2, 3), offset=(1, 2))],
    "cut": [call((9, 2), [2], window=1.5, hop=1.0), call((9,), [2], window=1.5, hop=1.0, partial=True)],
    "cumsum": [call((3, 4), axis=1)],
    "cumsum_along": [call((3, 4), [1])],
    "deform_conv": [
        call((1, 2, 5, 5), (3, 2, 3, 3), (1, 18, 3, 3), short=(1, 2, 2, 5)),
        call((2, 4, 5, 6), (6, 2, 3, 2), (2, 24, 3, 5), groups=2, offset_groups=2, short=(2, 4, 2, 6)),
    ],
    "delay": [call((5, 3), by=2), call((2, 3), by=4, fill=1.5)],
    "dense": [call((2, 5, 3), (3, 4), (4,)), call((3,), (3, 7))],
    "depth_to_space": [call(WIDE, block=2)],
    "det": [call((2, 3, 3)), call((5, 5))],
    "dynamic_quantize": [call((2, 3, 4))],
    "einsum": [
        call((2, 3, 4), (4, 5), equation="bij,jk->bik"),
        call((2, 3, 4), (2, 1, 4), equation="bij, bij -> b"),
    ],
    "embedding": [call([[0, 2], [4, 1]], (5, 3))],
    "expand_dims": [call((2, 3), axes=(1,))],
    "fill_like": [call((2, 3))],
    "filterbank": [call((2, 5, 3), (3, 4)), call((3,), (3, 7))],
    "flatten": [call((2, 3, 4), axis=2)],
    "from_fixed": [call(BITS, full=256.0), call((3, 4), full=10.0)],
    "frames": [
        call((9, 2), size=4, hop=2.5, before=2),
        call((9,), size=4, hop=2.0, before=2, outside="reflect"),
        call((0, 2), size=4, hop=2.0),
    ],
    "gather": [call((4, 5), [[0, 3], [-1, 1]], axis=1), call((4, 5), 2)],
    "gather_along_axis": [call((4, 5), [[0, 3], [-1, 1]], axis=1)],
    "gather_batched": [call((2, 3, 4), [[0, -1], [2, 1]], axis=1, batch_dims=1)],
    "gather_nd": [call((3, 4, 2), [[0, 1], [2, -1]])],
    "gru": [
        call((6, 2, 3), (1, 3, 12), (1, 4, 12), (1, 12), (1, 12), (1, 2, 4)),
        call((6, 3), (2, 3, 12), (2, 4, 12), (2, 12), direction="bidirectional", reset="before"),
    ],
    "interleave": [call((2, 3), (2, 3), axis=1)],
    "l2_normalize": [call((2, 3, 4))],
    "l2_pool": [call(IMAGE, size=(2, 3), short=(2, 1, 1, 3))],
    "layer_norm": [call((2, 3, 4), (4,), (4,))],
    "local_response_norm": [call((2, 3, 4), size=3)],
    "instance_norm": [call((2, 5, 4), (4,), (4,), spatial=1)],
    "lp_pool": [call(IMAGE, size=(2, 3), short=(2, 1, 1, 3))],
    "lstm": [
        call(
            *((6, 2, 3), (2, 3, 16), (2, 4, 16), (2, 16), (2, 3, 4), (2, 2, 4), (2, 2, 4)),
            direction="bidirectional",
        )
    ],
    "lut_to_dense": [call(np.array([[0, 3], [1, 2]], np.uint8), (1, 2, 4, 1))],
    "magnitude_spectrum": [call((2, 3, 8)), call((6,), bins=2, power=2)],
    "matmul": [call((2, 3, 4), (4, 5)), call((3, 4), (2, 4, 5))],
    "max_pool": [
        call(IMAGE, size=(2, 3), short=(2, 1, 1, 3)),
        call(IMAGE, size=(3, 3), padding=((1, 1), (0, 2)), short=(2, 0, 0, 3)),
    ],
    "max_pool_places": [call(IMAGE, size=(2, 3), short=(2, 1, 1, 3))],
    "multi_head_attention": [call((2, 5, 8), (2, 6, 8), (2, 6, 8), (8, 24), (24,), (8, 8), (8,), heads=2)],
    "pad": [
        call((3, 4), before=(1, 0), after=(0, 2)),
        call((3, 4), before=(2, 0), after=(0, 1), mode="reflect", short=(2, 4)),
        call((3, 4), before=(1, 0), after=(0, 2), value=7.0),
    ],
    "pad_by": [call((3, 4), [2, 0, 0, 1], mode="reflect", short=(2, 4))],
    "pad_dynamic": [call((2, 3), [1, 0, 0, 2])],
    "pixel_shuffle": [call(WIDE, factor=2)],
    "pixel_unshuffle": [call(WIDE, factor=2)],
    "projected_lstm": [call((6, 2, 3), (1, 3, 16), (1, 2, 16), (1, 4, 2), (1, 16), (1, 2, 2), (1, 2, 4))],
    "random_categorical": [call((2, 3), count=5)],
    "reduce_l1": [call((3, 4, 2), axes=(1,)), call((3, 4))],
    "reduce_l2": [call((3, 4, 2), axes=(1,)), call((3, 4))],
    "reduce_log_sum": [call((3, 4, 2), axes=(1,)), call((3, 4))],
    "reduce_log_sum_exp": [call((3, 4, 2), axes=(1,)), call((3, 4))],
    "reduce_max": [call((3, 4), axes=(1,)), call((3, 0), axes=(1,), empty="limit")],
    "reduce_mean": [call((3, 4), axes=(1,)), call((300, 4))],
    "reduce_min": [call((3, 4), axes=(1,)), call((3, 0), axes=(1,), empty="limit")],
    "reduce_prod": [call((3, 4, 2), axes=(1,)), call((3, 4))],
    "reduce_sum": [call((3, 4, 2), axes=(1,)), call((3, 4))],
    "reduce_sum_square": [call((3, 4, 2), axes=(1,)), call((3, 4))],
    "requantize": [call(BITS, (3,), (3,), (3,), [1, 2, 3], to="uint8", low=0, high=255)],
    "resample_fourier": [call((9, 2), [3], to=2)],
    "resample_linear": [call((9, 2), [3], to=2)],
    "resample_polyphase": [call((9, 2), [3], to=2)],
    "reshape": [call((2, 6), shape=(3, 4))],
    "reshape_like": [call((30,), (2, 3, 4), (7, 5), begins=(0, 1), ends=(2, 2))],
    "reshape_to": [call((2, 6), [3, -1])],
    "resize": [
        call((3, 4, 5), axes=(1,), sizes=(9,)),
        call((3, 4, 5), axes=(1, 2), scales=(0.5, 3.0), grid="align_corners"),
        call((3, 4, 5), axes=(2,), sizes=(7,), mode="nearest"),
    ],
    "reverse": [call((3, 4), axes=(0,))],
    "reverse_sequence": [call((2, 5), [3, 4])],
    "rnn": [call((6, 3), (1, 3, 4), (1, 4, 4), (1, 4), (1, 4))],
    "round_float": [call((3, 4), to="float8e4m3fn")],
    "scatter": [call((4, 3), [0, 2], (2, 3))],
    "scatter_along_axis": [call((4, 3), [[0, 2, 1]], (1, 3))],
    "scatter_nd": [call((4, 3), [[0], [2]], (2, 3))],
    "select": [call([[True, False, True], [False, True, True]], (2, 3), (3,))],
    "shape": [call((2, 3, 4))],
    "slice": [call((5, 6), starts=(4, 1), ends=(0, 6), axes=(0, 1), steps=(-1, 2))],
    "slice_between": [call((5, 6), [1], [4], [1], [2])],
    "slice_by_index": [call((5, 6), [1, 0], [4, 6], strides=(1, 3))],
    "slice_by_size": [call((5, 6), [1, 2], [3, -1])],
    "slice_dynamic": [
        call((5, 6), [1, 0], [4, 6], [1, 2], begin_mask=NONE, end_mask=NONE, squeeze_mask=NONE)
    ],
    "slice_update": [call((5, 6), (3, 2), [1, 0], [4, 6], strides=(1, 3))],
    "sliding_windows": [call((9, 3), axis=0, size=4, stride=2, short=(3, 3))],
    "softmax": [call((3, 4)), call((3, 4, 2), axis=0)],
    "space_to_depth": [call((1, 3, 4, 6), block=2)],
    "split": [call((6, 2), axis=0, sizes=(1, 2, 3))],
    "squeeze": [call((3, 1, 4), axes=(1,))],
    "squeeze_units": [call((3, 1, 4, 1))],
    "stack": [call((2, 3), (2, 3), axis=1)],
    "tile": [call((2, 3), repeats=(2, 3))],
    "to_fixed": [call((3, 4))],
    "topk": [call((3, 6), k=2), call((3, 6), k=4, largest=False)],
    "transformer_encoder_layer": [
        call((5, 1, 8), (8, 24), (24,), (8, 8), (8,), (8, 6), (6,), (6, 8), (8,), heads=2)
    ],
    "transpose": [call((2, 3, 4), axes=(2, 0, 1))],
    "triangle": [call((2, 3, 4))],
    "windows": [call((9, 3), size=4, hop=2, short=(3, 3))],
    "wrap_bits": [call(BITS, bits=4, signed=True, to="int8")],
}


def examples(operator: Operator) -> list[Example]:
    """The declared ones; those of elementwise operators on floats alone follow from their parameters."""
    if operator.name in EXAMPLES:
        return EXAMPLES[operator.name]
    given = list(inspect.signature(operator.kernel).parameters.values())[1:]
    arrays = [one for one in given if one.kind is one.POSITIONAL_OR_KEYWORD]
    needed = [one for one in given if one.kind is one.KEYWORD_ONLY and one.default is one.empty]
    if not operator.facts.elementwise or needed:
        return []
    return [Example(tuple(np.ones(((2, 3, 4), (4,), (3, 4), (4,), (4,))[k]) for k in range(len(arrays))))]


#: Facts of operators that run graphs or other operators are compared in tests of their own.
RUNNING = tuple(name for name in names() if find(name).control or find(name).facts.runs)
