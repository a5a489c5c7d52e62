"""The file: safetensors with one metadata entry, sorted JSON, that vouches for every other byte.

Tensors are ``input/<name>``, ``output/<name>`` and ``floor/<name>``, and ``half/...`` where there are `terms`.
The entry ``modelparity`` holds the provenance, the floor's summary, the digests of the weights, type, shape and
SHA-256 of each tensor, and a seal: the SHA-256 of the entry without it. The seal guards against accidents, not
against forgery.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
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

#: Names of the metadata entry: of one network's golden, and of a pipeline's (`stages.golden_file`).
ENTRY, PIPELINE = "modelparity", "modelparity pipeline"
#: What reads a file with that entry.
READERS = {ENTRY: "mp.Golden.load", PIPELINE: "modelparity.stages.PipelineGolden.load"}
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
    entry["seal"] = seal(entry)
    return bytes(safetensors.numpy.save(tensors, metadata={ENTRY: as_json(entry)}))


def read(path: Path) -> Record:
    """Read and verify a file. Raises `GoldenError` naming the place."""
    return decode(bounded(path), where=path)


def bounded(path: Path) -> bytes:
    """The bytes of a file, no more than a golden may have. Raises `GoldenError`."""
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise GoldenError(
                "too large for a golden", where=path, found=size, expected=f"{MOST_BYTES} or less"
            )
        return path.read_bytes()
    except OSError as error:
        raise GoldenError(
            "not readable",
            where=path,
            found=error.strerror or error,
            fix="record it with mp.golden(graph).save(path) or modelparity golden",
        ) from error


def decode(data: bytes, *, where: object = "golden") -> Record:
    """The golden that ``data`` holds, every byte accounted for. Raises `GoldenError` naming the place."""
    tensors, entry = opened(data, where)
    _check_entry(entry, where)
    expect_described(tensors, entry["tensors"], where)
    parts: dict[str, dict[str, Array]] = {"input": {}, "output": {}, "floor": {}}
    for name, array in sorted(tensors.items()):
        kind, _, key = name.partition("/")
        if kind == "half" and "terms" in entry:
            continue
        if kind not in parts or not key:
            refuse(f"unknown tensor {name!r}", where)
        parts[kind][key] = array
    outputs, floors, about = parts["output"], parts["floor"], entry["floor"]
    fits = {name: (a.shape, np.dtype(np.float64)) for name, a in outputs.items()}
    if fits != {name: (a.shape, a.dtype) for name, a in floors.items()}:
        refuse("floors do not fit the outputs", where)
    if (floor := floor_from(about, floors, entry["provenance"]["spec"])) is None:
        refuse("the summary of the floor does not fit the floor", where)
    terms = terms_from(entry["terms"], tensors, outputs) if "terms" in entry else None
    if isinstance(terms, str):
        refuse(f"damaged metadata: terms: {terms}", where)
    return Record(parts["input"], outputs, floor, entry["provenance"], entry["weights"], terms)


def expect_described(tensors: Mapping[str, Array], described: Mapping[str, Any], where: object) -> None:
    """Raise `GoldenError` unless these are the tensors of which the metadata speak, byte by byte."""
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


def seal(entry: Mapping[str, Any]) -> str:
    """The SHA-256 of a metadata entry without its seal."""
    return hashlib.sha256(as_json({k: v for k, v in entry.items() if k != "seal"}).encode()).hexdigest()


def opened(data: bytes, where: object, named: str = ENTRY) -> tuple[dict[str, Array], Any]:
    """Tensors, as the safetensors library reads and bounds them, and the parsed metadata entry of that name."""
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
        refuse("the header is not as the safetensors library writes it", where)
    metadata = header.get("__metadata__")
    if not isinstance(metadata, dict) or set(metadata) != {named}:
        found = sorted(metadata) if isinstance(metadata, dict) else []
        raise GoldenError(
            "metadata is not that of a golden" + ("" if named == ENTRY else " of a pipeline"),
            where=where,
            found=found or "none",
            expected=[named],
            fix=f"read it with {READERS[found[0]]}" if found and found[0] in READERS else None,
        )
    try:
        entry = json.loads(metadata[named])
        canonical = as_json(entry) == metadata[named]
    except (ValueError, RecursionError) as error:
        raise GoldenError("damaged metadata", where=where, found=f"{error!s:.200}") from error
    if not canonical:
        refuse("damaged metadata: not sorted, compact JSON", where)
    return tensors, entry


def expect_sealed(entry: Any, specs: Collection[int], where: object) -> Any:
    """The provenance of an entry of one of these versions whose seal fits; raises `GoldenError` for others.

    The version comes first, for another one may seal and arrange things its own way.
    """
    record = entry.get("provenance") if isinstance(entry, dict) else None
    spec = record.get("spec") if isinstance(record, dict) else None
    if type(spec) is not int or spec not in specs:
        raise GoldenError(
            "written by another version of the golden format",
            where=where,
            found=f"version {spec!r:.20}",
            expected=f"version {' or '.join(map(str, specs))}",
            fix="record it anew, or use the modelparity that wrote it",
        )
    if entry.get("seal") != seal(entry):
        refuse("the metadata has changed since it was written: its seal does not fit", where)
    return record


def _check_entry(entry: Any, where: object) -> None:
    """Version and seal, then content."""
    record = expect_sealed(entry, SPECS, where)
    spec = record["spec"]
    if set(entry) - {"terms"} != {"provenance", "floor", "weights", "tensors", "seal"}:
        refuse(f"unexpected or missing metadata: {sorted(entry)}", where)
    if reason := problem(record):
        refuse(f"provenance: {reason}", where)
    weights, floor, tensors = entry["weights"], entry["floor"], entry["tensors"]
    if not (isinstance(weights, dict) and all(isinstance(v, str) for v in weights.values())):
        refuse("damaged metadata: weights", where)
    if not isinstance(tensors, dict):
        refuse("damaged metadata: tensors", where)
    if not isinstance(floor, dict) or set(floor) != FLOOR | ({"method"} if spec != 1 else set()):
        refuse("damaged metadata: floor", where)
    if spec != 1 and (type(floor["method"]) is not int or floor["method"] < 1):
        refuse("damaged metadata: method of the floor", where)
    if floor["precision"] not in ULP:
        refuse("damaged metadata: precision of the floor", where)
    if type(floor["runs"]) is not int or floor["conditioning"] not in ("well", "ill"):
        refuse("damaged metadata: runs or conditioning of the floor", where)
    try:
        {name: float(value) for name, value in floor["spread"].items()}
    except (AttributeError, TypeError, ValueError):
        refuse("damaged metadata: spread of the floor", where)


def refuse(what: str, where: object) -> NoReturn:
    """Raise `GoldenError` for a file that is damaged."""
    raise GoldenError(what, where=where, fix="restore the file, or record it anew")
