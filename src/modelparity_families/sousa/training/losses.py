"""What the two networks are trained for."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from ..encoding import BINARY, CONTINUOUS

#: How much of a label is spread over all classes in training.
SMOOTHING = 0.1


def feature_loss(given: Tensor, wanted: Tensor, mask: Tensor) -> Tensor:
    """Cross entropy of the binary features, whose logits are given, and squared error of the others, added.

    given and wanted (batch, stroke, 12), mask (batch, stroke) -> (). Each is a sum over features and strokes that the
    mask keeps, divided by the strokes, not by strokes and features; without strokes it is 0.
    """
    return binary_loss(given, wanted, mask) + _squared(given, wanted, mask)


def binary_loss(given: Tensor, wanted: Tensor, mask: Tensor) -> Tensor:
    """The part of the binary features; given are logits."""
    places = list(BINARY)
    each = F.binary_cross_entropy_with_logits(given[..., places], wanted[..., places], reduction="none")
    return _a_stroke(each, mask)


def classifier_loss(logits: Tensor, labels: Tensor, *, smoothing: float = 0.0) -> Tensor:
    """Mean cross entropy of logits (batch, class) and labels: classes (batch,), or shares (batch, class).

    In training the original smooths by `SMOOTHING`, in validation not at all; shares are taken as they are.
    """
    if labels.ndim == 2:
        return -(labels * torch.log_softmax(logits, dim=-1)).sum(dim=1).mean()
    return F.cross_entropy(logits, labels, label_smoothing=smoothing)


def _squared(given: Tensor, wanted: Tensor, mask: Tensor) -> Tensor:
    places = list(CONTINUOUS)
    return _a_stroke((given[..., places] - wanted[..., places]) ** 2, mask)


def _a_stroke(each: Tensor, mask: Tensor) -> Tensor:
    return (each * mask.unsqueeze(-1)).sum() / mask.sum().clamp(min=1)
