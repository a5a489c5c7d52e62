"""Pickles of every protocol that madmom's models were or could be written with, and of today's Python."""

from __future__ import annotations

import io
import pickle
import sys
import types
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import modelparity as mp
from modelparity.errors import UnsafePickleError
from modelparity.formats.madmom import parse


@pytest.fixture
def madmom(monkeypatch: pytest.MonkeyPatch) -> types.SimpleNamespace:
    """Classes and functions that pickle by madmom's names."""
    names = ("madmom", "madmom.ml", "madmom.ml.nn", "madmom.ml.nn.layers", "madmom.ml.nn.activations")
    modules = {name: types.ModuleType(name) for name in names}
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    made: dict[str, Any] = {}
    for name, home in (("NeuralNetwork", "madmom.ml.nn"), ("FeedForwardLayer", "madmom.ml.nn.layers")):
        made[name] = type(name, (), {"__module__": home})
        setattr(modules[home], name, made[name])

    def tanh(x: Any) -> Any:
        return x

    tanh.__module__, tanh.__qualname__ = "madmom.ml.nn.activations", "tanh"
    modules["madmom.ml.nn.activations"].tanh = tanh  # type: ignore[attr-defined]
    return types.SimpleNamespace(**made, tanh=tanh)


def instance(cls: Any, **state: Any) -> Any:
    made = cls()
    made.__dict__.update(state)
    return made


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("dtype", ["<f4", ">f4", "<f8", "<f2"])
def test_written_by_this_python(protocol: int, dtype: str, madmom: Any) -> None:
    rng = np.random.default_rng(1)
    weights, bias = rng.normal(size=(3, 2)).astype(dtype), rng.normal(size=2).astype(dtype)
    layer = instance(
        madmom.FeedForwardLayer, weights=np.asfortranarray(weights), bias=bias, activation_fn=madmom.tanh
    )
    network = instance(madmom.NeuralNetwork, layers=[layer])
    graph = parse(pickle.dumps(network, protocol), name="now")
    np.testing.assert_array_equal(graph.constants["layer0_dense.weight"], weights)
    assert graph.constants["layer0_dense.bias"].dtype == np.dtype(dtype).newbyteorder("=")
    x = rng.normal(size=(4, 3))
    np.testing.assert_allclose(mp.run(graph, x)["y"], np.tanh(x @ weights.astype(float) + bias), rtol=1e-12)


def test_protocol_5_asks_numpy_for_more_and_is_refused(madmom: Any) -> None:
    layer = instance(
        madmom.FeedForwardLayer, weights=np.ones((3, 2)), bias=np.ones(2), activation_fn=madmom.tanh
    )
    with pytest.raises(UnsafePickleError, match=r"byte array|_frombuffer"):
        parse(pickle.dumps(instance(madmom.NeuralNetwork, layers=[layer]), 5), name="five")


#: Where this numpy keeps what the files call numpy.core.multiarray.
MULTIARRAY = np.ones(1).__reduce__()[0].__module__  # type: ignore[union-attr]


class Lenient(pickle.Unpickler):
    """Python's own unpickler, to compare with on arrays of our own."""

    def find_class(self, module: str, name: str) -> Any:
        return super().find_class(MULTIARRAY if module == "numpy.core.multiarray" else module, name)


@settings(max_examples=40, deadline=None)
@given(
    protocol=st.sampled_from([0, 2]),
    dtype=st.sampled_from(["<f4", "<f8", "<i8", ">f4", "|b1", "<i2"]),
    shape=st.lists(st.integers(1, 4), min_size=1, max_size=4),
    columns=st.booleans(),
    data=st.data(),
)
def test_arrays_are_read_as_python_reads_them(
    write: Any, protocol: int, dtype: str, shape: list[int], columns: bool, data: st.DataObject
) -> None:
    from modelparity.formats.madmom.arrays import finished
    from modelparity.formats.madmom.pickle_sandbox import load

    raw = data.draw(st.binary(min_size=int(np.prod(shape)), max_size=int(np.prod(shape))))
    array = np.array(np.frombuffer(raw, np.uint8).reshape(shape).astype(dtype), order="F" if columns else "C")
    bytes_ = write.dumps([array, {"text": "a'b\"c\\\n\x80\xff"}], protocol)
    mine, (theirs, words) = load(bytes_), Lenient(io.BytesIO(bytes_), encoding="latin1").load()
    got = finished(mine[0], "here")
    np.testing.assert_array_equal(got, theirs)
    np.testing.assert_array_equal(got, array)
    assert got.dtype == np.dtype(dtype).newbyteorder("=")
    assert mine[1] == words
