"""What becomes of a network in float16: headroom of every tensor, and what must stay in float32."""

from __future__ import annotations
