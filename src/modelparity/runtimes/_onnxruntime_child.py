"""The process in which onnxruntime runs: answers `modelparity.runtimes.onnxruntime` until its input ends.

Requests are {"do": "version"}, and {"do": "signature"} or {"do": "run"} with what says which session: {"path": ...,
"stamp": ..., "threads": ..., "optimise": ..., "exact_bytes": ..., "without": ...}. "run" has the names of the
"outputs" too, and the inputs as arrays, in the types that the file declares; those that "text" names are words, as
numbers of these and of the file's "words". "passes" asks which passes of the
optimiser change the file, and "rewritten" has the path "to" which what they make of it goes.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ArtefactError, InputError, Unavailable
from ..graph import Array, numbered
from ._nested import apart
from ._serving import Answer, serve

#: onnxruntime's name for each level of optimisation.
LEVELS = {
    "none": "ORT_DISABLE_ALL",
    "basic": "ORT_ENABLE_BASIC",
    "extended": "ORT_ENABLE_EXTENDED",
    "all": "ORT_ENABLE_ALL",
}
#: What tells one session from another.
SESSION = ("path", "stamp", "threads", "optimise", "exact_bytes", "without")
#: Levels of its log: nothing, since what it refuses is raised as well, and what its passes do.
SILENT, INFORMED = 4, 1
#: How it says there that a pass changed the graph.
CHANGED = r"GraphTransformer (.+?) modified: 1 with status"
#: Sessions kept open, the last that were asked for: suites ask for one model after another.
KEPT = 4


class Sessions:
    """onnxruntime's sessions, opened once."""

    def __init__(self) -> None:
        self.open: OrderedDict[tuple[Any, ...], Any] = OrderedDict()

    def answer(self, message: Mapping[str, Any], arrays: dict[str, Array]) -> Answer:
        """One request. Raises `ArtefactError` for what does not load, `InputError` for what does not run."""
        if message["do"] == "version":
            return {"version": _imported().__version__}, {}
        if message["do"] == "passes":
            return {"passes": _passes(message)}, {}
        if message["do"] == "rewritten":
            _opened(message, to=message["to"])
            return {}, {}
        session = self._session(message)
        signature = {
            "inputs": [[one.name, one.shape, one.type] for one in session.get_inputs()],
            "outputs": [[one.name, one.type] for one in session.get_outputs()],
        }
        if message["do"] == "signature":
            return signature, {}
        try:
            values = session.run(message["outputs"], {**arrays, **_spelt(message, arrays)})
        except Exception as error:  # onnxruntime's classes of errors are not public
            raise InputError(
                "onnxruntime refuses to run this",
                found=str(error).splitlines()[0],
                expected=", ".join(f"{name} {shape} {kind}" for name, shape, kind in signature["inputs"]),
            ) from error
        results: dict[str, Array] = {}
        given = dict(zip(message["outputs"], values, strict=True))
        for name in {*message.get("text", ())} & {*given}:
            given[name] = numbered(map(str, given[name].reshape(-1))).reshape(given[name].shape)
        form = apart(given, results)
        return {"outputs": form}, results

    def _session(self, message: Mapping[str, Any]) -> Any:
        key = tuple(str(message.get(name)) for name in SESSION)
        if key not in self.open:
            while len(self.open) >= KEPT:
                self.open.popitem(last=False)
            self.open[key] = _opened(message)
        self.open.move_to_end(key)
        return self.open[key]


def _spelt(message: Mapping[str, Any], arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Inputs that are text as words; a number that none of the file's words has is one that it does not know."""
    words = message.get("words", ())
    spelt = dict(zip(numbered(words).tolist(), words, strict=True))
    found: dict[str, Array] = {}
    for name in {*message.get("text", ())} & {*arrays}:
        array = arrays[name]
        texts = [spelt.get(one, f"{one:x}") for one in array.reshape(-1).tolist()]
        found[name] = np.array(texts, object).reshape(array.shape)
    return found


def _passes(message: Mapping[str, Any]) -> list[str]:
    """The passes that say in onnxruntime's log that they changed the graph, in order, each once."""
    with tempfile.TemporaryFile() as log:
        before = os.dup(2)
        os.dup2(log.fileno(), 2)
        try:
            _opened(message, severity=INFORMED)
        finally:
            os.dup2(before, 2)
            os.close(before)
        log.seek(0)
        said = log.read().decode(errors="replace")
    return list(dict.fromkeys(re.findall(CHANGED, said)))


def _opened(message: Mapping[str, Any], *, to: str | None = None, severity: int = SILENT) -> Any:
    """A session; what its optimiser makes of the file goes ``to`` a path."""
    ort = _imported()
    options = ort.SessionOptions()
    options.log_severity_level = severity
    if to is not None:
        options.optimized_model_filepath = to
    options.add_session_config_entry("session.x64quantprecision", str(int(message["exact_bytes"])))
    options.graph_optimization_level = getattr(ort.GraphOptimizationLevel, LEVELS[message["optimise"]])
    if message["threads"] is not None:
        options.intra_op_num_threads = message["threads"]
    path = message["path"]
    try:
        return ort.InferenceSession(
            path,
            options,
            providers=["CPUExecutionProvider"],
            disabled_optimizers=message.get("without") or None,
        )
    except Exception as error:  # as above
        raise ArtefactError(
            "onnxruntime cannot load this",
            found=str(error).splitlines()[0].replace(path, Path(path).name),
            fix="export it again, or have it interpreted: runtime='engine' (--runtime engine); "
            "`modelparity inspect` says what this package makes of the file",
        ) from error


def _imported() -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise Unavailable(
            "onnxruntime is installed and does not import",
            found=error,
            fix="pip install --force-reinstall 'modelparity[onnx]'",
        ) from error
    return onnxruntime


if __name__ == "__main__":
    serve(Sessions().answer)
