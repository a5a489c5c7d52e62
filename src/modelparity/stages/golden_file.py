"""The file of a pipeline's golden: safetensors with one metadata entry that vouches for every other byte.

Tensors are ``given/<tensor>`` (as the stages read it), ``truth/<tensor>`` (float64, or whole numbers),
``floor/<tensor>`` and ``way/<precision>/<tensor>`` (float32, rounded up). `golden_metadata` has the entry. The
file is read as those of networks are: sizes first, then seal, then every byte (`goldens.safetensors_file`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import safetensors.numpy

from ..errors import GoldenError
from ..goldens.safetensors_file import (
    PIPELINE,
    as_json,
    describe,
    expect_described,
    expect_sealed,
    floor_from,
    floor_summary,
    opened,
    refuse,
    seal,
)
from ..graph import Array
from .decoded import Decoded
from .golden_metadata import SPECS, problem
from .golden_record import KINDS, OWN, PipelineRecord, RecordedStage

#: What tensors of the file are called before the stroke.
GROUPS = ("given", "truth", "floor", "way")


def encode(record: PipelineRecord) -> bytes:
    """The record as the bytes of its file; the same record gives the same bytes."""
    tensors = {f"given/{name}": np.asarray(array, order="C") for name, array in record.given.items()}
    tensors |= {f"truth/{name}": np.asarray(array, order="C") for name, array in record.truth.items()}
    tensors |= {f"floor/{name}": _narrow(array) for name, array in record.floors.outputs.items()}
    for way, floors in record.ways.items():
        tensors |= {f"way/{way}/{name}": _narrow(array) for name, array in floors.items()}
    tensors = dict(sorted(tensors.items()))
    entry: dict[str, Any] = {
        "pipeline": record.pipeline,
        "settings": dict(record.settings),
        "chosen": dict(record.chosen),
        "beside": dict(record.beside),
        "stages": [_summary(one) for one in record.stages],
        "floor": floor_summary(record.floors),
        "ways": sorted(record.ways),
        "provenance": dict(record.provenance),
        "tensors": {name: describe(array) for name, array in tensors.items()},
    }
    try:
        entry["seal"] = seal(entry)
    except (TypeError, ValueError) as error:
        raise GoldenError(
            "a setting or a decoder's value has no form in JSON", where=record.pipeline, found=error
        ) from error
    return bytes(safetensors.numpy.save(tensors, metadata={PIPELINE: as_json(entry)}))


def decode(data: bytes, *, where: object = "golden") -> PipelineRecord:
    """The record that ``data`` holds, every byte accounted for. Raises `GoldenError` naming the place."""
    tensors, entry = opened(data, where, PIPELINE)
    expect_sealed(entry, SPECS, where)
    try:
        found = problem(entry)
    except (TypeError, KeyError, AttributeError):
        found = "not of the form of a pipeline's golden"
    if found:
        refuse(f"damaged metadata: {found}", where)
    expect_described(tensors, entry["tensors"], where)
    stages = tuple(_stage(one, where) for one in entry["stages"])
    parts = _parted(tensors, entry["ways"], where)
    given = {name for one in stages if one.given and one.tensors for name in one.tensors}
    computed = {name for one in stages if not one.given and one.tensors for name in one.tensors}
    if set(parts["given"]) != given or set(parts["truth"]) != computed:
        refuse("tensors are not those of the stages", where)
    floors = {name: array.astype(np.float64) for name, array in parts["floor"].items()}
    ways = {way: {name: a.astype(np.float64) for name, a in parts[way].items()} for way in entry["ways"]}
    truth = parts["truth"]
    if any(array.dtype.kind not in "iub" and array.dtype != np.float64 for array in truth.values()):
        refuse("values are not float64", where)
    shapes = {name: array.shape for name, array in truth.items()}
    narrow = [parts["floor"], *(parts[way] for way in entry["ways"])]
    if set(floors) != computed or any(
        name not in shapes or array.shape != shapes[name] or array.dtype != np.float32
        for group in narrow
        for name, array in group.items()
    ):
        refuse("floors do not fit the values", where)
    try:
        floor = floor_from(entry["floor"], floors)
    except (TypeError, ValueError, AttributeError):
        floor = None
    if floor is None:
        refuse("the summary of the floor does not fit the floor", where)
    return PipelineRecord(
        entry["pipeline"],
        entry["settings"],
        entry["chosen"],
        entry["beside"],
        stages,
        parts["given"],
        truth,
        floor,
        ways,
        entry["provenance"],
    )


def _narrow(array: Array) -> Array:
    """A floor of the record, which float32 holds."""
    return np.asarray(array, np.float32, order="C")


def _summary(stage: RecordedStage) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": stage.name,
        "kind": stage.kind,
        "takes": list(stage.takes),
        "given": stage.given,
    }
    if stage.tensors is not None:
        found["tensors"] = dict(stage.tensors)
        if stage.networks is not None:
            found["networks"] = dict(stage.networks)
        return found
    return found | {"gives": told(stage.gives), "value": stage.value, "runs": list(stage.runs)}


def told(gives: Decoded | None) -> dict[str, Any]:
    """A kind of results by name, with what it is made of."""
    name = next((name for name, kind in KINDS.items() if type(gives) is kind), OWN)
    return {"kind": name, **(asdict(gives) if name != OWN else {})}  # type: ignore[call-overload]


def _stage(one: Mapping[str, Any], where: object) -> RecordedStage:
    plain = (one["name"], one["kind"], tuple(one["takes"]), one["given"])
    if "tensors" in one:
        return RecordedStage(*plain, tensors=one["tensors"], networks=one.get("networks"))
    rest = {key: value for key, value in one["gives"].items() if key != "kind"}
    kind = one["gives"]["kind"]
    gives = None
    if kind != OWN:
        fields = {"tolerance": float, "word": str}
        if kind not in KINDS or any(type(value) is not fields.get(key) for key, value in rest.items()):
            refuse(f"damaged metadata: what stage {one['name']!r} gives", where)
        try:
            gives = KINDS[kind](**rest)
        except TypeError:
            refuse(f"damaged metadata: what stage {one['name']!r} gives", where)
    return RecordedStage(*plain, gives=gives, value=one["value"], runs=tuple(one["runs"]))


def _parted(tensors: Mapping[str, Array], ways: list[str], where: object) -> dict[str, dict[str, Array]]:
    """{group or way: {tensor: array}}."""
    parts: dict[str, dict[str, Array]] = {name: {} for name in (*GROUPS[:3], *ways)}
    for name, array in sorted(tensors.items()):
        group, _, key = name.partition("/")
        if group == GROUPS[3]:
            group, _, key = key.partition("/")
            if group not in ways:
                refuse(f"unknown tensor {name!r}", where)
        elif group not in GROUPS:
            refuse(f"unknown tensor {name!r}", where)
        if not key:
            refuse(f"unknown tensor {name!r}", where)
        parts[group][key] = array
    return parts
