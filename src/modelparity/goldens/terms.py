"""On what terms a candidate is judged where the reference itself is not at hand: on a phone, say.

A golden's outputs and floor tell rounding from a fault. What they do not tell, and a judge needs: in which order
and type the reference declares its outputs, which of them are states that a candidate may keep to itself, and
what half precision would do, so that it can be told from a fault as well.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ..describe.output_types import FLOATS, output_types
from ..errors import GraphError
from ..graph import Array
from ..verdict.reduced import with_rounded_weights
from ..verdict.reference import Reference

#: The half precisions that goldens speak of, as `verdict.reduced` does.
PRECISIONS = ("float16", "bfloat16")


@dataclass(frozen=True)
class Half:
    """What one half precision does to the outputs.

    ``weights``: the float64 outputs of the network whose weights are rounded to it; ``floor``: the floor at it.
    Both {output: float64 array, or whole numbers, of the output's shape}.
    """

    weights: Mapping[str, Array]
    floor: Mapping[str, Array]


@dataclass(frozen=True)
class Terms:
    """``types`` {output: declared element type, ``None`` for whole numbers} in the reference's order; ``states``
    {input: output that becomes its next value}; ``halves`` {precision: `Half`}."""

    types: Mapping[str, str | None]
    states: Mapping[str, str]
    halves: Mapping[str, Half]

    def __post_init__(self) -> None:
        for field in ("types", "states", "halves"):
            object.__setattr__(self, field, MappingProxyType(dict(getattr(self, field))))

    def summary(self) -> dict[str, Any]:
        """Plain data for the golden's metadata; the arrays are tensors of the file."""
        return {
            "outputs": [[name, declared] for name, declared in self.types.items()],
            "states": dict(self.states),
            "halves": sorted(self.halves),
        }

    def tensors(self) -> dict[str, Array]:
        """``half/<precision>/<weights or floor>/<output>`` of every array."""
        return {
            f"half/{precision}/{part}/{name}": array
            for precision, half in sorted(self.halves.items())
            for part in ("floor", "weights")
            for name, array in sorted(getattr(half, part).items())
        }


def terms_of(reference: Reference) -> Terms:
    """The terms of a reference on its input; runs it at half precisions, as far as it runs at them."""
    graph = reference.graph
    declared = output_types(graph)
    halves = {}
    for precision in PRECISIONS:
        with contextlib.suppress(GraphError):  # as where indices are computed from weights
            rounded = with_rounded_weights(reference, precision)
            halves[precision] = Half(dict(rounded), dict(reference.floor(precision).outputs))
    return Terms({name: declared.get(name) for name in graph.outputs}, graph.states, halves)


def terms_from(about: Any, tensors: Mapping[str, Array], outputs: Mapping[str, Array]) -> Terms | str:
    """The terms of that summary and those tensors by their names in the file, or what is wrong with them."""
    if not isinstance(about, dict) or set(about) != {"outputs", "states", "halves"}:
        return "unexpected or missing keys"
    listed, states, precisions = about["outputs"], about["states"], about["halves"]
    if not isinstance(listed, list) or not all(_is_typed(item) for item in listed):
        return "outputs are not names with their types"
    if sorted(name for name, _ in listed) != sorted(outputs):
        return "outputs are not those of the golden"
    if not isinstance(states, dict) or not all(isinstance(s, str) and s in outputs for s in states.values()):
        return "states are not inputs with their outputs"
    if (
        not isinstance(precisions, list)
        or any(p not in PRECISIONS for p in precisions)
        or precisions != sorted(set(precisions))
    ):
        return "halves are not precisions"
    halves = {}
    for precision in precisions:
        parts = [
            {name: tensors.get(f"half/{precision}/{part}/{name}") for name in outputs}
            for part in ("weights", "floor")
        ]
        for found, one_type in zip(parts, (False, True), strict=True):
            for name, array in found.items():
                like = outputs[name]
                kind = "float64" if one_type else like.dtype.name
                if array is None or array.shape != like.shape or array.dtype.name != kind:
                    return f"what {precision} does to {name!r} does not fit the output"
        halves[precision] = Half(*parts)  # type: ignore[arg-type]  # none is None any more
    terms = Terms(dict(listed), states, halves)
    if set(terms.tensors()) != {name for name in tensors if name.startswith("half/")}:
        return "tensors of half precision that nothing speaks of"
    return terms


def _is_typed(item: Any) -> bool:
    if not isinstance(item, list) or len(item) != 2 or not isinstance(item[0], str):
        return False
    return item[1] is None or item[1] in FLOATS
