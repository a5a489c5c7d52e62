"""Statistics of normalisations: stored in another form, of the input itself, lost, unbiased."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from ....graph import Array, Node
from ..edit import Edit, joined
from ..fault import by_format
from ..making import (
    NodeFault,
    Way,
    Written,
    instead,
    with_array,
    with_attrs,
)
from ..view import At
from .normalization import BATCH, GROUP


class DeviationForVariance(NodeFault):
    id = "variance-for-deviation"
    group = GROUP
    ops = (*BATCH, "div")
    where = "batch normalisations, and divisions by positive numbers of each feature"
    text = "A stored variance, deviation or inverse deviation is taken for another of the three."
    happens = (
        "madmom and Lasagne store one over the deviation, PyTorch, Keras and ONNX the variance, Caffe a "
        "variance times a factor."
    )
    repair = "Convert it: variance = 1 / inv_std^2 - epsilon."
    repairs = by_format(
        madmom="inv_std is one over the deviation: write 1 / inv_std^2 as the variance.",
        onnx="BatchNormalization's fifth input is the variance.",
        coreml="Write the variance; epsilon is added to it.",
    )

    def ways(self, at: At) -> Iterator[Way]:
        if at.node.op == "normalize":
            inverse = at.array("inv_std")
            if inverse is None:
                return
            yield Way(
                "inverse deviation as variance",
                f"the inverse deviation of {at.name} is taken for its variance",
                _as_batch_norm(at),
            )
            yield Way(
                "inverse deviation as deviation",
                f"the inverse deviation of {at.name} is taken for its deviation",
                with_array(at, "inv_std", lambda a: 1 / a),
            )
            yield Way(
                "variance as deviation",
                f"the variance of {at.name} is taken for its deviation",
                with_array(at, "inv_std", np.square),
            )
            return
        if at.node.op == "div":
            second = list(at.tensors)[1:]
            array = at.array(second[0]) if second else None
            if array is not None and array.size > 1 and array.dtype.kind == "f" and bool(np.all(array > 0)):
                for words, change in (("variance", np.square), ("root of the deviation", np.sqrt)):
                    edit = with_array(at, second[0], change)
                    yield Way(words, f"{at.name} divides by the {words}, not by the deviation", edit)
            return
        if at.array("variance") is None:
            return
        yield Way(
            "variance as deviation",
            f"the variance of {at.name} is taken for its deviation",
            with_array(at, "variance", np.square),
        )
        yield Way(
            "deviation as variance",
            f"the deviation of {at.name} is taken for its variance",
            with_array(at, "variance", np.sqrt),
        )
        yield Way(
            "variance as inverse deviation",
            f"the variance of {at.name} is taken for one over its deviation",
            with_array(at, "variance", lambda a: 1 / np.square(a)),
        )


def _as_batch_norm(at: At) -> Edit:
    def change(node: Node) -> tuple[Node, ...]:
        return (replace(node, op="batch_norm", attrs={"epsilon": 1e-5}),)

    return Edit({at.key: change})


class TrainingStatistics(NodeFault):
    id = "training-statistics"
    group = GROUP
    ops = ("batch_norm",)
    where = "batch normalisations of channels in one axis"
    text = "A batch normalisation uses the statistics of its input instead of those that were trained."
    happens = (
        "The model was exported or run in training mode: train() instead of eval(), training=True, "
        "training_mode=1."
    )
    repair = "Export the model in inference mode."
    repairs = by_format(
        torch="Call model.eval() before exporting; torch.onnx.export(..., training=TrainingMode.EVAL).",
        onnx="Set BatchNormalization's attribute training_mode to 0.",
        keras="Call the model with training=False, and set the learning phase to 0.",
    )

    def ways(self, at: At) -> Iterator[Way]:
        rank, mean = at.rank(at.tensors["x"]), at.array("mean")
        if rank is None or rank < 2 or mean is None or not 1 <= mean.ndim <= rank:
            return
        wide = [axis for axis, size in enumerate(mean.shape, rank - mean.ndim) if size > 1]
        if len(wide) != 1 and mean.ndim > 1:
            return
        channel = wide[0] if wide else rank - 1

        def normalised(w: Written, at: At) -> str:
            x, axes = at.tensors["x"], tuple(axis for axis in range(rank) if axis != channel)
            centred = w("sub", x, w("reduce_mean", x, axes=axes, keepdims=True))
            spread = w("reduce_mean", w("square", centred), axes=axes, keepdims=True)
            y = w("div", centred, w("sqrt", w("scale_shift", spread, beta=at.attrs["epsilon"])))
            y = w("mul", y, at.tensors["gamma"]) if "gamma" in at.tensors else y
            return w("add", y, at.tensors["beta"]) if "beta" in at.tensors else y

        yield Way("", f"{at.name} uses the statistics of its input", instead(at, self.id, normalised))


class StatisticsLost(NodeFault):
    id = "norm-statistics-initial"
    group = GROUP
    ops = BATCH
    where = "batch normalisations"
    text = "A batch normalisation has the mean 0 and the variance 1 that it was built with."
    happens = (
        "Running statistics are buffers and not parameters: they are left out when parameters alone are "
        "copied."
    )
    repair = "Copy running_mean and running_var as well."
    repairs = by_format(
        torch="Copy the state_dict, not parameters(): running_mean and running_var are buffers.",
        keras="Copy get_weights(): moving_mean and moving_variance are not trainable.",
    )

    def ways(self, at: At) -> Iterator[Way]:
        spread = "inv_std" if at.node.op == "normalize" else "variance"
        edits = []
        for parameter, initial in (("mean", 0.0), (spread, 1.0)):
            array = at.array(parameter)
            if array is not None and np.any(array != initial):
                edit = with_array(at, parameter, partial(np.full_like, fill_value=initial))
                edits.append(edit)
                yield Way(
                    parameter, f"{at.name} has its initial {parameter.replace('inv_std', 'deviation')}", edit
                )
        if len(edits) == 2:
            yield Way("both", f"{at.name} has its initial statistics", joined(edits))


class Unbiased(NodeFault):
    id = "norm-unbiased"
    group = GROUP
    ops = ("layer_norm", "batch_norm")
    where = "layer normalisations of a known width; batch normalisations"
    text = "The variance divides by n - 1 instead of by n."
    happens = (
        "torch.std and torch.var divide by n - 1 unless told (unbiased=False), numpy's and every norm's "
        "definition by n."
    )
    repair = "Divide by n."
    repairs = by_format(torch="Give unbiased=False (correction=0) to var and std.")

    def ways(self, at: At) -> Iterator[Way]:
        gamma = at.array("gamma")
        width = 1 if gamma is None else gamma.size
        if at.node.op == "layer_norm" and width > 1:
            factor = width / (width - 1)

            def scaled(array: Array) -> Array:
                made: Array = array.astype(np.float64) / np.sqrt(factor)
                return made

            edit = joined(
                [with_array(at, "gamma", scaled), with_attrs(at, epsilon=at.attrs["epsilon"] / factor)]
            )
            yield Way("", f"the variance of {at.name} divides by {width - 1} instead of {width}", edit)
        if at.node.op == "batch_norm" and at.array("variance") is not None:
            for count in (8, 32, 128):
                edit = with_array(at, "variance", partial(_times, count / (count - 1)))
                yield Way(
                    f"n = {count}", f"the variances of {at.name} are larger by {count} / {count - 1}", edit
                )


def _times(factor: float, array: Array) -> Array:
    made: Array = array.astype(np.float64) * factor
    return made
