"""What becomes of a network in float16: headroom of every tensor, and what must stay in float32."""

from __future__ import annotations

from .model import Float16Ranges, Kept, TensorRange
from .ranges import float16_ranges

__all__ = ["Float16Ranges", "Kept", "TensorRange", "float16_ranges"]
