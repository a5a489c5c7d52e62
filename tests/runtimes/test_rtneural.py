"""RTNeural as a runtime: a stand-in for the library everywhere, and the library itself where a checkout is named."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import ArtefactError, InputError, RuntimeFailure, Unavailable
from modelparity.runtimes import compiling, rtneural as module
from modelparity.runtimes.registry import runtime, runtime_for
from modelparity.runtimes.rtneural import SOURCE, VARIABLE, RTNeural

FIXTURES = Path(__file__).parents[2] / "fixtures" / "rtneural"
LSTM = FIXTURES / "lstm.json"
X = np.linspace(-1, 1, 15, dtype=np.float32).reshape(5, 3)

#: Speaks the runner's protocol and computes by this project's own engine.
STAND_IN = """
import sys
import numpy as np
import modelparity as mp
from modelparity.runtimes._messages import pack, receive
while True:
    try:
        message, arrays = receive(sys.stdin.buffer)
    except EOFError:
        break
    if message["do"] == "describe":
        reply, results = {"compiler": "none"}, {}
    else:
        graph = mp.load(message["path"])
        y = np.stack([mp.run(graph, one, arithmetic=message["precision"])["y"] for one in arrays["x"]])
        reply, results = {}, {"y": y.astype(np.float64), "seconds": np.zeros(arrays["x"].shape[:2])}
    sys.stdout.buffer.write(pack(reply, results))
    sys.stdout.buffer.flush()
"""


@pytest.fixture
def standing_in(tmp_path):
    made = []

    def start(text=STAND_IN, **options):
        script = tmp_path / "stand_in.py"
        script.write_text(text)
        made.append(RTNeural(command=(sys.executable, str(script)), **options))
        return made[-1]

    yield start
    for one in made:
        one.close()


def test_it_runs_through_the_child(standing_in):
    one = standing_in()
    assert one.accepts(LSTM)
    assert not one.accepts(FIXTURES / "PROVENANCE.json"), "a JSON file of something else"
    y = one.run(LSTM, {"x": X})["y"]
    assert y.dtype == np.float32
    np.testing.assert_allclose(y, mp.run(mp.load(LSTM), X)["y"], rtol=1e-5)
    assert one.describe()["compiler"] == "none"
    assert one.timed(LSTM, {"x": X})[1].shape == (1, 5)
    assert {name: a.shape for name, a in one.weights(LSTM).items()} == {
        name: a.shape for name, a in mp.load(LSTM).constants.items()
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import os, sys; sys.stdin.buffer.read(4); os.abort()", "RTNeural was killed by SIGABRT"),
        ("import sys; sys.stdin.buffer.read(4); sys.exit(3)", "exit code 3"),
        (
            "print('Segmentation fault, perhaps', flush=True); import time; time.sleep(9)",
            "what is no message",
        ),
        ("import time; time.sleep(600)", "did not answer within 1 seconds"),
    ],
)
def test_a_runner_that_fails_is_an_error_of_this_case(text, said, standing_in):
    with pytest.raises(RuntimeFailure, match=rf"lstm.json: .*{said}"):
        standing_in(text, limit=1).run(LSTM, {"x": X})


def test_values_and_shapes_are_not_changed_on_the_way(standing_in):
    one = standing_in()
    with pytest.raises(InputError, match="has values that RTNeural does not take unchanged"):
        one.run(LSTM, {"x": np.full((5, 3), 0.1)})
    with pytest.raises(InputError, match="axis 'feature' has size 2 instead of 3"):
        one.run(LSTM, {"x": X[:, :2]})
    with pytest.raises(InputError, match="precision 'float16'"):
        RTNeural(precision="float16")


def test_without_a_checkout_it_takes_nothing_and_names_the_line(monkeypatch, tmp_path):
    monkeypatch.delenv(VARIABLE, raising=False)
    one = RTNeural()
    assert f"export {VARIABLE}=" in one.missing()
    assert not one.accepts(LSTM)
    for call in (lambda: one.run(LSTM, {"x": X}), one.describe, lambda: one.weights(LSTM)):
        with pytest.raises(Unavailable, match="git clone"):
            call()
    assert runtime_for(LSTM).name == "engine"
    assert runtime("rtneural").name == "rtneural"
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert "names no checkout" in one.missing()


def checkout(root):
    """Enough of a checkout to be taken for one; nothing of it compiles."""
    (root / "RTNeural").mkdir(parents=True)
    (root / "RTNeural" / "RTNeural.h").write_text('#error "not the library"\n')
    return root


def test_without_a_compiler(monkeypatch, tmp_path):
    monkeypatch.setenv(VARIABLE, str(checkout(tmp_path)))
    monkeypatch.setenv("CXX", "no-such-compiler")
    assert "C++17 compiler" in RTNeural().missing()


def test_a_checkout_that_does_not_compile_says_why(monkeypatch, tmp_path):
    if compiling.compiler() is None:
        pytest.skip("there is no C++ compiler")
    monkeypatch.setenv(VARIABLE, str(checkout(tmp_path / "checkout")))
    monkeypatch.setenv("MODELPARITY_CACHE", str(tmp_path / "cache"))
    with pytest.raises(RuntimeFailure, match=r"(?s)does not compile.*not the library"):
        RTNeural().run(LSTM, {"x": X})
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_a_program_is_compiled_once_for_each_state(monkeypatch, tmp_path):
    """The compiler here is a script that counts its calls."""
    monkeypatch.setenv("MODELPARITY_CACHE", str(tmp_path / "cache"))
    count, script = tmp_path / "count", tmp_path / "compiler"
    script.write_text(
        f"#!{sys.executable}\nimport pathlib, sys\n"
        "if '--version' in sys.argv:\n    print('1.0')\n"
        f"else:\n    open({str(count)!r}, 'a').write('x')\n"
        "    pathlib.Path(sys.argv[sys.argv.index('-o') + 1]).write_text('made')\n"
    )
    script.chmod(0o755)
    monkeypatch.setenv("CXX", str(script))
    root = checkout(tmp_path / "checkout")
    header = root / "RTNeural" / "RTNeural.h"

    def made(flags=("-O2",)):
        return compiling.compiled(SOURCE, headers=[header], root=root, flags=flags, label="RTNeural")

    first = made()
    assert first.read_text() == "made"
    assert made() == first
    assert count.read_text() == "x"
    header.write_text("// another\n")
    second = made()
    assert second != first
    assert made(("-O3",)) not in (first, second)
    assert count.read_text() == "xxx"


@pytest.fixture(scope="module")
def library():
    one = RTNeural()
    if (reason := one.missing()) is not None:
        pytest.skip(reason)
    yield one
    one.close()


@pytest.mark.parametrize("name", ["mlp", "conv", "image", "gru", "lstm"])
def test_the_library_computes_what_was_read(name, library):
    path = FIXTURES / f"{name}.json"
    for recipe in ("noise", "saturating", "impulse"):
        verdict = mp.check(path, path, recipe=recipe, runtime="rtneural")
        assert verdict.ok, verdict
        assert verdict.runtime.startswith("rtneural")


def test_every_model_of_the_checkout(library):
    """Those that are models; the others are PyTorch's state_dicts, which no layer describes."""
    paths = sorted((Path(module.os.environ[VARIABLE]) / "models").glob("*.json"))
    others = {path for path in paths if path.stem == "bad_lstm" or "torch" in path.stem}
    for path in others:
        with pytest.raises(ArtefactError):
            mp.load(path)
    assert len(set(paths) - others) >= 9
    for path in set(paths) - others:
        assert mp.check(path, path, runtime="rtneural").ok, path


KINDS = (
    "dense",
    "time-distributed-dense",
    "conv1d",
    "conv2d",
    "gru",
    "lstm",
    "prelu",
    "batchnorm",
    "batchnorm2d",
    "activation",
)
ACTIVATIONS = ("tanh", "relu", "sigmoid", "elu", "softmax")


def drawn(kind, rng):
    """A model of one layer of that type, of random sizes and settings."""

    def n(*shape):
        return (rng.standard_normal(shape) * 0.6).astype(np.float32).tolist()

    width, out = (int(size) for size in rng.integers(1, 9, 2))
    activation = str(rng.choice(["", *ACTIVATIONS]))
    shape, ends, keys = [width], [out], {}
    if "dense" in kind:
        weights = [n(width, out), *([n(out)] if rng.random() < 0.7 else [])]
    elif kind == "conv1d":
        size, dilation, groups = (int(one) for one in rng.integers(1, 5, 3))
        shape, ends = [width * groups], [out * groups]
        weights = [n(size, width, out * groups), n(out * groups)]
        keys = {"kernel_size": [size], "dilation": [dilation], "groups": groups}
    elif kind == "conv2d":
        time, size, dilation, stride = (int(one) for one in rng.integers(1, 4, 4))
        features, filters, padding = (
            int(rng.integers(size, size + 9)),
            width,
            str(rng.choice(["valid", "same"])),
        )
        wide = -(-(features - size + 1 if padding == "valid" else features) // stride)
        shape, ends, weights = [features, filters], [wide, out], [n(time, size, filters, out), n(out)]
        keys = {
            "kernel_size_time": time,
            "kernel_size_feature": size,
            "dilation": dilation,
            "strides": stride,
            "num_filters_in": filters,
            "num_features_in": features,
            "num_filters_out": out,
            "padding": padding,
        }
    elif kind in ("gru", "lstm"):
        gates = 3 * out if kind == "gru" else 4 * out
        weights = [n(width, gates), n(out, gates), n(2, gates) if kind == "gru" else n(gates)]
    elif kind == "prelu":
        ends, weights = [width], [n(1, width if rng.random() < 0.6 else 1)]
    elif kind == "activation":
        ends, weights, activation = [width], [], str(rng.choice(ACTIVATIONS))
    else:
        if kind == "batchnorm2d":
            shape, keys = [out, width], {"num_filters_in": width, "num_features_in": out}
        weights = [n(width), n(width), n(width), np.abs(n(width)).tolist()][0 if rng.random() < 0.6 else 2 :]
        ends, keys = shape, {**keys, "epsilon": 0.01}
    layer = {"type": kind, "activation": activation, "shape": [None, None, *ends], **keys, "weights": weights}
    return {"in_shape": [None, None, *shape], "layers": [layer]}


@pytest.mark.parametrize("kind", KINDS)
def test_every_layer_type_of_random_sizes(kind, library, tmp_path):
    """As it stands, and written again from what was read: against the library each time."""
    for seed in range(6):
        path = tmp_path / f"{seed}.json"
        path.write_text(json.dumps(drawn(kind, np.random.default_rng(seed))))
        graph = mp.load(path)
        again = mp.convert(graph, tmp_path / "again.json")
        for candidate in (path, again):
            verdict = mp.check(graph, candidate, length=25, runtime="rtneural")
            assert verdict.ok, (path.read_text(), verdict)


def test_float64_agrees_to_the_last_places(library):
    double = RTNeural(precision="float64")
    got = double.run(LSTM, {"x": X})["y"]
    np.testing.assert_allclose(got, mp.run(mp.load(LSTM), X)["y"], rtol=1e-13)
    double.close()


def test_the_librarys_own_refusal_is_an_error_and_the_process_lives(library, tmp_path):
    shutil.copy(
        FIXTURES.parents[1] / "tests" / "hostile" / "rtneural" / "conv1d_bias_missing.json",
        tmp_path / "bad.json",
    )
    with pytest.raises(ArtefactError, match="RTNeural throws"):
        library._runner().call(
            {"do": "run", "path": str(tmp_path / "bad.json"), "precision": "float32"},
            {"x": np.zeros((1, 1, 2))},
        )
    library.run(LSTM, {"x": X})
