"""Select boxes: of each image and class, the best boxes that no better one overlaps too much."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array


@operator(plain=True)
def select_boxes(
    ar: Arithmetic,
    boxes: Array,
    scores: Array,
    most: Array | None = None,
    iou: Array | None = None,
    least: Array | None = None,
    *,
    centred: bool = False,
) -> Array:
    """y = (image, class, box) of the kept boxes: by image, then class, then falling score

    boxes (image, box, 4) as two opposite corners, or ``centred`` as middle x, middle y, width, height; scores (image,
    class, box); most () integer, iou () and least () -> y (kept, 3) int64. A box is left out if its intersection over
    union with a better kept one of its class is more than ``iou`` (0 if left out), if its score is not more than
    ``least``, or once ``most`` (0 if left out) are kept of an image and class. Of equal scores the earlier comes
    first. Exact. Raises `GraphError` for shapes that do not fit.
    Source: ONNX NonMaxSuppression; checked against onnxruntime.
    """
    if boxes.ndim != 3 or boxes.shape[2] != 4 or scores.ndim != 3 or scores.shape[::2] != boxes.shape[:2]:
        raise GraphError("shapes do not fit", found=f"boxes {boxes.shape}, scores {scores.shape}")
    number = 0 if most is None else int(most.reshape(-1)[0])
    limit = 0.0 if iou is None else float(iou.reshape(-1)[0])
    floor = -np.inf if least is None else float(least.reshape(-1)[0])
    wide = boxes.astype(np.float64)
    if centred:
        low, high = wide[..., :2] - wide[..., 2:] / 2, wide[..., :2] + wide[..., 2:] / 2
    else:
        low, high = np.minimum(wide[..., :2], wide[..., 2:]), np.maximum(wide[..., :2], wide[..., 2:])
    kept = [
        (image, kind, box)
        for image in range(len(boxes))
        for kind in range(scores.shape[1])
        for box in _best(low[image], high[image], scores[image, kind], number, limit, floor)
    ]
    return np.array(kept, np.int64).reshape(-1, 3)


def _best(low: Array, high: Array, scores: Array, number: int, limit: float, floor: float) -> list[int]:
    area = np.prod(high - low, axis=1)
    waiting = scores > floor
    kept: list[int] = []
    for box in np.argsort(-scores, kind="stable"):
        if len(kept) >= number:
            break
        if not waiting[box]:
            continue
        kept.append(int(box))
        sides = np.maximum(np.minimum(high, high[box]) - np.maximum(low, low[box]), 0)
        shared = sides[:, 0] * sides[:, 1]
        # No division: boxes without area overlap nothing.
        waiting = waiting & ~((shared > 0) & (shared > limit * (area + area[box] - shared)))
    return kept
