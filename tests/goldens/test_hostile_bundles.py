"""Bundles that are damaged or mean harm: each is refused, and nothing is read that the manifest does not say."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from modelparity import Golden
from modelparity.errors import GoldenError
from modelparity.goldens import bundle, unbundle
from modelparity.goldens.portable import reading
from modelparity.goldens.safetensors_file import as_json, encode


def changed(gold: Golden, where: Path, change: Any) -> Path:
    """A bundle whose manifest and files ``change`` has altered, sealed again."""
    with zipfile.ZipFile(bundle([gold], where)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files["manifest.json"])
    manifest.pop("seal")
    change(manifest, files)
    manifest["seal"] = reading.seal(manifest)
    files["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(where, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return where


def file(manifest: dict[str, Any]) -> str:
    name: str = manifest["cases"][0]["file"]
    return name


def listed(manifest: dict[str, Any]) -> dict[str, Any]:
    about: dict[str, Any] = manifest["files"][file(manifest)]
    return about


def replaced(manifest: dict[str, Any], files: dict[str, bytes], data: bytes) -> None:
    """Another golden file, which the manifest vouches for."""
    files[file(manifest)] = data
    listed(manifest).update(bytes=len(data), sha256=hashlib.sha256(data).hexdigest())


def header(manifest: dict[str, Any], files: dict[str, bytes], change: Any) -> None:
    """The golden's header altered by ``change``, and vouched for."""
    data = files[file(manifest)]
    length = int.from_bytes(data[:8], "little")
    head = json.loads(data[8 : 8 + length])
    change(head)
    text = json.dumps(head, separators=(",", ":")).encode()
    replaced(manifest, files, len(text).to_bytes(8, "little") + text + data[8 + length :])


def entry(manifest: dict[str, Any], files: dict[str, bytes], change: Any) -> None:
    """The golden's metadata altered by ``change``, sealed and vouched for."""

    def seal_anew(head: dict[str, Any]) -> None:
        about = json.loads(head["__metadata__"]["modelparity"])
        about.pop("seal")
        change(about)
        about["seal"] = hashlib.sha256(as_json(about).encode()).hexdigest()
        head["__metadata__"]["modelparity"] = as_json(about)

    header(manifest, files, seal_anew)


def test_a_bundle_packed_anew_by_another_tool_is_read(gold: Golden, tmp_path: Path) -> None:
    back = unbundle(changed(gold, tmp_path / "b.zip", lambda manifest, files: None))
    assert encode(back["small/dense"][0]) == encode(gold)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m, f: f.update({"../evil.py": b"x"}), "leads out"),
        (lambda m, f: f.update({"a\\..\\evil.py": b"x"}), "leads out"),
        (lambda m, f: f.update({"/etc/evil": b"x"}), "leads out"),
        (lambda m, f: m["cases"][0].update(file="../../etc/passwd"), "is not the name"),
        (lambda m, f: m["cases"][0].update(file="goldens/../../etc/passwd"), "is not the name"),
        (lambda m, f: m["cases"][0].update(file="/etc/passwd"), "is not the name"),
        (lambda m, f: m["cases"][0].update(file=["a"]), "is not the name"),
        (
            lambda m, f: m["cases"][0].update(file="goldens/none.safetensors"),
            "is not the name of a file in it",
        ),
        (lambda m, f: f.pop(file(m)), "is missing"),
        (lambda m, f: listed(m).update(bytes=2**40), "would have"),
        (lambda m, f: listed(m).update(bytes=-1), "would have"),
        (lambda m, f: listed(m).update(bytes="1"), "would have"),
        (lambda m, f: listed(m).update(bytes=listed(m)["bytes"] + 1), "has changed"),
        (lambda m, f: m["files"].update({file(m): ["float32"]}), "damaged bundle"),
        (lambda m, f: f.update({file(m): b"\0" * 10_000_000}), "larger than the manifest says"),
        (lambda m, f: f.update({file(m): b"\0" * 100}), "has changed"),
        (lambda m, f: replaced(m, f, b""), "cut short"),
        (lambda m, f: replaced(m, f, b"\xff" * 9), "cut short"),
        (lambda m, f: replaced(m, f, bytes(8) + b"x"), "damaged bundle"),
        (lambda m, f: replaced(m, f, f[file(m)] + b"x"), "belong to no tensor"),
        (lambda m, f: replaced(m, f, f[file(m)][:-1]), "does not fit its place"),
        (
            lambda m, f: header(m, f, lambda h: h["output/y"].update(shape=[2**40, 2])),
            "does not fit its place",
        ),
        (lambda m, f: header(m, f, lambda h: h["output/y"].update(shape=[-6, -2])), "that is not valid"),
        (
            lambda m, f: header(m, f, lambda h: [h[n].update(shape=[2, 6]) for n in ("output/y", "floor/y")]),
            "tensor 'floor/y' has changed",
        ),
        (lambda m, f: header(m, f, lambda h: h["output/y"].update(dtype="F32")), "does not fit its place"),
        (lambda m, f: header(m, f, lambda h: h["output/y"].update(dtype="object")), "that is not valid"),
        (lambda m, f: header(m, f, lambda h: h["output/y"].update(dtype=["F32"])), "damaged bundle"),
        (
            lambda m, f: header(m, f, lambda h: h["output/y"].update(data_offsets=[0, 96])),
            "does not fit its place",
        ),
        (
            lambda m, f: header(m, f, lambda h: h["output/y"].update(data_offsets=[2**70, 2**71])),
            "does not fit",
        ),
        (lambda m, f: header(m, f, lambda h: h.pop("__metadata__")), "damaged bundle"),
        (lambda m, f: header(m, f, lambda h: h.update({"other/y": h.pop("output/y")})), "damaged bundle"),
        (lambda m, f: header(m, f, lambda h: h.update({"output/z": h.pop("output/y")})), "has no floor"),
        (lambda m, f: m.update(spec=1), "version 2"),
        (lambda m, f: m.pop("cases"), "damaged"),
        (lambda m, f: m.update(cases=3), "damaged"),
        (lambda m, f: header(m, f, lambda h: h.update({"input/q": h.pop("floor/y")})), "has no floor"),
        (lambda m, f: entry(m, f, lambda e: e["provenance"].pop("seed")), "provenance"),
        (lambda m, f: entry(m, f, lambda e: e["floor"].update(maximum={})), "summary of the floor"),
        (lambda m, f: entry(m, f, lambda e: e.pop("weights")), "unexpected or missing metadata"),
        (lambda m, f: entry(m, f, lambda e: e["floor"].update(spread=1)), "damaged"),
        (lambda m, f: entry(m, f, lambda e: e["floor"].update(runs=8.0)), "damaged"),
        (lambda m, f: entry(m, f, lambda e: e.update(terms=3)), "damaged"),
    ],
)
def test_bundles_that_mean_harm(gold: Golden, tmp_path: Path, change: Any, message: str) -> None:
    with pytest.raises(GoldenError, match=message):
        unbundle(changed(gold, tmp_path / "b.zip", change))


def test_every_byte_of_manifest_and_arrays_counts(gold: Golden, tmp_path: Path) -> None:
    where = bundle([gold], tmp_path / "b")
    stored = [item.relative_to(where).as_posix() for item in (where / "goldens").rglob("*.safetensors")]
    assert stored
    for name in ["manifest.json", *stored]:
        data = (where / name).read_bytes()
        for place in range(0, len(data), 7):
            # Space and line break between values of the manifest mean nothing; all else does.
            if name == "manifest.json" and data[place : place + 1].isspace():
                continue
            (where / name).write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
            with pytest.raises(GoldenError):
                unbundle(where)
        (where / name).write_bytes(data)
    unbundle(where)


def test_links_are_not_followed(gold: Golden, tmp_path: Path) -> None:
    where = bundle([gold], tmp_path / "b")
    stored = next((where / "goldens").rglob("*.safetensors"))
    stored.rename(tmp_path / "elsewhere")
    stored.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(GoldenError, match="no plain file"):
        unbundle(where)


def test_what_is_no_bundle(tmp_path: Path) -> None:
    (tmp_path / "b.zip").write_bytes(b"PK\3\4 not really")
    with pytest.raises(GoldenError, match="not a bundle"):
        unbundle(tmp_path / "b.zip")
    with pytest.raises(GoldenError, match="not a bundle"):
        unbundle(tmp_path / "absent.zip")
    with pytest.raises(GoldenError, match="missing"):
        unbundle(tmp_path)
