"""Candidates: a model's converted form for each backend, made once for all recipes."""

from __future__ import annotations

import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..conversion import convert
from ..formats.registry import named
from ..graph import Graph
from .subject import Subject

#: Which format each backend runs. A backend that is not listed runs the format of its own name.
FORMATS = {"onnxruntime": "onnx"}
#: The reference engine itself, at the artefact's declared types.
ENGINE = "engine"


class Candidates:
    """Converted models, files in a temporary folder that lives as long as this object."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="modelparity-")
        self._number = 0
        self.get = lru_cache(maxsize=8)(self._get)

    def _get(self, subject: Subject, graph: Graph, backend: str) -> object:
        """The candidate: what the model brings for this backend, or the graph converted to its format."""
        brought: Any = getattr(subject, "candidate", None)
        if brought is not None and (candidate := brought(backend)) is not None:
            return candidate
        if backend == ENGINE:
            return graph
        format = named(FORMATS.get(backend, backend))
        if format.build is not None:
            return convert(graph, format=format.name)
        self._number += 1
        path = (
            Path(self._folder.name)
            / str(self._number)
            / f"{subject.key.rpartition('/')[2]}{format.suffixes[0]}"
        )
        path.parent.mkdir()
        return convert(graph, path, format=format.name)
