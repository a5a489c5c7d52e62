"""Learning: losses, figures and mixing of examples. It needs PyTorch, and torchmetrics for the figures."""

from __future__ import annotations
