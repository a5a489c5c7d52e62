"""The library in this process, a few lines of Python saying what models compute: arrays there and back."""

from __future__ import annotations

import gc
import json
import resource
import threading

import numpy as np
import pytest

from modelparity.errors import InputError, ModelparityError, RuntimeFailure
from modelparity.runtimes.bridge.library import Library

pytest.importorskip("cffi", reason="cffi is not installed: pip install 'modelparity[coreml]'")
X = np.arange(6, dtype=np.float32).reshape(2, 3)


def end(name, dtype="float32", shape=(2, 3), **about):
    return {"name": name, "type": "multiArray", "dtype": dtype, "shape": list(shape), **about}


class Answers:
    """Gives what it was made with, and keeps what it was asked."""

    def __init__(self, inputs=(), outputs=(), states=(), compute=None):
        self.told = {
            "inputs": list(inputs),
            "outputs": list(outputs),
            "states": list(states),
            "functions": [],
        }
        self.compute, self.asked, self.forgotten = compute, [], []

    def describe(self, path, function):
        return {**self.told, "metadata": {"description": "one of a test"}}

    def predict(self, path, function, state, feeds):
        self.asked.append((function, state, feeds))
        return self.compute(feeds) if self.compute else {"y": 2 * feeds["x"]}

    def forget(self, state):
        self.forgotten.append(state)


@pytest.fixture(scope="module")
def library(built):
    return Library(built)


@pytest.fixture
def opened(library, tmp_path):
    """``opened(answers)``: a model that the answers stand behind."""
    library.behave("plain")
    file = tmp_path / "net.mlmodel"
    file.write_bytes(b"bytes of a model")

    def open_(answers, **options):
        library.evaluate_with(answers)
        return library.open(file, cache=tmp_path / "cache", **options)

    yield open_
    library.behave("plain")
    library.evaluate_with(None)


def doubling(**about):
    return Answers([end("x", **about)], [end("y", **about)])


def test_the_library_says_what_it_is(library):
    assert library.stand_in
    assert library.about["runtime"] == "stand-in"
    assert library.about["interface"] == 1


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int32"])
@pytest.mark.parametrize("shape", [(3,), (2, 3), (1, 1, 1), (2, 1, 3, 1, 2)])
def test_every_type_there_and_back(opened, dtype, shape):
    x = np.random.default_rng(1).normal(0, 50, shape).astype(dtype)
    result = opened(doubling(dtype=dtype, shape=shape)).run({"x": x})
    assert list(result) == ["y"]
    assert result["y"].dtype == dtype
    np.testing.assert_array_equal(result["y"], 2 * x)


def test_arrays_go_in_where_they_lie(opened):
    where = []

    def compute(feeds):
        where.append((feeds["x"].ctypes.data, feeds["x"].strides, feeds["x"].flags.writeable))
        return {"y": feeds["x"].copy()}

    answers = Answers([end("x", shape=(2, 3))], [end("y", shape=(2, 3))], compute=compute)
    model, wide = opened(answers), np.arange(40, dtype=np.float32).reshape(4, 10)
    for x in (np.ascontiguousarray(X), wide[1:3, 2:8:2], wide[:3, :2].T):
        np.testing.assert_array_equal(model.run({"x": x})["y"], x)
        assert where[-1] == (x.ctypes.data, x.strides, False)


@pytest.mark.parametrize("x", [X[::-1], X[:, ::-1], np.broadcast_to(X[:1], (2, 3)), X.astype(">f4")])
def test_what_cannot_be_shown_is_copied(opened, x):
    np.testing.assert_array_equal(opened(doubling()).run({"x": x})["y"], 2 * x)


def test_what_comes_out_belongs_to_numpy(opened):
    model = opened(doubling())
    kept = [model.run({"x": X + i})["y"] for i in range(50)]
    view = kept[7][1:]
    del model
    gc.collect()
    for i, y in enumerate(kept):
        np.testing.assert_array_equal(y, 2 * (X + i))
    del kept
    gc.collect()
    view += 1
    np.testing.assert_array_equal(view, 2 * (X + 7)[1:] + 1)


@pytest.mark.parametrize("behaviour", ["strided", "float16", "strided,float16"])
def test_outputs_as_core_ml_may_give_them(opened, library, behaviour):
    model = opened(doubling())
    library.behave(behaviour)
    y = model.run({"x": X})["y"]
    assert y.dtype == ("float16" if "float16" in behaviour else "float32")
    assert y.flags.c_contiguous
    np.testing.assert_array_equal(y, 2 * X)


def test_asked_to_fail_it_says_so(opened, library):
    model = opened(doubling())
    library.behave("fail")
    with pytest.raises(RuntimeFailure, match="asked to fail"):
        model.run({"x": X})
    library.behave("plain")
    np.testing.assert_array_equal(model.run({"x": X})["y"], 2 * X)
    with pytest.raises(InputError):
        library.behave("sing")


def test_only_what_is_wanted_comes(opened):
    answers = Answers(
        [end("x")], [end("a"), end("b")], compute=lambda feeds: {"a": feeds["x"], "b": -feeds["x"]}
    )
    model = opened(answers)
    assert sorted(model.run({"x": X})) == ["a", "b"]
    assert list(model.run({"x": X}, wanted=["b"])) == ["b"]
    with pytest.raises(InputError, match="'c'"):
        model.run({"x": X}, wanted=["c"])


@pytest.mark.parametrize(
    ("feeds", "words"),
    [
        ({}, "'x'"),
        ({"x": X, "z": X}, "'z'"),
        ({"X": X}, "'[xX]'"),
        ({"x": X[:1]}, "'x'.*1"),
        ({"x": X[None]}, "'x'"),
        ({"x": X.astype(np.float64)}, "'x'.*float64"),
        ({"x": X.astype(np.int32)}, "'x'.*int32"),
        ({"x": X[:0]}, "'x'"),
        ({"x": X.astype(np.int64)}, "'x'.*int64|elements"),
        ({"x": np.zeros((1,) * 9, np.float32)}, "too many axes"),
        ({"x\0y": X}, "null character"),
        ({"": X}, "''|name"),
        ({"x" * 100_000: X}, "x"),
    ],
)
def test_inputs_that_do_not_fit_are_named(opened, feeds, words):
    answers = doubling()
    model = opened(answers)
    with pytest.raises(InputError, match=f"(?s){words}"):
        model.run(feeds)
    assert not answers.asked


def test_types_are_changed_where_no_value_is(opened):
    model = opened(doubling())
    assert model.exact({"x": X.astype(np.float64)})["x"].dtype == np.float32
    assert model.exact({"q": X})["q"] is X
    for wrong in (np.full((2, 3), 0.1), X.astype(np.int32), np.full((2, 3), 1e300)):
        with pytest.raises(InputError, match="unchanged"):
            model.exact({"x": wrong})
    nan = np.full((2, 3), np.nan)
    assert np.isnan(model.exact({"x": nan})["x"]).all()


def test_what_the_evaluator_raises_is_told(opened):
    def compute(feeds):
        raise ZeroDivisionError("nobody divides here")

    model = opened(Answers([end("x")], [end("y")], compute=compute))
    with pytest.raises(RuntimeFailure, match="ZeroDivisionError: nobody divides here"):
        model.run({"x": X})


@pytest.mark.parametrize(
    "answer", [{}, {"z": X}, {"y": np.array(["a"])}, {"y": X.astype(complex)}, {"y": np.full(3, 1 << 40)}]
)
def test_answers_that_are_none_are_errors(opened, answer):
    model = opened(Answers([end("x")], [end("y")], compute=lambda feeds: answer))
    with pytest.raises(ModelparityError):
        model.run({"x": X})


def test_states_are_made_carried_and_reset(opened):
    totals = {}

    class Summing(Answers):
        def predict(self, path, function, state, feeds):
            totals[state] = totals.get(state, 0) + feeds["x"]
            return {"y": totals[state]}

    answers = Summing([end("x")], [end("y")], [end("total")])
    model = opened(answers)
    one, two = model.state(), model.state()
    for times in (1, 2, 3):
        np.testing.assert_array_equal(model.run({"x": X}, state=one)["y"], times * X)
    np.testing.assert_array_equal(model.run({"x": X}, state=two)["y"], X)
    one.reset()
    np.testing.assert_array_equal(model.run({"x": X}, state=one)["y"], X)
    before = len(answers.forgotten)
    del one, two
    gc.collect()
    assert len(answers.forgotten) == before + 2


def test_paths_that_hold_no_model(library, tmp_path):
    library.evaluate_with(doubling())
    (tmp_path / "empty.mlpackage").mkdir()
    (tmp_path / "folder.mlmodel").mkdir()
    (tmp_path / "empty.mlmodel").touch()
    (tmp_path / "net.txt").write_text("x")
    cache = tmp_path / "cache"
    for name in (
        "nothing.mlmodel",
        "empty.mlpackage",
        "folder.mlmodel",
        "empty.mlmodel",
        "net.txt",
        "",
        "a" * 5000,
        "net\0.mlmodel",
    ):
        with pytest.raises(ModelparityError) as error:
            library.open(tmp_path / name if name else "", cache=cache)
        assert len(str(error.value)) > 10
    assert not [p for p in cache.rglob("*") if p.is_file()], "nothing half-written in the cache"
    library.evaluate_with(None)


def test_without_an_evaluator_nothing_is_made_up(opened):
    with pytest.raises(ModelparityError, match="no evaluator"):
        opened(None)


@pytest.mark.parametrize("options", [{"units": "gpu"}, {"units": ""}])
def test_options_that_do_not_exist(opened, options):
    with pytest.raises(InputError, match="units"):
        opened(doubling(), **options)


def test_the_plain_call(opened, library, tmp_path):
    opened(doubling())
    result = library.predict(tmp_path / "net.mlmodel", X)
    assert result.dtype == np.float32
    np.testing.assert_array_equal(result, 2 * X)
    with pytest.raises(InputError, match="float32 only"):
        library.predict(tmp_path / "net.mlmodel", X.astype(np.float64))
    with pytest.raises(InputError):
        library.predict(tmp_path / "net.mlmodel", X[:1])


def test_the_description_is_the_models_own(opened):
    model = opened(doubling())
    told = model.describe()
    assert [one["name"] for one in told["inputs"]] == ["x"]
    assert told["outputs"][0]["dtype"] == "float32"
    assert json.loads(json.dumps(told)) == told


def test_the_plan_names_operations(opened):
    answers = doubling()
    answers.told["operations"] = [{"operator": "double", "outputs": ["y"]}]
    assert "double" in json.dumps(opened(answers).plan())


def test_threads_share_a_model(opened):
    model, wrong = opened(doubling()), []

    def work(seed):
        x = np.random.default_rng(seed).normal(size=(2, 3)).astype(np.float32)
        wrong.extend(1 for _ in range(100) if not np.array_equal(model.run({"x": x})["y"], 2 * x))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def resident():
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def test_a_large_array_is_copied_once(opened):
    """Counted in memory that the kernel brings, which says the same however busy the machine is."""
    model = opened(
        Answers(
            [end("x", shape=(1 << 23,))],
            [end("y", shape=(1 << 23,))],
            compute=lambda feeds: {"y": feeds["x"]},
        )
    )
    x = np.ones(1 << 23, np.float32)
    brought = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        y = model.run({"x": x})["y"]
        brought.append((resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) * resource.getpagesize())
        assert np.array_equal(y[:: 1 << 12], x[:: 1 << 12])
        del y
    assert min(brought) < 1.2 * x.nbytes, "the stand-in keeps what it is answered; nothing else needs memory"


def test_a_thousand_calls_leave_nothing_behind(opened, library, tmp_path):
    """Large results are freed, and so is what belongs to errors and to models."""
    x = np.ones((256, 1024), np.float32)  # 1 MiB
    model = opened(doubling(shape=x.shape))

    def round_(count):
        for i in range(count):
            model.run({"x": x})
            with pytest.raises(InputError):
                model.run({"z": X})
            if i % 10 == 0:
                library.open(tmp_path / "net.mlmodel", cache=tmp_path / "cache").describe()

    answers = doubling(shape=x.shape)
    answers.asked = type("Nothing", (), {"append": lambda self, item: None})()
    library.evaluate_with(answers)
    round_(200)
    gc.collect()
    before = resident()
    round_(1000)
    gc.collect()
    assert resident() - before < 16 << 20, "1,000 calls of 1 MiB in and out may not keep 16"
