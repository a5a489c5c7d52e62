"""Data sets as they lie on disk, and what each of the five models learns from them."""

from __future__ import annotations

from .corpus import Corpus, open_corpus
from .piece import Example, Piece

__all__ = ["Corpus", "Example", "Piece", "open_corpus"]
