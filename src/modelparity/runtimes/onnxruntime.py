"""onnxruntime: Microsoft's engine for ONNX files, on the CPU."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ArtefactError, InputError, Unavailable
from ..graph import Array, Axis, TensorSpec
from .base import Runtime

_LEVELS = {
    "none": "ORT_DISABLE_ALL",
    "basic": "ORT_ENABLE_BASIC",
    "extended": "ORT_ENABLE_EXTENDED",
    "all": "ORT_ENABLE_ALL",
}
_TYPES = {
    "tensor(float)": "float32",
    "tensor(double)": "float64",
    "tensor(float16)": "float16",
    "tensor(int64)": "int64",
    "tensor(int32)": "int32",
    "tensor(bool)": "bool",
}
#: Sessions kept open: suites ask for one model after another.
KEPT = 4


class OnnxRuntime(Runtime):
    """Runs ``.onnx`` paths, the bytes of one, or an ``onnx.ModelProto``.

    ``threads`` is the number inside one operator (None: onnxruntime's own choice, one a physical core);
    ``optimise`` is its level of graph optimisation: none, basic, extended or all. ``exact_bytes``: products of bytes
    are summed exactly; onnxruntime's own choice on x86 processors without VNNI is a faster product whose sums of
    two saturate, so that networks with 8-bit weights give other results there than elsewhere.
    """

    name = "onnxruntime"
    format = "onnx"

    def __init__(
        self, *, threads: int | None = None, optimise: str = "all", exact_bytes: bool = True
    ) -> None:
        if optimise not in _LEVELS:
            raise InputError(f"unknown level of optimisation {optimise!r}", expected=", ".join(_LEVELS))
        self.threads, self.optimise, self.exact_bytes = threads, optimise, exact_bytes
        self._sessions: dict[Any, Any] = {}

    def missing(self) -> str | None:
        """Why it cannot run here; None if it can."""
        if find_spec("onnxruntime") is None:
            return "onnxruntime is not installed: pip install 'modelparity[onnx]'"
        return None

    def accepts(self, artefact: object) -> bool:
        """True for a path that ends in .onnx, bytes, and a ModelProto."""
        if isinstance(artefact, str | os.PathLike):
            return Path(artefact).suffix.lower() == ".onnx"
        return isinstance(artefact, bytes) or _is_proto(artefact)

    def run(self, artefact: object, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """{output name: array}. Arrays must have the declared type, or be exact in it; nothing is rounded.

        Text is left out; a map of labels to scores for each row becomes the scores, the least label first.
        """
        session = self._session(artefact)
        wanted = {one.name: one.type for one in session.get_inputs()}
        if set(feeds) != set(wanted):
            raise InputError(
                "input names do not match",
                where=_label(artefact),
                found=", ".join(sorted(feeds)) or "none",
                expected=", ".join(sorted(wanted)),
            )
        cast = {name: _exact(np.asarray(a), wanted[name], name) for name, a in feeds.items()}
        types = {one.name: one.type for one in session.get_outputs() if "string)" not in one.type}
        try:
            results = zip(types, session.run(list(types), cast), strict=True)
            return {name: _tabled(a, types[name]) for name, a in results}
        except Exception as error:  # onnxruntime's classes of errors are not public
            raise InputError(
                "onnxruntime refuses to run this",
                where=_label(artefact),
                found=str(error).splitlines()[0],
                expected=", ".join(f"{one.name} {one.shape} {one.type}" for one in session.get_inputs()),
            ) from error

    def inputs(self, artefact: object) -> tuple[str, ...]:
        """Names of the graph's inputs."""
        return tuple(one.name for one in self._session(artefact).get_inputs())

    def shapes(self, artefact: object) -> dict[str, tuple[int | None, ...]]:
        """{input: its shape}, None where a size has a name or none."""
        found = {one.name: one.shape for one in self._session(artefact).get_inputs()}
        return {
            name: tuple(size if isinstance(size, int) and size >= 0 else None for size in shape)
            for name, shape in found.items()
        }

    def specs(self, artefact: object) -> dict[str, TensorSpec]:
        """Its inputs as the file declares them."""
        return {
            one.name: TensorSpec(
                one.name,
                tuple(
                    Axis("", size) if isinstance(size, int) and size >= 0 else Axis(str(size or ""))
                    for size in one.shape
                ),
                _TYPES.get(one.type, ""),
            )
            for one in self._session(artefact).get_inputs()
        }

    def carried(self, artefact: object) -> Mapping[str, str]:
        """None: ONNX has no states."""
        return {}

    def describe(self) -> dict[str, str]:
        """Version, provider, threads, level of optimisation and how bytes are multiplied."""
        import onnxruntime as ort

        return {
            "version": ort.__version__,
            "providers": "CPUExecutionProvider",
            "threads": "default" if self.threads is None else str(self.threads),
            "optimisation": self.optimise,
            "products of bytes": "exact" if self.exact_bytes else "default",
        }

    def weights(self, artefact: object) -> dict[str, Array]:
        """All initializers and the values of Constant nodes, subgraphs included, by name."""
        model = _model(artefact)
        from onnx import numpy_helper

        found: dict[str, Array] = {}

        def visit(graph: Any) -> None:
            for tensor in graph.initializer:
                found[tensor.name] = numpy_helper.to_array(tensor)
            for node in graph.node:
                for attribute in node.attribute:
                    if attribute.HasField("t"):
                        found[node.output[0]] = numpy_helper.to_array(attribute.t)
                    if attribute.HasField("g"):
                        visit(attribute.g)

        visit(model.graph)
        return found

    def taps(self, artefact: object, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """What every node of the main graph gave, by tensor name.

        Nodes whose results are asked for are not fused with others: what they give may differ by rounding from
        what they give in a plain run. Results that are no tensors are left out.
        """
        import onnx

        model = onnx.ModelProto()
        model.CopyFrom(_model(artefact))
        names = [name for node in model.graph.node for name in node.output if name]
        known = {one.name for one in model.graph.output}
        model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names if name not in known)
        outputs = self.run(model, feeds)
        return {name: outputs[name] for name in names if isinstance(outputs[name], np.ndarray)}

    def _session(self, artefact: object) -> Any:
        if (reason := self.missing()) is not None:
            raise Unavailable(reason, where=self.name)
        import onnxruntime as ort

        source: Any = artefact
        key: object
        if isinstance(artefact, str | os.PathLike):
            source = os.fspath(artefact)
            try:
                state = os.stat(source)
            except OSError as error:
                raise ArtefactError(
                    "not readable", where=source, found=error.strerror, fix="check the path"
                ) from error
            key = (os.path.abspath(source), state.st_mtime_ns, state.st_size)
        else:
            key = source = artefact if isinstance(artefact, bytes) else source.SerializeToString()
        if key not in self._sessions:
            options = ort.SessionOptions()
            options.log_severity_level = 4  # what it refuses is raised as well
            options.add_session_config_entry("session.x64quantprecision", str(int(self.exact_bytes)))
            options.graph_optimization_level = getattr(ort.GraphOptimizationLevel, _LEVELS[self.optimise])
            if self.threads is not None:
                options.intra_op_num_threads = self.threads
            try:
                session = ort.InferenceSession(source, options, providers=["CPUExecutionProvider"])
            except Exception as error:  # as above
                raise ArtefactError(
                    "onnxruntime cannot load this",
                    where=_label(artefact),
                    found=str(error).splitlines()[0],
                    fix="export it again, or have it interpreted: runtime='engine' (--runtime engine); "
                    "`modelparity inspect` says what this package makes of the file",
                ) from error
            while len(self._sessions) >= KEPT:
                del self._sessions[next(iter(self._sessions))]
            self._sessions[key] = session
        return self._sessions[key]


def _model(artefact: object) -> Any:
    """The ``onnx.ModelProto``, with external data in it. Raises `ArtefactError` and `Unavailable`."""
    if find_spec("onnx") is None:
        raise Unavailable("onnx is not installed: pip install 'modelparity[onnx]'")
    import onnx
    from google.protobuf.message import DecodeError

    if _is_proto(artefact):
        return artefact
    given: Any = artefact
    try:
        return onnx.load_from_string(given) if isinstance(given, bytes) else onnx.load(os.fspath(given))
    except (DecodeError, OSError, onnx.checker.ValidationError) as error:
        raise ArtefactError("not readable", where=_label(artefact), found=str(error)[:200]) from error


def _is_proto(artefact: object) -> bool:
    kind = type(artefact)
    return kind.__name__ == "ModelProto" and kind.__module__.startswith("onnx")


def _label(artefact: object) -> str:
    return Path(artefact).name if isinstance(artefact, str | os.PathLike) else type(artefact).__name__


def _tabled(result: Any, kind: str) -> Any:
    """Maps as rows of an array, of the type that they hold; anything else as it is."""
    if isinstance(result, list) and "map(" in kind and all(isinstance(one, dict) for one in result):
        held = next((numpy for name, numpy in _TYPES.items() if name in kind), "float32")
        return np.array([[one[key] for key in sorted(one)] for one in result], held)
    return result


def _exact(array: Array, declared: str, name: str) -> Array:
    """``array`` in the declared type, if that changes no value."""
    wanted = _TYPES.get(declared)
    if wanted is None or array.dtype == np.dtype(wanted):
        return array
    with np.errstate(over="ignore", invalid="ignore"):
        cast = array.astype(wanted)
    same_kind = array.dtype.kind == cast.dtype.kind or {array.dtype.kind, cast.dtype.kind} <= set("iu")
    if not (same_kind and np.array_equal(cast, array, equal_nan=array.dtype.kind == "f")):
        raise InputError(
            f"input {name!r} does not have the type that the file declares",
            found=array.dtype,
            expected=wanted,
            fix=f"convert it with .astype({wanted!r}), so that both sides see the same values",
        )
    return cast


RUNTIME = OnnxRuntime()
