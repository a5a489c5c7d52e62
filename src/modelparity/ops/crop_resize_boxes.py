"""Crop and resize, boxes by images: every box of every image, or of the image that it names."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from .crop_resize import crop_resize


@operator(plain=True)
def crop_resize_boxes(
    ar: Arithmetic,
    x: Array,
    boxes: Array,
    *,
    size: Sequence[int],
    grid: str,
    normalized: bool = False,
    scale: float = 1.0,
    corners: str = "corners",
    width_first: bool = False,
) -> Array:
    """y[n, b] = box n of image b, resized; with a fifth number in front of each box, y[n, 0] = box n of that image

    x (image, channel, height, width), boxes (box, 4) -> y (box, image, channel, *size); boxes (box, 5)
    -> y (box, 1, channel, *size). Settings are those of `crop_resize`.
    Raises `GraphError` for other shapes.
    Source: Core ML NeuralNetwork, crop and resize; checked against `crop_resize` box by box.
    """
    if boxes.ndim != 2 or boxes.shape[1] not in (4, 5):
        raise GraphError(
            "boxes do not have 4 or 5 numbers", found=boxes.shape, expected="(box, 4) or (box, 5)"
        )
    each = len(x) if boxes.shape[1] == 4 else 1
    images = np.tile(np.arange(each), len(boxes)) if boxes.shape[1] == 4 else boxes[:, 0].astype(np.int64)
    y = crop_resize(
        ar,
        x,
        np.repeat(boxes[:, -4:], each, axis=0),
        images,
        size=size,
        grid=grid,
        normalized=normalized,
        scale=scale,
        corners=corners,
        width_first=width_first,
    )
    return y.reshape(len(boxes), each, *y.shape[1:])
