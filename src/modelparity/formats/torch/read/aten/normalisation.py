"""Normalisation."""

from __future__ import annotations

import math

import torch

from ....reading.channels import along_channels, channels_last, give_channels_first
from ..aten_call import Op, reads


def _alone(op: Op) -> None:
    """Refuse the statistics that PyTorch returns beside the result for training."""
    if isinstance(op.value, tuple | list) and any(op.wanted(place) for place in range(1, len(op.value))):
        raise op.error("statistics as results are not read")


@reads("aten._native_batch_norm_legit_no_training")
def batch_norm(op: Op) -> None:
    """With stored statistics; channels are the second axis."""
    _alone(op)
    op.ignore("momentum")  # which moves statistics in training
    names, rank = ("running_mean", "running_var", "weight", "bias"), op.rank("input")
    inputs = [op.input("input"), *(along_channels(op, name, rank) for name in names)]
    op.give("batch_norm", inputs, epsilon=op.attr("eps", kind=float))


@reads("aten._native_batch_norm_legit.no_stats")
def over_batch(op: Op) -> None:
    """With the statistics of the batch itself: instance normalisation comes so."""
    _alone(op)
    op.ignore("training", "momentum")  # the batch's own statistics are meant either way
    rank = op.rank("input")
    inputs = [op.input("input"), *(along_channels(op, name, rank) for name in ("weight", "bias"))]
    axes = tuple(axis for axis in range(rank) if axis != 1)
    op.give("layer_norm", inputs, axes=axes, epsilon=op.attr("eps", kind=float))


@reads("aten.native_layer_norm", "aten.layer_norm")
def layer_norm(op: Op) -> None:
    """Over the last axes."""
    inputs = [op.input("input"), op.input("weight", optional=True), op.input("bias", optional=True)]
    axes = tuple(range(-len(op.attr("normalized_shape")), 0))
    _alone(op)
    op.ignore("cudnn_enable")
    op.give("layer_norm", inputs, axes=axes, epsilon=op.attr("eps", 1e-5, float))


@reads("aten.rms_norm")
def rms_norm(op: Op) -> None:
    """Over the last axes; epsilon is the type's own unless given."""
    epsilon = op.attr("eps", torch.finfo(op.result.dtype).eps, float)
    axes = tuple(range(-len(op.attr("normalized_shape")), 0))
    op.give("rms_norm", [op.input("input"), op.input("weight", optional=True)], axes=axes, epsilon=epsilon)


@reads("aten.native_group_norm")
def group_norm(op: Op) -> None:
    """Groups of channels, over space."""
    rank = op.rank("input")
    _alone(op)
    op.ignore("N", "C", "HxW")  # sizes of the input
    inputs = [channels_last(op, "input", rank - 2)]
    inputs += [op.input(name, optional=True) for name in ("weight", "bias")]
    groups, epsilon = op.attr("group", kind=int), op.attr("eps", kind=float)
    y = op.temp("group_norm", inputs, groups=groups, spatial=rank - 2, epsilon=epsilon)
    give_channels_first(op, y, rank, rank - 2)


@reads("aten.linalg_vector_norm")
def norm(op: Op) -> None:
    """Norms of vectors: sums of absolute values or of squares, or the greatest."""
    _norm(op, op.input("self"), op.attr("ord", 2.0, float), op.axes("dim"), op.attr("keepdim", False, bool))


@reads("aten._cdist_forward")
def distances(op: Op) -> None:
    """The norm of the difference of every row of one and every row of the other."""
    op.ignore("compute_mode")  # by products of matrices or not, for speed
    x = op.temp("expand_dims", [op.input("x1")], axes=(-2,))
    y = op.temp("expand_dims", [op.input("x2")], axes=(-3,))
    _norm(op, op.temp("sub", [x, y]), op.attr("p", kind=float), (-1,), False)


def _norm(op: Op, x: str, order: float, axes: tuple[int, ...], keep: bool) -> None:
    ops = {2.0: "reduce_l2", 1.0: "reduce_l1", math.inf: "reduce_max", -math.inf: "reduce_min"}
    if order not in ops:
        raise op.error("this order of a norm is not read", found=order, expected="1, 2 or infinity")
    if math.isinf(order):
        x = op.temp("abs", [x])
    op.give(ops[order], [x], axes=axes, keepdims=keep)
