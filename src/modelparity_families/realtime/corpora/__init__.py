"""Data sets as they lie on disk, and what each of the five models learns from them."""

from __future__ import annotations

from modelparity_families.training.folders import Corpus
from modelparity_families.training.pieces import Example, Piece

from .corpus import open_corpus

__all__ = ["Corpus", "Example", "Piece", "open_corpus"]
