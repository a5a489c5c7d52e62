"""Non-maximum suppression: boxes that no better box overlaps."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import not_causal, operator
from ..errors import GraphError
from ..graph import Array
from ._sizes import bounded


@operator(not_causal("boxes of all frames compete"))
def non_maximum_suppression(
    ar: Arithmetic,
    boxes: Array,
    scores: Array,
    iou: Array | None = None,
    least: Array | None = None,
    number: Array | None = None,
    *,
    iou_threshold: float,
    most: int,
    score_threshold: float | None = None,
    per_class: bool = False,
) -> tuple[Array, Array, Array, Array]:
    """Boxes in falling order of their best score, without those that overlap an earlier kept one too much

    boxes (batch, box, 4) as [middle x, middle y, width, height], scores (batch, box, class)
    -> boxes (batch, most, 4), scores (batch, most, class), places (batch, most) int32, how many (batch) int32;
    padded with 0, and -1 for places. Boxes overlap too much if intersection / union > ``iou_threshold``; with
    ``per_class`` only boxes of one best class compete. Boxes whose best score is below ``score_threshold`` are left
    out; if that leaves none, the best one stays. Of equal scores the earlier box comes first. Exact.
    Inputs iou (), least () and number () take the place of ``iou_threshold``, ``score_threshold`` and ``most``.
    Raises `GraphError` for shapes that do not fit.
    Source: TensorFlow image.non_max_suppression, Core ML MIL ``non_maximum_suppression``; checked by
    hand-derived cases and a direct search.
    """
    iou_threshold = iou_threshold if iou is None else float(iou.reshape(-1)[0])
    score_threshold = score_threshold if least is None else float(least.reshape(-1)[0])
    most = most if number is None else int(number.reshape(-1)[0])
    shapes = boxes.shape[1:], scores.shape[1:]
    if boxes.ndim != 4 or shapes[0][2] != 4 or scores.ndim != 4 or shapes[1][:2] != shapes[0][:2]:
        raise GraphError("shapes do not fit", found=f"boxes {shapes[0]}, scores {shapes[1]}")
    batch, count, classes = shapes[1]
    if most < 0 or not count or not classes:
        raise GraphError("there is nothing to choose from", found=f"scores {shapes[1]}, at most {most}")
    bounded(batch, most, 4 + classes)
    lanes = max(len(boxes), len(scores))
    kept_boxes = np.zeros((lanes, batch, most, 4), boxes.dtype)
    kept_scores = np.zeros((lanes, batch, most, classes), scores.dtype)
    places, counts = np.full((lanes, batch, most), -1, np.int32), np.zeros((lanes, batch), np.int32)
    kinds = ar.leading(scores, -1).argmax(axis=-1)
    best = np.take_along_axis(scores, kinds[..., None], -1)[..., 0]
    order = np.argsort(-ar.ranked(best, -1), axis=-1, kind="stable")
    enough = np.ones(best.shape, bool)
    if score_threshold is not None:
        enough = ar.compared(best, np.zeros_like(best)) >= score_threshold
    for lane, b in np.ndindex(lanes, batch):
        own, of = boxes[min(lane, len(boxes) - 1), b], min(lane, len(scores) - 1)
        competing = kinds[of, b] if per_class else None
        kept = _kept(own.astype(np.float64), order[of, b], enough[of, b], iou_threshold, competing)[:most]
        counts[lane, b] = n = len(kept)
        kept_boxes[lane, b, :n], places[lane, b, :n] = own[kept], kept
        kept_scores[lane, b, :n] = scores[of, b, kept]
    return kept_boxes, kept_scores, places, counts


def _kept(boxes: Array, order: Array, enough: Array, iou: float, kinds: Array | None) -> list[int]:
    """Which boxes of one image survive, best first: ``order`` is that of their scores, ``enough`` who takes part."""
    low, high = boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2
    area = boxes[:, 2] * boxes[:, 3]
    waiting = enough.copy()
    kept: list[int] = []
    for i in map(int, order):
        if not waiting[i]:
            continue
        kept.append(i)
        sides = np.maximum(np.minimum(high, high[i]) - np.maximum(low, low[i]), 0)
        shared = sides[:, 0] * sides[:, 1]
        # No division: boxes without area overlap nothing.
        overlaps = shared > iou * (area + area[i] - shared)
        waiting &= ~(overlaps if kinds is None else overlaps & (kinds == kinds[i]))
    return kept or [int(order[0])]
