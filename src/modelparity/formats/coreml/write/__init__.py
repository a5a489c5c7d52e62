"""Graphs as Core ML files: an ``.mlpackage`` with an ML Program, or an ``.mlmodel`` with a NeuralNetwork."""

from __future__ import annotations

from pathlib import Path

from ....graph import Graph

__all__ = ["write"]


def write(graph: Graph, path: Path, *, precision: str = "float32") -> None:
    """Write ``graph`` to ``path``, as the suffix says: an ML Program computes in ``precision``.

    Raises `ConversionError` for what the form cannot express, and `Unavailable` without coremltools.
    """
    if path.suffix.lower() == ".mlmodel":
        from .network import write as write_network

        write_network(graph, path, precision)
    else:
        from .program import write as write_program

        write_program(graph, path, precision)
