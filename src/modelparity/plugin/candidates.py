"""Candidates: a model's converted form for each backend, made once for all recipes."""

from __future__ import annotations

import platform
import tempfile
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from ..conversion.convert import convert
from ..formats.registry import named
from ..graph import Graph
from ..runtimes.registry import runtime, runtimes, strangers
from .subject import Subject

#: The reference engine itself, at the artefact's declared types.
ENGINE = "engine"
#: Core ML files as this package's engine interprets them, on any machine; and Apple's runtime on a Mac.
COREML, APPLE = "coreml", "coreml-apple"
#: The second opinion on a Mac, and the bridge with a stand-in elsewhere: only for who names them.
BY_NAME = ("coremltools", "stand-in")
#: RTNeural's files as this package's engine reads them; the backend "rtneural" is the C++ library itself.
JSON = "rtneural-json"
#: Backends that are not called as their runtime is -> (runtime, format).
_NAMED = {COREML: (ENGINE, COREML), APPLE: ("coreml", COREML), JSON: (ENGINE, "rtneural")}


def backends(candidates: Iterable[str], named: Iterable[str] = ()) -> tuple[str, ...]:
    """The backends that a model's candidates are compared with here: where Apple's runtime is, it joins.

    So do those that were ``named`` and run the same files, or are runtimes that other packages bring.
    """
    found = dict.fromkeys(candidates)
    found.update(dict.fromkeys(name for name in strangers() if name in named))
    if COREML in found:
        found.update(dict.fromkeys([APPLE] if platform.system() == "Darwin" else []))
        found.update(dict.fromkeys(name for name in BY_NAME if name in named))
    return tuple(found)


def runtime_of(backend: str) -> str:
    """The runtime behind a backend: its own, as a rule; for Apple's without the bridge, coremltools."""
    if backend == APPLE and runtime(COREML).missing() and not runtime("coremltools").missing():
        return "coremltools"
    return _NAMED[backend][0] if backend in _NAMED else backend


def format_of(backend: str) -> str:
    """The format that a graph is converted to for a backend; "" if it is given the graph as it is."""
    if backend in _NAMED:
        return _NAMED[backend][1]
    return runtime(backend).format or "" if backend in runtimes() else backend


class Candidates:
    """Converted models, files in a temporary folder that lives as long as this object."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="modelparity-")
        self._number = 0
        self.get = lru_cache(maxsize=8)(self._get)

    def _get(self, subject: Subject, graph: Graph, backend: str) -> object:
        """The candidate: what the model brings for this backend, or the graph converted to its format."""
        if (brought := subject.candidate(backend)) is not None:
            return brought
        if not (name := format_of(backend)):
            return graph
        format = named(name)
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
