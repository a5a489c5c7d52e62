"""Architectures that people convert, small and with random weights: what is read from them must compute the same."""

from __future__ import annotations

from . import convolutional_architectures, recurrent_architectures, transformer_architectures
from .architecture import ALL

#: Modules that fill the table.
MODULES = (recurrent_architectures, convolutional_architectures, transformer_architectures)
__all__ = ["ALL", "MODULES"]
