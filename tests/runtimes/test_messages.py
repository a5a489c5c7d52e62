"""Messages between a runtime and its process: what is written is read back; what is no message is called so."""

from __future__ import annotations

import io
import json
import struct

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp
from safetensors.numpy import load, save

from modelparity.runtimes._messages import MAGIC, TYPES, Garbage, pack, receive, send


def message(header, data=b"", text=b"{}", size=None):
    """Bytes of a message whose arrays have this header."""
    described = header if isinstance(header, bytes) else json.dumps(header).encode()
    size = 8 + len(described) + len(data) if size is None else size
    return (
        MAGIC
        + struct.pack("<QQQ", len(text), size, len(described))[:16]
        + text
        + struct.pack("<Q", len(described))
        + described
        + data
    )


def entry(dtype="F32", shape=(2,), offsets=(0, 8)):
    return {"x": {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}}


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(
        st.text(max_size=8).filter(lambda name: name != "__metadata__"),
        st.sampled_from(sorted(TYPES.values())).flatmap(
            lambda code: hnp.arrays(
                np.dtype(code), hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
            )
        ),
        max_size=4,
    )
)
def test_arrays_come_back_bit_by_bit(arrays):
    stream = io.BytesIO()
    send(stream, {"do": "it"}, arrays)
    assert stream.getvalue() == pack({"do": "it"}, arrays)
    stream.seek(0)
    told, found = receive(stream)
    assert told == {"do": "it"}
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)
        assert found[name].tobytes() == array.tobytes()
        assert found[name].flags.aligned


def test_the_arrays_are_safetensors_for_who_reads_and_writes_them_elsewhere():
    arrays = {"a": np.arange(6.0).reshape(2, 3), "b": np.array([True]), "c": np.float16([1.5])}
    packed = pack({}, arrays)
    theirs = load(packed[len(MAGIC) + 16 + 2 :])
    assert {name: a.tolist() for name, a in theirs.items()} == {
        name: a.tolist() for name, a in arrays.items()
    }
    data = save(arrays)
    _, found = receive(io.BytesIO(MAGIC + struct.pack("<QQ", 2, len(data)) + b"{}" + data))
    assert {name: a.tolist() for name, a in found.items()} == {name: a.tolist() for name, a in arrays.items()}


@pytest.mark.parametrize(
    "array", [np.arange(12.0).reshape(3, 4).T, np.arange(5.0)[::-1], np.arange(3).astype(">i4")]
)
def test_any_layout_is_written(array):
    _, found = receive(io.BytesIO(pack({}, {"x": array})))
    np.testing.assert_array_equal(found["x"], array)


def test_arrays_that_begin_anywhere_are_read():
    data = b"\1" + np.array([1.5, 2.5]).tobytes()
    header = {
        "flag": {"dtype": "BOOL", "shape": [1], "data_offsets": [0, 1]},
        "x": {"dtype": "F64", "shape": [2], "data_offsets": [1, 17]},
    }
    _, found = receive(io.BytesIO(message(header, data)))
    assert found["x"].tolist() == [1.5, 2.5]
    assert found["x"].flags.aligned


@pytest.mark.parametrize("array", [np.array(["a"]), np.array([None]), np.array([1j]), np.array([1], "M8[s]")])
def test_other_elements_are_refused_by_name(array):
    with pytest.raises(TypeError, match="'x' has elements of type"):
        send(io.BytesIO(), {}, {"x": array})


@pytest.mark.parametrize(
    "spoilt",
    [
        message(entry("F33"), bytes(8)),
        message(entry(offsets=(0, 9)), bytes(8)),
        message(entry(offsets=(4, 0)), bytes(8)),
        message(entry(offsets=(-8, 0)), bytes(8)),
        message(entry(shape=(3,)), bytes(8)),
        message(entry(shape=(-1, -2)), bytes(8)),
        message(entry(shape=(1 << 62, 1 << 62)), bytes(8)),
        message(entry(shape=("2",)), bytes(8)),
        message(entry(offsets=("0", "8")), bytes(8)),
        message(entry(offsets=(0,)), bytes(8)),
        message({"x": 3}, bytes(8)),
        message([], bytes(8)),
        message(b"no JSON", bytes(8)),
        message(b"[" * 100_000, bytes(8)),
        message(entry(), bytes(8), text=b"[]"),
        message(entry(), bytes(8), text=b"\xff\xfe"),
        MAGIC + struct.pack("<QQ", 1 << 60, 0),
        MAGIC + struct.pack("<QQ", 2, 1 << 60) + b"{}",
        MAGIC + struct.pack("<QQ", 2, 8) + b"{}" + struct.pack("<Q", 99),
        b"hello, this is a library that prints",
    ],
)
def test_what_is_no_message_is_garbage(spoilt):
    with pytest.raises((Garbage, EOFError)):
        receive(io.BytesIO(spoilt))


def test_every_cut_ends_it():
    whole = pack({"do": "it"}, {"x": np.arange(3.0)})
    with pytest.raises(EOFError):
        receive(io.BytesIO(b""))
    for end in range(1, len(whole)):
        with pytest.raises((Garbage, EOFError)):
            receive(io.BytesIO(whole[:end]))
