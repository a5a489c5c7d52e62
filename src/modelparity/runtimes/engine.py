"""This package's own engine: a file that it can read, or a `Graph`, interpreted operator by operator."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from ..describe.output_types import output_types
from ..engine.run import run
from ..errors import InputError, ModelparityError
from ..formats import load
from ..formats.registry import sniff
from ..graph import Array, Graph, TensorSpec
from .base import Runtime


class Engine(Runtime):
    """Says what an artefact computes by its own words. It never stands for a vendor's engine."""

    name = "engine"
    format = None

    def __init__(self, *, arithmetic: str = "native") -> None:
        self.arithmetic = arithmetic
        self._last: tuple[object, Graph] | None = None

    def missing(self) -> str | None:
        """Nothing is: it is part of this package."""
        return None

    def accepts(self, artefact: object) -> bool:
        """True for a Graph and for a path whose format can be read."""
        if isinstance(artefact, Graph):
            return True
        if not isinstance(artefact, str | os.PathLike):
            return False
        try:
            return sniff(Path(artefact)).read is not None
        except ModelparityError:
            return False

    def run(self, artefact: object, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """{output name: array}, in the arithmetic that the artefact's types ask for unless told otherwise."""
        graph = self._graph(artefact)
        outputs = run(graph, feeds, arithmetic=self.arithmetic)
        if self.arithmetic != "native":
            return outputs
        # The engine holds halves as float32, and so what declares float64 beside it; who declared one gives that one.
        declared = {
            name: dtype for name, dtype in output_types(graph).items() if dtype in ("float16", "float64")
        }
        return {
            name: a.astype(declared[name]) if name in declared and a.dtype.kind == "f" else a
            for name, a in outputs.items()
        }

    def inputs(self, artefact: object) -> tuple[str, ...]:
        """Inputs that have neither a state's zeros nor a default to start from."""
        graph = self._graph(artefact)
        names = (spec.name for spec in graph.inputs)
        return tuple(name for name in names if name not in graph.states and name not in graph.defaults)

    def shapes(self, artefact: object) -> dict[str, tuple[int | None, ...]]:
        """{input: its shape}, None for variable axes."""
        return {spec.name: tuple(axis.size for axis in spec.axes) for spec in self._graph(artefact).inputs}

    def specs(self, artefact: object) -> dict[str, TensorSpec]:
        """The graph's inputs."""
        return {spec.name: spec for spec in self._graph(artefact).inputs}

    def carried(self, artefact: object) -> Mapping[str, str]:
        """The graph's states."""
        return self._graph(artefact).states

    def describe(self) -> dict[str, str]:
        """Version and arithmetic; it says that it interprets."""
        from ..version import __version__

        return {"version": __version__, "arithmetic": self.arithmetic, "kind": "file interpreted"}

    def weights(self, artefact: object) -> dict[str, Array]:
        """The constants of the graph, and of graphs inside its nodes."""
        return _constants(self._graph(artefact))

    def _graph(self, artefact: object) -> Graph:
        if not isinstance(artefact, str | os.PathLike | Graph):
            raise InputError(
                "not an artefact", found=type(artefact).__name__, expected="a Graph or the path of a model"
            )
        if isinstance(artefact, Graph):
            return artefact
        state = stamp(Path(artefact))
        if self._last is None or self._last[0] != state:  # it is asked for results, then for weights
            self._last = (state, load(artefact))
        return self._last[1]


def stamp(path: Path) -> object:
    """What changes if a file, or any file of a folder, does."""
    try:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        return [(str(file.absolute()), (found := file.stat()).st_mtime_ns, found.st_size) for file in files]
    except OSError:
        return object()  # equal to nothing: reading it says what is wrong


def _constants(graph: Graph) -> dict[str, Array]:
    found = dict(graph.constants)
    for node in graph.nodes:
        for key, value in node.attrs.items():
            if isinstance(value, Graph):
                inner = _constants(value)
                found.update({f"{node.name}/{key}/{name}": array for name, array in inner.items()})
    return found


RUNTIME = Engine()
