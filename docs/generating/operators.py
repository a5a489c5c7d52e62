"""docs/operators.md: every operator of the engine, whether it streams, and which formats read and write it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from modelparity.discovery import module_names
from modelparity.engine import operator
from modelparity.formats.coreml.mil.operators import translators as mil
from modelparity.formats.coreml.nn.registry import reads as layers
from modelparity.formats.coreml.write.layers import fills
from modelparity.formats.coreml.write.lowering import lowers as to_coreml
from modelparity.formats.madmom.layer_registry import reads as madmom
from modelparity.formats.onnx.lowering import lowers as to_onnx
from modelparity.formats.onnx.read.node import translators as onnx
from modelparity.formats.rtneural.layer_registry import reads as rtneural
from modelparity.formats.rtneural.writing.lowering import lowers as to_rtneural
from modelparity.formats.torch.building import lowers as to_torch
from modelparity.formats.torch.read.aten_call import reads as aten
from modelparity.formats.writing.lowering import Lowerings

from .naming import named

Translators = Mapping[str, Callable[..., Any]]
#: Foreign operators that a cell names; the others are counted.
SHOWN = 6
#: Methods of a block that add a MIL operation -> which of their arguments names it.
TO_MIL = {"op": 0, "unary": 0, "pointwise": 0}
HEAD = """# Operators

Made by `python docs/generate.py` from the sources: {operators} operators of the engine, the functions that read
foreign operators and those that write the engine's. What an operator computes stands in its file,
`src/modelparity/ops/NAME.py`: formula, shapes, source.

## How it runs and where it can be written
*Streams*: "yes" if it runs on each frame of a stream alone; "some" if that depends on its settings and on which
axis is time (a convolution keeps the frames that its kernel reaches back to, a sum over time does not stream);
else the reason why it never does. A writer's column has "yes" where a function writes the operator; some forms
of it may still be refused, with what to do instead. A NeuralNetwork is written by way of MIL operations: "yes"
if all that the function can emit have a layer, "some" if some have.

| operator | streams | ONNX | ML Program | NeuralNetwork | PyTorch | RTNeural |
|---|---|---|---|---|---|---|
"""
READING = """
## What is read as it
Each cell has the foreign operators whose translators can emit the operator, those first that emit the fewest
others ({shown} of them, then a number). It is found by following the source of each translator with its
operator's name known (`docs/generating/naming.py`), so it has all that a translator can name, in whatever form
its operator comes; steps that all translators share to turn or reshape an operand are left out. ONNX operators
without a translator, and forms that a translator declines, are read by ONNX's own definition of them. "complex
x" is ATen's x on complex numbers.

| operator | {readers} |
|---|{rules}|
"""
SILENT = """
## Read without a node
Constants, results that are known when the file is read, what has no meaning here, and what is refused with a reason:

| format | operators |
|---|---|
"""


def page() -> str:
    """The page."""
    names = module_names("modelparity.ops")
    found = {label: foreign(label) for label in READERS}
    rows = [row(name, streams(name), *(writes(name) for writes in WRITERS.values())) for name in names]
    count = {label: len({one for each in by.values() for one in each}) for label, by in found.items()}
    total = {label: len(READERS[label][0]()) for label in READERS}
    heads = [f"{label} ({total[label]})" for label in READERS]
    silent = {label: total[label] - count[label] for label in READERS}
    text = HEAD.format(operators=len(names)) + "".join(rows)
    text += READING.format(shown=SHOWN, readers=" | ".join(heads), rules="|".join("---" for _ in heads))
    text += "".join(row(name, *(cell(found[label].get(name, [])) for label in READERS)) for name in names)
    text += SILENT
    for label in READERS:
        if silent[label]:
            there = {one for each in found[label].values() for one in each}
            text += row(
                label,
                ", ".join(f"`{shown(one)}`" for one in READERS[label][0]() if one not in there),
                code=False,
            )
    return text


def row(first: str, *cells: str, code: bool = True) -> str:
    return f"| {f'`{first}`' if code else first} | {' | '.join(cells)} |\n"


def streams(name: str) -> str:
    """Whether an operator runs block by block."""
    found = operator.find(name).streaming
    if isinstance(found, operator.Never):
        return f"no: {found.reason}"
    return "yes" if found is operator.framewise else "some"


def foreign(label: str) -> dict[str, list[str]]:
    """{operator of the engine: foreign operators read as it}, those first that are read as the fewest."""
    translators, own = READERS[label]
    names = module_names("modelparity.ops")
    each = {one: named(translate, own(one), names) for one, translate in translators().items()}
    ordered = sorted(each, key=lambda one: (len(each[one]), one))
    return {name: [one for one in ordered if name in each[one]] for name in names}


def cell(found: list[str]) -> str:
    """Foreign operators, the first by name."""
    told = ", ".join(f"`{shown(one)}`" for one in found[:SHOWN])
    return f"{told} and {len(found) - SHOWN} more" if len(found) > SHOWN else told


def shown(one: str) -> str:
    """A registry's name as its format has it: ONNX's own domain is not said, nor is ATen."""
    return one.removeprefix(":").replace(":", ".").replace("complex aten.", "complex ").removeprefix("aten.")


def writer(lowerings: Lowerings[Any]) -> Callable[[str], str]:
    """Whether a target has a function for an operator."""

    def writes(name: str) -> str:
        beneath = lowerings.beneath
        return "yes" if name in lowerings.all() else writer(beneath)(name) if beneath else ""

    return writes


@cache
def to_layers(name: str) -> str:
    """Whether what an operator's function emits has layers."""
    if not writer(to_coreml)(name):
        return ""
    kinds = named(to_coreml.all()[name], name, set(mil()), TO_MIL)
    filled = kinds & set(fills.all())
    return "yes" if filled == kinds else "some" if filled else ""


#: Reader -> (its registry, what the operator of a registered name is called within its translator).
READERS: dict[str, tuple[Callable[[], Translators], Callable[[str], str]]] = {
    "ONNX": (onnx, lambda one: one.rpartition(":")[2]),
    "Core ML layer": (layers.all, str),
    "MIL": (mil, str),
    "ATen": (aten.all, lambda one: one.removeprefix("complex ")),
    "RTNeural": (rtneural.all, str),
    "madmom": (madmom.all, str),
}
WRITERS: dict[str, Callable[[str], str]] = {
    "ONNX": writer(to_onnx),
    "ML Program": writer(to_coreml),
    "NeuralNetwork": to_layers,
    "PyTorch": writer(to_torch),
    "RTNeural": writer(to_rtneural),
}
