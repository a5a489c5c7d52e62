"""Core ML files made wrong: specifications of .mlmodel edited, programs of .mlpackage written again otherwise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .mistake import in_file


def floats(seed: int, *shape: int) -> Any:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def builder(shape: tuple[int, ...]) -> Any:
    from coremltools.models import datatypes, neural_network

    return neural_network.NeuralNetworkBuilder(
        [("x", datatypes.Array(*shape))], [("y", None)], disable_rank5_shape_mapping=True
    )


def image() -> Any:
    b = builder((1, 3, 8, 8))
    kernel = floats(1, 3, 3, 3, 6)
    b.add_convolution(
        "conv", 3, 6, 3, 3, 2, 2, "same", 1, kernel, floats(2, 6), True, input_name="x", output_name="c"
    )
    b.add_batchnorm(
        "norm",
        6,
        floats(3, 6),
        floats(4, 6),
        floats(5, 6),
        abs(floats(6, 6)) + 0.1,
        input_name="c",
        output_name="n",
        epsilon=1e-3,
    )
    b.add_activation("act", "LEAKYRELU", "n", "r", params=[0.3])
    b.add_upsample("up", 2, 2, "r", "u", mode="BILINEAR", linear_upsample_mode="ALIGN_CORNERS_FALSE")
    b.add_padding("pad", 1, 1, 1, 1, value=0.5, input_name="u", output_name="p")
    b.add_convolution(
        "last",
        6,
        2,
        3,
        3,
        1,
        1,
        "valid",
        1,
        floats(7, 3, 3, 6, 2),
        floats(8, 2),
        True,
        input_name="p",
        output_name="l",
    )
    b.add_pooling("pool", 2, 2, 2, 2, "AVERAGE", "VALID", "l", "q")
    b.add_transpose("turn", (0, 2, 3, 1), "q", "t")
    b.add_flatten_to_2d("flat", "t", "f", axis=1)
    b.add_inner_product("fc", floats(9, 4, 32) / 32, floats(10, 4), 32, 4, True, "f", "i")
    b.add_softmax_nd("soft", "i", "y", axis=-1)
    return b.spec


def recurrent() -> Any:
    b = builder((6, 1, 4, 1, 1))
    w, r = floats(1, 12, 4), floats(2, 12, 3)
    parts = lambda a: [a[3 * i : 3 * i + 3] for i in range(len(a) // 3)]  # noqa: E731
    b.add_gru(
        "gru",
        parts(r[:9]),
        parts(w[:9]),
        [floats(3 + i, 3) for i in range(3)],
        3,
        4,
        ["x"],
        ["g"],
        output_all=True,
    )
    b.add_unilstm(
        "lstm",
        parts(floats(8, 12, 3)),
        parts(r),
        [floats(20 + i, 3) for i in range(4)],
        3,
        3,
        ["g"],
        ["y"],
        output_all=True,
        forget_bias=True,
    )
    return b.spec


def layer(spec: Any, name: str) -> Any:
    return next(one for one in spec.neuralNetwork.layers if one.name == name)


def edit(
    name: str, kind: str, make: Callable[[], Any], change: Callable[[Any], Any], *, at: str, right: str
) -> None:
    """Register a specification and what ``change`` makes of it."""

    def write(folder: Path) -> Path:
        spec = make()
        (folder / "right.mlmodel").write_bytes(spec.SerializeToString())
        change(spec)
        (folder / "wrong.mlmodel").write_bytes(spec.SerializeToString())
        return folder / "wrong.mlmodel"

    in_file(name, kind, file="edited.mlmodel", at=at, right=right)(write)


def values(field: Any, made: Callable[[Any], Any]) -> None:
    """Numbers of a field changed."""
    held = np.array(field.floatValue, np.float32)
    field.floatValue[:] = np.asarray(made(held), np.float32).reshape(-1).tolist()


def swap(one: Any, other: Any) -> None:
    """Two messages exchanged."""
    kept = type(one)()
    kept.CopyFrom(one)
    one.CopyFrom(other)
    other.CopyFrom(kept)


def start_of_same(spec: Any) -> None:
    layer(spec, "conv").convolution.same.asymmetryMode = 1


def mode(spec: Any) -> None:
    layer(spec, "up").upsample.linearUpsampleMode = 1


def nearest(spec: Any) -> None:
    up = layer(spec, "up").upsample
    up.mode, up.linearUpsampleMode = 0, 0


def axes(spec: Any) -> None:
    layer(spec, "turn").transpose.axes[:] = [0, 1, 2, 3]


def gate(name: str, kind: str, one: str, other: str) -> Callable[[Any], None]:
    """Matrices and vectors of two gates exchanged."""

    def change(spec: Any) -> None:
        params = getattr(layer(spec, name), kind)
        held = params.weightParams if kind == "uniDirectionalLSTM" else params
        for part in ("WeightMatrix", "RecursionMatrix", "BiasVector"):
            swap(getattr(held, one + part), getattr(held, other + part))

    return change


for _name, _change, _at, _right in (
    ("bottom right padding of SAME at the top left", start_of_same, "conv pad", "padding-on-other-side"),
    (
        "epsilon of PyTorch where the layer says Keras's",
        lambda s: setattr(layer(s, "norm").batchnorm, "epsilon", 1e-5),
        "batch_norm",
        "epsilon-wrong",
    ),
    (
        "alpha of a leaky ReLU",
        lambda s: setattr(layer(s, "act").activation.leakyReLU, "alpha", 0.01),
        "leaky_relu",
        "activation-setting",
    ),
    ("upsampling with aligned corners", mode, "resize", "resize-grid"),
    ("nearest for bilinear", nearest, "resize", "resize-mode"),
    (
        "constant of a padding at zero",
        lambda s: setattr(layer(s, "pad").padding.constant, "value", 0.0),
        "pad",
        "padding-mode constant-wrong pad-wrong",
    ),
    ("flattened channels first", axes, "transpose reshape", "flatten-order transpose-wrong"),
    (
        "kernel of Keras not transposed",
        lambda s: values(
            layer(s, "last").convolution.weights, lambda a: a.reshape(2, 6, 3, 3).transpose(0, 1, 3, 2)
        ),
        "conv",
        "kernel-axes-swapped",
    ),
    (
        "weights of an inner product in another order",
        lambda s: values(layer(s, "fc").innerProduct.weights, lambda a: a.reshape(32, 4).T),
        "dense",
        "weights-read-in-other-order weights-transposed",
    ),
    (
        "maximum for average",
        lambda s: setattr(layer(s, "pool").pooling, "type", 0),
        "avg_pool average_pool",
        "pooling-maximum-or-mean",
    ),
    (
        "bias of an inner product gone",
        lambda s: (
            setattr(layer(s, "fc").innerProduct, "hasBias", False),
            layer(s, "fc").innerProduct.ClearField("bias"),
        ),
        "dense",
        "bias-dropped",
    ),
    (
        "gamma and beta of a .mlmodel batchnorm exchanged",
        lambda s: (swap(layer(s, "norm").batchnorm.gamma, layer(s, "norm").batchnorm.beta),),
        "batch_norm",
        "norm-parameters-swapped",
    ),
):
    edit(_name, "convolutional", image, _change, at=_at, right=_right)

for _name, _change, _at, _right in (
    (
        "update and reset gate of a .mlmodel's GRU",
        gate("gru", "gru", "updateGate", "resetGate"),
        "gru",
        "gru-gates-swapped",
    ),
    (
        "input and output gate of a .mlmodel's LSTM",
        gate("lstm", "uniDirectionalLSTM", "inputGate", "outputGate"),
        "lstm",
        "lstm-gates-permuted",
    ),
    (
        "forget bias added by the layer and by the weights",
        lambda s: setattr(layer(s, "lstm").uniDirectionalLSTM.params, "forgetBias", False),
        "lstm",
        "lstm-forget-bias",
    ),
    (
        "input run backwards",
        lambda s: setattr(layer(s, "lstm").uniDirectionalLSTM, "reverseInput", True),
        "lstm",
        "direction-not-reversed",
    ),
    (
        "sigmoid for Keras's hard one in the gates",
        lambda s: layer(s, "gru").gru.activations[0].sigmoid.SetInParent(),
        "gru",
        "recurrent-activation",
    ),
):
    edit(_name, "recurrent", recurrent, _change, at=_at, right=_right)


def program(**told: Any) -> Any:
    """A MIL program, with what is told otherwise."""
    import coremltools as ct
    from coremltools.converters.mil import Builder as mb

    def said(key: str, usual: Any) -> Any:
        return told.get(key, usual)

    @mb.program(input_specs=[mb.TensorSpec(shape=(1, 4, 6, 6))], opset_version=ct.target.iOS16)
    def main(x: Any) -> Any:
        y = mb.conv(
            x=x,
            weight=said("weight", floats(1, 6, 2, 3, 3)),
            bias=floats(2, 6),
            groups=2,
            pad_type="custom",
            pad=said("pad", [0, 1, 0, 1]),
            dilations=[1, 1],
            name="conv",
        )
        y = mb.instance_norm(
            x=y, gamma=floats(3, 6), beta=floats(4, 6), epsilon=said("epsilon", 1e-5), name="norm"
        )
        y = mb.gelu(x=y, mode=said("gelu", "EXACT"), name="act")
        y = mb.avg_pool(
            x=y,
            kernel_sizes=[3, 3],
            strides=[2, 2],
            pad_type="custom",
            pad=[1, 1, 1, 1],
            exclude_padding_from_average=said("exclude", False),
            ceil_mode=said("ceil", False),
            name="pool",
        )
        y = mb.upsample_bilinear(
            x=y,
            scale_factor_height=2.0,
            scale_factor_width=2.0,
            align_corners=said("corners", False),
            name="up",
        )
        y = mb.transpose(x=y, perm=said("perm", [0, 2, 3, 1]), name="turn")
        y = mb.reshape(x=y, shape=[1, 36, 6], name="rows")
        y = mb.layer_norm(x=y, axes=said("axes", [2]), gamma=None, beta=None, epsilon=1e-5, name="ln")
        y = mb.linear(x=y, weight=said("linear", floats(5, 6, 6)), bias=floats(6, 6), name="fc")
        y = (
            mb.reduce_sum(x=y, axes=[1], keep_dims=False, name="sum")
            if said("sum", False)
            else mb.reduce_mean(x=y, axes=[1], keep_dims=False, name="mean")
        )
        return mb.log(x=mb.softmax(x=y, axis=-1, name="soft"), epsilon=said("log", 1e-10), name="y")

    return ct.convert(
        main,
        convert_to="mlprogram",
        compute_precision=ct.precision.FLOAT32,
        minimum_deployment_target=ct.target.iOS16,
        skip_model_load=True,
        pass_pipeline=ct.PassPipeline.EMPTY,
    )


for _name, _told, _at, _right in (
    (
        "pads of a MIL convolution before for behind",
        {"pad": [1, 0, 1, 0]},
        "conv pad",
        "padding-on-other-side",
    ),
    ("epsilon of a MIL instance norm", {"epsilon": 1e-2}, "layer_norm@norm", "epsilon-wrong"),
    ("mode of a MIL gelu", {"gelu": "TANH_APPROXIMATION"}, "gelu", "activation-approximated"),
    (
        "mode of a MIL gelu a sigmoid's",
        {"gelu": "SIGMOID_APPROXIMATION"},
        "gelu",
        "activation-approximated activation-swapped",
    ),
    (
        "padding excluded from an average",
        {"exclude": True},
        "avg_pool average_pool",
        "pooling-padding-counted",
    ),
    ("align_corners of a MIL upsampling", {"corners": True}, "resize", "resize-grid"),
    ("perm of a MIL transpose", {"perm": [0, 1, 2, 3]}, "transpose", "transpose-wrong kernel-axes-swapped"),
    ("axes of a MIL layer norm", {"axes": [1, 2]}, "layer_norm", "norm-axis"),
    (
        "weight of a MIL linear transposed",
        {"linear": floats(5, 6, 6).T.copy()},
        "dense",
        "weights-transposed",
    ),
    (
        "groups of a MIL kernel exchanged",
        {"weight": np.roll(floats(1, 6, 2, 3, 3), 3, 0)},
        "conv",
        "groups-mixed channels-permuted",
    ),
    ("sum for mean in MIL", {"sum": True}, "reduce_mean mean", "reduction-swapped"),
    ("epsilon of a MIL log", {"log": 1e-1}, "log add", "log-offset constant-wrong"),
):

    def _write(folder: Path, told: dict[str, Any] = _told) -> Path:
        program().save(str(folder / "right.mlpackage"))
        program(**told).save(str(folder / "wrong.mlpackage"))
        return folder / "wrong.mlpackage"

    in_file(_name, "convolutional", file="edited.mlpackage", at=_at, right=_right)(_write)
