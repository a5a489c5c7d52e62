"""Arrays of other programs: plain numbers are read, and files that lie, are cut short or hold objects are refused."""

from __future__ import annotations

import contextlib
import pickle
import struct
import zipfile

import numpy as np
import pytest
import safetensors.numpy

from modelparity.errors import InputError
from modelparity.exchange import arrays

ARRAY = np.arange(12, dtype=np.float32).reshape(3, 4)


@pytest.mark.parametrize("suffix", ["npz", "safetensors"])
def test_several_arrays_come_back_by_name(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    arrays.write(path, {"one": ARRAY, "two": ARRAY.T})
    found = arrays.read(path)
    assert set(found) == {"one", "two"}
    np.testing.assert_array_equal(found["two"], ARRAY.T)


@pytest.mark.parametrize("array", [ARRAY, ARRAY.T, np.zeros((0, 3)), np.float64(1), np.array(["C:maj"])])
def test_one_array_comes_back(tmp_path, array):
    arrays.write(tmp_path / "a.npy", array)
    found = arrays.read(tmp_path / "a.npy")[""]
    assert found.dtype == np.asarray(array).dtype
    np.testing.assert_array_equal(found, array)


def test_compressed_archives_are_read(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", x=ARRAY)
    np.testing.assert_array_equal(arrays.read(tmp_path / "a.npz")["x"], ARRAY)


def test_nothing_is_unpickled(tmp_path):
    np.save(tmp_path / "a.npy", np.array([{}], object), allow_pickle=True)
    with pytest.raises(InputError, match="Python objects"):
        arrays.read(tmp_path / "a.npy")
    np.savez(tmp_path / "a.npz", x=np.array([{}], object))
    with pytest.raises(InputError, match="Python objects"):
        arrays.read(tmp_path / "a.npz")
    (tmp_path / "b.npy").write_bytes(pickle.dumps([1]))
    with pytest.raises(InputError, match="not readable as arrays"):
        arrays.read(tmp_path / "b.npy")


def header(shape: str, size: int = 16) -> bytes:
    text = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + bytes(size)


@pytest.mark.parametrize("shape", ["(1000000000000,)", "(3,)", "(-1,)", "(4294967296, 4294967296)"])
def test_headers_that_lie_allocate_nothing(tmp_path, shape):
    (tmp_path / "a.npy").write_bytes(header(shape))
    with pytest.raises(InputError):
        arrays.read(tmp_path / "a.npy")
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", header(shape))
    with pytest.raises(InputError):
        arrays.read(tmp_path / "a.npz")


def test_an_archive_that_unpacks_to_too_much_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(arrays, "MOST", 1 << 16)
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros(1 << 16))
    with pytest.raises(InputError, match="more than is read"):
        arrays.read(tmp_path / "a.npz")
    np.save(tmp_path / "a.npy", np.zeros(1 << 16))
    with pytest.raises(InputError):
        arrays.read(tmp_path / "a.npy")
    safetensors.numpy.save_file({"x": np.zeros(1 << 16)}, tmp_path / "a.safetensors")
    with pytest.raises(InputError, match="more than is read"):
        arrays.read(tmp_path / "a.safetensors")


@pytest.mark.parametrize("suffix", ["npy", "npz", "safetensors"])
def test_every_cut_is_an_error_and_so_is_whatever_else_stands_there(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    arrays.write(path, ARRAY if suffix == "npy" else {"x": ARRAY})
    data = path.read_bytes()
    for cut in range(0, len(data), 19):
        path.write_bytes(data[:cut])
        with pytest.raises(InputError):
            arrays.read(path)
    rng = np.random.default_rng(0)
    for _ in range(60):
        spoilt = bytearray(data)
        spoilt[rng.integers(len(data))] = rng.integers(256)
        path.write_bytes(spoilt)
        with contextlib.suppress(InputError):
            arrays.read(path)


def test_other_files_are_refused(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        arrays.read(tmp_path / "a.npy")
    (tmp_path / "a.mat").write_bytes(b"x")
    with pytest.raises(InputError, match="not a file of arrays"):
        arrays.read(tmp_path / "a.mat")
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("notes.txt", "x")
    with pytest.raises(InputError, match="not an archive of arrays"):
        arrays.read(tmp_path / "a.npz")
