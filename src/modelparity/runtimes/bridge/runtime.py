"""What the runtimes `coreml` and `stand-in` share: files run by the bridge's library in a process of their own."""

from __future__ import annotations

import itertools
import os
import sys
import threading
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ...cache import cache
from ...errors import InputError, Unavailable, near
from ...graph import Array
from ..base import Runtime, Variant
from ..engine import Engine, stamp
from ..process import Child
from .describing import described
from .finding import VARIABLE as NAMED, absent, library

SUFFIXES = (".mlpackage", ".mlmodel")
UNITS = ("cpuOnly", "cpuAndGPU", "cpuAndNeuralEngine", "all")
#: Compute units where none are given.
VARIABLE = "MODELPARITY_UNITS"
#: Seconds for one answer, the compilation of the model included.
LIMIT = 120.0


class Bridged(Runtime):
    """``units`` are the compute units that Core ML may use (results differ between them): those of the environment
    variable MODELPARITY_UNITS if left out, else "cpuOnly". ``function`` is one of a program's functions,
    ``limit`` the seconds that one answer may take, ``command`` the program that answers, this package's own if left
    out.
    """

    name = ""
    format = "coreml"
    #: What the library must say that it is, and what errors call what runs.
    kind = label = ""

    def __init__(
        self,
        *,
        units: str | None = None,
        function: str | None = None,
        limit: float = LIMIT,
        command: Sequence[str] | None = None,
    ) -> None:
        if units is not None and units not in UNITS:
            raise InputError(f"unknown compute units {units!r}", expected=near(units, UNITS))
        self._units, self.function, self.limit, self._command = units, function, limit, command
        self._child: Child | None = None
        self._choosing = threading.Lock()  # threads share one process
        self._made_for: Sequence[str] = ()
        self._streams = itertools.count(1)
        self._engine = Engine()  # reads files; what it has read last is kept
        self._found: tuple[object, Path] | None = None
        self._told: tuple[object, dict[str, Any]] | None = None

    @property
    def units(self) -> str:
        """The compute units; raises `InputError` if the environment names some that do not exist."""
        chosen = self._units or os.environ.get(VARIABLE) or UNITS[0]
        if chosen not in UNITS:
            raise InputError(
                f"unknown compute units {chosen!r}", where=VARIABLE, expected=near(chosen, UNITS)
            )
        return chosen

    def missing(self) -> str | None:
        """Why it cannot run here, with what to type; None if it can."""
        if self._command:
            return None
        return self._elsewhere() or (None if self._known() else absent())

    def accepts(self, artefact: object) -> bool:
        """True for Core ML files, if it can run here. (`run` takes compiled models, ``.mlmodelc``, too.)"""
        if not isinstance(artefact, str | os.PathLike) or Path(artefact).suffix.lower() not in SUFFIXES:
            return False
        return self.missing() is None

    def run(self, artefact: object, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """{output name: array}; a model's states start from zeros in every run.

        Arrays are given in the types that the model declares, if that changes no value. Raises `InputError` for
        what does not fit the model's own description, `RuntimeFailure` for what Core ML refuses or dies of.
        """
        return self._predict(artefact, feeds)

    def variants(self, artefact: object) -> tuple[Variant, ...]:
        """On the processor alone, where other units may take part: they compute in float16, and each in its way."""
        if self.units == UNITS[0]:
            return ()
        asked = "MLModelConfiguration().computeUnits = .cpuOnly"
        return (Variant("the processor alone", self._on(UNITS[0]), asked),)

    def _on(self, units: str) -> Bridged:
        """The same on other units."""
        return type(self)(units=units, function=self.function, limit=self.limit, command=self._command)

    def stream(self, artefact: object) -> Stream:
        """Runs of one model that carry its states from one to the next."""
        return Stream(self, self._path(artefact), next(self._streams))

    def inputs(self, artefact: object) -> tuple[str, ...]:
        """Names of the file's inputs, read by this package."""
        return self._engine.inputs(self._path(artefact))

    def carried(self, artefact: object) -> Mapping[str, str]:
        """Inputs that start from zeros and come back as outputs.

        States of ML Programs, which Core ML keeps to itself, are not among them.
        """
        path = self._path(artefact)
        key = (stamp(path), self.function)
        told = self._told
        if told is None or told[0] != key:
            told = self._told = (key, described(path, self.function))
        hidden = {one["name"] for one in told[1]["states"]}
        return {name: to for name, to in self._engine.carried(path).items() if name not in hidden}

    def kept(self, artefact: object, feeds: Mapping[str, Array]) -> tuple[str, ...]:
        """States of ML Programs."""
        carried = self.carried(artefact)
        return tuple(name for name in self._engine.carried(self._path(artefact)) if name not in carried)

    @contextmanager
    def session(self, artefact: object) -> Iterator[Callable[[Mapping[str, Array]], dict[str, Array]]]:
        """Runs of one model that carry its states; they go when it ends."""
        stream = self.stream(artefact)
        try:
            yield stream.push
        finally:
            stream.close()

    def weights(self, artefact: object) -> dict[str, Array]:
        """Every constant of the file, read by this package."""
        return self._engine.weights(self._path(artefact))

    def about(self) -> dict[str, Any]:
        """What the library says of itself: runtime, system, interface."""
        self._check()
        return self._served().call({"do": "about"})[0]

    def description(self, artefact: object) -> dict[str, Any]:
        """The model's inputs and outputs as Core ML describes them."""
        found: dict[str, Any] = self._asked("describe", artefact)["description"]
        return found

    def plan(self, artefact: object) -> Any:
        """Which device each operation would run on. Raises `Unavailable` where the system does not say."""
        return self._asked("plan", artefact)["plan"]

    def predict_one(self, artefact: object, array: Array) -> Array:
        """A model of one float32 input and one output through the plain call ``mm_model_predict``."""
        path = self._path(artefact)
        request = {"do": "one", "path": os.path.abspath(path)}
        return self._served().call(request, {"x": np.asarray(array)}, where=path.name)[1][""]

    def close(self) -> None:
        """End the process; the next run starts another."""
        if self._child is not None:
            self._child.close()

    @abstractmethod
    def _elsewhere(self) -> str | None:
        """Why this is not the system for it; None if it is."""

    def _arguments(self) -> list[str]:
        return []

    def _predict(self, artefact: object, feeds: Mapping[str, Array], **about: Any) -> dict[str, Array]:
        path = self._path(artefact)
        given = {name: np.asarray(array) for name, array in feeds.items()}
        for name, array in given.items():
            if array.dtype.kind not in "fiub" or array.itemsize > 8:
                raise InputError(
                    "not a numeric array", where=f"{path.name}, input {name!r}", found=array.dtype
                )
        request = {"do": "predict", **self._model(path), **about}
        return self._served().call(request, given, where=path.name)[1]

    def _asked(self, do: str, artefact: object) -> dict[str, Any]:
        path = self._path(artefact)
        return self._served().call({"do": do, **self._model(path)}, where=path.name)[0]

    def _model(self, path: Path) -> dict[str, Any]:
        at = os.path.abspath(path)
        return {"path": at, "stamp": repr(stamp(path)), "units": self.units, "function": self.function}

    def _known(self) -> Path | None:
        """The library that was used last, if nothing says that it is another now: looking takes milliseconds."""
        if self._found is None or self._found[0] != _places() or not self._found[1].is_file():
            return None
        return self._found[1]

    def _library(self) -> Path:
        path = self._known() or library()
        self._found = (_places(), path)
        return path

    def _served(self) -> Child:
        own = (sys.executable, "-m", "modelparity.runtimes.bridge.child")
        command = self._command or (*own, str(self._library()), self.kind, *self._arguments())
        with self._choosing:
            if self._child is None or self._made_for != command:
                self.close()
                self._child, self._made_for = Child(command, label=self.label, limit=self.limit), command
            return self._child

    def _path(self, artefact: object) -> Path:
        self._check()
        if not isinstance(artefact, str | os.PathLike):
            raise InputError("not a file", found=type(artefact).__name__, expected=" or ".join(SUFFIXES))
        return Path(artefact)

    def _check(self) -> None:
        if (reason := self.missing()) is not None:
            raise Unavailable(reason, where=self.name)


class Stream:
    """One model, run again and again; what it keeps in states is carried until `reset`."""

    def __init__(self, runtime: Bridged, path: Path, number: int) -> None:
        self._runtime, self._path, self._number, self._begun = runtime, path, number, False

    def push(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """Outputs of the next run. Raises `RuntimeFailure` if the process that held the states has ended."""
        results = self._runtime._predict(self._path, feeds, stream=self._number, begun=self._begun)
        self._begun = True
        return results

    def reset(self) -> None:
        """States are at their beginning again."""
        self._begun = False
        self._runtime._served().call({"do": "reset", "stream": self._number})

    def close(self) -> None:
        """The states go."""
        self._begun = False
        self._runtime._served().call({"do": "end", "stream": self._number})


def _places() -> object:
    """What says where the library is."""
    return os.environ.get(NAMED), cache()
