"""Convolution and pooling over time and frequency."""

from __future__ import annotations

import numpy as np

from ....errors import ArtefactError
from ..builder import Builder, Extent, shaped, spread
from ..layer_attributes import View
from ..layer_registry import activate, reads


@reads("ConvolutionalLayer")
def convolution(builder: Builder, name: str, view: View) -> None:
    """True convolution over time and frequency, valid; a channel axis is added where there is none."""
    weight = shaped(view.array("weights"), (None,) * 4, f"{view.where}.weights")
    for option, only in (("stride", 1), ("pad", "valid")):
        if view.get(option, only) != only:
            raise ArtefactError(
                f"only {option}={only!r} is something that madmom runs", where=f"{view.where}.{option}"
            )
    if builder.rank == 2:
        builder.node(f"{name}_channel", "expand_dims", view.where, (*builder.axes, Extent(1)), axes=(2,))
    inputs, outputs, height, width = weight.shape
    if builder.rank != 3 or not builder.axes[2].fits(inputs):
        raise ArtefactError(
            "a convolution does not fit what comes before it",
            where=f"{view.where}.weights",
            found=f"{builder.axes[2].known} channels" if builder.rank == 3 else f"rank {builder.rank}",
            expected=f"{inputs} channels",
        )
    time, frequency = (
        builder.axes[0].then(lambda n: n - height + 1),
        builder.axes[1].then(lambda n: n - width + 1),
    )
    bias = spread(view.array("bias"), outputs, f"{view.where}.bias", weight)
    builder.node(
        f"{name}_conv",
        "conv",
        view.where,
        (time, frequency, Extent(outputs)),
        {"weight": np.ascontiguousarray(weight.transpose(2, 3, 0, 1)), "bias": bias},
        strides=(1, 1),
        padding=((0, 0), (0, 0)),
        dilations=(1, 1),
        groups=1,
        flip=True,
    )
    activate(builder, name, view)


@reads("MaxPoolLayer")
def max_pool(builder: Builder, name: str, view: View) -> None:
    """Maximum over windows of time and frequency.

    madmom filters with zeros around the data and takes every stride-th result from size // 2 on. So a window
    may reach size - 1 - size // 2 zeros beyond the end, which is a pad before a valid pool, unless the size
    of the axis is known and no window reaches that far.
    """
    size = view.integers("size", rank=2)
    stride = view.integers("stride", rank=2) if view.has("stride") else size
    if min(*size, *stride) < 1 or builder.rank != 3:
        raise ArtefactError(
            "max pooling does not fit", where=view.where, found=f"size {size}, stride {stride}"
        )
    zeros = tuple(map(_zeros_read, builder.axes[:2], size, stride))
    if any(zeros):
        axes = (
            *(extent.longer(n) for extent, n in zip(builder.axes[:2], zeros, strict=True)),
            builder.axes[2],
        )
        builder.node(
            f"{name}_pad",
            "pad",
            view.where,
            axes,
            before=(0, 0, 0),
            after=(*zeros, 0),
            value=0.0,
            mode="constant",
        )
    time, frequency = (
        extent.then(lambda n, size=k, stride=s: (n - size) // stride + 1)  # type: ignore[misc]
        for extent, k, s in zip(builder.axes[:2], size, stride, strict=True)
    )
    builder.node(
        f"{name}_max_pool",
        "max_pool",
        view.where,
        (time, frequency, builder.axes[2]),
        size=size,
        strides=stride,
    )


def _zeros_read(extent: Extent, size: int, stride: int) -> int:
    """How many zeros past the end a window may reach."""
    zeros = size - 1 - size // 2
    if extent.known is None:
        return zeros
    last = (extent.known - 1 - size // 2) // stride * stride + size - 1
    return 0 if last < extent.known else zeros
