"""Read a bundle of goldens: its manifest, then each golden, every byte verified. Needs numpy only.

A golden is a file in the safetensors format: eight bytes with the length of the header, the header (JSON: for each
tensor its type, shape and place), and the tensors' bytes. Nothing is read whose size the manifest does not say.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from pathlib import Path
from typing import Any, Callable, Mapping  # noqa: UP035 - old Pythons run this too

import numpy as np

FORMAT, SPEC = "modelparity bundle", 2
#: No file is larger; one that says otherwise is not read.
MOST_BYTES = 1 << 30
#: A name in a bundle: plain segments, none of which leads elsewhere.
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*(/[A-Za-z0-9_][A-Za-z0-9_.+-]*)*")
TYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "|i1",
    "U64": "<u8",
    "U32": "<u4",
    "U16": "<u2",
    "U8": "|u1",
    "BOOL": "|b1",
}

#: (name of a file in the bundle, most bytes) -> its bytes.
Reader = Callable[[str, int], bytes]


class BundleError(Exception):
    """The bundle is damaged, of another version, or not a bundle."""


class Case:
    """One recorded case: `id`, `model`, `inputs`, `outputs` (float64), `floors`, `dtypes` and `limit`.

    ``data`` is the golden's file as it stands.
    """

    def __init__(self, record: Mapping[str, Any], limit: float, data: bytes) -> None:
        self.id, self.model, self.limit, self.data = (
            str(record["id"]),
            str(record["model"]),
            float(limit),
            data,
        )
        tensors, metadata = parse(data, self.id)
        about = json.loads(metadata["modelparity"])
        self.provenance = about["provenance"]
        groups: dict[str, dict[str, Any]] = {"input": {}, "output": {}, "floor": {}, "half": {}}
        for name, array in tensors.items():
            group, _, key = name.partition("/")
            groups[group][key] = array
        self.inputs, self.outputs, self.floors = groups["input"], groups["output"], groups["floor"]
        declared = dict(about["terms"]["outputs"]) if "terms" in about else {}
        native = self.provenance["native"]
        self.dtypes = {}
        for name, want in self.outputs.items():
            if name not in self.floors or self.floors[name].shape != want.shape:
                raise BundleError(f"{self.id}: output {name!r} has no floor of its shape")
            own = declared.get(name) or ("float32" if native == "declared" else native)
            own = "float32" if own == "bfloat16" else own  # numpy has none
            self.dtypes[name] = (str(own) if want.dtype.kind == "f" else str(want.dtype),)


def folder(root: Path) -> Reader:
    """Reads files of an unpacked bundle."""

    def read(name: str, most: int) -> bytes:
        path = root / name
        if path.is_symlink() or not path.is_file():
            raise BundleError(f"{path} is missing, or no plain file")
        if path.stat().st_size > most:
            raise BundleError(f"{path} is larger than the manifest says")
        return path.read_bytes()

    return read


def load(read: Reader) -> list[Case]:
    """Every case of a bundle, each byte of manifest and goldens verified. Raises `BundleError`."""
    try:
        manifest = checked(read("manifest.json", MOST_BYTES))
        return [
            Case(record, manifest["limit"], file(manifest, record["file"], read))
            for record in manifest["cases"]
        ]
    except BundleError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BundleError(f"damaged bundle: {error!r:.200}") from error


def checked(data: bytes) -> dict[str, Any]:
    """The manifest in ``data``, its version and its seal verified."""
    manifest: dict[str, Any] = json.loads(data)
    if manifest["format"] != FORMAT or manifest["spec"] != SPEC:
        raise BundleError(f"not a {FORMAT} of version {SPEC}: {manifest['format']!r}, {manifest['spec']!r}")
    if manifest.pop("seal") != seal(manifest):
        raise BundleError("manifest.json has changed since the bundle was made: its seal does not fit")
    return manifest


def file(manifest: Mapping[str, Any], name: str, read: Reader) -> bytes:
    """A file of the bundle, whose size and digest are the manifest's."""
    if not isinstance(name, str) or not NAME.fullmatch(name) or name not in manifest["files"]:
        raise BundleError(f"damaged bundle: {name!r:.80} is not the name of a file in it")
    size, digest = manifest["files"][name]["bytes"], manifest["files"][name]["sha256"]
    if type(size) is not int or not 0 <= size <= MOST_BYTES:
        raise BundleError(f"damaged bundle: {name} would have {size!r:.40} bytes")
    data = read(name, size)
    if len(data) != size or hashlib.sha256(data).hexdigest() != digest:
        raise BundleError(f"{name} has changed since the bundle was made")
    return data


def seal(manifest: Mapping[str, Any]) -> str:
    """SHA-256 over the manifest's content."""
    text = json.dumps(manifest, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def parse(data: bytes, where: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Tensors and metadata of a file in the safetensors format; the tensors cover its data without gap or overlap."""
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > len(data) - 8:
        raise BundleError(f"{where}: cut short: {len(data)} bytes, header of {length}")
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__")
    start, end = 8 + length, 0
    tensors = {}
    for name, about in sorted(header.items(), key=lambda item: tuple(item[1]["data_offsets"])):
        shape, (first, last) = tuple(about["shape"]), about["data_offsets"]
        if about["dtype"] not in TYPES or not all(type(n) is int and n >= 0 for n in (*shape, first, last)):
            raise BundleError(f"{where}: {name!r:.80} has a type, shape or place that is not valid")
        dtype = np.dtype(TYPES[about["dtype"]])
        if first != end or last - first != math.prod(shape) * dtype.itemsize or last > len(data) - start:
            raise BundleError(f"{where}: {name!r:.80} does not fit its place in the file")
        end = last
        array = np.frombuffer(data, dtype, count=math.prod(shape), offset=start + first).reshape(shape)
        tensors[name] = array.astype(dtype.newbyteorder("="))
    if end != len(data) - start:
        raise BundleError(f"{where}: {len(data) - start - end} bytes belong to no tensor")
    return tensors, metadata
