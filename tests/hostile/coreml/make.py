"""Make the hostile Core ML files in this folder: ``python tests/hostile/coreml/make.py``.

Each says something that cannot be, or asks for what no machine has. What reading (or, where the name starts with
``run``, running) each must answer stands in ``expected.toml``.
"""

from __future__ import annotations

import json
import shutil
import struct
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from messages import MODEL, X, blob, const, op, program, relu
from networks import NETWORKS
from programs import KINDS, PROGRAMS

HERE = Path(__file__).parent
ROOT, WEIGHTS = "com.apple.CoreML/model.mlmodel", "com.apple.CoreML/weights/weight.bin"
FLOAT32 = 2
#: A package's parts: path -> bytes.
Package = dict[str, bytes]


def packed(model: Any) -> bytes:
    """The bytes of a message."""
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def weights(
    sentinel: int = 0xDEADBEEF, kind: int = FLOAT32, size: int = 24, start: int = 128, version: int = 2
) -> bytes:
    """A weights file of one blob of six floats."""
    blob = struct.pack("<IIQQQ32x", sentinel, kind, size % (1 << 64), start % (1 << 64), 0)
    return struct.pack("<II56x", 1, version) + blob + struct.pack("<6f", *range(6))


def items(**paths: Any) -> dict[str, Any]:
    """Items of a manifest."""
    return {
        name: {"author": "nobody", "description": "", "name": name, "path": path}
        for name, path in paths.items()
    }


def package(
    manifest: Any = None,
    *,
    model: bytes | None = None,
    weight: bytes | None = None,
    offset: int = 64,
    **more: Any,
) -> Package:
    """A package around a program that adds a constant from the weights file."""
    manifest = {} if manifest is None else manifest
    if isinstance(manifest, dict):
        usual = {
            "fileFormatVersion": "1.0.0",
            "itemInfoEntries": items(model=ROOT),
            "rootModelIdentifier": "model",
        }
        manifest = json.dumps({**usual, **manifest}).encode()
    held = blob(offset, more.pop("kind", "fp32"), 2, 3, **more)
    plain = program([const("c", held), op("add", {"y": X}, x="x", y="c")])
    made = {"Manifest.json": manifest, f"Data/{ROOT}": packed(plain) if model is None else model}
    if weight != b"none":
        made[f"Data/{WEIGHTS}"] = weights() if weight is None else weight
    return made


SOUND = packed(program([relu()]))
PACKAGES: dict[str, Package] = {
    "manifest_no_json": package(b"{"),
    "manifest_empty": package(b""),
    "manifest_a_list": package(b"[]"),
    "manifest_deep": package(b"[" * 20_000),
    "manifest_not_text": package(b"\xff\xfe\x00"),
    "manifest_without_items": package({"itemInfoEntries": None}),
    "manifest_of_version_2": package({"fileFormatVersion": "2.0.0"}),
    "manifest_without_version": package({"fileFormatVersion": 1}),
    "manifest_without_root": package({"rootModelIdentifier": None}),
    "manifest_of_another_root": package({"rootModelIdentifier": "other"}),
    "manifest_root_without_path": package({"itemInfoEntries": {"model": {"name": "model"}}}),
    "manifest_root_of_dots": package({"itemInfoEntries": items(model="../../../../../etc/hostname")}),
    "manifest_root_absolute": package({"itemInfoEntries": items(model="/etc/hostname")}),
    "manifest_root_of_nulls": package({"itemInfoEntries": items(model="a\0b")}),
    "manifest_root_long": package({"itemInfoEntries": items(model="a/" * 3000)}),
    "manifest_root_missing": package({"itemInfoEntries": items(model="com.apple.CoreML/none.mlmodel")}),
    "manifest_root_a_folder": package({"itemInfoEntries": items(model="com.apple.CoreML")}),
    "manifest_item_of_dots": package({"itemInfoEntries": items(model=ROOT, other="../../x")}),
    "manifest_item_without_path": package({"itemInfoEntries": {**items(model=ROOT), "other": 7}}),
    "model_empty": package(model=b""),
    "model_truncated_early": package(model=SOUND[:3]),
    "model_truncated": package(model=SOUND[: len(SOUND) // 2]),
    "model_truncated_late": package(model=SOUND[:-1]),
    "model_of_zeros": package(model=bytes(64)),
    "weights_missing": package(weight=b"none"),
    "weights_empty": package(weight=b""),
    "weights_of_version_1": package(weight=weights(version=1)),
    "weights_cut_in_the_header": package(weight=weights()[:40]),
    "weights_cut_before_the_blob": package(weight=weights()[:64]),
    "weights_cut_in_the_metadata": package(weight=weights()[:100]),
    "weights_cut_in_the_data": package(weight=weights()[:-1]),
    "weights_offset_beyond": package(offset=1 << 20),
    "weights_offset_beyond_2_63": package(offset=(1 << 63) + 64),
    "weights_offset_at_the_end_of_all": package(offset=(1 << 64) - 1),
    "weights_offset_in_the_header": package(offset=0),
    "weights_offset_between": package(offset=65),
    "weights_without_sentinel": package(weight=weights(sentinel=0xBEEFDEAD)),
    "weights_of_another_type": package(kind="fp16"),
    "weights_of_unknown_type": package(weight=weights(kind=999)),
    "weights_size_short": package(weight=weights(size=20)),
    "weights_size_large": package(weight=weights(size=1 << 62)),
    "weights_size_negative": package(weight=weights(size=-24)),
    "weights_data_beyond": package(weight=weights(start=1 << 40)),
    "weights_data_over_the_header": package(weight=weights(start=0)),
    "weights_data_over_their_metadata": package(weight=weights(start=80)),
    "weights_elsewhere": package(name="weights/weight.bin"),
    "weights_outside": package(name="@model_path/../../../../etc/hostname"),
    "weights_of_no_name": package(name=""),
    "weights_a_folder": package(name="@model_path/weights"),
}


def unknown_field() -> bytes:
    """A description with a field from the future."""
    model = MODEL.Model.FromString(SOUND)
    model.description.MergeFromString(b"\xa2\x38\x01x")
    return packed(model)


#: Files that are no Core ML, whatever they are called.
OTHERS: dict[str, bytes] = {
    "empty": b"",
    "zeros": bytes(100),
    "random_bytes": bytes((n * 167 + n // 7 * 91 + 13) % 256 for n in range(400)),
    "really_a_pickle": b"\x80\x02cposix\nsystem\nU\x04trueq\x01\x85q\x02Rq\x03.",
    "really_onnx": b'\x08\x08\x12\x07pytorch\x1a\x051.8.0:\x1c\n\x0f\n\x01x\x12\x01y"\x04ReluZ\t\n\x01x',
    "really_text": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n",
    "really_a_zip": b"PK\x03\x04" + bytes(60),
    "truncated_in_a_number": b"\x08\x88",
    "truncated_after_the_version": b"\x08\x08\x12",
    "truncated_in_the_description": SOUND[:12],
    "length_beyond_the_file": b"\x08\x08\x12\xff\xff\xff\xff\x0f" + bytes(16),
    "groups_without_end": b"\x08\x08\x12" + b"\x0b" * 5000,
    "nested_without_end": b"\x08\x08\x12\x00" + b"\xb2\x1f\xff\x7f" * 4000,
    "field_of_the_future": unknown_field(),
    "kind_of_the_future": packed(MODEL.Model(specificationVersion=8)) + b"\x12\x00\xa2\xbb\x01\x00",
}
FILES: dict[str, bytes] = {
    **OTHERS,
    **{name: packed(model) for name, model in {**PROGRAMS, **KINDS, **NETWORKS}.items()},
}


def main() -> None:
    """Write them all anew."""
    for old in HERE.glob("*.mlpackage"):
        shutil.rmtree(old)
    for old in HERE.glob("*.mlmodel"):
        old.unlink()
    for name, data in FILES.items():
        (HERE / f"{name}.mlmodel").write_bytes(data)
    for name, parts in PACKAGES.items():
        for part, data in parts.items():
            path = HERE / f"{name}.mlpackage" / part
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    total = sum(map(len, FILES.values())) + sum(
        len(data) for parts in PACKAGES.values() for data in parts.values()
    )
    print(len(FILES), "files,", len(PACKAGES), "packages,", total, "bytes")


if __name__ == "__main__":
    main()
