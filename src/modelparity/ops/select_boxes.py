"""Select boxes: of each image and class, the best boxes that no better one overlaps too much."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import not_causal, operator
from ..errors import GraphError
from ..graph import Array


@operator(not_causal("boxes of all frames compete"))
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
    shapes = boxes.shape[1:], scores.shape[1:]
    if boxes.ndim != 4 or shapes[0][2] != 4 or scores.ndim != 4 or shapes[1][::2] != shapes[0][:2]:
        raise GraphError("shapes do not fit", found=f"boxes {shapes[0]}, scores {shapes[1]}")
    number = 0 if most is None else int(most.reshape(-1)[0])
    limit = 0.0 if iou is None else float(iou.reshape(-1)[0])
    floor = -np.inf if least is None else float(least.reshape(-1)[0])
    wide = boxes.astype(np.float64)
    if centred:
        low, high = wide[..., :2] - wide[..., 2:] / 2, wide[..., :2] + wide[..., 2:] / 2
    else:
        low, high = np.minimum(wide[..., :2], wide[..., 2:]), np.maximum(wide[..., :2], wide[..., 2:])
    order = np.argsort(-ar.ranked(scores, -1), axis=-1, kind="stable")
    enough = ar.compared(scores, np.zeros_like(scores)) > floor
    found = []
    for lane in range(max(len(boxes), len(scores))):
        own, of = min(lane, len(boxes) - 1), min(lane, len(scores) - 1)
        kept = [
            (image, kind, box)
            for image, kind in np.ndindex(*shapes[1][:2])
            for box in _best(
                low[own, image],
                high[own, image],
                order[of, image, kind],
                enough[of, image, kind],
                number,
                limit,
            )
        ]
        found.append((np.array(kept, np.int64).reshape(-1, 3),))
    return np.stack([boxes for (boxes,) in ar.alike(found)])


def _best(low: Array, high: Array, order: Array, enough: Array, number: int, limit: float) -> list[int]:
    area = np.prod(high - low, axis=1)
    waiting = enough
    kept: list[int] = []
    for box in order:
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
