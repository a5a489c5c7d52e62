"""Training the five models with PyTorch Lightning. Nothing of it is imported before somebody trains."""

from __future__ import annotations
