"""Non-maximum suppression: boxes that no better box overlaps."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from ._sizes import bounded


@operator(plain=True)
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
    iou_threshold = iou_threshold if iou is None else float(iou.reshape(()))
    score_threshold = score_threshold if least is None else float(least.reshape(()))
    most = most if number is None else int(number.reshape(()))
    if boxes.ndim != 3 or boxes.shape[2] != 4 or scores.ndim != 3 or scores.shape[:2] != boxes.shape[:2]:
        raise GraphError("shapes do not fit", found=f"boxes {boxes.shape}, scores {scores.shape}")
    if most < 0 or not scores.shape[1] or not scores.shape[2]:
        raise GraphError("there is nothing to choose from", found=f"scores {scores.shape}, at most {most}")
    batch, _, classes = scores.shape
    bounded(batch, most, 4 + classes)
    kept_boxes = np.zeros((batch, most, 4), boxes.dtype)
    kept_scores = np.zeros((batch, most, classes), scores.dtype)
    places, counts = np.full((batch, most), -1, np.int32), np.zeros(batch, np.int32)
    for b in range(batch):
        kept = _kept(boxes[b].astype(np.float64), scores[b], iou_threshold, score_threshold, per_class)[:most]
        counts[b] = n = len(kept)
        kept_boxes[b, :n], kept_scores[b, :n], places[b, :n] = boxes[b, kept], scores[b, kept], kept
    return kept_boxes, kept_scores, places, counts


def _kept(boxes: Array, scores: Array, iou: float, least: float | None, per_class: bool) -> list[int]:
    """Which boxes of one image survive, best first."""
    best, kinds = scores.max(axis=-1), scores.argmax(axis=-1)
    low, high = boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2
    area = boxes[:, 2] * boxes[:, 3]
    order = [int(i) for i in np.argsort(-best, kind="stable")]
    waiting = np.ones(len(best), bool) if least is None else best >= least
    kept: list[int] = []
    for i in order:
        if not waiting[i]:
            continue
        kept.append(i)
        sides = np.maximum(np.minimum(high, high[i]) - np.maximum(low, low[i]), 0)
        shared = sides[:, 0] * sides[:, 1]
        # No division: boxes without area overlap nothing.
        overlaps = shared > iou * (area + area[i] - shared)
        waiting &= ~(overlaps & (kinds == kinds[i]) if per_class else overlaps)
    return kept or order[:1]
