"""Small NeuralNetworks of every kind, written by coremltools' builder: what the fuzzer starts from."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from coremltools.models import datatypes
    from coremltools.models.neural_network import NeuralNetworkBuilder
    from coremltools.models.neural_network.quantization_utils import quantize_weights

RNG = np.random.default_rng(5)


def f(*shape: int) -> Any:
    """Weights."""
    return RNG.standard_normal(shape).astype(np.float32)


def network(
    inputs: Mapping[str, Sequence[int]],
    outputs: Sequence[str] = ("y",),
    *,
    classic: bool = False,
    **more: Any,
) -> Any:
    """A builder without layers."""
    given = [(name, datatypes.Array(*shape)) for name, shape in inputs.items()]
    return NeuralNetworkBuilder(
        given, [(name, None) for name in outputs], disable_rank5_shape_mapping=not classic, **more
    )


def classic_picture() -> Any:
    b = network({"x": (2, 6, 6)}, classic=True)
    b.add_convolution(
        "c", 2, 4, 3, 3, 1, 1, "same", 1, f(3, 3, 2, 4), f(4), True, input_name="x", output_name="c"
    )
    b.add_batchnorm("n", 4, f(4), f(4), f(4), np.abs(f(4)) + 1, input_name="c", output_name="n")
    b.add_activation("a", "PRELU", "n", "a", params=f(4))
    b.add_pooling("p", 2, 2, 2, 2, "MAX", "VALID", "a", "p")
    b.add_upsample("u", 2, 2, "p", "u", mode="BILINEAR")
    b.add_padding("e", 1, 1, 1, 0, 0.5, "u", "e")
    b.add_crop("k", 1, 0, 0, 0, [1, 1], ["e"], "k")
    b.add_lrn("l", "k", "l", alpha=1, beta=0.5, local_size=3)
    b.add_flatten("f", 0, "l", "f")
    b.add_inner_product("i", f(3, 196), f(3), 196, 3, True, "f", "i")
    b.add_softmax("s", "i", "y")
    return b


def classic_recurrent() -> Any:
    b = network({"x": (3,)}, ("y", "z"), classic=True)
    w, r = [f(2, 3) for _ in range(4)], [f(2, 2) for _ in range(4)]
    bias, peep = [f(2) for _ in range(4)], [f(2) for _ in range(3)]
    b.add_unilstm(
        "l",
        r,
        w,
        bias,
        2,
        3,
        ["x"],
        ["h"],
        peep=peep,
        output_all=True,
        forget_bias=True,
    )
    b.add_bidirlstm(
        "b",
        [f(2, 2) for _ in range(4)],
        [f(2, 2) for _ in range(4)],
        None,
        [f(2, 2) for _ in range(4)],
        [f(2, 2) for _ in range(4)],
        None,
        2,
        2,
        ["h"],
        ["bi"],
        output_all=True,
    )
    b.add_gru(
        "g",
        [f(2, 2) for _ in range(3)],
        [f(2, 4) for _ in range(3)],
        None,
        2,
        4,
        ["bi"],
        ["y"],
        output_all=True,
    )
    b.add_simple_rnn("r", f(2, 2), f(2, 2), f(2), 2, 2, "TANH", ["h"], ["z"], output_all=False)
    return b


def states() -> Any:
    b = network({"x": (3,), "h_in": (2,), "c_in": (2,)}, ("y", "h_out", "c_out"), classic=True)
    w, r = [f(2, 3) for _ in range(4)], [f(2, 2) for _ in range(4)]
    b.add_unilstm("l", r, w, None, 2, 3, ["x", "h_in", "c_in"], ["y", "h_out", "c_out"])
    for one in b.spec.description.input[1:]:
        one.type.isOptional = True
    return b


def control() -> Any:
    b = network({"x": (1,), "v": (4,)})
    b.add_copy("c", "x", "i")
    b.add_copy("w", "v", "y")
    b.add_loop("loop", max_iterations=3)
    loop = b.spec.neuralNetwork.layers[-1].loop
    body = NeuralNetworkBuilder(nn_spec=loop.bodyNetwork, disable_rank5_shape_mapping=True)
    body.add_elementwise("more", ["i"], "next", "ADD", alpha=1)
    body.add_copy("back", "next", "i")
    body.add_less_than("low", ["i"], "flag", alpha=2)
    body.add_branch("if", "flag")
    branch = body.nn_spec.layers[-1].branch
    yes = NeuralNetworkBuilder(nn_spec=branch.ifBranch, disable_rank5_shape_mapping=True)
    yes.add_multiply_broadcastable("m", ["y", "v"], "t")
    yes.add_copy("t", "t", "y")
    no = NeuralNetworkBuilder(nn_spec=branch.elseBranch, disable_rank5_shape_mapping=True)
    no.add_loop_break("stop")
    return b


def shapes() -> Any:
    b = network({"x": (2, 3, 4)}, ("y", "z", "s"))
    b.add_transpose("t", (1, 0, 2), "x", "t")
    b.add_rank_preserving_reshape("r", "t", "r", (-1, 2, 4))
    b.add_split_nd("p", "r", ["a", "c"], 2, num_splits=2)
    b.add_concat_nd("n", ["a", "c", "a"], "n", 2)
    b.add_slice_static(
        "i", "n", "i", [0, 0, -3], [3, 2, 2147483647], [1, 1, 2], [True, True, False], [True, True, True]
    )
    b.add_tile("e", "i", "e", reps=[1, 2, 1])
    b.add_expand_dims("d", "e", "d", [0])
    b.add_reshape_static("h", "d", "h", [3, -1])
    b.add_get_shape("g", "x", "g")
    b.add_fill_dynamic("f", "g", "f", value=2)
    b.add_stack("k", ["x", "f"], "y", axis=0)
    b.add_constant_pad(
        "q", ["h"], "z", value=1, pad_to_given_output_size_mode=False, pad_amounts=[0, 1, 1, 0]
    )
    b.add_range_static("o", "s", end=4, start=0, step=1)
    return b


def indices() -> Any:
    b = network({"x": (3, 4), "i": (2,)}, ("y", "z", "t", "v", "w", "n"))
    b.add_gather("g", ["x", "i"], "y", axis=0)
    b.add_load_constant_nd("u", "u", f(2, 4), (2, 4))
    b.add_scatter("s", ["x", "i", "u"], "z", axis=0, mode="ADD")
    b.add_topk("k", ["x"], ["t", "place"], k=2, axis=1)
    b.add_argsort("a", "x", "v", axis=1)
    b.add_one_hot("h", ["i"], "w", one_hot_vector_size=4)
    b.add_where_nonzero("o", "x", "n")
    return b


def normal() -> Any:
    b = network({"x": (2, 4), "m": (4, 3)}, ("y", "z", "q", "e"))
    b.add_batched_mat_mul("b", ["x", "m"], "b", False, False)
    b.add_layer_normalization("l", "x", "l", [4], f(4), f(4))
    b.add_reduce_sum("r", "l", "y", axes=[1], keepdims=True)
    b.add_softmax_nd("s", "b", "z", 1)
    b.add_inner_product("i", f(2, 4), f(2), 4, 2, True, "l", "i")
    b.add_activation("a", "SCALED_TANH", "i", "a", params=[1.7, 0.6])
    b.add_unary("u", "a", "u", "power", alpha=2, shift=1, scale=0.5, epsilon=1e-3)
    b.add_clip("c", "u", "q", 0.1, 2.0)
    b.add_embedding_nd("e", "id", "e", 4, 3, f(3, 4))
    b.spec.neuralNetwork.layers[-1].input[0] = "l0"
    layers = b.spec.neuralNetwork.layers
    embedding = layers.pop()
    b.add_load_constant_nd("k", "l0", np.float32([[0], [2]]), (2, 1))
    layers.append(embedding)
    return b


def quantised() -> Any:
    b = network({"x": (4,)}, ("y",))
    b.add_inner_product("i", f(3, 4), f(3), 4, 3, True, "x", "i")
    b.add_inner_product("j", f(5, 3), f(5), 3, 5, True, "i", "y")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        b.spec.neuralNetwork.layers[0].innerProduct.weights.ClearField("quantization")
        from coremltools.models import MLModel

        eight = quantize_weights(MLModel(b.spec, skip_model_load=True), 4, "linear")
    return eight if hasattr(eight, "specificationVersion") else eight.get_spec()


def image() -> Any:
    b = network({"x": (3, 4, 6)}, ("y",), classic=True)
    b.add_convolution(
        "c", 3, 2, 2, 2, 2, 2, "valid", 1, f(2, 2, 3, 2), f(2), True, input_name="x", output_name="c"
    )
    b.add_resize_bilinear("r", "c", "r", 3, 5)
    b.add_reduce("m", "r", "y", "HW", "avg")
    b.set_pre_processing_parameters(
        image_input_names=["x"], is_bgr=True, red_bias=1, green_bias=-2, image_scale=0.5
    )
    return b


def classifier() -> Any:
    b = network({"x": (4,)}, ("p",), mode="classifier")
    b.add_inner_product("i", f(3, 4), f(3), 4, 3, True, "x", "i")
    b.add_softmax_nd("s", "i", "p", -1)
    b.set_class_labels(["cat", "dog", "hen"], predicted_feature_name="label", prediction_blob="p")
    return b


def optional() -> Any:
    b = network({"x": (3,), "bias": (3,)})
    b.add_add_broadcastable("a", ["x", "bias"], "y")
    one = b.spec.description.input[1]
    one.type.isOptional = True
    one.type.multiArrayType.floatDefaultValue = 2.0
    b.spec.specificationVersion = 5
    return b


#: Name -> what makes its model (a builder or a specification).
NETWORKS = {
    "nn_picture": classic_picture,
    "nn_recurrent": classic_recurrent,
    "nn_states": states,
    "nn_control": control,
    "nn_shapes": shapes,
    "nn_indices": indices,
    "nn_normal": normal,
    "nn_quantised": quantised,
    "nn_image": image,
    "nn_classifier": classifier,
    "nn_optional": optional,
}
