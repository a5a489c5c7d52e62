"""Learning: losses and figures, and the modules of PyTorch Lightning. It needs PyTorch and Lightning."""

from __future__ import annotations
