"""Normalisation: epsilon, statistics, folding, scale and shift."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from ....graph import Array, Node
from ..edit import Edit
from ..fault import Group, by_format
from ..making import (
    NodeFault,
    Way,
    Written,
    behind,
    dropped,
    exchanged,
    instead,
    with_array,
    with_attrs,
    with_operator,
)
from ..view import At
from .activations import PLAIN

GROUP = Group("normalization", "Normalisation", 45)
BATCH = ("batch_norm", "normalize")
OVER_INPUT = ("layer_norm", "rms_norm", "group_norm", "instance_norm", "l2_normalize")
#: Epsilons that frameworks have as defaults, likelier ones first.
EPSILONS = (1e-5, 1e-3, 1e-6, 1e-12, 1e-4, 1e-8, 1e-7, 1e-2, 1e-1, 0.0)


class Epsilon(NodeFault):
    id = "epsilon-wrong"
    group = GROUP
    ops = ("batch_norm", *OVER_INPUT, "transformer_encoder_layer", "add", "normalize")
    where = (
        "normalisations with an epsilon, also where it is added by itself, and stored inverse deviations "
        "(added twice)"
    )
    text = "The epsilon of a normalisation is another one, or added to a variance that has it already."
    happens = (
        "Defaults: PyTorch 1e-5, Keras and TensorFlow 1e-3, BERT 1e-12, Lasagne and madmom 1e-4 (inside "
        "the stored deviation), Flax 1e-6."
    )
    repair = "Write the epsilon that the layer was trained with."
    repairs = by_format(
        onnx="Set the node's attribute epsilon.",
        keras="Give BatchNormalization(epsilon=...), 0.001 by default.",
        rtneural='Write the batch norm\'s "epsilon".',
        torch="Give eps=.",
        madmom=(
            "inv_std has its epsilon: the variance is 1 / inv_std^2, and the target's epsilon is 0 or to "
            "be subtracted."
        ),
        coreml="Set epsilon (1e-5 by default in NeuralNetwork's batchnorm).",
    )

    def ways(self, at: At) -> Iterator[Way]:
        if at.node.op == "normalize":
            if at.array("inv_std") is not None:
                for epsilon in (1e-4, 1e-5, 1e-3):
                    yield Way(
                        f"{epsilon:g} more",
                        f"{epsilon:g} is added to the variances of {at.name}, which have an epsilon",
                        with_array(at, "inv_std", partial(_more, epsilon)),
                    )
            return
        if at.node.op == "add":
            yield from self._added(at)
            return
        for epsilon in EPSILONS:
            if not np.isclose(epsilon, at.attrs["epsilon"], rtol=1e-3, atol=0):
                yield Way(
                    f"{epsilon:g}",
                    f"{at.name} has epsilon {epsilon:g} instead of {at.attrs['epsilon']:g}",
                    with_attrs(at, epsilon=epsilon),
                )

    def _added(self, at: At) -> Iterator[Way]:
        """An epsilon that is added before a root, as a normalisation is written out."""
        user = at.only_user()
        for parameter in at.tensors:
            array = at.array(parameter)
            if array is None or array.size != 1 or user is None or user.op not in ("sqrt", "rsqrt", "power"):
                continue
            now = float(array.reshape(-1)[0])
            for epsilon in EPSILONS if 0 <= now < 0.02 else ():
                if not np.isclose(epsilon, now, rtol=1e-3, atol=0):
                    edit = with_array(at, parameter, partial(np.full_like, fill_value=epsilon))
                    yield Way(f"{epsilon:g}", f"{at.name} adds epsilon {epsilon:g} instead of {now:g}", edit)


def _more(epsilon: float, inv_std: Array) -> Array:
    """An inverse deviation whose variance is larger by epsilon."""
    made: Array = 1 / np.sqrt(1 / np.square(inv_std.astype(np.float64)) + epsilon)
    return made


class NormTwice(NodeFault):
    id = "norm-folded-twice"
    group = GROUP
    ops = (*BATCH, *OVER_INPUT)
    where = "normalisations"
    text = "A normalisation is applied twice, as one that is folded into the layer before and kept."
    happens = (
        "A converter folds batch norm into the convolution and leaves the node in, or the export was "
        "folded already."
    )
    repair = "Fold it once: remove the node, or take the unfolded weights."

    def ways(self, at: At) -> Iterator[Way]:
        given = tuple(at.node.inputs[1:])
        attrs: Mapping[str, Any] = dict(at.node.attrs)
        yield Way(
            "",
            f"{at.name} is applied twice",
            behind(at, self.id, lambda w, x: w(at.node.op, x, *given, **attrs)),
        )


class NormOverActivation(NodeFault):
    id = "norm-folded-over-activation"
    group = GROUP
    ops = (*BATCH, "layer_norm", "group_norm", "instance_norm")
    where = "normalisations beside an activation"
    text = "A normalisation and the activation beside it have changed places."
    happens = (
        "Batch norm is folded into the convolution before it although an activation stands between the two."
    )
    repair = "Fold over nothing but linear layers; keep the order of the source."

    def ways(self, at: At) -> Iterator[Way]:
        before = at.maker("x")
        if before is not None and before.op in PLAIN and len(before.inputs) == 1:
            users = at.view.users.get(before.outputs[0], [])
            if len(users) == 1 and before.outputs[0] not in at.view.outputs:
                yield Way(
                    "before",
                    f"{at.name} stands before {before.op} {before.name!r} instead of behind it",
                    _exchanged(before, at.node),
                    (before.name, at.node.name),
                )
        after = at.only_user()
        if after is not None and after.op in PLAIN and len(after.inputs) == 1:
            yield Way(
                "behind",
                f"{at.name} stands behind {after.op} {after.name!r} instead of before it",
                _exchanged(at.node, after),
                (at.node.name, after.name),
            )


def _exchanged(one: Node, two: Node) -> Edit:
    """Two nodes in a row, the second of which reads the first one's result, in the other order."""

    def first(node: Node) -> tuple[Node, ...]:
        return (replace(two, inputs=(one.inputs[0], *two.inputs[1:]), outputs=one.outputs),)

    def second(node: Node) -> tuple[Node, ...]:
        return (replace(one, inputs=(one.outputs[0], *one.inputs[1:]), outputs=two.outputs),)

    return Edit({one.outputs[0]: first, two.outputs[0]: second})


class ScaleOrShiftLost(NodeFault):
    id = "norm-scale-or-shift-lost"
    group = GROUP
    ops = (*BATCH, "layer_norm", "rms_norm", "group_norm", "instance_norm")
    where = "normalisations with a scale other than ones or a shift other than zeros"
    text = "A normalisation has lost its scale or its shift: they are at their initial one and zero."
    happens = "LayerNorm's weights were not loaded, or affine=False; on untrained networks it shows nowhere."
    repair = "Load both; test with trained or random ones."
    repairs = by_format(
        torch='Load "weight" and "bias" of the norm; strict=True tells.',
        rtneural="A batch norm has four arrays: gamma, beta, mean, var.",
    )

    def ways(self, at: At) -> Iterator[Way]:
        for parameter, initial in (("gamma", 1.0), ("beta", 0.0)):
            array = at.array(parameter)
            if array is not None and np.any(array != initial):
                words = "scale" if parameter == "gamma" else "shift"
                yield Way(
                    words,
                    f"{at.name} has lost its {words}",
                    with_array(at, parameter, partial(np.full_like, fill_value=initial)),
                )


class NormParametersSwapped(NodeFault):
    id = "norm-parameters-swapped"
    group = GROUP
    ops = (*BATCH, "layer_norm", "group_norm", "instance_norm")
    where = "normalisations: scale and shift, mean and variance, or all four shifted by one (batch norm)"
    text = "Two of a normalisation's vectors have changed places."
    happens = (
        "Keras lists gamma, beta, mean, variance; Caffe and others mean, variance, gamma, beta; all have "
        "one shape. RTNeural reads three arrays shifted."
    )
    repair = "Name the vectors instead of counting them."
    repairs = by_format(
        onnx="BatchNormalization takes scale, B, mean, var in this order.",
        rtneural="The order is gamma, beta, mean, var, or mean, var.",
    )

    def ways(self, at: At) -> Iterator[Way]:
        spread = "inv_std" if at.node.op == "normalize" else "variance"
        for one, two in (("gamma", "beta"), ("mean", spread), ("beta", "mean"), ("gamma", "mean")):
            a, b = at.array(one), at.array(two)
            if a is not None and b is not None and a.shape == b.shape and not np.array_equal(a, b):
                yield Way(
                    f"{one} and {two}",
                    f"{one} and {two} of {at.name} have changed places",
                    exchanged(at, one, two),
                )


class NormAxis(NodeFault):
    id = "norm-axis"
    group = GROUP
    ops = ("layer_norm", "rms_norm", "l2_normalize")
    where = "layer normalisations of inputs with more axes than they go over"
    text = "A layer normalisation goes over other axes."
    happens = (
        "normalized_shape was taken for the last axis only, or for all but the batch; axis=1 stayed when "
        "channels moved."
    )
    repair = "Write the axes that were trained."
    repairs = by_format(
        onnx="LayerNormalization goes over the axes from its attribute axis to the last.",
        keras="Give LayerNormalization(axis=...).",
    )

    def ways(self, at: At) -> Iterator[Way]:
        rank = at.rank(at.tensors["x"])
        now = tuple(at.attrs["axes"]) if not isinstance(at.attrs["axes"], int) else (at.attrs["axes"],)
        if rank is None:
            return
        mine = {axis % rank for axis in now}
        others = [*((axis,) for axis in range(rank - 1, -1, -1)), tuple(range(1, rank)), tuple(range(rank))]
        for axes in dict.fromkeys(others):
            if axes and set(axes) != mine:
                said = f"axis {axes[0]}" if len(axes) == 1 else "axes " + ", ".join(map(str, axes))
                yield Way(
                    said,
                    f"{at.name} goes over {said} instead of {', '.join(map(str, sorted(mine)))}",
                    with_attrs(at, axes=axes),
                )


class NormSwapped(NodeFault):
    id = "norm-swapped"
    group = GROUP
    ops = ("layer_norm", "rms_norm", "group_norm", "instance_norm")
    where = "normalisations over their input"
    text = (
        "Another normalisation is computed: RMS for layer norm, one group for several, a channel for a group."
    )
    happens = (
        "T5's and Llama's layer norm subtracts no mean; a port has one of the norms and takes it for all."
    )
    repair = "Compute the normalisation that was trained."

    def ways(self, at: At) -> Iterator[Way]:
        op, attrs = at.node.op, at.attrs
        shared = {"epsilon": attrs["epsilon"]}
        if op == "layer_norm":
            without_mean = instead(at, self.id, _rms)
            yield Way("rms_norm", f"{at.name} subtracts no mean", without_mean)
        if op == "rms_norm":
            parameters = [one for one in ("x", "gamma") if one in at.tensors]
            yield Way(
                "layer_norm",
                f"{at.name} subtracts its mean",
                with_operator(at, "layer_norm", *parameters, axes=attrs["axes"], **shared),
            )
        if op == "group_norm":
            for groups, words in ((1, "one group"), (attrs["groups"] * 2, "twice as many groups")):
                if groups != attrs["groups"]:
                    yield Way(
                        words,
                        f"{at.name} has {words} instead of {attrs['groups']}",
                        with_attrs(at, groups=groups),
                    )
            given = [one for one in ("x", "gamma", "beta") if one in at.tensors]
            edit = with_operator(at, "instance_norm", *given, spatial=attrs["spatial"], **shared)
            yield Way("instance_norm", f"{at.name} normalises each channel by itself", edit)
        if op == "instance_norm":
            given = [one for one in ("x", "gamma", "beta") if one in at.tensors]
            edit = with_operator(at, "group_norm", *given, groups=1, spatial=attrs["spatial"], **shared)
            yield Way("one group", f"{at.name} normalises all channels together", edit)


def _rms(w: Written, at: At) -> str:
    scaled = [at.tensors[one] for one in ("x", "gamma") if one in at.tensors]
    y = w("rms_norm", *scaled, axes=at.attrs["axes"], epsilon=at.attrs["epsilon"])
    return w("add", y, at.tensors["beta"]) if "beta" in at.tensors else y


class NormDropped(NodeFault):
    id = "norm-dropped"
    group = GROUP
    ops = (*BATCH, *OVER_INPUT)
    where = "normalisations"
    text = "A normalisation is left out."
    happens = (
        "The last norm of a pre-norm transformer stands outside the stack of layers and is forgotten; "
        "batch norm was removed as folded."
    )
    repair = "Put it in."

    def ways(self, at: At) -> Iterator[Way]:
        yield Way("", f"{at.name} is left out", dropped(at))
