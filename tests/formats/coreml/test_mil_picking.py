"""MIL operations that pick, write, draw and name classes, in full precision, against numpy."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import GraphError

from .image import IOS15, IOS16, IOS17, X, check

ct = pytest.importorskip("coremltools")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from coremltools.converters.mil import Builder as mb


PLACES = np.array([[1, 0], [-1, 1]], np.int32)
ROW = np.array([1, -1], np.int32)


def test_picking(run_program):
    def build(x, i):
        along = mb.reshape(x=i, shape=[2, 2, 1, 1])
        return (
            mb.gather(x=x, indices=i, axis=-1),
            mb.gather(x=x, indices=np.int32(-1), axis=1),
            mb.gather(x=x, indices=i, axis=1, batch_dims=1),
            mb.gather_nd(x=x, indices=i),
            mb.gather_nd(x=x, indices=i, batch_dims=1),
            mb.gather_along_axis(
                x=mb.slice_by_size(x=x, begin=[0] * 4, size=[2, 4, 1, 1]), indices=along, axis=1
            ),
        )

    batched = np.stack([X[b][PLACES[b]] for b in (0, 1)])
    picked = np.stack([X[b][tuple(PLACES[b])] for b in (0, 1)])
    along = np.take_along_axis(X[:, :, :1, :1], PLACES[:, :, None, None], 1)
    found, _ = run_program(IOS16, build, x=X, i=PLACES)
    check(found, [X[..., PLACES], X[:, -1], batched, np.stack([X[1, 0], X[-1, 1]]), picked, along])


@pytest.mark.parametrize("mode", ["update", "add", "sub", "mul", "div", "max", "min"])
def test_writing(run_program, mode):
    def build(x, i, u):
        rows = mb.gather(x=x, indices=ROW % 2, axis=0)
        return (
            mb.scatter(data=x, indices=i, updates=rows, axis=0, mode=mode),
            mb.scatter_nd(data=x, indices=mb.expand_dims(x=i, axes=[1]), updates=rows, mode=mode),
            mb.scatter_along_axis(
                data=u, indices=i, updates=mb.slice_by_size(x=u, begin=[1], size=[2]), mode=mode
            ),
        )

    rules = {
        "update": lambda a, b: b,
        "add": np.add,
        "sub": np.subtract,
        "mul": np.multiply,
        "div": np.divide,
        "max": np.maximum,
        "min": np.minimum,
    }
    u = np.array([3.0, 5.0, -2.0], np.float32)
    rows, line = X.copy(), u.copy()
    for k, at in enumerate((1, -1)):  # both rows of x go to its second
        rows[at] = rules[mode](rows[at], X[1])
        line[at] = rules[mode](line[at], u[1 + k])
    found, _ = run_program(IOS15, build, x=X, i=ROW, u=u)
    check(found, [rows, rows, line])


def test_indices_outside_since_ios_17(run_program):
    def dropped(x, i):
        return mb.scatter(data=x, indices=i, updates=mb.gather(x=x, indices=[0, 1], axis=0), mode="add")

    found, graph = run_program(IOS17, dropped, x=X, i=ROW)
    check(found, [X + np.stack([X[0] * 0, X[0]])])
    assert mp.run(graph, {"x": X, "i": np.array([0, 7], np.int32)})[graph.outputs[0]].shape == X.shape

    def refused(x, i):
        return mb.gather(x=x, indices=i, axis=0, validate_indices=True)

    with pytest.raises(GraphError, match="index 2 at"):
        run_program(IOS17, refused, x=X, i=ROW * 2)


def test_drawing(run_program):
    def build(shape, p):
        return (
            mb.random_uniform(shape=shape, low=2.0, high=4.0),
            mb.random_uniform(shape=shape, low=2.0, high=4.0),
            mb.random_normal(shape=shape, mean=1.0, stddev=0.5, seed=3),
            mb.random_bernoulli(shape=shape, prob=0.25, seed=4),
            mb.random_categorical(x=p, size=4000, mode="probs"),
        )

    p = np.array([0.2, 0.8], np.float32)
    found, graph = run_program(IOS15, build, shape=np.array([40, 100], np.int32), p=p)
    assert [one.shape for one in found] == [(40, 100)] * 4 + [(4000,)]
    np.testing.assert_allclose([one.mean() for one in found], [3, 3, 1, 0.25, 0.8], atol=0.05)
    assert (found[0] != found[1]).any(), "two operations without a seed draw differently"
    again = mp.run(graph, {"shape": np.array([40, 100], np.int32), "p": p})
    np.testing.assert_array_equal(again[graph.outputs[0]], found[0], "but every run alike")


@pytest.mark.parametrize("labels", [["dog", "cat", "owl"], [7, 3, 11]])
def test_classifier(run_program, labels):
    x = np.array([[0.2, 0.5, 0.3]], np.float32)
    found, _ = run_program(IOS15, lambda x: mb.identity(x=x), classes=ct.ClassifierConfig(labels), x=x)
    assert found[0] == labels[1]
    np.testing.assert_allclose(found[1], x[0])
