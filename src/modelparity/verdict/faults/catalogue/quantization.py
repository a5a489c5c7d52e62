"""Quantised numbers: zero points lost, scales of another channel or axis."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..fault import Group, by_format
from ..making import NodeFault, Way, dropped, with_array, without
from ..view import At

GROUP = Group("quantization", "Quantisation", 80)
QUANTISED = ("dequantize", "quantize")


class ZeroPointLost(NodeFault):
    id = "zero-point-lost"
    group = GROUP
    ops = (*QUANTISED, "sub")
    where = "quantisation with a zero point, also one that is written out"
    text = "A zero point is left out."
    happens = "Symmetric quantisation was assumed, or uint8 was read as int8."
    repair = "Subtract the zero point."
    repairs = by_format(onnx="Give DequantizeLinear its third input.")

    def ways(self, at: At) -> Iterator[Way]:
        if at.node.op == "sub":
            arrays = [at.array(one) for one in at.tensors]
            if len(arrays) == 2 and all(a is not None for a in arrays):
                whole, zero = arrays
                assert whole is not None
                assert zero is not None
                if whole.ndim > 1 and np.any(zero) and np.array_equal(whole, np.round(whole)):
                    yield Way("", f"{at.name} has lost its zero point", dropped(at, next(iter(at.tensors))))
            return
        offset = at.array("offset")
        if offset is not None and np.any(offset):
            yield Way("", f"{at.name} has lost its zero point", without(at, "offset"))


class ScaleOfOneChannel(NodeFault):
    id = "scale-of-one-channel"
    group = GROUP
    ops = (*QUANTISED, "mul")
    where = "quantisation with a scale a channel, also one that is written out"
    text = "One channel's scale serves all, or scales stand in reverse order."
    happens = "A target has one scale a tensor, and the first of the list is taken."
    repair = "Quantise again for a scale a tensor, or keep the scales of channels."

    def ways(self, at: At) -> Iterator[Way]:
        if at.node.op == "mul":
            arrays = {one: a for one in at.tensors if (a := at.array(one)) is not None}
            rows = min(arrays, key=lambda one: arrays[one].size) if len(arrays) == 2 else ""
            if rows and 1 < arrays[rows].size < max(a.size for a in arrays.values()):
                first = with_array(at, rows, lambda a: np.full_like(a, a.flat[0]))
                yield Way("first", f"{at.name} has its first channel's scale for all", first)
            return
        scale = at.array("scale")
        if scale is not None and scale.size > 1:
            yield Way(
                "first",
                f"{at.name} has its first channel's scale for all",
                with_array(at, "scale", lambda a: np.full_like(a, a.flat[0])),
            )
            yield Way(
                "mean",
                f"{at.name} has the mean scale for all",
                with_array(at, "scale", lambda a: np.full_like(a, a.mean())),
            )
            yield Way(
                "reversed",
                f"{at.name} has its scales in reverse order",
                with_array(at, "scale", lambda a: a.reshape(-1)[::-1].reshape(a.shape)),
            )
