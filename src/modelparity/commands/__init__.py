"""The commands, one a module: its first docstring line is its help; ``arguments`` and ``run`` do the rest."""

from __future__ import annotations
