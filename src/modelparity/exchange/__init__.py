"""Values that programs hand to each other on disk: sound files, arrays, and decoded results as text."""

from __future__ import annotations
