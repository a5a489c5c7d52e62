"""Checkpoints: dicts of weights and of plain settings, unpickled by PyTorch's safe loader alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch


def load(path: Path) -> Any:
    """What ``torch.save`` wrote, on the CPU. Code and classes are refused, whatever the file says.

    Raises what PyTorch raises: ``UnpicklingError``, ``RuntimeError``, and others for damaged files.
    """
    return torch.load(path, map_location="cpu", weights_only=True)
