"""Goldens: inputs and reference outputs on disk, with their floor and where they come from.

======================  =====================================================================
`golden`                runs a graph on a recipe's inputs and measures the floor
`Golden`                the record: ``.inputs .outputs .floor .provenance``, save, load, verify
`goldens.folder`        a tree of goldens for families of models: status, create, update
`bundle`, `unbundle`    goldens for a machine that has numpy and pytest and nothing else
======================  =====================================================================

docs/goldens.md describes the file.
"""

from __future__ import annotations

from .bundles import bundle, unbundle
from .provenance import SPEC
from .recording import Golden, golden

__all__ = ["SPEC", "Golden", "bundle", "golden", "unbundle"]
