"""RTNeural's layers as they are read: against formulas frame by frame, PyTorch, and what the library computed."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path

import numpy as np
import pytest

import modelparity as mp
from modelparity.formats.rtneural import examine
from modelparity.formats.rtneural.document import path_at

FIXTURES = Path(__file__).parents[3] / "fixtures" / "rtneural"
NAMES = ("conv", "gru", "image", "lstm", "mlp")


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def whole(path, x):
    return mp.run(mp.load(path), x)["y"]


def as_f4(*arrays):
    return [np.asarray(a, np.float32).astype(np.float64) for a in arrays]


@pytest.mark.parametrize("name", NAMES)
def test_the_librarys_own_results(name):
    """Recorded from RTNeural's C++; the record is locked by its hashes."""
    lock = json.loads((FIXTURES / "PROVENANCE.json").read_text())["entries"][f"{name}.anchor.npz"]
    path = FIXTURES / f"{name}.json"
    with np.load(FIXTURES / f"{name}.anchor.npz", allow_pickle=False) as arrays:
        x, y = arrays["x|x"], arrays["y|y"]
    assert hashlib.sha256(x.tobytes() + y.tobytes()).hexdigest() == lock["sha256"]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == lock["model_sha256"]
    np.testing.assert_allclose(whole(path, x), y, rtol=2e-5, atol=2e-6)
    assert not [one for one in examine(path) if one.wrong]


def test_the_fixtures_are_what_their_script_makes():
    import importlib.util

    spec = importlib.util.spec_from_file_location("rtneural_make", FIXTURES / "make.py")
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    made = maker.models()
    assert sorted(made) == sorted(NAMES)
    for name, value in made.items():
        assert json.loads((FIXTURES / f"{name}.json").read_text()) == value


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("blocks", [range(1, 30), [1, 2, 13], [29]], ids=["samples", "blocks", "two"])
def test_block_by_block_equals_the_whole(name, blocks, rng):
    graph = mp.load(FIXTURES / f"{name}.json")
    x = rng.standard_normal((30, graph.inputs[0].axes[-1].size))
    want, stream = mp.run(graph, x)["y"], mp.stream(graph)
    for _ in range(2):
        got = np.concatenate([stream.push(part)["y"] for part in np.split(x, list(blocks))])
        np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-12)
        stream.reset()


def test_state_lives_until_it_is_reset(rng):
    stream = mp.stream(mp.load(FIXTURES / "lstm.json"))
    x = rng.standard_normal((6, 3))
    first = stream.push(x)["y"]
    assert np.abs(stream.push(x)["y"] - first).max() > 1e-3
    stream.reset()
    np.testing.assert_array_equal(stream.push(x)["y"], first)


@pytest.mark.parametrize("kind", ["dense", "time-distributed-dense"])
def test_dense(kind, file, layer, rng):
    w, b, v = rng.standard_normal((3, 4)), rng.standard_normal(4), rng.standard_normal((4, 2))
    path = file(3, layer(kind, 4, w, b, activation="tanh"), layer(kind, 2, v))
    x = rng.standard_normal((5, 3))
    w, b, v = as_f4(w, b, v)
    np.testing.assert_allclose(whole(path, x), np.tanh(x @ w + b) @ v, rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("tanh", np.tanh),
        ("sigmoid", sigmoid),
        ("relu", lambda x: np.maximum(x, 0)),
        ("elu", lambda x: np.where(x > 0, x, np.exp(x) - 1)),
        ("softmax", lambda x: np.exp(x) / np.exp(x).sum(-1, keepdims=True)),
    ],
)
@pytest.mark.parametrize("alone", [True, False])
def test_activations(name, formula, alone, file, layer, rng):
    w = rng.standard_normal((3, 4))
    first = layer("dense", 4, w, activation="" if alone else name)
    path = file(3, first, *([layer("activation", 4, activation=name)] if alone else []))
    x = rng.standard_normal((5, 3))
    np.testing.assert_allclose(whole(path, x), formula(x @ as_f4(w)[0]), rtol=1e-12)


def test_softmax_overflows_as_the_library_does(file, layer):
    """It subtracts no maximum: in float32, a logit beyond 88 is not a number any more."""
    path = file(2, layer("activation", 2, activation="softmax"))
    x = np.array([[100.0, 0.0]], np.float32)
    assert np.isnan(mp.run(mp.load(path), x, arithmetic="native")["y"][0, 0])
    np.testing.assert_allclose(whole(path, x), [[1.0, 0.0]], atol=1e-40)


def test_gru_frame_by_frame(file, layer, rng):
    """z r c, reset after, two rows of bias, state kept from frame to frame; its activation is ignored."""
    n, h = 3, 4
    w, u, b = (
        rng.standard_normal((n, 3 * h)),
        rng.standard_normal((h, 3 * h)),
        rng.standard_normal((2, 3 * h)),
    )
    path = file(n, layer("gru", h, w, u, b, activation="relu"))
    x = rng.standard_normal((6, n))
    w, u, b = as_f4(w, u, b)
    state, want = np.zeros(h), []
    for frame in x:
        wz, wr, wc = np.split(frame @ w + b[0], 3)
        uz, ur, uc = np.split(state @ u + b[1], 3)
        z, r = sigmoid(wz + uz), sigmoid(wr + ur)
        state = (1 - z) * np.tanh(wc + r * uc) + z * state
        want.append(state)
    np.testing.assert_allclose(whole(path, x), want, rtol=1e-11)


def test_lstm_frame_by_frame(file, layer, rng):
    """i f c o, one bias."""
    n, h = 3, 4
    w, u, b = rng.standard_normal((n, 4 * h)), rng.standard_normal((h, 4 * h)), rng.standard_normal(4 * h)
    path = file(n, layer("lstm", h, w, u, b))
    x = rng.standard_normal((6, n))
    w, u, b = as_f4(w, u, b)
    state, cell, want = np.zeros(h), np.zeros(h), []
    for frame in x:
        i, f, c, o = np.split(frame @ w + state @ u + b, 4)
        cell = sigmoid(f) * cell + sigmoid(i) * np.tanh(c)
        state = sigmoid(o) * np.tanh(cell)
        want.append(state)
    np.testing.assert_allclose(whole(path, x), want, rtol=1e-11)


@pytest.mark.parametrize(("groups", "dilation"), [(1, 1), (1, 3), (2, 2)])
def test_conv1d_is_causal_and_its_last_tap_is_now(groups, dilation, file, layer, rng):
    size, n, out = 3, 4, 6
    k, b = rng.standard_normal((size, n // groups, out)), rng.standard_normal(out)
    keys = {"kernel_size": [size], "dilation": [dilation], "groups": groups}
    path = file(n, layer("conv1d", out, k, b, **keys))
    x = rng.standard_normal((9, n))
    k, b = as_f4(k, b)
    want = np.tile(b, (9, 1))
    per, wide = out // groups, n // groups
    for t in range(9):
        for tap in range(size):
            at = t - (size - 1 - tap) * dilation
            for o in range(out) if at >= 0 else ():
                first = o // per * wide
                want[t, o] += x[at, first : first + wide] @ k[tap, :, o]
    np.testing.assert_allclose(whole(path, x), want, rtol=1e-11)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (2, 3), (3, 2)])
def test_conv2d_against_pytorch(padding, stride, dilation, file, layer, rng):
    """Causal in time, TensorFlow's padding along the features; frames are (feature, filter)."""
    torch = pytest.importorskip("torch")
    time_taps, taps, features, n, out = 2, 3, 8, 2, 3
    k, b = rng.standard_normal((time_taps, taps, n, out)), rng.standard_normal(out)
    total = max(taps - (features % stride or stride), 0) if padding == "same" else 0
    wide = -(-(features if padding == "same" else features - taps + 1) // stride)
    keys = {
        "kernel_size_time": time_taps,
        "kernel_size_feature": taps,
        "dilation": dilation,
        "strides": stride,
        "num_filters_in": n,
        "num_features_in": features,
        "num_filters_out": out,
        "padding": padding,
    }
    path = file([None, None, features, n], layer("conv2d", [None, None, wide, out], k, b, **keys))
    x = rng.standard_normal((7, features * n))
    image = torch.from_numpy(x.reshape(7, features, n).transpose(2, 0, 1)[None].copy())
    image = torch.nn.functional.pad(image, (total // 2, total - total // 2, (time_taps - 1) * dilation, 0))
    k, b = (torch.from_numpy(a) for a in as_f4(k.transpose(3, 2, 0, 1), b))
    want = torch.nn.functional.conv2d(image, k, b, stride=(1, stride), dilation=(dilation, 1))
    want = want[0].numpy().transpose(1, 2, 0).reshape(7, -1)
    np.testing.assert_allclose(whole(path, x), want, rtol=1e-10, atol=1e-12)


def test_batchnorm_and_prelu(file, layer, rng):
    gamma, beta, mean, slope = rng.standard_normal((4, 3))
    variance = rng.uniform(0.5, 2, 3)
    path = file(
        3,
        layer("batchnorm", 3, gamma, beta, mean, variance, epsilon=0.25),
        layer("prelu", 3, slope[None]),
        layer("batchnorm", 3, mean, variance, epsilon=0.5),
        layer("prelu", 3, [[0.25]]),
    )
    x = rng.standard_normal((5, 3))
    gamma, beta, mean, variance, slope = as_f4(gamma, beta, mean, variance, slope)
    y = gamma / np.sqrt(variance + 0.25) * (x - mean) + beta
    y = np.where(y >= 0, y, y * slope)
    y = (y - mean) / np.sqrt(variance + 0.5)
    np.testing.assert_allclose(whole(path, x), np.where(y >= 0, y, y * 0.25), rtol=1e-11)


def test_batchnorm2d_has_a_statistic_a_filter(file, layer, rng):
    gamma, beta, mean = rng.standard_normal((3, 2))
    variance = rng.uniform(0.5, 2, 2)
    keys = {"epsilon": 0.1, "num_filters_in": 2, "num_features_in": 3}
    path = file(
        [None, None, 3, 2], layer("batchnorm2d", [None, None, 3, 2], gamma, beta, mean, variance, **keys)
    )
    x = rng.standard_normal((4, 6))
    gamma, beta, mean, variance = as_f4(gamma, beta, mean, variance)
    y = gamma / np.sqrt(variance + 0.1) * (x.reshape(4, 3, 2) - mean) + beta
    np.testing.assert_allclose(whole(path, x), y.reshape(4, 6), rtol=1e-11)


def test_numbers_are_float32_unless_the_file_says_more(file, layer):
    short = mp.load(file(1, layer("dense", 1, [[0.1]])))
    (weight,) = short.constants.values()
    assert weight.dtype == np.float32
    entry = layer("dense", 1, [[0.5]])
    entry["weights"] = [[[0.1]]]
    (weight,) = mp.load(file(1, entry)).constants.values()
    assert weight.dtype == np.float64
    assert weight[0, 0] == 0.1


def test_a_json_file_of_something_else_is_none(tmp_path):
    path = tmp_path / "package.json"
    path.write_text('{"name": "plugin", "version": "1.0"}')
    with pytest.raises(mp.errors.ArtefactError, match="no format recognises"):
        mp.load(path)


def test_the_key_order_does_not_matter(tmp_path, file, layer, rng):
    made = json.loads(file(64, layer("dense", 64, rng.standard_normal((64, 64)))).read_text())
    path = tmp_path / "turned.json"
    path.write_text(json.dumps({"note": "x" * 5000, **dict(reversed(made.items()))}))
    assert len(mp.load(path).nodes) == 1


def test_a_byte_order_mark_is_no_fault(file, layer):
    path = file(1, layer("dense", 1, [[0.5]]))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(mp.load(path).nodes) == 1


@pytest.mark.parametrize(
    ("text", "mark", "path"),
    [
        ('{"a": [1, 2, {"b": !', "!", "$.a[2].b"),
        ("[[1, 2], [3, !", "!", "$[1][1]"),
        ("!", "!", "$"),
        ('{"a\\"]": {"x": [[], !', "!", '$.a\\"].x[1]'),
        ('{"a": 1, !', "!", "$"),
    ],
)
def test_json_paths(text, mark, path):
    assert path_at(text, text.index(mark)) == path


def test_ten_megabytes_are_parsed_and_checked_in_two_seconds(file, layer, rng):
    layers = [
        layer("dense", 512, rng.standard_normal((512, 512)), rng.standard_normal(512)) for _ in range(2)
    ]
    path = file(512, *layers)
    assert path.stat().st_size > 10_000_000
    started = time.process_time()
    findings = examine(path)  # parses, checks every number, and builds the graph
    taken = time.process_time() - started
    assert {one.kind for one in findings} == {"transposed", "activation-lost"}
    assert mp.load(path).parameters == 2 * 513 * 512
    assert taken < 2, f"{taken:.2f} s"
