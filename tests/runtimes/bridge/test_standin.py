"""The runtime `stand-in`: files go through a process, cffi and the library to this package's engine and back."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import ArtefactError, InputError, ModelparityError, RuntimeFailure
from modelparity.goldens import Golden
from modelparity.runtimes.engine import Engine
from modelparity.runtimes.registry import runtime_for
from modelparity.runtimes.standin import StandIn

FIXTURES = Path(__file__).parents[3] / "swift" / "Tests" / "Fixtures"
X = np.linspace(-2, 2, 12, dtype=np.float32).reshape(4, 3)


@pytest.fixture(scope="module", autouse=True)
def place(built, tmp_path_factory):
    """The library that was built, and a cache of this module's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MODELPARITY_BRIDGE", str(built))
        patch.setenv("MODELPARITY_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def shared(place):
    """One process for most of the tests: starting one takes as long as importing coremltools."""
    runtime = StandIn(limit=60)
    yield runtime
    runtime.close()


@pytest.fixture
def one(shared):
    yield shared
    shared.behave("plain")


def test_it_gives_what_the_engine_gives(one, path):
    result, wanted = one.run(path, {"x": X}), Engine().run(path, {"x": X})
    assert result["y"].tobytes() == wanted["y"].tobytes()
    assert one.inputs(path) == ("x",)
    assert any(array.size == 6 for array in one.weights(path).values())


@pytest.mark.parametrize("arithmetic", ["float64", "float32", "float16", "bfloat16"])
def test_in_any_arithmetic(closing, path, arithmetic):
    one = closing(StandIn(arithmetic=arithmetic))
    wanted = mp.run(mp.load(path), X, arithmetic=arithmetic)["y"]
    found = one.run(path, {"x": X})["y"]
    assert found.dtype == wanted.dtype
    assert found.tobytes() == wanted.tobytes()
    assert one.describe()["arithmetic"] == arithmetic


def test_it_runs_only_for_who_names_it_and_is_never_called_core_ml(one, path):
    assert one.missing() is None
    assert one.accepts(path)
    assert runtime_for(path).name == "engine"
    verdict = mp.check(path, path, runtime="stand-in")
    assert verdict.runtime.startswith("stand-in ")
    assert verdict.runtime.endswith(" file interpreted")
    assert "ore ML" not in str(verdict.to_json()), "no report calls the stand-in Core ML"
    assert one.describe()["runtime"] == "stand-in"


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        ("abort", "The stand-in was killed by SIGABRT"),
        ("hang", "The stand-in did not answer within 2 seconds"),
        ("fail", "asked to fail"),
    ],
)
def test_what_goes_wrong_is_an_error_of_one_case(closing, path, behaviour, words):
    one = closing(StandIn(limit=2 if behaviour == "hang" else 60))
    if behaviour == "hang":
        one.limit = 60
        one.run(path, {"x": X})  # what must be loaded first is loaded
        one._served().limit = 2
    one.behave(behaviour)
    with pytest.raises(RuntimeFailure, match=rf"net.mlpackage: [\s\S]*{words}"):
        one.run(path, {"x": X})
    one._served().limit = 60
    if behaviour == "fail":
        one.behave("plain")
    assert one.run(path, {"x": X})["y"].shape == (4, 2), "the next case runs, in a new process if need be"


@pytest.mark.parametrize("behaviour", ["strided", "float16", "strided,float16"])
def test_outputs_as_core_ml_may_give_them(one, path, behaviour):
    wanted = one.run(path, {"x": X})["y"]
    one.behave(behaviour)
    found = one.run(path, {"x": X})["y"]
    kind = np.float16 if "float16" in behaviour else np.float32
    np.testing.assert_array_equal(found, wanted.astype(kind))
    assert found.dtype == kind


def test_a_changed_file_is_read_again(one, graph, tmp_path):
    file = mp.convert(graph, tmp_path / "net.mlpackage")
    before = one.run(file, {"x": X})["y"]
    mp.convert(graph.changed(constants={"w": 2 * graph.constants["w"]}), file)
    np.testing.assert_allclose(one.run(file, {"x": X})["y"], 2 * before, rtol=1e-6)


@pytest.mark.parametrize(
    ("feeds", "words"),
    [
        ({}, "'x'"),
        ({"x": X, "z": X}, "'z'"),
        ({"x": X[:, :2]}, r"'x'[\s\S]*3"),
        ({"x": X[0]}, "'x'"),
        ({"x": np.full((4, 3), 0.1)}, "unchanged"),
        ({"x": np.array([["a"]])}, "not a numeric array"),
        ({"x": X.astype(object)}, "not a numeric array"),
        ({"x": X.astype(complex)}, "not a numeric array"),
        ({"x": X.astype(np.longdouble)}, "not a numeric array"),
    ],
)
def test_inputs_that_do_not_fit_are_named(one, path, feeds, words):
    with pytest.raises(InputError, match=words):
        one.run(path, feeds)
    assert one.run(path, {"x": X.astype(np.float64)})["y"].dtype == np.float32


@pytest.mark.parametrize("wrong", ["nothing.mlpackage", "empty.mlmodel", "folder.mlpackage", "text.mlmodel"])
def test_files_that_hold_no_model(one, path, tmp_path, wrong):
    (tmp_path / "empty.mlmodel").touch()
    (tmp_path / "folder.mlpackage").mkdir()
    (tmp_path / "text.mlmodel").write_text("these are words, and no model")
    for call in (lambda: one.run(tmp_path / wrong, {"x": X}), lambda: one.description(tmp_path / wrong)):
        with pytest.raises(ModelparityError) as error:
            call()
        assert wrong in str(error.value)
    assert one.run(path, {"x": X})


def test_what_is_no_file(one):
    for other in (3, None):
        with pytest.raises(InputError, match="not a file"):
            one.run(other, {"x": X})


def test_a_function_that_does_not_exist(closing, path):
    with pytest.raises(ModelparityError, match="'decode'"):
        closing(StandIn(function="decode")).run(path, {"x": X})


def test_the_plan_and_the_description(one, path):
    assert one.plan(path)
    told = one.description(path)
    assert told["inputs"][0]["shape"][1] == 3
    assert [end["name"] for end in told["outputs"]] == ["y"]


def test_the_plain_call(one, path):
    assert one.predict_one(path, X).tobytes() == one.run(path, {"x": X})["y"].tobytes()
    with pytest.raises(InputError, match="float32"):
        one.predict_one(path, X.astype(np.float64))


@pytest.fixture
def counter():
    """An ML Program with a state: it adds what it is given, and gives the sum so far."""
    pytest.importorskip(
        "coremltools", reason="coremltools is not installed: pip install 'modelparity[coreml]'"
    )
    return FIXTURES / "counter" / "counter.mlpackage"


@pytest.mark.parametrize("name", ["dnn", "blstm", "mixed", "key"])
def test_the_models_that_the_swift_tests_open_give_what_their_goldens_say(one, name):
    golden = Golden.load(
        FIXTURES / "bundle" / "goldens" / "paths" / f"{name}.pkl" / "noise-s0-l12.safetensors"
    )
    results = one.run(FIXTURES / "bundle" / "models" / "paths" / f"{name}.pkl.mlpackage", golden.inputs)
    assert list(results) == list(golden.outputs)
    for output, truth in golden.outputs.items():
        assert (np.abs(results[output] - truth) <= golden.floor.outputs[output]).all()


def test_the_model_with_a_state_that_the_swift_tests_open(one, counter):
    golden = Golden.load(FIXTURES / "counter" / "from-zero.safetensors")
    results = one.run(counter, {"x": golden.inputs["x"]})
    np.testing.assert_array_equal(results["y"], golden.outputs["y"])


def test_states_start_from_zeros_and_streams_carry_them(one, counter):
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    assert [end["name"] for end in one.description(counter)["states"]] == ["total"]
    assert dict(one.carried(counter)) == {}
    for _ in range(2):
        np.testing.assert_array_equal(one.run(counter, {"x": x})["y"], x)
    first, second = one.stream(counter), one.stream(counter)
    for times in (1, 2, 3):
        np.testing.assert_array_equal(first.push({"x": x})["y"], times * x)
    np.testing.assert_array_equal(second.push({"x": x})["y"], x)
    first.reset()
    np.testing.assert_array_equal(first.push({"x": x})["y"], x)
    np.testing.assert_array_equal(second.push({"x": x})["y"], 2 * x)
    one.close()
    with pytest.raises(RuntimeFailure, match="held this stream's state has ended"):
        second.push({"x": x})
    second.close()


def test_a_state_is_not_an_input(one, counter):
    x = np.zeros((2, 3), np.float32)
    with pytest.raises(InputError, match="'total'"):
        one.run(counter, {"x": x, "total": x.astype(np.float16)})


def test_threads_share_a_runtime(closing, path):
    one, wrong = closing(StandIn()), []
    weight = np.linspace(-1, 1, 6, dtype=np.float32).reshape(3, 2)

    def work(length):
        x = np.random.default_rng(length).normal(size=(length, 3)).astype(np.float32)
        wrong.extend(
            length for _ in range(20) if not np.allclose(one.run(path, {"x": x})["y"], x @ weight, atol=1e-5)
        )

    threads = [threading.Thread(target=work, args=(length,)) for length in (3, 30, 300)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_more_than_a_pipe_holds_goes_both_ways(one, tmp_path):
    spec = mp.TensorSpec("x", (mp.Axis("time"), mp.Axis("feature", 512)))
    net = mp.Graph("wide", (spec,), ("y",), (mp.Node("twice", "add", ("x", "x"), ("y",)),), {})
    x = np.random.default_rng(3).normal(size=(20_000, 512)).astype(np.float32)
    np.testing.assert_array_equal(one.run(mp.convert(net, tmp_path / "wide.mlpackage"), {"x": x})["y"], 2 * x)


def test_damaged_packages_are_errors_of_their_own_case(one, path):
    for file in (path / "Manifest.json", next(path.rglob("*.mlmodel"))):
        whole = file.read_bytes()
        for part in (b"", whole[: len(whole) // 2]):
            file.write_bytes(part)
            with pytest.raises((ArtefactError, InputError, RuntimeFailure)):
                one.run(path, {"x": X})
        file.write_bytes(whole)
    assert one.run(path, {"x": X})
