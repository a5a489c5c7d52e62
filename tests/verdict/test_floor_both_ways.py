"""The floor holds both ways: chaos in one token excuses no other, and sound runs of steep networks are no alarm."""

from __future__ import annotations

import copy

import numpy as np
import onnx
import pytest
import torch
from onnx import helper, numpy_helper

import modelparity as mp
from modelparity.graph import Axis, Graph, Node, TensorSpec
from modelparity.verdict.compare import compare
from modelparity.verdict.floor import measure
from modelparity.verdict.neighbours import hidden, pooled

LOWEST = float(torch.finfo(torch.float32).min)


class Attention(torch.nn.Module):
    """Rows of padding see nothing: their softmax is that of a mask's own rounding."""

    def __init__(self, low):
        super().__init__()
        self.q, self.k, self.v = (torch.nn.Linear(16, 16) for _ in range(3))
        self.low = low

    def forward(self, x, mask):
        keep = mask[:, None, :].bool() & torch.ones(24, 24).tril().bool()
        scores = self.q(x) @ self.k(x).transpose(-1, -2) / 4 + (~keep).float() * self.low
        return torch.softmax(scores, -1) @ self.v(x)


class Steady(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.norm, self.after = torch.nn.LayerNorm(24, eps=1e-12), torch.nn.Linear(24, 24)

    def forward(self, x):
        return self.after(self.norm(x + 0.3))


class Spectrum(torch.nn.Module):
    """The power of a short-time transform, as such or by products with cosines and sines."""

    def __init__(self, size=512, *, products=False):
        super().__init__()
        self.size, self.products = size, products
        turns = np.outer(np.arange(size // 2 + 1), np.arange(size)) % size * 2 * np.pi / size
        window = np.hanning(size + 1)[:size]
        for name, wave in (("re", np.cos(turns)), ("im", np.sin(turns))):
            self.register_buffer(name, torch.tensor((wave * window)[:, None], dtype=torch.float32))
        self.register_buffer("window", torch.hann_window(size))

    def forward(self, x):
        if self.products:
            re, im = (torch.nn.functional.conv1d(x[:, None], w, stride=128) for w in (self.re, self.im))
            return re**2 + im**2
        y = torch.stft(x, self.size, 128, window=self.window, center=False, return_complex=True)
        return y.real**2 + y.imag**2


def spoilt(module, name, share):
    bad = copy.deepcopy(module)
    with torch.no_grad():
        bad.get_parameter(name).mul_(share)
    return bad


def normal(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("low", [-1e9, LOWEST])
@pytest.mark.parametrize("batch", [1, 4])
def test_padding_on_the_left_excuses_no_token(low, batch):
    torch.manual_seed(0)
    good = Attention(low).eval()
    mask = np.ones((batch, 24), np.float32)
    mask[0, :6] = 0
    feeds = {"x": normal(1, batch, 24, 16), "mask": mask}
    assert mp.check(good, good, inputs=feeds).ok
    for name in ("v.weight", "k.weight"):
        for share in (1.02, 1.3):
            assert mp.check(good, spoilt(good, name, share), inputs=feeds, explain=False).band == "wrong"


@pytest.mark.parametrize("batch", [1, 3])
def test_a_constant_row_before_a_norm_excuses_no_other_row(batch):
    torch.manual_seed(0)
    good, x = Steady().eval(), normal(2, batch, 12, 24)
    x[0, 3] = 0
    assert mp.check(good, good, inputs={"x": x}).ok
    assert mp.check(good, spoilt(good, "after.weight", 1.001), inputs={"x": x}, explain=False).band == "wrong"
    floor = measure(mp.load(good, example={"x": x}), {"x": x}).outputs["output"]
    assert floor[0, 2].max() < 1e-4 * floor[0, 3].max()


@pytest.mark.parametrize("last", ["softmax", "log_softmax", "exp"])
def test_heads_of_many_classes(last):
    """The classes of a token share the error of its hidden vector: were all runs mild, thousands would be too low."""
    weight = (3 * normal(3, 64, 4000) / 8).astype(np.float32)
    nodes = (Node("l", "dense", ("x", "w"), ("l",)), Node("y", last, ("l",), ("y",)))
    spec = TensorSpec("x", (Axis("batch"), Axis("time"), Axis("feature", 64)))
    graph = Graph("head", (spec,), ("y",), nodes, {"w": weight})
    for seed in range(3):
        x = normal(seed, 12, 4, 64)
        for order in (np.arange(64), np.random.default_rng(seed).permutation(64)):
            got = mp.run(graph.changed(constants={"w": weight[order]}), x[..., order], arithmetic="float32")[
                "y"
            ]
            found = compare(
                "y", got, mp.run(graph, x)["y"], measure(graph, {"x": x}).outputs["y"], dtypes=("float32",)
            )
            assert found.floors < 0.9


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_loops_in_their_stops(kind):
    """A saturated tanh is 1, but for the last place, which no slope carries there."""
    torch.manual_seed(1)
    layer = getattr(torch.nn, kind)(6, 4, batch_first=True).eval()
    with torch.no_grad():
        for weight in layer.parameters():
            weight.mul_(30)
    for seed in range(3):
        verdict = mp.check(layer, layer, inputs={"input": 5 * normal(seed, 1, 40, 6)})
        assert verdict.floors < 0.8, verdict


def test_a_saturated_tanh_in_a_loop_is_off_by_its_last_place():
    spec = TensorSpec("x", (Axis("time"), Axis("feature", 1)))
    constants = {"w": np.full((1, 1, 1), 30, np.float32), "r": np.zeros((1, 1, 1), np.float32)}
    graph = Graph("loop", (spec,), ("y",), (Node("y", "rnn", ("x", "w", "r"), ("y", "h")),), constants)
    floor = measure(graph, {"x": np.ones((20, 1), np.float32)}).outputs["y"]
    assert floor.min() > 2 * 2.0**-23


@pytest.mark.parametrize("seed", range(4))
def test_a_transform_written_as_products_on_a_plucked_note(seed):
    t = np.arange(8000) / 16000
    tone = 0.3 * np.sin(2 * np.pi * 220 * t) + 0.2 * np.sin(2 * np.pi * 440.5 * t)
    x = (tone + 0.01 * normal(seed, 8000) * np.exp(-8 * t))[None].astype(np.float32)
    transform, products = Spectrum().eval(), Spectrum(products=True).eval()
    for reference, candidate in ((transform, products), (products, products), (products, transform)):
        verdict = mp.check(reference, candidate, inputs={"x": x})
        assert verdict.ok, verdict
    graph = mp.load(products, example={"x": x})
    assert mp.check(graph, graph, inputs={"x": x}).ok  # whose sums run in two strands


def file_of(tmp_path, nodes, shape, outputs, constants):
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", 1, shape)],
        [helper.make_tensor_value_info(name, 1, None) for name in outputs],
        [numpy_helper.from_array(np.asarray(a), name) for name, a in constants.items()],
    )
    path = tmp_path / "net.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    return path


def test_exact_zeros_of_a_transform_may_have_either_sign(tmp_path):
    """An even signal has no imaginary part, one way of computing it; another leaves a little of either sign."""
    nodes = [
        helper.make_node("DFT", ["x"], ["s"], axis=1, onesided=1),
        helper.make_node("Sign", ["s"], ["y"]),
    ]
    path = file_of(tmp_path, nodes, [3, 64, 1], ["y"], {})
    free = normal(0, 64)
    x = np.stack([free + np.roll(free[::-1], 1), np.full(64, 0.3), np.zeros(64)]).astype(np.float32)[
        ..., None
    ]
    graph = mp.load(path)
    truth, floor = mp.run(graph, x)["y"], measure(graph, {"x": x}).outputs["y"]
    assert np.all(floor[0, :, 1] >= 1)  # even
    assert np.all(floor[1, 1:] >= 1)  # constant
    assert np.all(floor[2] < 1e-6)  # silent: nothing cancels
    sure = np.abs(np.fft.rfft(x[0, :, 0].astype(np.float64)).real) > 1e-3
    assert np.all(floor[0, sure, 0] < 1e-6 + 1e-6 * np.abs(truth[0, sure, 0]))
    assert mp.check(path, path, inputs={"x": x}).ok


@pytest.mark.parametrize("step", [0.1, 0.037, 1 / 256])
def test_ties_of_a_quantiser_go_either_way_and_nothing_else_does(tmp_path, step):
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "step", "zero"], ["q"]),
        helper.make_node("DequantizeLinear", ["q", "step", "zero"], ["y"]),
    ]
    constants = {"step": np.float32(step), "zero": np.int8(0)}
    graph = mp.load(file_of(tmp_path, nodes, [200, 16], ["y"], constants))
    halves = np.random.default_rng(0).integers(-100, 100, (200, 16))
    floor = measure(graph, {"x": (halves * (step / 2)).astype(np.float32)}).outputs["y"]
    odd = halves % 2 != 0
    assert np.all(floor[odd] >= step * 0.999)
    assert np.all(floor[~odd] < 1e-5)


def test_what_the_runs_hid_is_bounded_by_their_number():
    assert hidden(4) > hidden(8) > hidden(16) > 2
    rng = np.random.default_rng(0)
    calm = np.abs(rng.standard_normal((16, 3, 20, 100)))
    chaos = calm.copy()
    chaos[:, 1, 7] *= 1e6
    truth = rng.standard_normal(calm.shape[1:])
    far = np.ones((3, 20), bool)
    far[1, 7] = False
    own = np.sqrt(np.mean(np.square(calm), axis=0))
    assert np.all(pooled(chaos, truth)[far] <= hidden(16) * own[far])
    assert np.median(pooled(calm, truth)) == pytest.approx(1, rel=0.1)


def test_departures_that_follow_the_values_are_pooled_in_units_of_them():
    """Behind an exponential a thousandth of the value is off by a thousandth as much."""
    rng = np.random.default_rng(1)
    truth = np.exp(3 * rng.standard_normal((5, 400)))
    seen = np.abs(rng.standard_normal((4, 5, 400))) * truth
    found = pooled(seen, truth)
    assert np.quantile(found / truth, 0.95) < 1.5
    assert np.quantile(found / truth, 0.05) > 0.5


def test_the_power_of_what_cancels_has_a_margin_in_the_error_not_in_its_square():
    """Twice the error is four times the power: a margin of 2.5 in the power would be one of 1.6 in the error."""
    nodes = (Node("z", "dense", ("x", "w"), ("z",)), Node("y", "square", ("z",), ("y",)))
    rng = np.random.default_rng(0)
    half = rng.standard_normal((20, 32)).astype(np.float32)
    x, weight = np.concatenate([half, half], axis=1), np.repeat([1.0, -1.0], 32).astype(np.float32)[:, None]
    spec = TensorSpec("x", (Axis("time"), Axis("feature", 64)))
    linear = Graph("linear", (spec,), ("z",), nodes[:1], {"w": weight})
    square = Graph("square", (spec,), ("y",), nodes, {"w": weight})
    floor, power = measure(linear, {"x": x}).outputs["z"], measure(square, {"x": x}).outputs["y"]
    assert np.all(power > 0.9 * floor**2)


@pytest.mark.parametrize(("channels", "groups", "frames"), [(8, 2, 5), (64, 32, 100), (32, 2, 3000)])
def test_the_variance_of_groups_may_be_the_mean_of_squares_less_the_square_of_the_mean(
    channels, groups, frames, tmp_path
):
    """As ONNX defines it and onnxruntime computes it: off by much where the mean is large, and 0.1 % still shows."""
    gamma = np.linspace(0.5, 1.5, channels).astype(np.float32)
    paths = []
    for name, factor in (("sound", 1.0), ("wrong", 1.001)):
        held = {"gamma": gamma * np.float32(factor), "beta": np.zeros(channels, np.float32)}
        node = helper.make_node(
            "GroupNormalization", ["x", "gamma", "beta"], ["y"], num_groups=groups, epsilon=1e-5
        )
        made = helper.make_graph(
            [node],
            name,
            [helper.make_tensor_value_info("x", 1, ["n", channels, "t"])],
            [helper.make_tensor_value_info("y", 1, None)],
            [numpy_helper.from_array(array, key) for key, array in held.items()],
        )
        paths.append(tmp_path / f"{name}.onnx")
        opset = [helper.make_opsetid("", 21)]
        onnx.save(helper.make_model(made, opset_imports=opset, ir_version=9), paths[-1])
    for mean in (1, 3, 10):
        x = mean + np.random.default_rng(mean).standard_normal((2, channels, frames))
        inputs = {"x": x.astype(np.float32)}
        verdict = mp.check(paths[0], paths[0], inputs=inputs)
        assert verdict.ok, str(verdict)
        assert mp.check(paths[0], paths[1], inputs=inputs, explain=False).band == "wrong"
