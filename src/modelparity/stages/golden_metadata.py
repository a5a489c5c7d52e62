"""The metadata entry of a pipeline's golden, as types; docs/schemas/pipeline_golden.json is made from them."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from ..goldens.metadata import FloorSummary, TensorSummary


class StageSummary(TypedDict):
    """A stage: what it is, from which recorded ones next before it it follows, and what it gave.

    ``tensors`` {tensor: the type that the original keeps} of numbers, ``networks`` {member: start of its hash}; of a
    decoder ``gives`` (its kind, with what makes it), ``value``, and ``runs``: results of perturbed activations
    that differ from it.
    """

    name: str
    kind: str
    takes: list[str]
    given: bool
    tensors: NotRequired[dict[str, str]]
    networks: NotRequired[dict[str, str]]
    gives: NotRequired[dict[str, Any]]
    value: NotRequired[Any]
    runs: NotRequired[list[Any]]


class Provenance(TypedDict):
    """What recorded it: version of this form, revision of the engine, versions."""

    spec: int
    engine: int
    numpy: str
    created_by: str


class PipelineEntry(TypedDict):
    """The metadata entry ``modelparity pipeline``; ``ways`` lists the precisions whose floors the file holds too."""

    pipeline: str
    settings: dict[str, Any]
    chosen: dict[str, Any]
    beside: dict[str, Any]
    stages: list[StageSummary]
    floor: FloorSummary
    ways: list[str]
    provenance: Provenance
    tensors: dict[str, TensorSummary]
    seal: str


#: Versions of the form that are read; the last is written.
SPECS = (1,)
#: What a decoder's entry has, and what one of numbers may have.
DECODED, NUMBERS = {"gives", "value", "runs"}, {"tensors", "networks"}
ALWAYS = {"name", "kind", "takes", "given"}


def problem(entry: Any) -> str | None:
    """What is wrong with an entry whose seal and version fit, or None."""
    if set(entry) != set(PipelineEntry.__annotations__):
        return "unexpected or missing keys"
    if any(not isinstance(entry[key], dict) for key in ("settings", "chosen", "beside", "floor", "tensors")):
        return "settings, floor or tensors are no table"
    if not isinstance(entry["pipeline"], str) or not isinstance(entry["stages"], list):
        return "no pipeline with stages"
    if entry["ways"] != sorted(set(map(str, entry["ways"]))):
        return "ways are no precisions"
    about = entry["provenance"]
    kinds = {"spec": int, "engine": int, "numpy": str, "created_by": str}
    if set(about) != set(kinds) or any(type(about[key]) is not kind for key, kind in kinds.items()):
        return "provenance"
    if set(entry["floor"]) != set(FloorSummary.__annotations__):
        return "floor"
    names: list[str] = []
    for one in entry["stages"]:
        if not _is_stage(one, names):
            return f"stage {len(names) + 1} is not described as one"
        names.append(one["name"])
    return None


def _is_stage(one: Any, earlier: list[str]) -> bool:
    if not isinstance(one, dict) or not set(one) >= ALWAYS:
        return False
    rest = set(one) - ALWAYS
    if rest != DECODED and not (rest <= NUMBERS and "tensors" in rest):
        return False
    texts = isinstance(one["name"], str) and isinstance(one["kind"], str) and one["name"] not in earlier
    if not texts or type(one["given"]) is not bool or not isinstance(one["takes"], list):
        return False
    if any(name not in earlier for name in one["takes"]):
        return False
    if rest == DECODED:
        gives = one["gives"]
        return (
            isinstance(gives, dict) and isinstance(gives.get("kind"), str) and isinstance(one["runs"], list)
        )
    tables = [one[key] for key in rest]
    return all(
        isinstance(table, dict) and all(isinstance(value, str) for value in table.values())
        for table in tables
    )
