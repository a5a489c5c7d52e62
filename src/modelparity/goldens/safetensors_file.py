"""The file: safetensors with one metadata entry, sorted JSON, that vouches for every other byte.

Tensors are ``input/<name>``, ``output/<name>`` and ``floor/<name>``, and ``half/...`` where there are `terms`.
The entry ``modelparity`` holds the provenance, the floor's summary, the digests of the weights, type, shape and
SHA-256 of each tensor, and a seal: the SHA-256 of the entry without it. The seal guards against accidents, not
against forgery.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import safetensors
import safetensors.numpy

from ..engine.arithmetic import ULP
from ..errors import GoldenError
from ..graph import Array, digest
from ..verdict.floor import Floor
from .metadata import FLOOR
from .provenance import SPEC, SPECS, problem
from .record import Record
from .terms import terms_from

ENTRY = "modelparity"
#: What a golden's file and its header may hold: far more than any real one, far less than a machine.
MOST_BYTES, MOST_HEADER = 1 << 30, 1 << 24


def encode(golden: Record) -> bytes:
    """The golden as the bytes of its file; the same golden gives the same bytes."""
    tensors = _tensors(golden)
    entry: dict[str, Any] = {
        "provenance": dict(golden.provenance),
        "floor": floor_summary(golden.floor, golden.provenance["spec"]),
        "weights": dict(golden.weights),
        "tensors": {name: describe(array) for name, array in tensors.items()},
    }
    if golden.terms is not None:
        entry["terms"] = golden.terms.summary()
    entry["seal"] = _seal(entry)
    return bytes(safetensors.numpy.save(tensors, metadata={ENTRY: as_json(entry)}))


def read(path: Path) -> Record:
    """Read and verify a file. Raises `GoldenError` naming the place."""
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise GoldenError(
                "too large for a golden", where=path, found=size, expected=f"{MOST_BYTES} or less"
            )
        data = path.read_bytes()
    except OSError as error:
        raise GoldenError(
            "not readable",
            where=path,
            found=error.strerror or error,
            fix="record it with mp.golden(graph).save(path) or modelparity golden",
        ) from error
    return decode(data, where=path)


def decode(data: bytes, *, where: object = "golden") -> Record:
    """The golden that ``data`` holds, every byte accounted for. Raises `GoldenError` naming the place."""
    tensors, entry = _opened(data, where)
    _check_entry(entry, where)
    described = entry["tensors"]
    for name in sorted(set(tensors) ^ set(described)):
        what = "is not described by the metadata" if name in tensors else "is missing"
        raise GoldenError(f"tensor {name!r} {what}", where=where)
    for name, array in sorted(tensors.items()):
        if (now := describe(array)) != described[name]:
            raise GoldenError(
                f"tensor {name!r} has changed since it was written",
                where=where,
                found=now,
                expected=described[name],
                fix="restore the file, or record it anew",
            )
    parts: dict[str, dict[str, Array]] = {"input": {}, "output": {}, "floor": {}}
    for name, array in sorted(tensors.items()):
        kind, _, key = name.partition("/")
        if kind == "half" and "terms" in entry:
            continue
        if kind not in parts or not key:
            _refuse(f"unknown tensor {name!r}", where)
        parts[kind][key] = array
    outputs, floors, about = parts["output"], parts["floor"], entry["floor"]
    fits = {name: (a.shape, np.dtype(np.float64)) for name, a in outputs.items()}
    if fits != {name: (a.shape, a.dtype) for name, a in floors.items()}:
        _refuse("floors do not fit the outputs", where)
    if (floor := floor_from(about, floors, entry["provenance"]["spec"])) is None:
        _refuse("the summary of the floor does not fit the floor", where)
    terms = terms_from(entry["terms"], tensors, outputs) if "terms" in entry else None
    if isinstance(terms, str):
        _refuse(f"damaged metadata: terms: {terms}", where)
    return Record(parts["input"], outputs, floor, entry["provenance"], entry["weights"], terms)


def as_json(value: Any) -> str:
    """Sorted, compact, ASCII JSON: one text for one value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def describe(array: Array) -> dict[str, Any]:
    """Type, shape and SHA-256 of an array, for metadata."""
    return {"dtype": array.dtype.name, "shape": list(array.shape), "sha256": digest(array)}


def floor_summary(floor: Floor, spec: int = SPEC) -> dict[str, Any]:
    """The floor without its arrays: their maxima instead. Numbers as text, so that infinity has a place.

    A file of version 1 (``spec``) does not name the method of measuring.
    """
    return {
        **({} if spec == 1 else {"method": floor.method}),
        "precision": floor.precision,
        "runs": floor.runs,
        "conditioning": floor.conditioning,
        "spread": {name: repr(float(value)) for name, value in floor.spread.items()},
        "maximum": {name: repr(float(np.max(a, initial=0.0))) for name, a in floor.outputs.items()},
    }


def floor_from(about: Mapping[str, Any], arrays: Mapping[str, Array], spec: int = SPEC) -> Floor | None:
    """The floor of that summary and these arrays by output; ``None`` if the two do not fit."""
    spread = {name: float(value) for name, value in about["spread"].items()}
    method = 1 if spec == 1 else about["method"]
    floor = Floor(about["precision"], arrays, about["runs"], about["conditioning"], spread, method)
    return floor if floor_summary(floor, spec) == about else None


def _tensors(golden: Record) -> dict[str, Array]:
    groups = {"input": golden.inputs, "output": golden.outputs, "floor": golden.floor.outputs}
    tensors = {
        f"{kind}/{name}": np.asarray(array, order="C")
        for kind, arrays in groups.items()
        for name, array in sorted(arrays.items())
    }
    halves = golden.terms.tensors() if golden.terms else {}
    return tensors | {name: np.asarray(array, order="C") for name, array in halves.items()}


def _seal(entry: Mapping[str, Any]) -> str:
    return hashlib.sha256(as_json({k: v for k, v in entry.items() if k != "seal"}).encode()).hexdigest()


def _opened(data: bytes, where: object) -> tuple[dict[str, Array], Any]:
    """Tensors, as the safetensors library reads and bounds them, and the parsed metadata entry."""
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > min(len(data) - 8, MOST_HEADER):
        raise GoldenError(
            "not a golden, or cut short: its header does not fit the file",
            where=where,
            found=f"{len(data)} bytes, header of {length}",
            fix="restore the file, or record it anew",
        )
    try:
        tensors = safetensors.numpy.load(data)
        raw = data[8 : 8 + length].decode()
        header = json.loads(raw)
    except (safetensors.SafetensorError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise GoldenError(
            "not a golden, or damaged in its header or length",
            where=where,
            found=f"{error!s:.200}",
            fix="restore the file, or record it anew",
        ) from error
    if json.dumps(header, separators=(",", ":"), ensure_ascii=False) != raw.rstrip(" "):
        _refuse("the header is not as the safetensors library writes it", where)
    metadata = header.get("__metadata__")
    if not isinstance(metadata, dict) or set(metadata) != {ENTRY}:
        found = sorted(metadata) if isinstance(metadata, dict) else "none"
        raise GoldenError("metadata is not that of a golden", where=where, found=found, expected=[ENTRY])
    try:
        entry = json.loads(metadata[ENTRY])
        canonical = as_json(entry) == metadata[ENTRY]
    except (ValueError, RecursionError) as error:
        raise GoldenError("damaged metadata", where=where, found=f"{error!s:.200}") from error
    if not canonical:
        _refuse("damaged metadata: not sorted, compact JSON", where)
    return tensors, entry


def _check_entry(entry: Any, where: object) -> None:
    """Version first, for another version may seal and arrange things its own way; then seal; then content."""
    record = entry.get("provenance") if isinstance(entry, dict) else None
    spec = record.get("spec") if isinstance(record, dict) else None
    if type(spec) is not int or spec not in SPECS:
        raise GoldenError(
            "written by another version of the golden format",
            where=where,
            found=f"version {spec!r:.20}",
            expected=f"version {' or '.join(map(str, SPECS))}",
            fix="record it anew, or use the modelparity that wrote it",
        )
    if entry.get("seal") != _seal(entry):
        _refuse("the metadata has changed since it was written: its seal does not fit", where)
    if set(entry) - {"terms"} != {"provenance", "floor", "weights", "tensors", "seal"}:
        _refuse(f"unexpected or missing metadata: {sorted(entry)}", where)
    if reason := problem(record):
        _refuse(f"provenance: {reason}", where)
    weights, floor, tensors = entry["weights"], entry["floor"], entry["tensors"]
    if not (isinstance(weights, dict) and all(isinstance(v, str) for v in weights.values())):
        _refuse("damaged metadata: weights", where)
    if not isinstance(tensors, dict):
        _refuse("damaged metadata: tensors", where)
    if not isinstance(floor, dict) or set(floor) != FLOOR | ({"method"} if spec != 1 else set()):
        _refuse("damaged metadata: floor", where)
    if spec != 1 and (type(floor["method"]) is not int or floor["method"] < 1):
        _refuse("damaged metadata: method of the floor", where)
    if floor["precision"] not in ULP:
        _refuse("damaged metadata: precision of the floor", where)
    if type(floor["runs"]) is not int or floor["conditioning"] not in ("well", "ill"):
        _refuse("damaged metadata: runs or conditioning of the floor", where)
    try:
        {name: float(value) for name, value in floor["spread"].items()}
    except (AttributeError, TypeError, ValueError):
        _refuse("damaged metadata: spread of the floor", where)


def _refuse(what: str, where: object) -> NoReturn:
    raise GoldenError(what, where=where, fix="restore the file, or record it anew")
