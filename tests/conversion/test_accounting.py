"""Every weight of a source is found in what was written; anything dropped, zeroed or altered is named."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import modelparity as mp
from modelparity.conversion.accounting import account, unaccounted
from modelparity.errors import Unavailable
from modelparity.formats.onnx.model import model
from modelparity.formats.torch import build
from modelparity.runtimes.registry import runtime


def weights(*shape, seed=1):
    return np.random.default_rng([seed, *shape]).normal(size=shape).astype(np.float32)


def spec(*sizes):
    return (mp.TensorSpec("x", tuple(mp.Axis(f"a{i}", n) for i, n in enumerate(sizes))),)


def recurrent():
    """All three recurrent layers in both directions, with everything they can have, and a dense one."""
    nodes = (
        mp.Node(
            "l", "lstm", ("x", "lw", "lr", "lb", "lp", "lh", "lc"), ("a",), {"direction": "bidirectional"}
        ),
        mp.Node(
            "g",
            "gru",
            ("a", "gw", "gr", "gb", "gs", "gh"),
            ("b",),
            {"direction": "bidirectional", "update": "replaces"},
        ),
        mp.Node("n", "rnn", ("b", "nw", "nr", "nb"), ("c",)),
        mp.Node("d", "dense", ("c", "dw", "db"), ("y",)),
    )
    shapes = {
        "lw": (2, 9, 20),
        "lr": (2, 5, 20),
        "lb": (2, 20),
        "lp": (2, 3, 5),
        "lh": (2, 5),
        "lc": (2, 5),
        "gw": (2, 10, 12),
        "gr": (2, 4, 12),
        "gb": (2, 12),
        "gs": (2, 12),
        "gh": (2, 4),
        "nw": (1, 8, 6),
        "nr": (1, 6, 6),
        "nb": (1, 6),
        "dw": (6, 1),
        "db": (1,),
    }
    return mp.Graph(
        "r", spec(None, 9), ("y",), nodes, {k: weights(*s, seed=i) for i, (k, s) in enumerate(shapes.items())}
    )


def convolutional():
    """Convolutions with flipped kernels, both normalisations, a window, a dense layer."""
    nodes = (
        mp.Node("n0", "normalize", ("x", "m0", "s0"), ("a",)),
        mp.Node("c1", "conv", ("a", "w1", "b1"), ("b",), {"flip": True}),
        mp.Node("n1", "batch_norm", ("b", "m1", "v1", "g1", "e1"), ("c",)),
        mp.Node("c2", "conv", ("c", "w2"), ("d",)),
        mp.Node("n2", "normalize", ("d", "m2", "s2", "g2", "e2"), ("e",)),
        mp.Node("w", "windows", ("e",), ("f",), {"size": 3}),
        mp.Node("d", "dense", ("f", "dw", "db"), ("y",)),
    )
    shapes = {
        "m0": (8, 2),
        "s0": (8, 2),
        "w1": (3, 3, 2, 4),
        "b1": (4,),
        "m1": (4,),
        "v1": (4,),
        "g1": (4,),
        "e1": (4,),
        "w2": (2, 2, 4, 3),
        "m2": (3,),
        "s2": (3,),
        "g2": (3,),
        "e2": (3,),
        "dw": (45, 2),
        "db": (2,),
    }
    constants = {k: weights(*s, seed=i) for i, (k, s) in enumerate(shapes.items())}
    constants["v1"] = np.abs(constants["v1"])
    inputs = (mp.TensorSpec("x", (mp.Axis("time", None, 6), mp.Axis("frequency", 8), mp.Axis("channel", 2))),)
    return mp.Graph("c", inputs, ("y",), nodes, constants)


def transformer():
    """One encoder layer: packed projections and norms."""
    names = ("iw", "ib", "ow", "ob", "f1", "c1", "f2", "c2", "g1", "e1", "g2", "e2")
    shapes = ((6, 18), (18,), (6, 6), (6,), (6, 9), (9,), (9, 6), (6,), (6,), (6,), (6,), (6,))
    node = mp.Node("t", "transformer_encoder_layer", ("x", *names), ("y",), {"heads": 2})
    constants = {k: weights(*s, seed=i) for i, (k, s) in enumerate(zip(names, shapes, strict=True))}
    return mp.Graph("t", spec(None, 6), ("y",), (node,), constants)


GRAPHS = {"recurrent": recurrent, "convolutional": convolutional, "transformer": transformer}


def written(graph, kind):
    """The arrays of the graph as ONNX or as a module."""
    artefact = model(graph) if kind == "onnx" else build(graph)
    name = "onnxruntime" if kind == "onnx" else "torch"
    return {k: v for k, v in runtime(name).weights(artefact).items() if v.dtype.kind == "f" and v.ndim}


@pytest.mark.parametrize("kind", ["onnx", "torch"])
@pytest.mark.parametrize("name", GRAPHS)
class TestMutations:
    """Each written array of each network, spoilt in each way."""

    def test_a_faithful_file_is_accounted_for(self, name, kind):
        graph = GRAPHS[name]()
        entries = account(graph, written(graph, kind))
        assert unaccounted(entries) == []
        assert {entry.name for entry in entries} == set(graph.constants)
        assert all(entry.status == "found" and entry.arrays for entry in entries)

    def test_a_dropped_array_is_named(self, name, kind):
        graph = GRAPHS[name]()
        arrays = written(graph, kind)
        homes = {entry.name: entry.arrays for entry in account(graph, arrays)}
        for dropped in {array for arrays in homes.values() for array in arrays}:
            wrong = unaccounted(account(graph, {k: v for k, v in arrays.items() if k != dropped}))
            lost = {source for source, at in homes.items() if dropped in at}
            assert {entry.name for entry in wrong if entry.status == "missing"} == lost

    def test_a_zeroed_array_is_named(self, name, kind):
        graph = GRAPHS[name]()
        arrays = written(graph, kind)
        for zeroed, array in arrays.items():
            if array.any() and not np.isin(array, (0, 1)).all():
                wrong = unaccounted(account(graph, {**arrays, zeroed: np.zeros_like(array)}))
                assert any(entry.status == "missing" for entry in wrong), zeroed

    def test_one_altered_element_is_named(self, name, kind):
        graph = GRAPHS[name]()
        arrays = written(graph, kind)
        rng = np.random.default_rng(2)
        for name_, array in arrays.items():
            for index in rng.choice(array.size, min(array.size, 4), replace=False):
                spoilt = array.copy()
                spoilt.flat[index] = np.nextafter(spoilt.flat[index] + np.float32(1e-30), np.float32(9))
                assert unaccounted(account(graph, {**arrays, name_: spoilt})), (name_, index)

    def test_one_turned_sign_is_noticed(self, name, kind):
        graph = GRAPHS[name]()
        arrays = written(graph, kind)
        for name_, array in arrays.items():
            if array.size > 2 and array.any():
                spoilt = array.copy()
                at = int(np.flatnonzero(spoilt)[-1])
                spoilt.flat[at] = -spoilt.flat[at]
                assert unaccounted(account(graph, {**arrays, name_: spoilt})), name_

    @pytest.mark.parametrize("precision", ["float16", "bfloat16"])
    def test_rounded_weights_are_found_and_said_to_be(self, name, kind, precision):
        from modelparity.engine.arithmetic import arithmetic

        graph = GRAPHS[name]()
        ar = arithmetic(precision)
        rounded = graph.changed(constants={k: ar.cast(v) for k, v in graph.constants.items()})
        entries = account(graph, written(rounded, kind))
        assert unaccounted(entries) == []
        big = [entry for entry in entries if graph.constants[entry.name].size > 4]
        assert all(f"rounded to {precision}" in entry.how for entry in big)


def dense(weight, bias=None):
    names = ("x", "w") if bias is None else ("x", "w", "b")
    constants = {"w": weight} if bias is None else {"w": weight, "b": bias}
    return mp.Graph("d", spec(None, len(weight)), ("y",), (mp.Node("d", "dense", names, ("y",)),), constants)


def one(entries, name):
    (entry,) = (entry for entry in entries if entry.name == name)
    return entry


class TestWaysOfWriting:
    """What may be done to a weight on its way, and how it is told."""

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            (lambda w: w, ""),
            (lambda w: w.T, "transposed"),
            (lambda w: -w, "negated"),
            (lambda w: w[::-1], "reversed"),
            (lambda w: w[:, ::-1].T, "reversed, transposed"),
            (lambda w: w.reshape(3, 2, 7), ""),
            (lambda w: np.concatenate([weights(4, 7), w]), ""),
            (lambda w: np.concatenate([weights(6, 2), w, weights(6, 1)], axis=1), ""),
            (lambda w: w.astype(np.float64), ""),
        ],
    )
    def test_found(self, change, said):
        weight = weights(6, 7, seed=3)
        entry = one(account(dense(weight), {"out": change(weight)}), "w")
        assert (entry.status, entry.arrays, entry.how) == ("found", ("out",), said)

    def test_float64_is_cast(self):
        weight = np.random.default_rng(0).normal(size=(6, 7))
        assert one(account(dense(weight), {"out": weight.astype(np.float32)}), "w").how == "cast from float64"
        assert one(account(dense(weight), {"out": weight}), "w").how == ""

    def test_biases_summed(self):
        graph = recurrent()
        arrays = written(graph, "onnx")
        both = graph.constants["gb"] + graph.constants["gs"]
        arrays["gb"] = np.moveaxis(both, -1, 1)
        entries = account(graph, arrays)
        assert unaccounted(entries) == []
        assert "summed" in one(entries, "gb").how
        assert "summed" in one(entries, "gs").how

    def test_gates_in_arrays_of_their_own(self):
        graph = recurrent()
        arrays = written(graph, "onnx")
        arrays.pop("lw")
        for d, direction in enumerate(graph.constants["lw"]):
            for gate, part in zip("ifog", np.split(direction, 4, axis=1), strict=True):
                arrays[f"lw.{d}.{gate}"] = part.T
        entry = one(account(graph, arrays), "lw")
        assert entry.status == "found"
        assert len(entry.arrays) == 8

    def test_the_same_weight_written_twice(self):
        weight = weights(6, 7)
        assert unaccounted(account(dense(weight), {"a": weight, "b": weight.T})) == []

    def test_equal_weights_need_a_place_each(self):
        weight = weights(6, 6)
        nodes = (mp.Node("a", "dense", ("x", "v"), ("h",)), mp.Node("b", "dense", ("h", "w"), ("y",)))
        graph = mp.Graph("d", spec(None, 6), ("y",), nodes, {"v": weight, "w": weight.copy()})
        assert unaccounted(account(graph, {"a": weight, "b": weight})) == []
        assert [entry.status for entry in unaccounted(account(graph, {"a": weight}))] == ["missing"]

    def test_a_place_that_another_weight_has_is_not_free(self):
        """The smaller weight lies there as a whole, but two of its rows are the larger one's."""
        both = weights(10, 6)
        nodes = (mp.Node("a", "dense", ("x", "v"), ("h",)), mp.Node("b", "matmul", ("w", "h"), ("y",)))
        graph = mp.Graph("d", spec(6, 7), ("y",), nodes, {"v": both[3:].T, "w": both[:5]})
        entries = account(graph, {"written": both})
        assert one(entries, "v").status == "found"
        assert one(entries, "w").status in ("altered", "missing")

    def test_few_distinct_values(self):
        ternary = np.random.default_rng(1).integers(-1, 2, size=(8, 8)).astype(np.float32)
        assert one(account(dense(ternary), {"out": ternary.T}), "w").status == "found"
        assert (
            one(account(dense(np.eye(5, dtype=np.float32) * 3), {"out": np.zeros((5, 5))}), "w").status
            == "missing"
        )


class TestValuesWithoutInformation:
    """An array of zeros or ones is said to carry no information; any other repeated value must be there."""

    def test_zeros_may_be_left_out(self):
        entry = one(account(dense(weights(3, 4), np.zeros(4, np.float32)), {"w": weights(3, 4)}), "b")
        assert (entry.status, entry.ok) == ("no information", True)
        assert "0" in entry.detail

    def test_zeros_that_became_something(self):
        graph = dense(weights(3, 4), np.zeros(4, np.float32))
        spoilt = np.array([0, 0, 0.5, 0], np.float32)
        assert one(account(graph, {"w": weights(3, 4), "b": spoilt}), "b").status == "altered"
        assert unaccounted(account(graph, {"w": weights(3, 4), "other": spoilt}))[0].status == "unexplained"

    @pytest.mark.parametrize("value", [0.1, 2.0, -1.5])
    def test_a_repeated_value_must_be_there(self, value):
        repeated = np.full(4, value, np.float32)
        graph = dense(weights(3, 4), repeated)
        assert one(account(graph, {"w": weights(3, 4), "b": repeated}), "b").status == "found"
        assert one(account(graph, {"w": weights(3, 4)}), "b").status == "missing"
        for index in range(4):
            spoilt = repeated.copy()
            spoilt[index] = 0.2
            assert unaccounted(account(graph, {"w": weights(3, 4), "b": spoilt}))

    def test_a_weight_that_no_node_reads(self):
        graph = dense(weights(3, 4))
        graph = graph.changed(constants={**graph.constants, "spare": weights(9, 9)})
        assert one(account(graph, {"w": weights(3, 4)}), "spare").status == "unused"


class TestMessages:
    """An entry is a sentence for the person who reads the error."""

    def test_altered_says_what_and_where(self):
        weight = weights(6, 7)
        spoilt = weight.copy()
        spoilt[2, 3] = 0.25
        (entry,) = unaccounted(account(dense(weight), {"out": spoilt}))
        assert str(entry) == (
            f"w: altered in out: 1 of 42 values differ; the first is 0.25 but should be {weight[2, 3]!s}, "
            "element 17 of the flattened array"
        )

    def test_missing_says_which_part(self):
        graph = recurrent()
        arrays = written(graph, "onnx")
        arrays["lw"] = arrays["lw"].copy()
        arrays["lw"][1, 5:10] = 0  # the output gate of the second direction
        (entry,) = unaccounted(account(graph, arrays))
        assert entry.name == "lw"
        assert "part 7 of 8 (2x9x20)" in entry.detail

    def test_unexplained_says_how_many(self):
        weight = weights(6, 7)
        (entry,) = unaccounted(account(dense(weight), {"out": weight, "more": weights(5)}))
        assert str(entry).startswith("more: unexplained: 5 of its 5 values come from no weight")


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_any_layout_is_found_and_any_change_in_it_noticed(data):
    shape = data.draw(st.lists(st.integers(1, 6), min_size=1, max_size=4).filter(lambda s: np.prod(s) > 2))
    block = weights(*shape, seed=data.draw(st.integers(0, 99)))
    moved = block.transpose(data.draw(st.permutations(range(block.ndim))))
    moved = np.flip(moved, data.draw(st.lists(st.integers(0, block.ndim - 1), unique=True)))
    moved = moved * np.float32(data.draw(st.sampled_from([1, -1])))
    between = [weights(data.draw(st.integers(1, 9)), seed=i) for i in (200, 201)]
    fused = np.concatenate([between[0], moved.ravel(), between[1]])
    # Unwritten neighbours belong to weights of their own.
    node = mp.Node("n", "add", ("x", "w"), ("y",))
    others = [mp.Node(f"o{i}", "add", ("x", f"v{i}"), (f"z{i}",)) for i in (0, 1)]
    constants = {"w": block, "v0": between[0], "v1": between[1]}
    graph = mp.Graph("g", spec(None), ("y",), (node, *others), constants)
    assert unaccounted(account(graph, {"all": fused})) == []
    at = data.draw(st.integers(0, fused.size - 1))
    fused[at] += np.float32(0.001)
    assert unaccounted(account(graph, {"all": fused}))


@pytest.mark.models
def test_mutations_of_real_networks_are_noticed():
    wanted = ("beats_blstm_1", "downbeats_bgru_harmonic_0", "onsets_brnn_pp_1", "onsets_cnn")
    for one_model in mp.families()["madmom"].models():
        if one_model.key.rsplit("/", 1)[1] not in wanted:
            continue
        try:
            graph = one_model.load()
        except Unavailable as error:
            pytest.skip(str(error))
        arrays = written(graph, "onnx")
        assert unaccounted(account(graph, arrays)) == []
        rng = np.random.default_rng(3)
        for name, array in arrays.items():
            spoilt = array.copy()
            spoilt.flat[rng.integers(array.size)] += np.float32(0.01)
            assert unaccounted(account(graph, {**arrays, name: spoilt})), (graph.name, name)
            if not np.isin(array, (0, 1)).all():
                without = {k: v for k, v in arrays.items() if k != name}
                assert unaccounted(account(graph, without)), (graph.name, name)
