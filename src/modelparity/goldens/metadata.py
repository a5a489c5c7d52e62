"""The form of a golden's metadata entry, as types; docs/schemas/golden.json is made from them."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict


class FloorSummary(TypedDict):
    """The floor without its arrays: per output the spread and the maximum, as text, so that infinity has a place.

    ``method`` is the way it was measured; files of version 1 leave it out, theirs is the first.
    """

    precision: Literal["float64", "float32", "float16", "bfloat16"]
    method: NotRequired[int]
    runs: int
    conditioning: Literal["well", "ill"]
    spread: dict[str, str]
    maximum: dict[str, str]


class TensorSummary(TypedDict):
    """A tensor of the file: its type as numpy names it, its shape, and the SHA-256 of its bytes."""

    dtype: str
    shape: list[int]
    sha256: str


class TermsSummary(TypedDict):
    """What a judge without the network must know.

    ``outputs`` are pairs of a name and its declared type (none for whole numbers), in the reference's order;
    ``states`` {input: output that becomes its next value}; ``halves`` the half precisions that were run.
    """

    outputs: list[list[str | None]]
    states: dict[str, str]
    halves: list[Literal["bfloat16", "float16"]]


class Entry(TypedDict):
    """The metadata entry ``modelparity``; ``provenance`` is described by `provenance.FIELDS`."""

    provenance: dict[str, Any]
    floor: FloorSummary
    weights: dict[str, str]
    tensors: dict[str, TensorSummary]
    terms: NotRequired[TermsSummary]
    seal: str


#: What the summary of a floor says, whatever the version.
FLOOR = set(FloorSummary.__annotations__) - {"method"}
