"""Packages and their weights: what is read, and what is refused before anything is believed."""

from __future__ import annotations

import contextlib
import json
import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

import modelparity as mp
from modelparity.errors import ArtefactError, ModelparityError

pytest.importorskip("coremltools")
MODEL, WEIGHTS = "Data/com.apple.CoreML/model.mlmodel", "Data/com.apple.CoreML/weights/weight.bin"


@pytest.fixture(scope="module")
def sound(tmp_path_factory, save_program) -> Path:
    """A small package with weights."""
    from coremltools.converters.mil import Builder as mb

    weight = np.arange(64, dtype=np.float32).reshape(16, 4)
    return save_program(
        tmp_path_factory.mktemp("sound"), lambda x: mb.linear(x=x, weight=weight, bias=weight[:, 0]), [(1, 4)]
    )


@pytest.fixture
def spoilt(tmp_path, sound) -> Callable[[Callable[[Path], object]], Path]:
    """``spoilt(how)``: a copy of the package that ``how`` has changed."""

    def spoilt(how: Callable[[Path], object]) -> Path:
        path = tmp_path / "spoilt.mlpackage"
        shutil.copytree(sound, path)
        how(path)
        return path

    return spoilt


def manifest(change: Callable[[dict], object]) -> Callable[[Path], None]:
    """A change of the manifest."""

    def how(path: Path) -> None:
        content = json.loads((path / "Manifest.json").read_text())
        change(content)
        (path / "Manifest.json").write_text(json.dumps(content))

    return how


def root(content: dict) -> dict:
    """The manifest's entry of the model."""
    return content["itemInfoEntries"][content["rootModelIdentifier"]]


def test_a_sound_package_is_read_and_runs(sound):
    graph = mp.load(sound)
    weight = np.arange(64.0).reshape(16, 4)
    x = np.ones((1, 4), np.float32)
    (y,) = mp.run(graph, x).values()
    np.testing.assert_array_equal(y, x @ weight.T + weight[:, 0])
    assert graph.source.format == "coreml"
    assert graph.source.sha256 == mp.load(sound).source.sha256
    assert any("op " in node.origin and "linear" in node.origin for node in graph.nodes)


def test_weights_are_mapped_and_not_copied(sound):
    arrays = [a for a in mp.load(sound).constants.values() if a.size >= 16]
    assert arrays
    for array in arrays:
        base = array
        while isinstance(base.base, np.ndarray):
            base = base.base
        assert isinstance(base, np.memmap)


def test_the_hash_follows_every_byte(spoilt, sound):
    def nudge(path: Path) -> None:
        data = bytearray((path / WEIGHTS).read_bytes())
        data[128] ^= 1
        (path / WEIGHTS).write_bytes(data)

    assert mp.load(spoilt(nudge)).source.sha256 != mp.load(sound).source.sha256


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda c: root(c).update(path="../../outside.mlmodel"), "outside the package"),
        (lambda c: root(c).update(path="/etc/hostname"), "outside the package"),
        (lambda c: root(c).update(path="a\0b"), "outside the package"),
        (lambda c: root(c).update(path="com.apple.CoreML/none.mlmodel"), "is missing"),
        (lambda c: root(c).update(path=7), "names no model"),
        (lambda c: c.update(rootModelIdentifier="none"), "names no model"),
        (lambda c: c.update(rootModelIdentifier=[1]), "names no model"),
        (lambda c: c.pop("itemInfoEntries"), "lists no items"),
        (lambda c: c["itemInfoEntries"].update(other={"path": "../../x"}), "outside the package"),
        (lambda c: c.update(fileFormatVersion="2.0.0"), "another version"),
    ],
)
def test_a_manifest_that_lies_is_refused(spoilt, change, what):
    with pytest.raises(ArtefactError, match=what):
        mp.load(spoilt(manifest(change)))


@pytest.mark.parametrize(
    ("how", "what"),
    [
        (lambda path: (path / "Manifest.json").write_text("{"), "no JSON"),
        (lambda path: (path / "Manifest.json").write_text("[" * 100_000), "no JSON"),
        (lambda path: (path / "Manifest.json").write_text("[]"), "lists no items"),
        (lambda path: (path / "Manifest.json").write_text(" " * (2 << 20)), "too large"),
        (lambda path: (path / "Manifest.json").unlink(), "manifest"),
        (lambda path: (path / MODEL).write_bytes((path / MODEL).read_bytes()[:-7]), "truncated"),
        (lambda path: (path / MODEL).write_bytes(b""), "no specification version"),
        (lambda path: (path / MODEL).write_bytes(b"\x08\x06"), "holds nothing"),
        (lambda path: (path / MODEL).write_bytes(b"\xff" * 99), "not a Core ML model"),
        (lambda path: (path / WEIGHTS).unlink(), "is missing"),
        (lambda path: (path / WEIGHTS).write_bytes(b""), "truncated"),
        (lambda path: (path / WEIGHTS).write_bytes(bytes(64)), "another version"),
        (lambda path: (path / WEIGHTS).write_bytes((path / WEIGHTS).read_bytes()[:64]), "beyond"),
        (lambda path: (path / WEIGHTS).write_bytes((path / WEIGHTS).read_bytes()[:140]), "does not fit"),
    ],
)
def test_damage_is_named(spoilt, how, what):
    with pytest.raises(ArtefactError, match=what):
        mp.load(spoilt(how))


def test_links_out_of_the_package_are_refused(spoilt, tmp_path):
    def link(path: Path) -> None:
        shutil.move(path / WEIGHTS, tmp_path / "weight.bin")
        (path / WEIGHTS).symlink_to(tmp_path / "weight.bin")

    with pytest.raises(ArtefactError, match="outside the package"):
        mp.load(spoilt(link))


def metadata(place: int, value: bytes) -> Callable[[Path], None]:
    """A change of the first blob's metadata."""

    def how(path: Path) -> None:
        data = bytearray((path / WEIGHTS).read_bytes())
        data[64 + place : 64 + place + len(value)] = value
        (path / WEIGHTS).write_bytes(data)

    return how


@pytest.mark.parametrize(
    ("place", "value", "what"),
    [
        (0, b"\0\0\0\0", "is no blob"),
        (4, struct.pack("<I", 1), "another type"),
        (4, struct.pack("<I", 999), "another type"),
        (8, struct.pack("<Q", 1 << 62), "does not fit"),
        (8, struct.pack("<Q", 8), "do not fill its shape"),
        (16, struct.pack("<Q", (1 << 64) - 1), "does not fit"),
    ],
)
def test_blobs_that_lie_are_refused(spoilt, place, value, what):
    with pytest.raises(ArtefactError, match=what):
        mp.load(spoilt(metadata(place, value)))


def test_a_newer_specification_is_refused(spoilt):
    def newer(path: Path) -> None:
        data = (path / MODEL).read_bytes()
        assert data[0] == 0x08
        (path / MODEL).write_bytes(data[:1] + b"\x63" + data[2:])

    with pytest.raises(ArtefactError, match="newer than this reader"):
        mp.load(spoilt(newer))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_flipped_bytes_are_errors_or_other_models_and_nothing_else(tmp_path, sound, data):
    path = tmp_path / "flipped.mlpackage"
    shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(sound, path)
    target = path / data.draw(st.sampled_from([MODEL, WEIGHTS]))
    content = bytearray(target.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    target.write_bytes(content)
    with contextlib.suppress(ModelparityError):
        mp.run(mp.load(path), np.ones((1, 4), np.float32))
