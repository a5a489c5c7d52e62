"""Graphs written for RTNeural: what is written computes what the graph computes, or the refusal says what lacks."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import modelparity as mp
from modelparity import Axis, Graph, Node, TensorSpec
from modelparity.errors import ConversionError
from modelparity.formats.rtneural import examine
from modelparity.formats.rtneural.inputs_outputs import KEY

FIXTURES = Path(__file__).parents[3] / "fixtures"
SEQUENCE = (Axis("time"), Axis("feature", 4))


class Net:
    """A graph node by node, its weights drawn."""

    def __init__(self, axes=SEQUENCE, seed=0):
        self.rng = np.random.default_rng(seed)
        self.spec, self.nodes, self.constants = TensorSpec("x", tuple(axes)), [], {}
        self.tensor = "x"

    def w(self, *shape, scale=0.6):
        name = f"w{len(self.constants)}"
        self.constants[name] = (self.rng.standard_normal(shape) * scale).astype(np.float32)
        return name

    def put(self, array):
        name = f"w{len(self.constants)}"
        self.constants[name] = np.asarray(array)
        return name

    def __call__(self, op, *rest, extra=0, first=None, **attrs):
        name = f"t{len(self.nodes)}"
        outputs = (name, *(f"{name}_{i}" for i in range(extra)))
        inputs = (self.tensor if first is None else first, *rest)
        self.nodes.append(
            Node(f"{op}{len(self.nodes)}", op, inputs, outputs, attrs, f"place {len(self.nodes)}")
        )
        self.tensor = name
        return self

    def graph(self, output=None):
        return Graph("net", (self.spec,), (output or self.tensor,), tuple(self.nodes), self.constants)


def written(graph, tmp_path):
    return mp.convert(graph, tmp_path / "net.json")


def held(graph, path, **options):
    """The file, read back, against the graph."""
    verdict = mp.check(graph, path, runtime="engine", **options)
    assert verdict.ok, verdict
    assert not [one for one in examine(path) if one.wrong]
    return json.loads(path.read_text())


def recurrent(net, kind, width, hidden, *, bias=True, second=False, **attrs):
    gates = {"lstm": 4, "gru": 3, "rnn": 1}[kind] * hidden
    arrays = [net.w(1, width, gates), net.w(1, hidden, gates), net.w(1, gates) if bias else ""]
    arrays += [net.w(1, gates)] if second else []
    return net(kind, *arrays, **attrs)


def test_dense_activations_and_their_merging(tmp_path):
    net = Net()("dense", "w0", "w1")("tanh")("dense", "w2")("relu")("elu")("dense", "w3", "w4")(
        "softmax", axis=-1
    )
    net.constants = {}
    for shape in ((4, 6), (6,), (6, 3), (3, 5), (5,)):
        net.w(*shape)
    graph = net.graph()
    made = held(graph, written(graph, tmp_path))
    kinds = [(one["type"], one["activation"]) for one in made["layers"]]
    assert kinds == [("dense", "tanh"), ("dense", "relu"), ("activation", "elu"), ("dense", "softmax")]
    assert made["in_shape"] == [None, None, 4]
    assert [one["shape"][-1] for one in made["layers"]] == [6, 3, 3, 5]
    np.testing.assert_array_equal(np.float32(made["layers"][0]["weights"][0]), graph.constants["w0"])


def test_a_file_may_be_written_again_from_what_was_read(tmp_path):
    for path in sorted((FIXTURES / "rtneural").glob("*.json")):
        if path.name != "PROVENANCE.json":
            graph = mp.load(path)
            first = mp.convert(graph, tmp_path / "one.json").read_bytes()
            made = held(graph, tmp_path / "one.json")
            assert made[KEY]["source"]["format"] == "rtneural"
            assert mp.convert(graph, tmp_path / "two.json").read_bytes() == first
            kinds = [
                one["type"] for one in json.loads(path.read_text())["layers"] if one["type"] != "activation"
            ]
            assert [k.removeprefix("time-distributed-") for k in kinds] == [
                one["type"] for one in made["layers"] if one["type"] != "activation"
            ]


def test_lstm_gates_are_ordered_and_gru_gates_swapped(tmp_path):
    net = recurrent(recurrent(Net(), "lstm", 4, 3), "gru", 3, 2, second=True)
    graph = net.graph()
    made = held(graph, written(graph, tmp_path))
    i, f, o, g = np.split(graph.constants["w0"][0], 4, axis=1)
    np.testing.assert_array_equal(np.float32(made["layers"][0]["weights"][0]), np.hstack([i, f, g, o]))
    r, z, n = np.split(graph.constants["w4"][0], 3, axis=1)
    np.testing.assert_array_equal(np.float32(made["layers"][1]["weights"][1]), np.hstack([z, r, n]))
    assert np.shape(made["layers"][1]["weights"][2]) == (2, 6)


@pytest.mark.parametrize("update", ["keeps", "replaces"])
def test_either_meaning_of_the_update_gate(update, tmp_path):
    graph = recurrent(Net(), "gru", 4, 3, second=True, update=update).graph()
    made = held(graph, written(graph, tmp_path))
    _, z, _ = np.split(graph.constants["w0"][0], 3, axis=1)
    sign = -1 if update == "replaces" else 1
    np.testing.assert_array_equal(np.float32(made["layers"][0]["weights"][0])[:, :3], sign * z)


def test_a_simple_rnn_is_a_gru_whose_gates_are_held(tmp_path):
    graph = recurrent(Net(), "rnn", 4, 3, activation="tanh").graph()
    path = written(graph, tmp_path)
    assert held(graph, path)["layers"][0]["type"] == "gru"
    x = np.random.default_rng(1).standard_normal((9, 4))
    np.testing.assert_allclose(
        mp.run(mp.load(path), x)[graph.outputs[0]], mp.run(graph, x)[graph.outputs[0]], rtol=1e-14
    )


def test_peepholes_of_zeros_and_states_of_zeros_are_none(tmp_path):
    net = Net()
    net(
        "lstm",
        net.w(1, 4, 12),
        net.w(1, 3, 12),
        net.w(1, 12),
        net.put(np.zeros((1, 3, 3), np.float32)),
        net.put(np.zeros((1, 3), np.float32)),
    )
    held(net.graph(), written(net.graph(), tmp_path))


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("outside", [False, True])
def test_causal_conv1d(flip, outside, tmp_path):
    """Zeros in front of time inside the convolution, or as a node of their own."""
    net = Net()
    if outside:
        net("pad", before=(3, 0), after=(0, 0))("pad", before=(1, 0), after=(0, 0))
    padding = None if outside else ((4, 0),)
    net("conv", net.w(3, 2, 6), net.w(6), padding=padding, dilations=(2,), groups=2, flip=flip)("sigmoid")
    graph = net.graph()
    made = held(graph, written(graph, tmp_path))
    (one,) = made["layers"]
    assert (one["type"], one["kernel_size"], one["dilation"], one["groups"]) == ("conv1d", [3], [2], 2)
    kernel = graph.constants["w0"][::-1] if flip else graph.constants["w0"]
    np.testing.assert_array_equal(np.float32(one["weights"][0]), kernel)


@pytest.mark.parametrize(
    ("padding", "stride", "name"), [((0, 0), 1, "valid"), ((1, 1), 1, "same"), ((0, 1), 2, "same")]
)
def test_conv2d_over_the_features_of_a_frame(padding, stride, name, tmp_path):
    net = Net((Axis("time"), Axis("frequency", 8)))("expand_dims", axes=(2,))
    net("conv", net.w(2, 3, 1, 4), net.w(4), padding=((2, 0), padding), strides=(1, stride), dilations=(2, 1))
    net("relu")
    wide = {"valid": 6, "same": 8 // stride}[name]
    net("batch_norm", net.w(4), net.put(np.float32([1, 2, 0.5, 3])), net.w(4), net.w(4), epsilon=1e-3)
    net("reshape", shape=(0, -1))("dense", net.w(wide * 4, 2))
    graph = net.graph()
    made = held(graph, written(graph, tmp_path))
    assert [one["type"] for one in made["layers"]] == ["conv2d", "batchnorm2d", "dense"]
    assert made["layers"][0]["padding"] == name
    assert made["in_shape"] == [None, None, 8, 1]


def test_what_acts_on_each_number(tmp_path):
    net = Net()("dense", "w0")
    net.w(4, 3)
    net("add", net.w(3))("leaky_relu", slope=0.2)("mul", net.w(3))("sub", net.w(1))("prelu", net.w(3))
    net("normalize", net.w(3), net.put(np.float32([0.5, 2, 3])), net.w(3), net.w(3))("prelu", net.w(1))(
        "identity"
    )
    graph = net.graph()
    made = held(graph, written(graph, tmp_path))
    kinds = [one["type"] for one in made["layers"]]
    assert kinds == ["dense", "prelu", *["batchnorm"] * 2, "prelu", *["batchnorm"] * 2, "prelu"]
    assert len(made["layers"][0]["weights"]) == 2, "the addition is the dense layer's bias"


def test_matrices_computed_of_constants_are_constants(tmp_path):
    net = Net()
    kernel = net.w(3, 4)
    net("transpose", first=kernel, axes=(1, 0))
    turned, net.tensor = net.tensor, "x"
    graph = net("matmul", turned).graph()
    assert held(graph, written(graph, tmp_path))["layers"][0]["type"] == "dense"


BATCH = (Axis("batch"), Axis("time"), Axis("feature", 4))


def test_batches_axes_in_any_order_and_the_last_frame(tmp_path):
    """PyTorch's habits: batch first, channels first, the last frame alone."""
    net = Net(BATCH)("transpose", axes=(1, 0, 2))
    recurrent(net, "lstm", 4, 3)("transpose", axes=(1, 0, 2))("dense", net.w(3, 2))
    net("gather", net.put(np.array(-1)), axis=1)("tanh")
    graph = net.graph()
    path = written(graph, tmp_path)
    about = held(graph, path)[KEY]
    assert about["input"] == {"name": "x", "axes": ["batch", "time", ["feature", 4]]}
    assert about["output"]["axes"][0] == "batch"
    assert "time" not in about["output"]["axes"]
    x = np.random.default_rng(0).standard_normal((3, 5, 4))
    assert mp.run(mp.load(path), x)[graph.outputs[0]].shape == (3, 2)

    net = Net((Axis("batch"), Axis("channel", 4), Axis("time")))("transpose", axes=(0, 2, 1))
    net("conv", net.w(2, 4, 3), net.w(3), padding=((1, 0),))("transpose", axes=(0, 2, 1))("relu")
    about = held(net.graph(), written(net.graph(), tmp_path))[KEY]
    assert about["input"]["axes"] == ["batch", ["channel", 4], "time"]


def test_the_last_state_alone_is_the_last_frame(tmp_path):
    net = Net()
    net("gru", net.w(1, 4, 6), net.w(1, 2, 6), net.w(1, 6), extra=1)
    net("squeeze", first=f"{net.tensor}_0", axes=(0,))
    held(net.graph(), written(net.graph(), tmp_path))


@pytest.mark.parametrize("axes", [(Axis("feature", 4),), (Axis("rows"), Axis("feature", 4))])
def test_frames_without_time(axes, tmp_path):
    net = Net(axes)
    held(net("dense", net.w(4, 2), net.w(2)).graph(), written(net.graph(), tmp_path))


def test_results_of_width_one_are_squeezed_again(tmp_path):
    net = Net()
    graph = net("dense", net.w(4, 1), net.w(1))("squeeze", axes=(1,)).graph()
    path = written(graph, tmp_path)
    held(graph, path)
    assert mp.run(mp.load(path), np.zeros((5, 4)))[graph.outputs[0]].shape == (5,)


@pytest.mark.parametrize("name", ["dnn", "rnn"])
def test_madmoms_networks_that_rtneural_can_express(name, tmp_path):
    graph = mp.load(FIXTURES / f"{name}.pkl")
    held(graph, written(graph, tmp_path))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("blstm", r"layers\[0\]: RTNeural has no form of lstm .* runs bidirectional"),
        ("bgru", "gru .* runs bidirectional"),
        ("cnn", "conv .* 0 zeros stand in front of time"),
        ("lstm", "learned h0"),
        ("key", "pad .* in front of time"),
        ("mixed", "reads what an earlier layer gave"),
        ("shapes", "RTNeural has no form of reduce_mean"),
        ("crf", "RTNeural has no form of viterbi"),
    ],
)
def test_madmoms_networks_that_it_cannot(name, said, tmp_path):
    with pytest.raises(ConversionError, match=said):
        written(mp.load(FIXTURES / f"{name}.pkl"), tmp_path)
    assert not list(tmp_path.iterdir())


def refuse(op, *weights, **attrs):
    def build(net):
        return net(op, *(w if isinstance(w, str) else net.w(*w) for w in weights), **attrs)

    return build


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (refuse("silu"), "RTNeural has no form of silu 'silu0'"),
        (refuse("elu", alpha=0.5), "alpha 0.5"),
        (refuse("softmax", axis=0), "another axis"),
        (refuse("gru", (1, 4, 6), (1, 2, 6), reset="before"), "reset gate acts before"),
        (refuse("gru", (1, 4, 6), (1, 2, 6), gate_activation="hard_sigmoid"), "gate_activation hard_sigmoid"),
        (refuse("gru", (1, 4, 6), (1, 2, 6), direction="reverse"), "runs reverse"),
        (refuse("gru", (1, 4, 6), (1, 2, 6), clip=3.0), "clips"),
        (refuse("gru", (1, 4, 6), (1, 2, 6), "", "", (1, 2)), "learned h0"),
        (refuse("lstm", (1, 4, 8), (1, 2, 8), "", (1, 3, 2)), "no peepholes"),
        (refuse("lstm", (1, 4, 8), (1, 2, 8), coupled=True), "coupled"),
        (refuse("rnn", (1, 4, 2), (1, 2, 2), activation="relu"), "activation relu"),
        (refuse("conv", (3, 4, 2)), "0 zeros stand in front"),
        (refuse("conv", (3, 4, 2), padding=((1, 1),)), "1 zeros stand in front of time and 1 behind"),
        (refuse("conv", (1, 4, 2), strides=(2,)), "stride along time"),
        (refuse("conv", (3, 4, 2), padding="same"), "looks at the future"),
        (refuse("pad", before=(1, 0), after=(0, 0)), "left over"),
        (refuse("pad", before=(0, 1), after=(0, 0)), "only zeros in front of time"),
        (refuse("transpose", axes=(1, 0)), "no layer is left"),
        (refuse("slice", starts=(1,), ends=(3,), axes=(1,)), "part of a frame"),
        (refuse("reshape", shape=(-1, 2)), "mixes frames"),
        (refuse("add", "x"), "both sides are computed"),
    ],
)
def test_refusals_name_node_place_and_lack(build, said, tmp_path):
    with pytest.raises(ConversionError, match=said):
        written(build(Net()).graph(), tmp_path)
    assert not list(tmp_path.iterdir())


def test_branches_two_inputs_and_what_json_cannot_say_are_refused(tmp_path):
    net = Net()
    net("dense", net.w(4, 4))("tanh")("add", "t0")
    with pytest.raises(ConversionError, match="both sides are computed"):
        written(net.graph(), tmp_path)
    net = Net()
    net("dense", net.w(4, 4))
    with pytest.raises(ConversionError, match="one input and one output"):
        written(net.graph().changed(outputs=("x", "t0")), tmp_path)
    net.constants["w0"] = np.full((4, 4), np.nan, np.float32)
    with pytest.raises(ConversionError, match="not finite"):
        written(net.graph(), tmp_path)


@given(
    layers=st.lists(
        st.sampled_from(["dense", "lstm", "gru", "conv", "norm", "act", "prelu"]), min_size=1, max_size=5
    ),
    widths=st.lists(st.integers(1, 5), min_size=5, max_size=5),
    seed=st.integers(0, 99),
)
@settings(max_examples=25, deadline=None)
def test_any_chain_comes_back_as_it_was(layers, widths, seed, tmp_path_factory):
    net, width = Net(seed=seed), 4
    for kind, out in zip(layers, widths, strict=False):
        if kind == "dense":
            net("dense", net.w(width, out), net.w(out))
        elif kind == "conv":
            net("conv", net.w(2, width, out), net.w(out), padding=((1, 0),))
        elif kind == "norm":
            net("batch_norm", net.w(width), net.put(np.abs(net.constants[net.w(width)]) + 0.1), epsilon=1e-3)
        elif kind == "prelu":
            net("prelu", net.w(width))
        elif kind == "act":
            net(["tanh", "relu", "sigmoid", "elu"][seed % 4])
        else:
            recurrent(net, kind, width, out, second=kind == "gru")
        width = out if kind in ("dense", "conv", "lstm", "gru") else width
    graph = net.graph().changed(
        constants={k: v for k, v in net.constants.items() if any(k in n.inputs for n in net.nodes)}
    )
    path = mp.convert(graph, tmp_path_factory.mktemp("chain") / "net.json")
    x = np.random.default_rng(seed).standard_normal((7, 4))
    (name,) = graph.outputs
    got, want = mp.run(mp.load(path), x)[name], mp.run(graph, x)[name]
    np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ["mlp", "conv", "image", "gru", "lstm"])
def test_onnx_files_come_for_free(name, tmp_path):
    pytest.importorskip("onnx")
    graph = mp.load(FIXTURES / "rtneural" / f"{name}.json")
    source = mp.load(mp.convert(graph, tmp_path / "net.onnx"))
    path = written(source, tmp_path)
    held(source, path)
    held(graph, path)


@pytest.mark.parametrize("last", [False, True])
def test_pytorch_modules_come_for_free(last, tmp_path):
    torch = pytest.importorskip("torch")
    from modelparity.formats.torch.read import read_object

    class Module(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.before, self.cell = torch.nn.Linear(6, 5), torch.nn.LSTM(5, 4, batch_first=True)
            self.after = torch.nn.Linear(4, 3)

        def forward(self, x):
            h, _ = self.cell(torch.tanh(self.before(x)))
            return torch.softmax(self.after(h[:, -1] if last else h), -1)

    module = Module().eval()
    graph = read_object(module, example=torch.zeros(2, 5, 6), dynamic_shapes={"x": {0: "batch", 1: "time"}})
    made = held(graph, written(graph, tmp_path))
    state = {name: tensor.numpy() for name, tensor in module.state_dict().items()}
    bias = np.float32(made["layers"][1]["weights"][2])
    i, f, g, o = np.split(state["cell.bias_ih_l0"] + state["cell.bias_hh_l0"], 4)
    np.testing.assert_array_equal(bias, np.concatenate([i, f, g, o]))
