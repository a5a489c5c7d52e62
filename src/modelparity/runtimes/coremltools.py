"""Apple's Core ML as coremltools calls it, on a Mac: a second opinion on the bridge, in a process of its own.

Chosen by name; without a name only where the bridge (runtime ``coreml``) is not built.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from ..errors import InputError, Unavailable
from ..graph import Array
from ._input_types import unchanged
from .base import Runtime, Variant
from .engine import Engine
from .process import Child

SUFFIXES = (".mlpackage", ".mlmodel")
UNITS = ("CPU_ONLY", "CPU_AND_GPU", "CPU_AND_NE", "ALL")
#: Seconds for one prediction, the compilation of the model included.
LIMIT = 120.0


class CoreMLTools(Runtime):
    """``units`` are the compute units that Core ML may use: results differ between them.

    ``command`` is the program that answers for Core ML, this package's own if left out; ``limit`` the seconds
    that one answer may take.
    """

    name = "coremltools"
    format = "coreml"

    def __init__(
        self, *, units: str = "CPU_ONLY", limit: float = LIMIT, command: Sequence[str] | None = None
    ) -> None:
        if units not in UNITS:
            raise InputError(f"unknown compute units {units!r}", expected=", ".join(UNITS))
        self.units, self._given = units, command is not None
        own = (sys.executable, "-m", "modelparity.runtimes._coremltools_child")
        self._child = Child(command or own, label="Core ML", limit=limit)
        self._command = command

    def missing(self) -> str | None:
        """Why it cannot run here; None if it can."""
        if self._given:
            return None
        if platform.system() != "Darwin":
            return (
                "Apple's Core ML runs on macOS only; elsewhere its files are interpreted (runtime 'engine')"
            )
        if find_spec("coremltools") is None:
            return "coremltools is not installed: pip install modelparity[coreml]"
        return None

    def accepts(self, artefact: object) -> bool:
        """True for Core ML files, where Core ML is; elsewhere they are left to this package's engine."""
        if not isinstance(artefact, str | os.PathLike) or Path(artefact).suffix.lower() not in SUFFIXES:
            return False
        return self.missing() is None

    def run(self, artefact: object, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """{output name: array}. Arrays must be exact in float32, or whole numbers in int32."""
        path = self._path(artefact)
        given = {name: _exact(np.asarray(a), name) for name, a in feeds.items()}
        request = {"do": "predict", "path": os.path.abspath(path), "units": self.units}
        return self._child.call(request, given, where=path.name)[1]

    def inputs(self, artefact: object) -> tuple[str, ...]:
        """Names of the file's inputs, read by this package."""
        return Engine().inputs(self._path(artefact))

    def carried(self, artefact: object) -> Mapping[str, str]:
        """The file's states, read by this package."""
        return Engine().carried(self._path(artefact))

    def describe(self) -> dict[str, str]:
        """Versions of coremltools and macOS, and compute units."""
        self._check()
        return {**self._child.call({"do": "describe"})[0], "units": self.units}

    def variants(self, artefact: object) -> tuple[Variant, ...]:
        """On the processor alone, where other units may take part."""
        if self.units == UNITS[0]:
            return ()
        alone = CoreMLTools(units=UNITS[0], limit=self._child.limit, command=self._command)
        asked = "ct.models.MLModel(..., compute_units=ct.ComputeUnit.CPU_ONLY)"
        return (Variant("the processor alone", alone, asked),)

    def weights(self, artefact: object) -> dict[str, Array]:
        """Every constant of the file, read by this package."""
        return Engine().weights(self._path(artefact))

    def close(self) -> None:
        """End the process; the next run starts another."""
        self._child.close()

    def _path(self, artefact: object) -> Path:
        self._check()
        if not isinstance(artefact, str | os.PathLike):
            raise InputError("not a file", found=type(artefact).__name__, expected=" or ".join(SUFFIXES))
        return Path(artefact)

    def _check(self) -> None:
        if (reason := self.missing()) is not None:
            raise Unavailable(reason, where=self.name)


def _exact(array: Array, name: str) -> Array:
    """``array`` as coremltools takes it."""
    wanted = "float32" if array.dtype.kind == "f" else "int32"
    return unchanged(array, wanted, name=name, taker="Core ML", kinds="fiu")


RUNTIME = CoreMLTools()
