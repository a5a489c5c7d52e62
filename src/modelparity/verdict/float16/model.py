"""What was found of a network in float16, as data, as a table and as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from ...describe.text_table import layout
from ..message import multiple

#: The largest number that float16 holds, and the smallest that it holds with all its bits.
LARGEST, NORMAL = 65504.0, 2.0**-14


@dataclass(frozen=True)
class TensorRange:
    """One tensor of floats: what makes it, and its magnitudes.

    ``largest`` is that of its finite values, ``smallest`` that of those above zero (0 if there is none); ``headroom``
    is log2(65504 / largest), in bits, below zero where float16 does not hold it; ``below`` is the share of its values
    above zero that lie under 2^-14, where float16 loses bits, and where many processors have 0.
    """

    name: str
    node: str
    op: str
    origin: str
    largest: float
    smallest: float
    headroom: float
    below: float


@dataclass(frozen=True)
class Kept:
    """A node to keep in float32, and where it stands in its file."""

    node: str
    op: str
    origin: str = ""

    def __str__(self) -> str:
        return f"{self.op} {self.node!r}" + (f" ({self.origin})" if self.origin else "")


@dataclass(frozen=True)
class Float16Ranges:
    """How a network fares in float16 on one input.

    Args:
        model: its name.
        tensors: every tensor of floats that is computed or given, in order, weights not among them.
        over: the first node whose result float16 does not hold, though the truth is finite; None if there is none.
        inside: whether the node's own result would be held, so that something inside it overflows.
        under: the first node whose values under 2^-14 matter: made 0, they move an output beyond the floor.
        weights: weights that float16 does not hold.
        before: how far the outputs are off with everything in float16, in floors of float16; infinite where they are
            not finite.
        after: likewise, with ``keep`` in float32; None where nothing needs to be kept, or nothing was found.
        keep: the fewest nodes, none of which may be left out, that must stay in float32; () if none must.
        passes: whether it is within the floor of float16, with those in float32.
        lines: {converter: the line that asks it for that}.
        note: why there is no more.
        inputs: what it was asked on.
    """

    model: str
    tensors: tuple[TensorRange, ...]
    over: Kept | None = None
    inside: bool = False
    under: Kept | None = None
    weights: tuple[str, ...] = ()
    before: float = 0.0
    after: float | None = None
    keep: tuple[Kept, ...] = ()
    passes: bool = True
    lines: dict[str, str] = field(default_factory=dict)
    note: str = ""
    inputs: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain data for `json.dumps`; infinities as the string "inf"."""
        found: dict[str, Any] = _plain(asdict(self))
        return found

    def __str__(self) -> str:
        rows = [["tensor", "made by", "largest", "smallest", "headroom (bits)", "below 2^-14"]]
        for one in self.tensors:
            small = f"{one.below:.1%}" if one.below else "-"
            bits = f"{one.headroom:.1f}" if one.largest else "-"
            rows.append(
                [one.name, one.op or "input", f"{one.largest:.3g}", f"{one.smallest:.3g}", bits, small]
            )
        return "\n".join([*layout(rows), "", *self.describe()])

    def __repr__(self) -> str:
        return str(self)

    def describe(self) -> tuple[str, ...]:
        """What a person needs to know, in sentences."""
        lines = []
        if self.weights:
            lines.append(f"weights beyond 65,504: {', '.join(self.weights)}")
        if self.over is not None:
            what = "something inside it" if self.inside else "its result"
            lines.append(f"the first operator beyond 65,504 is {self.over}: {what}")
        if self.under is not None:
            lines.append(f"the first operator whose values below 2^-14 matter is {self.under}")
        if self.passes and not self.keep:
            lines.append(f"everything may be float16: the outputs are off by {_half(self.before)}")
        elif self.keep:
            lines.append(f"everything in float16 is off by {_half(self.before)}")
            lines.append(f"with {len(self.keep)} in float32 it is off by {_half(self.after or 0.0)}:")
            lines += [f"  {one}" for one in self.keep]
            lines += [f"{name}: {line}" for name, line in self.lines.items()]
        else:
            lines.append(f"everything in float16 is off by {_half(self.before)}")
        return (*lines, *([self.note] if self.note else ()))


def _half(floors: float) -> str:
    return multiple(floors).replace("rounding", "float16's rounding")


def _plain(value: Any) -> Any:
    if isinstance(value, float) and abs(value) == float("inf"):
        return "inf" if value > 0 else "-inf"
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
