"""onnxruntime: Microsoft's engine for ONNX files, on the CPU, in a process of its own."""

from __future__ import annotations

import os
import tempfile
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ArtefactError, InputError, Unavailable
from ..formats.onnx.words import words_of
from ..graph import Array, Axis, TensorSpec
from ._kept_files import KeptFiles, stamped
from ._nested import together
from ._onnxruntime_child import LEVELS
from ._onnxruntime_facts import dft_lengths, switches
from .base import Optimiser, Runtime, Variant
from .process import Child

#: What onnxruntime calls text, which is whole numbers here (`modelparity.graph.numbered`).
TEXT = "tensor(string)"
_TYPES = {
    "tensor(float)": "float32",
    "tensor(double)": "float64",
    "tensor(float16)": "float16",
    "tensor(int64)": "int64",
    "tensor(int32)": "int32",
    "tensor(bool)": "bool",
    TEXT: "int64",
}
#: Seconds for one answer, the loading of the model included.
LIMIT = 300.0
#: Files whose signature is remembered.
KNOWN = 16
#: One process for all, whatever their settings: it keeps sessions, not this one.
_child = Child.of(
    "modelparity.runtimes._onnxruntime_child",
    label="onnxruntime",
    limit=LIMIT,
    advice="other cases go on in a new process; what onnxruntime dies of is seldom what the file says: "
    "`modelparity inspect` reads it without onnxruntime; export it another way, or try another version",
)
#: What was given as bytes, as files.
_files = KeptFiles(suffix=".onnx")


@dataclass(frozen=True)
class Signature:
    """A file's inputs, as (name, shape, onnxruntime's name of the type), and its outputs, as (name, type)."""

    inputs: tuple[tuple[str, tuple[int | str | None, ...], str], ...]
    outputs: tuple[tuple[str, str], ...]


class OnnxRuntime(Runtime, Optimiser):
    """Runs ``.onnx`` paths, the bytes of one, or an ``onnx.ModelProto``.

    ``threads`` is the number inside one operator (None: onnxruntime's own choice, one a physical core);
    ``optimise`` is its level of graph optimisation: none, basic, extended or all. ``exact_bytes``: products of bytes
    are summed exactly; onnxruntime's own choice on x86 processors without VNNI is a faster product whose sums of
    two saturate, so that networks with 8-bit weights give other results there than elsewhere. ``limit`` is the
    seconds that one answer may take. ``switched_off`` are names of passes that the optimiser leaves out.
    """

    name = "onnxruntime"
    format = "onnx"

    def __init__(
        self,
        *,
        threads: int | None = None,
        optimise: str = "all",
        exact_bytes: bool = True,
        limit: float = LIMIT,
        switched_off: Sequence[str] = (),
    ) -> None:
        if optimise not in LEVELS:
            raise InputError(f"unknown level of optimisation {optimise!r}", expected=", ".join(LEVELS))
        self.threads, self.optimise, self.exact_bytes = threads, optimise, exact_bytes
        self.limit, self.switched_off = limit, tuple(switched_off)
        self._known: OrderedDict[tuple[Any, ...], Signature] = OrderedDict()
        self._read: dict[str, Any] = {}

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

        Text is taken and given as numbers, one a word (`modelparity.graph.numbered`); a map of labels to scores for
        each row becomes the scores, the least label first. Raises `RuntimeFailure` if onnxruntime dies of it or gives
        no answer in time.
        """
        signature = self._signature(artefact)
        wanted = {name: kind for name, _, kind in signature.inputs}
        if set(feeds) != set(wanted):
            raise InputError(
                "input names do not match",
                where=_label(artefact),
                found=", ".join(sorted(feeds)) or "none",
                expected=", ".join(sorted(wanted)),
            )
        cast = {name: _exact(np.asarray(a), wanted[name], name) for name, a in feeds.items()}
        types = {name: kind for name, kind in signature.outputs if kind == TEXT or "string)" not in kind}
        texts = [name for name, kind in {**wanted, **types}.items() if kind == TEXT]
        words = self._words(artefact) if texts else ()
        told, arrays = self._asked("run", artefact, cast, outputs=list(types), text=texts, words=words)
        found = together(told["outputs"], arrays)
        return {name: _tabled(value, types[name]) for name, value in found.items()}

    def inputs(self, artefact: object) -> tuple[str, ...]:
        """Names of the graph's inputs."""
        return tuple(name for name, _, _ in self._signature(artefact).inputs)

    def shapes(self, artefact: object) -> dict[str, tuple[int | None, ...]]:
        """{input: its shape}, None where a size has a name or none."""
        return {
            name: tuple(size if isinstance(size, int) and size >= 0 else None for size in shape)
            for name, shape, _ in self._signature(artefact).inputs
        }

    def specs(self, artefact: object) -> dict[str, TensorSpec]:
        """Its inputs as the file declares them."""
        return {
            name: TensorSpec(
                name,
                tuple(
                    Axis("", size) if isinstance(size, int) and size >= 0 else Axis(str(size or ""))
                    for size in shape
                ),
                _TYPES.get(kind, ""),
                words=self._words(artefact) if kind == TEXT else (),
            )
            for name, shape, kind in self._signature(artefact).inputs
        }

    def carried(self, artefact: object) -> Mapping[str, str]:
        """None: ONNX has no states."""
        return {}

    def describe(self) -> dict[str, str]:
        """Version, provider, threads, level of optimisation and how bytes are multiplied."""
        self._check()
        return {
            "version": _child.call({"do": "version"}, limit=self.limit)[0]["version"],
            "providers": "CPUExecutionProvider",
            "threads": "default" if self.threads is None else str(self.threads),
            "optimisation": self.optimise,
            "products of bytes": "exact" if self.exact_bytes else "default",
            **({"switched off": ", ".join(self.switched_off)} if self.switched_off else {}),
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

    @property
    def optimiser(self) -> Optimiser | None:
        """Itself, unless its optimiser is off."""
        return None if self.optimise == "none" else self

    def variants(self, artefact: object) -> tuple[Variant, ...]:
        """Its lower levels of optimisation, exact products of bytes where they are not, and one thread."""
        below = list(LEVELS)[: list(LEVELS).index(self.optimise)]
        found = [
            Variant(
                "the optimiser off" if level == "none" else f"level {level}",
                self._otherwise(optimise=level),
                f"sess_options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.{LEVELS[level]}",
            )
            for level in below
        ]
        if not self.exact_bytes:
            line = 'sess_options.add_session_config_entry("session.x64quantprecision", "1")'
            found.append(Variant("exact products of bytes", self._otherwise(exact_bytes=True), line))
        if self.threads != 1:  # bytes of an LSTM's states are scaled for as many rows as a thread has
            line = "sess_options.intra_op_num_threads = 1"
            found.append(Variant("one thread", self._otherwise(threads=1), line))
        return tuple(found)

    def passes(self, artefact: object) -> tuple[str, ...]:
        """Passes that its log says to have changed the graph; of groups of rules each rule that it has."""
        return switches(self._asked("passes", artefact)[0]["passes"])

    def without(self, passes: Sequence[str]) -> Variant:
        """The same with those passes off."""
        listed = ", ".join(f'"{name}"' for name in passes)
        off = (*self.switched_off, *passes)
        line = f"onnxruntime.InferenceSession(..., disabled_optimizers=[{listed}])"
        return Variant(f"without {', '.join(passes)}", self._otherwise(switched_off=off), line)

    def rewritten(self, artefact: object) -> bytes | None:
        """The optimised file that it saves, at its own level; None for one of more than two gigabytes."""
        with tempfile.TemporaryDirectory(prefix="modelparity-") as folder:
            path = Path(folder) / "optimised.onnx"
            try:
                self._asked("rewritten", artefact, to=str(path))
                return path.read_bytes()
            except (ArtefactError, OSError):  # it runs, and is too large to be saved in one file
                return None

    def makers(self, artefact: object) -> dict[str, str]:
        """{result: operator and name of the node}."""
        return {
            result: f"{node.op_type}{f' {node.name!r}' if node.name else ''}"
            for node in _model(artefact).graph.node
            for result in node.output
            if result
        }

    def known(self, artefact: object, arrays: Mapping[str, Array]) -> dict[str, str]:
        """Fourier transforms at lengths that are no power of two; see docs/onnx.md."""
        return {
            name: f"known of onnxruntime: where the length ({length}) is no power of two, its {op} takes sines of "
            "large angles in float32, and its error grows with the length; no weight is to blame"
            for name, (op, length) in dft_lengths(_model(artefact), arrays).items()
        }

    def _otherwise(self, **other: Any) -> OnnxRuntime:
        """The same with other settings."""
        own = {
            "threads": self.threads,
            "optimise": self.optimise,
            "exact_bytes": self.exact_bytes,
            "limit": self.limit,
            "switched_off": self.switched_off,
        }
        return OnnxRuntime(**{**own, **other})

    def _check(self) -> None:
        if (reason := self.missing()) is not None:
            raise Unavailable(reason, where=self.name)

    def _signature(self, artefact: object) -> Signature:
        key = self._session(artefact)
        if key not in self._known:
            told, _ = self._asked("signature", artefact)
            inputs = tuple((name, tuple(shape), kind) for name, shape, kind in told["inputs"])
            while len(self._known) >= KNOWN:
                self._known.popitem(last=False)
            self._known[key] = Signature(inputs, tuple(map(tuple, told["outputs"])))
        return self._known[key]

    def _words(self, artefact: object) -> tuple[str, ...]:
        """The words that the file holds."""
        key = self._session(artefact)
        if self._read.get("key") != key:
            self._read = {"key": key, "words": words_of(_model(artefact))}
        found: tuple[str, ...] = self._read["words"]
        return found

    def _asked(
        self, do: str, artefact: object, arrays: Mapping[str, Array] | None = None, **about: Any
    ) -> tuple[dict[str, Any], dict[str, Array]]:
        path, stamp = self._session(artefact)
        request = {
            "do": do,
            "path": path,
            "stamp": stamp,
            "threads": self.threads,
            "optimise": self.optimise,
            "exact_bytes": self.exact_bytes,
            "without": list(self.switched_off),
            **about,
        }
        return _child.call(request, arrays, where=_label(artefact), limit=self.limit)

    def _session(self, artefact: object) -> tuple[str, str]:
        """The path that the process is given, and what changes if the file does."""
        self._check()
        if not isinstance(artefact, str | os.PathLike):
            given: Any = artefact
            path = _files.of(given if isinstance(given, bytes) else given.SerializeToString())
            return str(path), ""  # named by its content
        return stamped(artefact)


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
