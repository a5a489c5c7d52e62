"""Files that are damaged, odd or of another version: a clear error that names the place, never a guess."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import modelparity as mp
from modelparity.errors import ArtefactError, ModelparityError, UnsafePickleError
from modelparity.formats.madmom import parse
from modelparity.graph import Graph

FIXTURES = Path(__file__).parents[3] / "fixtures"
NAMES = sorted(path.stem for path in FIXTURES.glob("*.pkl"))
Build = Callable[..., Graph]


def without(layer: Any, name: str) -> Any:
    del layer.state[name]
    return layer


#: What is wrong -> (layers, the place and the words that the error must have).
WRONG: dict[str, tuple[Callable[[Any], list[Any]], str]] = {
    "missing weights": (
        lambda p: [without(p.dense(), "weights")],
        r"layers\[0\].*FeedForwardLayer has no 'weights'",
    ),
    "missing bias": (lambda p: [p.dense(), without(p.dense(2), "bias")], r"layers\[1\].*has no 'bias'"),
    "missing gate": (lambda p: [without(p.lstm(), "forget_gate")], r"layers\[0\].*has no 'forget_gate'"),
    "missing direction": (lambda p: [without(p.both(p.rnn(), p.rnn()), "bwd_layer")], "has no 'bwd_layer'"),
    "missing activation": (lambda p: [without(p.dense(), "activation_fn")], "has no 'activation_fn'"),
    "weights are no array": (lambda p: [p.dense(weights="x")], r"layers\[0\]\.weights: not an array"),
    "rank of weights": (lambda p: [p.dense(weights=p(2, 2, 2))], r"layers\[0\]\.weights: wrong shape"),
    "length of bias": (lambda p: [p.dense(bias=p(3))], r"layers\[0\]\.bias: wrong length"),
    "recurrent shape": (lambda p: [p.rnn(recurrent_weights=p(2, 3))], r"recurrent_weights: wrong shape"),
    "length of state": (lambda p: [p.rnn(init=p(3))], r"layers\[0\]\.init: wrong length"),
    "length of peephole": (
        lambda p: [p.lstm(input_gate=p.gate(peephole_weights=p(5)))],
        r"input_gate\.peephole",
    ),
    "gates of two sizes": (lambda p: [p.lstm(forget_gate=p.gate(hidden=3))], "gates differ in size"),
    "layers that do not fit": (
        lambda p: [p.dense(3, 2), p.dense(3, 2)],
        r"(?s)layers\[1\].*does not fit.*found: +2",
    ),
    "recurrent does not fit": (lambda p: [p.dense(3, 4), p.rnn()], r"layers\[1\].*does not fit"),
    "directions do not fit": (lambda p: [p.both(p.rnn(), p.rnn(width=4))], r"bwd_layer.*does not fit"),
    "channels do not fit": (
        lambda p: [p.conv(1, 4, 1, 1), p.conv(3, 2, 1, 1)],
        r"(?s)layers\[1\].*expected: +3 channels",
    ),
    "NaN in weights": (
        lambda p: [p.dense(weights=np.array([[0, 1], [np.nan, 2], [3, 4]], np.float32))],
        r"(?s)layers\[0\]\.weights: 1 of 6 elements are not finite.*nan at \(1, 0\)",
    ),
    "infinite bias": (lambda p: [p.dense(bias=np.array([np.inf, 0], np.float32))], r"bias: 1 of 2 elements"),
    "NaN in a gate": (
        lambda p: [p.both(p.lstm(), p.lstm(cell=p.gate("Cell", bias=np.full(2, np.nan, np.float32))))],
        r"layers\[0\]\.bwd_layer\.cell\.bias: 2 of 2",
    ),
    "NaN in a plain number": (lambda p: [p.norm(4, 2, gamma=float("nan"))], r"layers\[0\]\.gamma: 1 of 1"),
    "unknown layer": (lambda p: [p.layer("SoftmaxPoolLayer")], "unknown layer 'SoftmaxPoolLayer'"),
    "unknown activation": (lambda p: [p.dense(act="swish")], "unknown activation 'swish'"),
    "activation is no function": (
        lambda p: [p.dense(activation_fn="tanh")],
        r"activation_fn: unknown activation",
    ),
    "activation is a class": (
        lambda p: [p.dense(activation_fn=p.write.Fn("Gate", p.write.LAYERS))],
        "unknown activation",
    ),
    "softmax inside": (lambda p: [p.rnn("softmax")], "softmax cannot stand inside"),
    "gates disagree": (lambda p: [p.lstm(input_gate=p.gate(act="tanh"))], "different activations"),
    "peephole in a GRU": (lambda p: [p.gru(reset_gate=p.gate(peephole_weights=p(2)))], "cannot run"),
    "a gate as layer": (lambda p: [p.gate()], "a Gate cannot stand as a layer"),
    "a layer as gate": (
        lambda p: [p.lstm(cell=p.dense())],
        r"layers\[0\]\.cell: LSTMLayer holds a FeedForwardLayer",
    ),
    "both in both": (lambda p: [p.both(p.both(p.rnn(), p.rnn()), p.rnn())], "holds a BidirectionalLayer"),
    "convolution stride": (lambda p: [p.conv(1, 1, 1, 1, stride=2)], r"layers\[0\]\.stride"),
    "convolution pad": (lambda p: [p.conv(1, 1, 1, 1, pad="same")], r"layers\[0\]\.pad"),
    "pool of size 0": (
        lambda p: [p.layer("MaxPoolLayer", size=(0, 1), stride=(1, 1))],
        "max pooling does not fit",
    ),
    "pool of three": (
        lambda p: [p.layer("MaxPoolLayer", size=(1, 1, 1), stride=(1, 1))],
        r"size: not a list",
    ),
    "pool of halves": (
        lambda p: [p.layer("MaxPoolLayer", size=(1.5, 1), stride=(1, 1))],
        "not a whole number",
    ),
    "pool on frames": (
        lambda p: [p.dense(), p.layer("MaxPoolLayer", size=(1, 1), stride=None)],
        "does not fit",
    ),
    "block of 0": (lambda p: [p.dense(), p.layer("StrideLayer", block_size=0)], r"block_size"),
    "pad on no axis": (
        lambda p: [p.layer("PadLayer", width=1, axes=(2, 3), value=0.0), p.conv(1, 1, 1, 1)],
        "no such axis",
    ),
    "pad of nothing": (
        lambda p: [p.layer("PadLayer", width=0, axes=(0,), value=0.0), p.conv(1, 1, 1, 1)],
        "padding does not fit",
    ),
    "average of no axis": (lambda p: [p.dense(), p.layer("AverageLayer", axis=5)], "no such axis"),
    "average in a type": (
        lambda p: [p.dense(), p.layer("AverageLayer", axis=0, dtype="f8")],
        "type of its own",
    ),
    "transpose twice": (lambda p: [p.dense(), p.layer("TransposeLayer", axes=(0, 0))], "not an order"),
    "reshape to nothing": (lambda p: [p.dense(), p.layer("ReshapeLayer", newshape=(0, 2))], "no such shape"),
    "reshape in no order": (
        lambda p: [p.dense(), p.layer("ReshapeLayer", newshape=-1, order="A")],
        "no such shape",
    ),
    "norm along time": (lambda p: [p.conv(2, 3, 1, 1), p.norm(5, 4, 3)], "does not fit"),
    "norm of other width": (lambda p: [p.conv(2, 3, 1, 1), p.norm(4)], r"layers\[1\]\.mean.*does not fit"),
    "nothing left": (lambda p: [p.norm(4, 2), p.conv(2, 1, 1, 5)], "leaves nothing"),
    "no width": (lambda p: [p.layer("AverageLayer", axis=0)], "nothing in this file says how wide"),
    "unknown part": (lambda p: [p.dense(extra=p.dense())], r"layers\[0\]\.extra: .*not known"),
    "no layers": (lambda p: [], "without layers"),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_layers(what: str, parts: Any, graph_of: Build) -> None:
    layers, pattern = WRONG[what]
    with pytest.raises(ArtefactError, match=pattern) as error:
        graph_of(*layers(parts))
    assert not isinstance(error.value, UnsafePickleError)


def test_an_array_that_nobody_reads_is_listed(parts: Any, graph_of: Build) -> None:
    graph = graph_of(parts.dense(momentum=parts(3, 2)), history=parts(9))
    assert set(graph.unused) == {"layers[0].momentum", "network.history"}
    assert "no use" in graph.unused["layers[0].momentum"]


@pytest.mark.parametrize(
    ("part", "wrong"), [("A", (4, 5)), ("W", (4, 4)), ("pi", (4,)), ("tau", (5, 1)), ("c", (4,))]
)
def test_crf_of_wrong_shape(part: str, wrong: tuple[int, ...], write: Any) -> None:
    state = {"pi": (5,), "tau": (5,), "c": (5,), "A": (5, 5), "W": (4, 5)} | {part: wrong}
    arrays = {name: np.ones(shape, np.float32) for name, shape in state.items()}
    crf = write.Obj("ConditionalRandomField", arrays, "madmom.ml.crf")
    with pytest.raises(ArtefactError, match=r"crf\.\w+: wrong"):
        parse(write.dumps(crf), name="crf")


def test_crf_may_forbid_but_not_doubt(write: Any) -> None:
    arrays = {"pi": np.zeros(2), "tau": np.zeros(2), "c": np.zeros(2), "A": np.zeros((2, 2)), "W": np.eye(2)}
    arrays = {name: array.astype(np.float32) for name, array in arrays.items()}
    crf = write.Obj("ConditionalRandomField", arrays, "madmom.ml.crf")
    arrays["A"][0, 1] = -np.inf
    path = mp.run(parse(write.dumps(crf), name="crf"), np.array([[3, 0], [0, 2], [0, 2]], np.float32))["y"]
    assert list(path) == [1, 1, 1]  # 0 then 1 would be worth more, and is forbidden
    arrays["A"][0, 1] = np.nan
    with pytest.raises(ArtefactError, match=r"crf\.A: 1 of 4"):
        parse(write.dumps(crf), name="crf")


@pytest.mark.parametrize("name", NAMES)
def test_every_truncation_is_refused(name: str) -> None:
    data = (FIXTURES / f"{name}.pkl").read_bytes()
    for size in {*range(0, len(data), max(1, len(data) // 60)), len(data) - 1}:
        with pytest.raises(ArtefactError):
            parse(data[:size], name=name)


@settings(max_examples=300, deadline=None)
@given(data=st.data(), name=st.sampled_from(["crf", "dnn", "rnn", "shapes", "cnn", "bgru"]))
def test_a_damaged_pickle_is_read_or_refused_but_never_crashes(data: st.DataObject, name: str) -> None:
    good = (FIXTURES / f"{name}.pkl").read_bytes()
    bad = bytearray(good)
    for _ in range(data.draw(st.integers(1, 3))):
        kind = data.draw(st.sampled_from(["flip", "cut", "insert", "copy"]))
        at = data.draw(st.integers(0, max(0, len(bad) - 2)))
        length = data.draw(st.integers(1, 40))
        if kind == "flip":
            bad[at] = data.draw(st.integers(0, 255))
        elif kind == "cut":
            del bad[at : at + length]
        elif kind == "insert":
            bad[at:at] = data.draw(st.binary(max_size=8))
        else:
            start = data.draw(st.integers(0, len(good) - 1))
            bad[at : at + length] = good[start : start + length]
    text = ""
    try:
        graph = parse(bytes(bad), name=name)
        spec = graph.inputs[0]
        shape = [min(axis.size or max(axis.least, 12), 4096) for axis in spec.axes]
        mp.run(graph, np.zeros(shape, np.float32))
    except ModelparityError as error:
        text = str(error)
    assert len(text) < 3000


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=200))
def test_noise_is_refused(data: bytes) -> None:
    for head in (b"", b"\x80\x02", b"\x80\x04"):
        with pytest.raises(ArtefactError):
            parse(head + data, name="noise")
