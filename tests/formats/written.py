"""Operators in many forms, which every writer has to get right."""

from __future__ import annotations

from typing import Any

from .one_operator import Case

T, B = "time", "batch"
IMAGE = ((T, 12, 3),)
BATCH = ((B, T, 12, 3),)


def _recurrent(op: str, gates: int, *, batched: bool = False, **attrs: Any) -> Case:
    d = 2 if attrs.get("direction") == "bidirectional" else 1
    axes = ((T, B, 6),) if batched else ((T, 6),)
    constants = {"w": (d, 6, gates * 5), "r": (d, 5, gates * 5), "b": (d, gates * 5)}
    if op == "gru":
        constants["rb"] = (d, gates * 5)
    if op == "lstm":
        constants["p"] = (d, 3, 5)
        constants["c0"] = (d, 5)
    constants["h0"] = (d, 5)
    order = {"rnn": "x0 w r b h0", "lstm": "x0 w r b p h0 c0", "gru": "x0 w r b rb h0"}[op]
    return Case(op, axes, constants, attrs, order, outputs=3 if op == "lstm" else 2)


def _attention_weights(embed: int) -> dict[str, tuple[int, ...]]:
    return {"iw": (embed, 3 * embed), "ib": (3 * embed,), "ow": (embed, embed), "ob": (embed,)}


def _encoder(**attrs: Any) -> Case:
    weights = _attention_weights(6) | {"f1": (6, 10), "g1": (10,), "f2": (10, 6), "g2": (6,)}
    weights |= {"n1": (6,), "m1": (6,), "n2": (6,), "m2": (6,)}
    return Case("transformer_encoder_layer", ((T, 6),), weights, {"heads": 2, **attrs})


UPSAMPLINGS = (
    ("linear", "half_pixel"),
    ("linear", "asymmetric"),
    ("linear", "align_corners"),
    ("nearest", "asymmetric"),
)
SHUFFLES = {
    "pixel_shuffle": "factor",
    "pixel_unshuffle": "factor",
    "depth_to_space": "block",
    "space_to_depth": "block",
}

CASES = [
    *(
        Case(op, ((T, 7),))
        for op in (
            "abs",
            "erf",
            "exp",
            "identity",
            "mish",
            "neg",
            "relu",
            "sigmoid",
            "silu",
            "softplus",
            "softsign",
            "tanh",
            "elu",
            "celu",
            "gelu",
            "hard_sigmoid",
            "hard_swish",
            "leaky_relu",
            "selu",
            "softmax",
            "log_softmax",
        )
    ),
    *(Case(op, ((T, 7),), positive=True) for op in ("log", "sqrt", "reciprocal")),
    Case("elu", ((T, 7),), attrs={"alpha": 0.7}),
    Case("celu", ((T, 7),), attrs={"alpha": 0.7}),
    Case("gelu", ((T, 7),), attrs={"approximate": "tanh"}),
    Case("softplus", ((T, 7),), attrs={"beta": 3.0}),
    Case("hard_sigmoid", ((T, 7),), attrs={"alpha": 1 / 6, "beta": 0.5}),
    Case("clip", ((T, 7),), attrs={"min": -0.5, "max": 0.25}),
    Case("clip", ((T, 7),), attrs={"max": 0.25}),
    Case("clip", ((T, 7),), attrs={"min": 0.25}),
    Case("softmax", ((T, 7, 3),), attrs={"axis": 1}),
    *(Case(op, ((T, 7), (T, 7))) for op in ("add", "sub", "mul", "maximum", "minimum")),
    *(Case(op, ((T, 7),), {"k": (7,)}) for op in ("add", "sub", "mul", "div", "prelu")),
    Case("sub", ((7,),), {"k": (4, 1)}, order="k x0"),
    Case("power", ((T, 7),), {"k": (7,)}, positive=True),
    Case("dense", ((T, 7),), {"w": (7, 4), "b": (4,)}),
    Case("dense", ((T, 7),), {"w": (7, 4)}),
    Case("dense", ((B, T, 7),), {"w": (7, 4), "b": (4,)}),
    Case("dense", ((7,),), {"w": (7, 4)}),
    Case("matmul", ((T, 7), (7, 3))),
    Case("matmul", ((B, T, 7),), {"k": (7, 3)}),
    Case("embedding", ((T,),), {"table": (5, 3)}, dtype="int64"),
    Case("gather", ((T,),), {"k": (4, 5, 3)}, {"axis": 1}, order="k x0", dtype="int64"),
    *(
        _recurrent(op, gates, batched=batched, direction=direction)
        for op, gates in (("rnn", 1), ("lstm", 4), ("gru", 3))
        for direction in ("forward", "reverse", "bidirectional")
        for batched in (False, True)
    ),
    _recurrent("rnn", 1, activation="relu"),
    _recurrent("rnn", 1, activation="sigmoid"),
    _recurrent("lstm", 4, cell_activation="softsign", output_activation="relu"),
    *(
        _recurrent("gru", 3, reset=reset, update=update, direction="bidirectional")
        for reset in ("after", "before")
        for update in ("keeps", "replaces")
    ),
    _recurrent("gru", 3, cell_activation="relu"),
    Case("rnn", ((T, 6),), {"w": (1, 6, 5), "r": (1, 5, 5)}, outputs=2),
    Case("lstm", ((T, 6),), {"w": (1, 6, 20), "r": (1, 5, 20), "b": (1, 20)}, outputs=3),
    Case("lstm", ((T, 6),), {"w": (2, 6, 20), "r": (2, 5, 20), "b": (2, 20)}, {"direction": "bidirectional"}),
    Case("gru", ((T, 6),), {"w": (1, 6, 15), "r": (1, 5, 15), "rb": (1, 15)}, order="x0 w r - rb"),
    Case("gru", ((T, 6), (1, 5)), {"w": (1, 6, 15), "r": (1, 5, 15)}, order="x0 w r - - x1", outputs=2),
    Case(
        "lstm",
        ((T, 6), (1, 5), (1, 5)),
        {"w": (1, 6, 20), "r": (1, 5, 20), "p": (1, 3, 5)},
        order="x0 w r - p x1 x2",
        outputs=3,
    ),
    Case("conv", IMAGE, {"w": (3, 2, 3, 4), "b": (4,)}, {"flip": True}, least=3),
    Case("conv", IMAGE, {"w": (3, 2, 3, 4), "b": (1,)}, {"strides": (2, 1), "dilations": (1, 2)}, least=3),
    Case("conv", IMAGE, {"w": (3, 2, 3, 4)}, {"padding": ((1, 0), (0, 2))}, least=3),
    Case("conv", BATCH, {"w": (3, 3, 1, 6), "b": (6,)}, {"groups": 3, "flip": True}, least=3),
    Case("conv", ((T, 3),), {"w": (3, 3, 4), "b": (4,)}, least=3),
    Case("conv", ((B, T, 3),), {"w": (3, 3, 4), "b": (4,)}, {"flip": True}, least=3),
    Case("conv", ((T, 5, 6, 2),), {"w": (3, 2, 2, 2, 4)}, least=3),
    Case("max_pool", IMAGE, attrs={"size": (2, 3)}, least=2),
    Case("max_pool", IMAGE, attrs={"size": (2, 5), "ceil": True}, least=2),
    Case("max_pool", BATCH, attrs={"size": (3, 3), "strides": (1, 2), "padding": ((1, 1), (1, 1))}, least=3),
    Case("max_pool", IMAGE, attrs={"size": (3, 3), "strides": (1, 2), "padding": ((1, 0), (0, 2))}, least=3),
    Case("max_pool", ((T, 3),), attrs={"size": (3,), "dilations": (2,)}, least=5),
    Case("average_pool", IMAGE, attrs={"size": (2, 3)}, least=2),
    Case("average_pool", ((T, 3),), attrs={"size": (3,), "strides": (2,)}, least=3),
    *(
        Case(
            "average_pool",
            BATCH,
            attrs={"size": (3, 3), "padding": ((1, 1), (1, 1)), "count_padding": c},
            least=3,
        )
        for c in (True, False)
    ),
    Case("normalize", IMAGE, {"mean": (3,), "inv_std": (3,), "gamma": (3,), "beta": (3,)}),
    Case("normalize", IMAGE, {"mean": (12, 3), "inv_std": (12, 3)}),
    Case("batch_norm", ((T, 3),), {"mean": (3,), "variance": (3,), "gamma": (3,), "beta": (3,)}),
    Case("batch_norm", IMAGE, {"mean": (3,), "variance": (3,)}, {"epsilon": 1e-3}),
    Case("batch_norm", BATCH, {"mean": (3,), "variance": (3,), "gamma": (3,)}),
    Case(
        "batch_norm",
        IMAGE,
        {"mean": (12, 3), "variance": (12, 3), "beta": (3,)},
        order="x0 mean variance - beta",
    ),
    Case("layer_norm", ((T, 7),), {"gamma": (7,), "beta": (7,)}),
    Case("layer_norm", IMAGE, {"gamma": (12, 3)}, {"axes": (1, 2), "epsilon": 1e-3}),
    Case("layer_norm", IMAGE, {"gamma": (3,), "beta": (3,)}, {"axes": (1,)}),
    Case("layer_norm", ((T, 7),)),
    Case("rms_norm", ((T, 7),), {"gamma": (7,)}),
    Case("instance_norm", IMAGE, {"gamma": (3,), "beta": (3,)}, {"spatial": 2}),
    Case("instance_norm", BATCH, attrs={"spatial": 2}),
    Case("group_norm", ((B, T, 6),), {"gamma": (6,)}, {"spatial": 1, "groups": 2}),
    Case("group_norm", ((T, 6),), {"gamma": (6,), "beta": (6,)}, {"spatial": 0, "groups": 3}),
    Case("pad", IMAGE, attrs={"before": (2, 0, 0), "after": (1, 3, 0), "value": 0.5}),
    Case("pad", IMAGE, attrs={"before": (2, 0, 0), "after": (1, 3, 0), "mode": "reflect"}, least=3),
    Case("pad", IMAGE, attrs={"before": (2, 0, 1), "after": (1, 3, 0), "mode": "edge"}),
    Case("windows", IMAGE, attrs={"size": 7}, least=7),
    Case("windows", ((T, 5),), attrs={"size": 4, "hop": 3}, least=4),
    Case("windows", ((T,),), attrs={"size": 4}, least=4),
    Case("windows", ((T, 5),), attrs={"size": 1, "hop": 2}),
    Case("expand_dims", IMAGE, attrs={"axes": (0, -1)}),
    Case("squeeze", ((T, 1, 3, 1),), attrs={"axes": (1, -1)}),
    Case("reshape", IMAGE, attrs={"shape": (0, -1)}),
    Case("reshape", IMAGE, attrs={"shape": (-1, 6, 2)}),
    Case("reshape", BATCH, attrs={"shape": (0, 0, -1, 3, 2)}),
    Case("transpose", IMAGE, attrs={"axes": (2, 0, 1)}),
    Case("transpose", IMAGE),
    Case("concat", ((T, 3), (T, 4)), attrs={"axis": -1}),
    Case("concat", ((T, 3),), {"k": (2, 3)}, {"axis": 0}),
    Case("slice", IMAGE, attrs={"starts": (1, -3), "ends": (-1, None), "axes": (0, 1)}, least=3),
    Case("slice", IMAGE, attrs={"starts": (-1, 8), "ends": (None, 1), "axes": (0, 1), "steps": (-1, -3)}),
    *(
        Case(op, IMAGE, attrs={"axes": axes, "keepdims": keep})
        for op in ("reduce_mean", "reduce_sum", "reduce_max", "reduce_min")
        for axes, keep in (((0, 1), False), ((-1,), True), (None, False))
    ),
    *(
        Case(op, ((T, 7),))
        for op in (
            *("asinh", "atan", "ceil", "cos", "cosh", "exp2", "expm1", "floor", "is_nan", "round", "sign"),
            *("sin", "sinh", "square", "tan", "trunc", "scale_shift", "scaled_tanh", "thresholded_relu"),
            *("shrink", "is_inf", "hardmax", "argmax", "argmin", "cumsum", "l2_normalize", "reverse"),
        )
    ),
    *(Case(op, ((T, 7),), positive=True) for op in ("log1p", "log10", "rsqrt")),
    # Of numbers within -1 and 1, of numbers from 1 on.
    *(Case(op, ((T, 7),), behind="tanh") for op in ("acos", "asin", "atanh")),
    Case("acosh", ((T, 7),), positive=True, behind="exp"),
    Case("shape", IMAGE),
    Case(
        "resample", ((4, 6),), given={"n": (1.0, 1.5)}, attrs={"mode": "cubic", "cubic": -0.5}, order="x0 - n"
    ),
    *(Case(op, ((T, 7),), {"k": (7,)}) for op in ("mod", "fmod", "floor_div", "trunc_div")),
    *(
        Case(op, ((T, 7), (T, 7)))
        for op in ("equal", "not_equal", "greater", "greater_equal", "less", "less_equal")
    ),
    Case("select", ((T, 7), (T, 7)), {"k": (7,)}, order="x0 x1 k", dtype="bool"),
    Case("logical_not", ((T, 7),), dtype="bool"),
    *(
        Case(op, ((T, 7),), order="x0 x0", dtype="bool")
        for op in ("logical_and", "logical_or", "logical_xor")
    ),
    Case("scale_shift", ((T, 7),), attrs={"alpha": 0.7, "beta": -0.3}),
    Case("thresholded_relu", ((T, 7),), attrs={"threshold": 0.3, "inclusive": False}),
    Case("cast", ((T, 7),), attrs={"to": "float"}, dtype="int64"),
    Case("cast", ((T, 7),), attrs={"to": "bool"}),
    Case("broadcast_to", ((1, 7), (T, 7))),
    Case("broadcast_to", ((3, 1, 7),), attrs={"shape": (3, 4, 7)}),
    Case("fill_like", IMAGE, attrs={"value": 0.5}),
    Case("split", ((T, 7),), attrs={"axis": -1, "sizes": (2, 4, 1)}, outputs=3),
    Case("split", ((6, T),), attrs={"axis": 0, "count": 3}, outputs=3),
    Case("split", ((T, 7),), attrs={"axis": 1, "count": 3, "even": False}, outputs=3),
    Case("stack", ((T, 7), (T, 7)), attrs={"axis": 1}),
    Case("tile", ((T, 7),), attrs={"repeats": (2, 3)}),
    Case("reverse", IMAGE, attrs={"axes": (0, -1)}),
    Case("flatten", IMAGE, attrs={"axis": 2}),
    Case("sliding_windows", ((T, 7),), attrs={"axis": 0, "size": 4, "stride": 2}, least=4),
    Case("sliding_windows", ((T, 7),), attrs={"axis": 1, "size": 3}),
    Case("gather_along_axis", ((4, 2),), {"k": (5, 2)}, {"axis": 0}, order="k x0", dtype="int64"),
    Case("one_hot", ((T,),), attrs={"size": 4, "axis": 0, "on": 2.0}, dtype="int64"),
    Case("topk", ((T, 7),), attrs={"k": 3, "largest": False}, order="x0"),
    Case("range_1d", (), given={"a": 2, "b": 17, "c": 3}, order="a b c"),
    Case("cumsum_along", ((T, 7),), given={"axis": 1}, order="x0 axis"),
    Case("fill", (), attrs={"value": 2.0}, given={"n": (3, 2)}, order="n"),
    Case("gather_nd", ((5, 4, 3),), given={"at": ((1, 2), (0, 3), (-1, 0))}, order="x0 at"),
    Case("reshape_to", IMAGE, attrs={"zeros": "left"}, given={"n": (0, 4, -1)}, order="x0 n"),
    Case("crop_like", ((3, 14, 8), (2, T, 5)), attrs={"offset": (2, 1)}),
    Case("reshape_like", ((T, 6), (T, 2, 3)), attrs={"begins": (0, 1), "ends": (1, None)}, order="x0 x1 x1"),
    Case(
        "slice_between",
        ((T, 7),),
        given={"starts": (-1, 1), "ends": (-99, 5), "axes": (0, 1), "steps": (-2, 1)},
        order="x0 starts ends axes steps",
    ),
    Case("cumsum", ((T, 7),), attrs={"axis": 1, "exclusive": True, "reverse": True}),
    Case("l2_normalize", ((T, 7),), attrs={"axes": (0,), "guard": "floor"}),
    Case("einsum", ((T, 7),), {"k": (7, 3)}, {"equation": "ab,bc->ca"}),
    Case("triangle", ((B, 5, 6),), attrs={"diagonal": 1, "part": "upper"}),
    Case("triangle", ((5, 6),), attrs={"diagonal": -1}),
    Case("band_part", ((5, 6),), attrs={"lower": 1, "upper": 2}),
    *(
        Case(op, IMAGE, attrs={"axes": (0, 1), "keepdims": True}, positive=True)
        for op in (
            "reduce_prod",
            "reduce_l1",
            "reduce_l2",
            "reduce_log_sum",
            "reduce_log_sum_exp",
            "reduce_sum_square",
        )
    ),
    Case("conv_transpose", IMAGE, {"w": (3, 2, 3, 4), "b": (4,)}, {"strides": (2, 3)}),
    Case(
        "conv_transpose",
        BATCH,
        {"w": (3, 3, 3, 2)},
        {"strides": (2, 1), "groups": 3, "padding": ((1, 0), (1, 1))},
    ),
    Case(
        "conv_transpose",
        ((T, 3),),
        {"w": (4, 3, 2), "b": (2,)},
        {"strides": (2,), "padding": ((1, 1),), "extra": (1,)},
    ),
    Case("conv_transpose", ((5, 3),), {"w": (3, 3, 2)}, {"strides": (2,), "padding": "same"}),
    Case("adaptive_average_pool", IMAGE, attrs={"sizes": (1, 1)}),
    Case("adaptive_average_pool", ((7, 10, 3),), attrs={"sizes": (3, 4)}),
    *(
        Case("resize", ((B, 3, 4, 6),), attrs={"axes": (2, 3), "sizes": (8, 5), "grid": grid, **more})
        for grid in ("half_pixel", "align_corners", "asymmetric")
        for more in ({}, {"mode": "nearest"})
    ),
    Case("resize", ((4, 6, 3),), attrs={"axes": (0,), "sizes": (7,)}),
    *(
        Case("resize", ((1, 2, 4, 6),), attrs={"axes": (-2, -1), "sizes": (8, 18), "mode": m, "grid": g})
        for m, g in UPSAMPLINGS
    ),
    *(Case(op, ((*lead, 8, 4, 6),), attrs={key: 2}) for lead in ((B,), ()) for op, key in SHUFFLES.items()),
    *(
        Case("conv", IMAGE, {"w": (3, 4, 3, 4)}, {"padding": padding, "strides": (1, 2)})
        for padding in ("same", "same_lower")
    ),
    Case("attention", ((2, T, 5), (2, 9, 5), (2, 9, 4))),
    Case("attention", ((T, 5), (T, 5), (T, 4)), attrs={"causal": True, "scale": 0.3}),
    Case("attention", ((9, 4), (6, T, 5), (2, 4, 5), (2, 4, 3)), attrs={"grouped": True}, order="x1 x2 x3"),
    Case(
        "attention",
        ((9, 4), (9, 5), (4, 5), (4, 3)),
        attrs={"empty_row": "zero"},
        order="x1 x2 x3 x0",
        dtype="bool",
    ),
    Case("attention", ((9, 5), (4, 5), (4, 3)), {"mask": (9, 4)}),
    Case(
        "multi_head_attention", ((T, 6),), _attention_weights(6), {"heads": 2}, order="x0 x0 x0 iw ib ow ob"
    ),
    Case(
        "multi_head_attention",
        ((B, 11, 6), (B, 7, 6), (B, 7, 6)),
        _attention_weights(6) | {"m": (11, 7)},
        {"heads": 3},
        order="x0 x1 x2 iw ib ow - - m",
    ),
    Case(
        "multi_head_attention",
        ((3, T), (3, T, 6)),
        _attention_weights(6),
        {"heads": 2, "empty_row": "zero"},
        order="x1 x1 x1 iw - ow ob x0",
        dtype="bool",
    ),
    _encoder(),
    _encoder(norm="pre", activation="gelu", causal=True),
]
