"""The version of the package, which files and reports carry."""

from __future__ import annotations

__version__ = "0.1.0"
