"""What a model is said to be, compared with what its file holds: input, output, parameters, memory.

A table is a TOML file with a section a model::

    [EmotionRecognizer]
    file = "emotion_recognizer.json"   # left out: the file of that name, without suffix
    input = 128
    output = 64
    parameters = 403264
    memory = "4 MB"                    # at most: weights and state, as float32
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from ..engine.bound_node import by_parameter, call
from ..engine.inner_graphs import every_node, resolved
from ..engine.operator import find
from ..errors import GraphError, InputError, near
from ..graph import Graph
from .shapes import symbolic
from .text_table import layout

_UNITS = {
    "B": 1,
    "kB": 10**3,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
}
_FIELDS = {"file", "input", "output", "parameters", "memory"}
#: Bytes of a number as it is stored and computed with.
FLOAT = 4


@dataclass(frozen=True)
class ModelSpec:
    """One declared model. Sizes are numbers in a frame; ``memory`` is the most it may take, in bytes."""

    name: str
    input: int | None = None
    output: int | None = None
    parameters: int | None = None
    memory: int | None = None
    file: str | None = None

    def about(self, file: str) -> bool:
        """Whether it speaks of a file of that name."""
        return fnmatchcase(file, self.file) if self.file is not None else Path(file).stem == self.name


@dataclass(frozen=True)
class Line:
    """One figure, declared beside counted. ``note`` says more where they part."""

    what: str
    declared: str
    counted: str
    ok: bool
    note: str = ""


def read_specs(path: Path) -> dict[str, ModelSpec]:
    """The table in a TOML file, by name. Raises `InputError` naming section and key."""
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"not readable: {error.strerror}", where=path) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"not TOML: {error}", where=path) from error
    return {name: _spec(path, name, values) for name, values in found.items()}


def choose(specs: Mapping[str, ModelSpec], file: Path, name: str | None = None) -> ModelSpec:
    """The spec called ``name``, or the one about the file, or the only one. Raises `InputError`."""
    if name is not None:
        if name not in specs:
            raise InputError(f"there is no spec {name!r}", expected=near(name, specs))
        return specs[name]
    about = [spec for spec in specs.values() if spec.about(file.name)] or list(specs.values())
    if len(about) != 1:
        raise InputError(
            f"{len(about) or 'no'} specs may be about {file.name}",
            found=", ".join(spec.name for spec in about) or None,
            fix="name one with --spec, or give it a file = ...",
        )
    return about[0]


def compare_spec(spec: ModelSpec, graph: Graph) -> list[Line]:
    """Every declared figure beside the counted one."""
    lines = []
    shapes = symbolic(graph)
    for what, tensors in (("input", [one.name for one in graph.inputs]), ("output", list(graph.outputs))):
        declared = getattr(spec, what)
        if declared is not None:
            widths = [math.prod(n for n in shapes[name] if isinstance(n, int)) for name in tensors]
            counted = " + ".join(map(str, widths))
            lines.append(Line(what, str(declared), counted, [declared] == widths))
    if spec.parameters is not None:
        ok = spec.parameters == graph.parameters
        note = "" if ok else _parting(spec.parameters, graph)
        lines.append(Line("parameters", f"{spec.parameters:,}", f"{graph.parameters:,}", ok, note))
    if spec.memory is not None:
        used = FLOAT * (graph.parameters + state_size(graph))
        lines.append(Line("memory", f"at most {spec.memory:,} B", f"{used:,} B", used <= spec.memory))
    return lines


def render_spec(spec: ModelSpec, lines: Sequence[Line]) -> str:
    """The comparison as a table, with what is to be said below it."""
    rows = [("spec " + spec.name, "declared", "counted", "")]
    rows += [(line.what, line.declared, line.counted, "" if line.ok else "DIFFERS") for line in lines]
    return "\n".join([*layout(rows), *(line.note for line in lines if line.note)])


def state_size(graph: Graph) -> int:
    """Numbers that a causal network keeps: recurrent states, and the frames that convolutions look back on.

    Those inside branches and loops count too. Raises `GraphError` where weights are computed, so that the graph does
    not say how large they are.
    """
    total = 0
    for node, constants in every_node(graph):
        rule = find(node.op).facts.state
        if rule is None:
            continue
        bound = call(node)
        shapes = {name: constants[one].shape for name, one in bound.tensors.items() if one in constants}
        try:
            total += rule(shapes, bound.attrs)
        except KeyError as lacking:
            raise GraphError(
                f"the state of {node.op} {node.name!r} is not known",
                where=node.origin or graph.name,
                found=f"its {lacking.args[0]} is computed",
                expected="constant weights",
                operator=node.op,
            ) from lacking
    return total


def _parting(declared: int, graph: Graph) -> str:
    """Where two counts part: layer by layer what was counted, and readings that would give the declared number."""
    counted: dict[str, int] = {}
    biases = second = 0
    single: set[str] = set()  # recurrent operators with one bias, where PyTorch has two
    for node in map(resolved, graph.nodes):
        facts, (named, _) = find(node.op).facts, by_parameter(node)
        own = [name for name in dict.fromkeys(node.inputs) if name in graph.constants]
        size = sum(graph.constants[name].size for name in own if graph.constants[name].dtype.kind == "f")
        if size:
            counted[node.name] = size
        biases += sum(
            graph.constants[tensor].size
            for parameter, tensor in named.items()
            if (parameter == "bias" or parameter.endswith("_bias")) and tensor in graph.constants
        )
        if facts.recurrent and "recurrent_bias" not in facts.cuts and named.get("bias") in graph.constants:
            single.add(node.op.replace("_", " ").upper())
            second += graph.constants[named["bias"]].size
    readings = {
        f"with PyTorch's second bias of every {' and '.join(sorted(single))}": graph.parameters + second,
        "without biases": graph.parameters - biases,
    }
    lines = [f"  they part by {declared - graph.parameters:+,}; counted:"]
    lines += [f"    {size:>12,}  {name}" for name, size in counted.items()]
    for reading, number in readings.items():
        if number != graph.parameters:
            match = ": this is the declared number" if number == declared else ""
            lines.append(f"    {number:>12,}  in all, {reading}{match}")
    return "\n".join(lines)


def _spec(path: Path, name: str, values: Any) -> ModelSpec:
    where = f"{path}, [{name}]"
    if not isinstance(values, dict):
        raise InputError("not a section", where=where, found=values, expected="[name] and its figures")
    if unknown := sorted(set(values) - _FIELDS):
        raise InputError(f"unknown key {unknown[0]!r}", where=where, expected=near(unknown[0], _FIELDS))
    for key in ("input", "output", "parameters"):
        value = values.get(key)
        if value is not None and (type(value) is not int or value < 0):
            raise InputError(f"{key} is no whole number", where=where, found=value)
    if not isinstance(values.get("file", ""), str):
        raise InputError("file is no name", where=where, found=values["file"])
    memory = None if "memory" not in values else _bytes(values["memory"], where)
    return ModelSpec(name, **{**values, "memory": memory})


def _bytes(value: Any, where: str) -> int:
    if type(value) is int:
        return value
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) ?([A-Za-z]+)", value) if isinstance(value, str) else None
    if match is None or match[2] not in _UNITS:
        raise InputError(
            "memory is not an amount",
            where=where,
            found=value,
            expected=f'such as "4 MB" ({", ".join(_UNITS)})',
        )
    return int(float(match[1]) * _UNITS[match[2]])
