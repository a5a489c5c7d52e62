"""What can be said of a graph without judging it: shapes, types, a table for people, declared figures."""

from __future__ import annotations

from .shapes import zeros
from .specs import ModelSpec, read_specs, state_size
from .text_table import layout

__all__ = ["ModelSpec", "layout", "read_specs", "state_size", "zeros"]
