"""How long a call of one frame takes and how much memory a model does, in every runtime, against the budget."""

from __future__ import annotations
