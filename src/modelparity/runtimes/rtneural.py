"""RTNeural's C++ library: runs its JSON files with the library itself, compiled on first use.

The library is headers only. A checkout of it is named by the environment variable MODELPARITY_RTNEURAL; a small
program of this package is compiled against it (STL backend, C++17) and runs in a process of its own.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..engine.feeds import bound
from ..errors import ArtefactError, InputError, ModelparityError, Unavailable
from ..formats.registry import sniff
from ..formats.rtneural.network import Opened, opened
from ..graph import Array
from ._input_types import unchanged
from .base import Runtime
from .compiling import compiled, compiler
from .process import Child

__all__ = ["RTNeural"]

VARIABLE = "MODELPARITY_RTNEURAL"
#: The line that enables it.
LINE = f"git clone https://github.com/jatinchowdhury18/RTNeural && export {VARIABLE}=$PWD/RTNeural"
SUFFIX = ".json"
SOURCE = Path(__file__).parent / "native" / "rtneural_runner.cpp"
#: What plug-ins are built with, as far as results go; assertions of the standard library make some of what C++
#: leaves undefined an abort.
FLAGS = (
    "-std=c++17",
    "-O2",
    "-w",
    "-D_GLIBCXX_ASSERTIONS",
    "-DRTNEURAL_NO_DEBUG=1",
    "-DRTNEURAL_DEFAULT_ALIGNMENT=16",
)
PRECISIONS = ("float32", "float64")
#: Seconds for one request.
LIMIT = 120.0


class RTNeural(Runtime):
    """``precision`` is the type that the library is instantiated with, ``limit`` the seconds one answer may take.

    ``command`` is the program that answers, this package's own if left out.
    """

    name = "rtneural"
    format = "rtneural"

    def __init__(
        self, *, precision: str = "float32", limit: float = LIMIT, command: Sequence[str] | None = None
    ) -> None:
        if precision not in PRECISIONS:
            raise InputError(f"unknown precision {precision!r}", expected=" or ".join(PRECISIONS))
        self.precision, self.limit, self._given = precision, limit, command is not None
        self._child = Child(command, label="RTNeural", limit=limit) if command else None
        self._made_for: str | None = None
        self._last: tuple[object, Opened] | None = None

    def missing(self) -> str | None:
        """Why it cannot run here, with the line that enables it; None if it can."""
        if self._given:
            return None
        root = os.environ.get(VARIABLE)
        if not root:
            return f"RTNeural's C++ library is not here: {LINE}"
        if not (Path(root) / "RTNeural" / "RTNeural.h").is_file():
            return f"{VARIABLE} names no checkout of RTNeural ({root} has no RTNeural/RTNeural.h): {LINE}"
        if compiler() is None:
            return "RTNeural needs a C++17 compiler: install g++ or clang++, or name one in CXX"
        return None

    def accepts(self, artefact: object) -> bool:
        """True for RTNeural's JSON files, where the library is; elsewhere they are left to this package's engine."""
        if not isinstance(artefact, str | os.PathLike) or Path(artefact).suffix.lower() != SUFFIX:
            return False
        if self.missing() is not None:
            return False
        try:
            return sniff(Path(artefact)).name == self.format
        except ModelparityError:
            return False

    def run(self, artefact: object, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """{output name: array}. Every sequence of a batch starts from ``reset()``. Arrays must be float32 exactly."""
        outputs, _ = self.timed(artefact, feeds)
        return outputs

    def timed(self, artefact: object, feeds: Mapping[str, Array]) -> tuple[dict[str, Array], Array]:
        """As `run`, and the seconds (batch, time) that each call of ``forward`` took."""
        path = self._path(artefact)
        model = self._opened(path)
        given = bound(model.graph, feeds)[model.input.name]
        frames = model.input.frames(unchanged(given, self.precision, name=model.input.name, taker="RTNeural"))
        request = {"do": "run", "path": os.path.abspath(path), "precision": self.precision}
        results = self._runner().call(request, {"x": frames}, where=path.name)[1]
        y = results["y"].astype(self.precision)
        return {model.output.name: model.output.restored(y)}, results["seconds"]

    def describe(self) -> dict[str, str]:
        """Version of the checkout, compiler and precision."""
        self._check()
        told = self._runner().call({"do": "describe"})[0]
        version = _revision(Path(os.environ.get(VARIABLE, ".")))
        return {
            "version": version,
            "precision": self.precision,
            "backend": "STL",
            **{key: str(value) for key, value in sorted(told.items())},
        }

    def weights(self, artefact: object) -> dict[str, Array]:
        """Every array that the library reads, as this package reads it."""
        return dict(self._opened(self._path(artefact)).graph.constants)

    def close(self) -> None:
        """End the process; the next run starts another."""
        if self._child is not None:
            self._child.close()

    def _runner(self) -> Child:
        root = os.environ.get(VARIABLE, "")
        if self._child is None or (not self._given and self._made_for != root):
            self.close()
            folder = Path(root).absolute()
            headers = [
                *(p for pattern in ("*.h", "*.tpp") for p in (folder / "RTNeural").rglob(pattern)),
                *(folder / "modules" / "json").rglob("*.hpp"),
            ]
            program = compiled(SOURCE, headers=headers, root=folder, flags=FLAGS, label="RTNeural")
            self._child, self._made_for = Child([str(program)], label="RTNeural", limit=self.limit), root
        return self._child

    def _path(self, artefact: object) -> Path:
        self._check()
        if not isinstance(artefact, str | os.PathLike):
            raise InputError("not a file", found=type(artefact).__name__, expected=f"a {SUFFIX} file")
        return Path(artefact)

    def _check(self) -> None:
        if (reason := self.missing()) is not None:
            raise Unavailable(reason, where=self.name)

    def _opened(self, path: Path) -> Opened:
        try:
            state = path.stat()
        except OSError as error:
            raise ArtefactError("not readable", where=path, found=error.strerror) from error
        key = (str(path.absolute()), state.st_mtime_ns, state.st_size)
        if self._last is None or self._last[0] != key:
            self._last = (key, opened(path))
        return self._last[1]


def _revision(root: Path) -> str:
    """What the checkout is, as far as its own files say: a commit, or a release."""
    try:
        text = (root / ".git" / "HEAD").read_text().strip()
        if text.startswith("ref: "):
            text = (root / ".git" / text[5:]).read_text().strip()
        return text[:12]
    except OSError:
        pass
    try:
        text = (root / "CMakeLists.txt").read_text("utf-8", "replace")
        found = re.search(r"project\(RTNeural VERSION ([0-9.]+)", text)
    except OSError:
        found = None
    return found[1] if found else "unknown"


RUNTIME = RTNeural()
