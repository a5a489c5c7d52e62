"""A .pt2 archive: a program that `torch.export.save` wrote, its weights mapped from the file.

The archive is a zip. What PyTorch is given is a new archive, of the vetted description and of weights without
content; no pickle of the file is ever opened, and weights are read from the file where they stand.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import mmap
import re
import struct
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.export import ExportedProgram

from ....errors import ArtefactError
from ....graph import Array, Graph, Source
from .aten_call import reads
from .program import graph_of
from .tracing import decomposed, quiet
from .vetting import DOTTED, Vetting, parsed

#: Bytes of JSON, and files in an archive, beyond which it is taken for hostile.
LARGEST_TEXT, MOST_FILES = 1 << 28, 200_000
#: Element types by their number in the archive; bfloat16 is widened when it is read.
ELEMENTS = {
    1: "u1",
    2: "i1",
    3: "<i2",
    4: "<i4",
    5: "<i8",
    6: "<f2",
    7: "<f4",
    8: "<f8",
    10: "<c8",
    11: "<c16",
    12: "?",
    13: "<u2",
    28: "<u2",
    34: "<u4",
    35: "<u8",
}
BFLOAT16 = 13
PAYLOAD = re.compile(r"(weight|tensor)_\d{1,9}\Z", re.ASCII)


class Archive:
    """The zip, its entries by their path below the only folder at its root."""

    def __init__(self, path: Path) -> None:
        self.path, self.where = path, str(path)
        try:
            with path.open("rb") as file:
                self.data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
            self._zip = zipfile.ZipFile(path)
        except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError) as error:
            raise ArtefactError(
                "not an archive that can be read",
                where=path,
                found=error,
                expected="what torch.export.save wrote",
                fix="download or export it again",
            ) from error
        found = self._zip.infolist()
        if len(found) > MOST_FILES:
            raise ArtefactError("too many files in the archive", where=path, found=len(found))
        self.entries: dict[str, zipfile.ZipInfo] = {}
        roots = {one.filename.partition("/")[0] for one in found}
        for one in found:
            name = one.filename.partition("/")[2]
            if name in self.entries or len(roots) != 1:
                raise ArtefactError(
                    "files of one name, or several roots", where=path, found=one.filename[:120]
                )
            self.entries[name] = one

    def file(self, name: str) -> memoryview:
        """A file of the archive, where it stands."""
        if name not in self.entries:
            raise ArtefactError(
                f"the archive lacks {name!r}", where=self.where, fix="save it again: torch.export.save"
            )
        one = self.entries[name]
        if one.compress_type != zipfile.ZIP_STORED or one.flag_bits & 1:
            raise ArtefactError(
                "a packed or encrypted file in the archive", where=self.where, found=name[:120]
            )
        head = self.data[one.header_offset : one.header_offset + 30]
        if len(head) < 30 or head[:4].tobytes() != b"PK\x03\x04":
            raise ArtefactError("a damaged archive", where=self.where, found=name)
        start = one.header_offset + 30 + sum(struct.unpack("<HH", head[26:30]))
        if start + one.file_size > len(self.data):
            raise ArtefactError("a truncated archive", where=self.where, found=name)
        return self.data[start : start + one.file_size]

    def text(self, name: str) -> bytes:
        """A small file of the archive."""
        data = self.file(name)
        if len(data) > LARGEST_TEXT:
            raise ArtefactError(
                "a description of absurd size", where=self.where, found=f"{len(data):,} bytes"
            )
        return bytes(data)

    def only_program(self) -> str:
        """The name of the program. Raises `ArtefactError` for other archives of PyTorch's, saying what they are."""
        names = [one[7:-5] for one in self.entries if one.startswith("models/") and one.endswith(".json")]
        if any(one.startswith("data/aotinductor") for one in self.entries):
            raise ArtefactError(
                "a compiled model: it holds machine code instead of a program",
                where=self.where,
                fix="save the program",
            )
        if "constants.pkl" in self.entries or any(one.startswith("code/") for one in self.entries):
            raise ArtefactError(
                "a TorchScript archive: loading one runs code that it brings, with operators that open files",
                where=self.where,
                fix="if you trust it: mp.load(torch.jit.load(path), example=x); better, export the module anew",
            )
        if "data.pkl" in self.entries:
            raise ArtefactError(
                "a pickle of weights, which says nothing of what is computed",
                where=self.where,
                fix="build the module, module.load_state_dict(torch.load(path, weights_only=True)), and give it",
            )
        if len(names) != 1 or not DOTTED.match(names[0]):
            raise ArtefactError("not one program", where=self.where, found=", ".join(names)[:200] or "none")
        if bytes(self.text("archive_version")) != b"0" or bytes(self.text("byteorder")) != b"little":
            raise ArtefactError("an archive of another version or byte order", where=self.where)
        return names[0]


def read(path: Path, *, example: Any = None, dynamic_shapes: Any = None) -> Graph:
    """The graph of the program in a .pt2 archive; ``dynamic_shapes`` may name its free axes.

    Raises `ArtefactError` for an archive that is damaged, hostile, or holds something else.
    """
    if example is not None:
        raise ArtefactError("an archive needs no example", where=path, fix="leave example out")
    archive = Archive(path)
    program, arrays = _opened(archive)
    digest = hashlib.sha256(archive.data).hexdigest()
    return graph_of(
        decomposed(program, archive.where),
        path.stem,
        dynamic_shapes=dynamic_shapes,
        arrays=arrays,
        source=Source("torch", archive.where, digest),
    )


def program(path: Path) -> ExportedProgram:
    """The program itself, with its weights, to be run by PyTorch. Raises as `read` does."""
    made, arrays = _opened(Archive(path))
    with torch.no_grad():
        for key, tensor in {**made.constants, **made.state_dict}.items():
            tensor.copy_(torch.from_numpy(np.array(arrays[key])).reshape(tensor.shape))
    return made


def _opened(archive: Archive) -> tuple[ExportedProgram, dict[str, Array]]:
    """The program with weights that have no content yet, and their content by name."""
    name = archive.only_program()
    description = Vetting(archive.where, _known).program(archive.text(f"models/{name}.json"))
    configs = {kind: _config(archive, kind, name) for kind in ("weights", "constants")}
    arrays = {
        key: _array(archive, kind, key, meta)
        for kind, config in configs.items()
        for key, meta in config.items()
    }
    return _loaded(archive, description, configs), arrays


def _known(packet: str, overload: str) -> bool:
    """Whether an operator of ATen is read, or taken apart by PyTorch; an in-place one, if its other form is."""
    known = getattr(torch.ops.aten, packet, None)
    if not isinstance(known, torch._ops.OpOverloadPacket) or overload not in known.overloads():  # type: ignore[no-untyped-call]
        return False
    plain = packet[:-1] if packet.endswith("_") and not packet.endswith("__") else packet
    names = {f"{kind}aten.{name}" for kind in ("", "complex ") for name in (plain, f"{plain}.{overload}")}
    if names & set(reads.all()):
        return True
    return plain in _taken_apart() or bool(getattr(known, overload)._can_decompose())


@cache
def _taken_apart() -> frozenset[str]:
    return frozenset(op._opname for op in torch.export.default_decompositions())


def _config(archive: Archive, kind: str, name: str) -> dict[str, Any]:
    """What the archive says of its weights, vetted: {name: {path_name, is_param, tensor_meta}}."""
    where = f"{archive.where}, {kind}"
    if f"data/{kind}/{name}.pt" in archive.entries:
        raise ArtefactError(
            "weights as a pickle", where=where, fix="load and save it again with PyTorch 2.8 or newer"
        )
    config = parsed(archive.text(f"data/{kind}/{name}_{kind}_config.json"), where).get("config")
    if not isinstance(config, dict):
        raise ArtefactError("no list of weights", where=where)
    for key, meta in config.items():
        legal = isinstance(meta, dict) and isinstance(meta.get("path_name"), str) and DOTTED.match(key)
        if not legal or not PAYLOAD.match(meta["path_name"]) or meta.get("use_pickle") is not False:
            raise ArtefactError(
                "a weight that is no plain tensor; nothing of the file was executed",
                where=where,
                found=key[:120],
            )
    return config


def _array(archive: Archive, kind: str, key: str, meta: dict[str, Any]) -> Array:
    """A weight as a view of the mapped file."""
    where = f"{archive.where}, {key}"
    data = archive.file(f"data/{kind}/{meta['path_name']}")
    tensor: Any = meta.get("tensor_meta")
    try:
        sizes, strides = ([one["as_int"] for one in tensor[part]] for part in ("sizes", "strides"))
        offset, element = tensor["storage_offset"]["as_int"], ELEMENTS[tensor["dtype"]]
        numbers = [*sizes, *strides, offset]
        legal = tensor["layout"] == 7 and len(sizes) == len(strides) <= 32
        if not legal or not all(type(one) is int and 0 <= one < 1 << 48 for one in numbers):
            raise ValueError
    except (KeyError, TypeError, ValueError):
        raise ArtefactError(
            "a weight whose type, place or bytes are not valid", where=where, found=str(tensor)[:200]
        ) from None
    flat = np.frombuffer(data, element, count=len(data) // np.dtype(element).itemsize)
    last = offset + sum((n - 1) * step for n, step in zip(sizes, strides, strict=True))
    if math.prod(sizes) == 0:
        return np.zeros(sizes, flat.dtype)
    if last >= len(flat) or math.prod(sizes) > len(flat):
        raise ArtefactError("a weight reaches beyond its bytes", where=where, found=f"{sizes} by {strides}")
    steps = [step * flat.itemsize for step in strides]
    array = np.lib.stride_tricks.as_strided(flat[offset:], sizes, steps, writeable=False)
    if tensor["dtype"] == BFLOAT16:
        return (array.astype(np.uint32) << 16).view(np.float32)
    return array


def _loaded(archive: Archive, description: dict[str, Any], configs: dict[str, Any]) -> ExportedProgram:
    """PyTorch's own loader on a new archive of what was vetted, in which weights have no content."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as made:
        for kind, config in configs.items():
            plain = {}
            for place, (key, meta) in enumerate(config.items()):
                stem = "weight" if kind == "weights" else "tensor"
                made.writestr(f"vetted/data/{kind}/{stem}_{place}", b"")
                plain[key] = {
                    "path_name": f"{stem}_{place}",
                    "is_param": bool(meta.get("is_param")),
                    "use_pickle": False,
                    "tensor_meta": _contiguous(meta["tensor_meta"]),
                }
            made.writestr(f"vetted/data/{kind}/model_{kind}_config.json", json.dumps({"config": plain}))
        made.writestr("vetted/models/model.json", json.dumps(description))
        made.writestr("vetted/data/sample_inputs/model.pt", b"")
        for key, text in (("archive_format", "pt2"), ("archive_version", "0"), (".data/version", "6\n")):
            made.writestr(f"vetted/{key}", text)
        made.writestr("vetted/byteorder", "little")
    buffer.seek(0)
    try:
        with quiet():
            program: ExportedProgram = torch.export.load(buffer)
        return program
    except Exception as error:  # whatever a program that is none makes PyTorch stumble over
        raise ArtefactError(
            f"PyTorch cannot load this program: {str(error)[:300]}", where=archive.where, fix="save it again"
        ) from error


def _contiguous(meta: dict[str, Any]) -> dict[str, Any]:
    sizes = [one["as_int"] for one in meta["sizes"]]
    steps = [math.prod(max(n, 1) for n in sizes[at + 1 :]) for at in range(len(sizes))]
    return {
        "dtype": meta["dtype"],
        "sizes": meta["sizes"],
        "strides": [{"as_int": step} for step in steps],
        "requires_grad": False,
        "device": {"type": "cpu", "index": None},
        "storage_offset": {"as_int": 0},
        "layout": 7,
    }
