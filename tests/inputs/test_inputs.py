"""Inputs: the bytes are locked, the shapes follow the graph, and what cannot be known is asked for."""

from __future__ import annotations

import hashlib
import re

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from modelparity import Axis, Graph, Node, TensorSpec
from modelparity.errors import InputError
from modelparity.graph import numbered
from modelparity.inputs import length_of, make, recipes
from modelparity.inputs.generator import Generator

#: SHA-256 of each recipe's bytes (little-endian float32): x (time, 5), image (time, 7, 2), state (3,), seed 7.
LOCKED = {
    "noise": "ab7a6143547b9e0e4c254a178bff0ac839135578ef2ca8f0534b38074173f70d",
    "noise_small": "41a1556feb641cd6374dab7ef293e361b8b9f13156488dac6644e1d9c0e497d2",
    "noise_large": "b7ba91d23bdf57226664bdc3bbfc609185835c4c7d67239d9aef1affe0caf4ec",
    "silence": "a817b88c21067d7b1c21270f0c20c16322eae52b50532950817ed2d9a4ec7e39",
    "impulse": "477c7c398b43da4e0a54cf789fa0942d6f80878ae52bd29a9e7fd097dd242892",
    "saturating": "c3429bd01fbd354f08af050c69bfe14f49a72794f9f628d1cff6b25697ecf99e",
    "one_frame": "3918a5895a17cbabdbbcf0e795584530f30cae7482a43663434acfd796d9de3b",
    "odd_length": "3038a49e46bc67d38c1ef26bc0f77959a2ca1630133332834386ec1c760cd62c",
    "long": "0614d16fa21cf0d3c475767d5fa54fa48589ff57102a831eaeaac36617d6cce6",
    "features": "7696fffcefaa423f7550543ab5a6353215a689704ba519e15fc9609bf8f4f397",
}


def graph_of(*specs: TensorSpec, nodes: tuple[Node, ...] = (), constants: dict | None = None) -> Graph:
    """A graph with these inputs; what it computes does not matter here."""
    nodes = nodes or (Node("n", "tanh", (specs[0].name,), ("y",)),)
    return Graph("toy", specs, ("y",), nodes, constants or {})


def frames(least: int = 1, *, dtype: str = "float32") -> Graph:
    return graph_of(TensorSpec("x", (Axis("time", None, least), Axis("feature", 5)), dtype))


MIXED = graph_of(
    TensorSpec("x", (Axis("time"), Axis("feature", 5))),
    TensorSpec("image", (Axis("time"), Axis("frequency", 7), Axis("channel", 2))),
    TensorSpec("state", (Axis("hidden", 3),)),
)


def test_every_recipe_is_locked() -> None:
    assert set(LOCKED) == set(recipes())


@pytest.mark.parametrize("recipe", recipes())
def test_bytes_are_the_same_on_every_machine(recipe: str) -> None:
    np.random.seed(1)  # noqa: NPY002 - global state must not matter
    arrays = make(MIXED, recipe, seed=7)
    data = b"".join(arrays[name].astype("<f4").tobytes() for name in sorted(arrays))
    assert hashlib.sha256(data).hexdigest() == LOCKED[recipe]


def splitmix64(state: int, count: int) -> list[int]:
    """The published generator, in Python's own integers."""
    words, mask = [], 2**64 - 1
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & mask
        z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        words.append(z ^ (z >> 31))
    return words


def test_words_are_those_of_splitmix64() -> None:
    # The first three words for seed 1234567 as published with the reference implementation.
    assert splitmix64(1234567, 3) == [6457827717110365317, 3203168211198807973, 9817491932198370423]
    start = int.from_bytes(hashlib.sha256(b"a\0001").digest()[:8], "little")
    generator = Generator("a", 1)
    assert [*generator.words(4).tolist(), *generator.words(3).tolist()] == splitmix64(start, 7)


def test_deviates_are_exact_functions_of_the_words() -> None:
    start = int.from_bytes(hashlib.sha256(b"k").digest()[:8], "little")
    words = splitmix64(start, 30)
    parts = [
        [word >> shift & 0xFFFF for word in words[3 * i : 3 * i + 3] for shift in (0, 16, 32, 48)]
        for i in range(10)
    ]
    assert Generator("k").normal(10).tolist() == [(sum(p) - 393210) / 65536 for p in parts]
    assert Generator("k").uniform(30).tolist() == [(word >> 40) / 2**24 for word in words]
    assert Generator("k").whole(30, 1000).tolist() == [(word >> 33) * 1000 >> 31 for word in words]


def test_noise_is_normal() -> None:
    x = Generator("moments").normal(200_000)
    assert abs(x.mean()) < 0.01
    assert abs(x.std() - 1) < 0.01
    assert abs((x**4).mean() - (3 - 1.2 / 12)) < 0.06  # the kurtosis of a sum of twelve is 0.1 short of 3
    assert abs(np.corrcoef(x[:-1], x[1:])[0, 1]) < 0.01


@pytest.mark.parametrize("recipe", recipes())
def test_values_are_finite_and_of_the_declared_type(recipe: str) -> None:
    for dtype in ("float32", "float64", "float16"):
        x = make(frames(dtype=dtype), recipe)["x"]
        assert x.dtype == dtype
        assert np.isfinite(x).all()
        np.testing.assert_array_equal(x.astype(np.float32).astype(x.dtype), x)


def test_streams_depend_on_seed_name_and_recipe() -> None:
    other = graph_of(TensorSpec("z", (Axis("time"), Axis("feature", 5))))
    draws = [
        make(frames())["x"],
        make(frames(), seed=1)["x"],
        make(other)["z"],
        make(frames(), "long")["x"][:100],
    ]
    for i, a in enumerate(draws):
        for b in draws[:i]:
            assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 0.2
    np.testing.assert_array_equal(make(frames())["x"], draws[0])


def test_a_shorter_noise_begins_a_longer_one() -> None:
    np.testing.assert_array_equal(make(frames(), length=30)["x"], make(frames())["x"][:30])


def test_scales() -> None:
    spread = {recipe: float(make(frames(), recipe)["x"].std()) for recipe in recipes()}
    assert spread["noise"] == pytest.approx(1, rel=0.1)
    assert spread["noise_small"] == pytest.approx(1e-3, rel=0.1)
    assert spread["noise_large"] == pytest.approx(30, rel=0.1)
    assert spread["silence"] == 0
    magnitude = np.abs(make(frames(), "saturating")["x"])
    assert magnitude.min() >= 100
    assert magnitude.max() <= 200


def test_an_impulse_is_one_frame_of_distinct_elements() -> None:
    x = make(frames(), "impulse")["x"]
    assert np.flatnonzero(x.any(axis=1)).tolist() == [25]
    np.testing.assert_array_equal(x[25], np.array([0.2, 0.4, 0.6, 0.8, 1.0], np.float32))


def test_features_look_like_a_spectrogram() -> None:
    wide = graph_of(TensorSpec("x", (Axis("time"), Axis("frequency", 80), Axis("channel", 3))))
    x = make(wide, "features", length=200)["x"].astype(np.float64)
    assert x.min() >= 0
    assert 1 < x.max() < 10
    for axis in (0, 1):
        assert np.abs(np.diff(x, axis=axis)).mean() < 0.2 * x.std()  # white noise: 1.13
    rise = np.diff(x.mean(axis=(1, 2)))
    assert rise.max() > 2 * -rise.min()  # onsets are quicker than decays
    assert (rise < 0).mean() > 0.5
    assert not np.array_equal(x[..., 0], x[..., 1])


@pytest.mark.parametrize(
    ("recipe", "least", "expected"),
    [
        ("noise", 1, 100),
        ("noise", 130, 130),
        ("one_frame", 1, 1),
        ("one_frame", 15, 15),
        ("odd_length", 1, 97),
        ("odd_length", 98, 99),
        ("odd_length", 101, 101),
        ("long", 1, 400),
        ("features", 1, 100),
    ],
)
def test_lengths(recipe: str, least: int, expected: int) -> None:
    graph = frames(least)
    assert make(graph, recipe)["x"].shape == (expected, 5)
    assert length_of(graph, recipe) == expected
    assert make(graph, recipe, length=expected)["x"].shape == (expected, 5)


@given(st.sampled_from(recipes()), st.integers(1, 40), st.integers(1, 6), st.booleans())
@settings(max_examples=40, deadline=None)
def test_any_legal_graph_gets_inputs_that_it_accepts(
    recipe: str, least: int, width: int, batched: bool
) -> None:
    from modelparity.engine.feeds import bound

    batch = (Axis("batch"),) if batched else ()
    graph = graph_of(
        TensorSpec("x", (*batch, Axis("time", None, least), Axis("feature", width))),
        TensorSpec("mask", (*batch, Axis("time")), "bool"),
        TensorSpec("gain", ()),
    )
    arrays = bound(graph, make(graph, recipe))
    assert arrays["mask"].shape == arrays["x"].shape[:-1]
    assert arrays["gain"].shape == ()


def table_of(dtype: str = "int64") -> Graph:
    lookup = Node("e", "embedding", ("ids", "table"), ("y",))
    spec = TensorSpec("ids", (Axis("time"),), dtype)
    return graph_of(spec, nodes=(lookup,), constants={"table": np.zeros((11, 4), np.float32)})


@pytest.mark.parametrize("recipe", recipes())
def test_integers_stay_within_the_table(recipe: str) -> None:
    ids = make(table_of("int32"), recipe)["ids"]
    assert ids.dtype == np.int32
    assert ids.min() >= 0
    assert ids.max() <= 10
    if recipe == "noise":
        assert set(ids.tolist()) == set(range(11))
    if recipe == "saturating":
        assert set(ids.tolist()) == {10}


def test_integers_of_unknown_range_are_bytes() -> None:
    graph = graph_of(TensorSpec("count", (Axis("time"),), "int64"))
    assert 200 < make(graph)["count"].max() < 256
    assert make(graph, below={"count": 3})["count"].max() == 2
    with pytest.raises(InputError, match="out of range"):
        make(graph, below={"count": 0})


def test_other_variable_axes() -> None:
    graph = graph_of(TensorSpec("x", (Axis("batch"), Axis("time"), Axis("frequency", None, 40))))
    assert make(graph)["x"].shape == (2, 100, 40)
    assert make(graph, sizes={"batch": 5, "frequency": 50})["x"].shape == (5, 100, 50)
    odd = graph_of(TensorSpec("x", (Axis("time"), Axis("mood", None, 3), Axis("tone", None, 50))))
    assert make(odd)["x"].shape == (100, 32, 50)
    with pytest.raises(InputError, match="size 2 is below the least, 3"):
        make(odd, sizes={"mood": 2})


@pytest.mark.parametrize(
    ("names", "time"),
    [
        (("batch", "time"), "time"),
        (("N", "seq_len"), "seq_len"),
        (("batch_size", "x_1"), "x_1"),
        (("x_0",), "x_0"),
        (("height", "width"), None),
        (("height", "n_frames"), "n_frames"),
        (("source_len", "target_len"), None),
        (("batch",), None),
    ],
)
def test_the_axis_that_counts_as_time(names: tuple[str, ...], time: str | None) -> None:
    graph = graph_of(TensorSpec("x", tuple(map(Axis, names))))
    sizes = dict(zip(names, make(graph, "odd_length")["x"].shape, strict=True))
    assert [name for name, size in sizes.items() if size == 97] == [time] * (time is not None)


def test_the_least_length_of_an_artefact_that_does_not_say_it_is_tried() -> None:
    pool = Node("pool", "windows", ("x",), ("y",), {"size": 5})
    graph = Graph("pooled", (TensorSpec("x", (Axis("length"), Axis("f", 2))),), ("y",), (pool,), {})
    assert make(graph, "one_frame")["x"].shape == (6, 2)  # of 2, 3, 4, 6, 8, ...


@pytest.mark.parametrize(("axes", "given"), [((Axis("time"),), {"x"}), ((Axis("one", 1),), {"x", "h"})])
def test_states_start_from_zeros_where_time_goes_on(axes: tuple[Axis, ...], given: set[str]) -> None:
    add = Node("add", "add", ("x", "h"), ("y",))
    mean = Node("mean", "reduce_mean", ("y",), ("last",), {"axes": (0,)})
    inputs = (TensorSpec("x", axes), TensorSpec("h", ()))
    graph = Graph("kept", inputs, ("y", "last"), (add, mean), {}, states={"h": "last"})
    assert set(make(graph)) == given


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"recipe": "noize"}, "unknown recipe 'noize'.*(?s:.)*noise"),
        ({"seed": -1}, "seed"),
        ({"length": 0}, "too short.*at least 3"),
        ({"length": 2}, "too short.*at least 3"),
        ({"recipe": "one_frame", "length": 5}, "shortest legal input, which is 3"),
        ({"recipe": "odd_length", "length": 10}, "odd length(?s:.)*length=11"),
        ({"length": 10**9}, "elements"),
        ({"sizes": {"bach": 2}}, "no variable axis 'bach'"),
    ],
)
def test_wrong_arguments(arguments: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make(frames(3), **arguments)


def test_an_input_of_two_tables_stays_within_the_smaller() -> None:
    graph = table_of()
    small = Node("f", "gather", ("more", "ids"), ("z",), {"axis": 1})
    both = graph.changed(
        nodes=(*graph.nodes, small), constants={**graph.constants, "more": np.zeros((50, 5), np.float32)}
    )
    assert set(make(both, "saturating")["ids"].ravel()) == {4}


def test_what_is_picked_from_an_integer_input_does_not_bound_it() -> None:
    """The input is the data here, and the constant its indices."""
    spec = TensorSpec("ids", (Axis("time"),), "int64")
    picked = Node("g", "gather", ("ids", "places"), ("y",))
    graph = graph_of(spec, nodes=(picked,), constants={"places": np.array([0, 0, 0])})
    assert make(graph)["ids"].max() > 200


def test_a_length_without_a_time_axis_is_refused() -> None:
    graph = graph_of(TensorSpec("x", (Axis("feature", 5),)))
    assert make(graph)["x"].shape == (5,)
    assert length_of(graph) is None
    with pytest.raises(InputError, match=re.escape("x (feature=5) float32")):
        make(graph, length=10)
    with pytest.raises(InputError, match="below the least, 4"):
        make(graph_of(TensorSpec("x", (Axis("batch", None, 4),))), sizes={"batch": 2})


def table(rows: int) -> np.ndarray:
    return np.arange(rows * 4, dtype="float32").reshape(rows, 4)


def test_numbers_that_are_made_whole_first_index_what_they_index() -> None:
    """As exporters write an input of tokens whose type was left to be float32."""
    spec = TensorSpec("x", (Axis("time"), Axis("feature", 21)))
    nodes = (
        Node("c", "cast", ("x",), ("whole",), {"to": "int32"}),
        Node("e", "embedding", ("whole", "table"), ("y",)),
    )
    graph = graph_of(spec, nodes=nodes, constants={"table": table(7)})
    drawn = make(graph)["x"]
    assert (drawn.dtype, set(drawn.reshape(-1))) == (np.float32, set(range(7)))
    sizes = (Node("s", "shape", ("x",), ("sizes",)), Node("n", "tanh", ("x",), ("y",)))
    assert not set(make(graph_of(spec, nodes=sizes))["x"].reshape(-1)) <= set(range(256))
    bytes_ = (Node("q", "quantize_range", ("x",), ("y", "scale", "zero")),)
    assert not set(make(graph_of(spec, nodes=bytes_))["x"].reshape(-1)) <= set(range(256))


def test_tokens_index_a_table_that_is_computed() -> None:
    """As in a network whose embedding is held in bytes, and where no run on zeros is affordable."""
    spec = TensorSpec("x", (Axis("time"), Axis("word", 3)), "int64")
    nodes = (
        Node("d", "dequantize", ("held", "scale"), ("table",)),
        Node("s", "squeeze", ("x",), ("same",), {"axes": ()}),
        Node("e", "embedding", ("same", "table"), ("y",)),
    )
    constants = {"held": table(300).astype("int8"), "scale": np.float32(0.1)}
    drawn = make(graph_of(spec, nodes=nodes, constants=constants))["x"]
    assert 256 <= drawn.max() < 300


def test_what_counts_is_one_where_none_does_not_run() -> None:
    """A length of which one is taken: at none there is no place before the first."""
    nodes = (
        Node("less", "sub", ("n", "one"), ("place",)),
        Node("look", "embedding", ("place", "table"), ("y",)),
    )
    constants = {"one": np.int64(1), "table": np.ones((4, 2), np.float32)}
    net = graph_of(TensorSpec("n", (Axis("time"),), "int64"), nodes=nodes, constants=constants)
    assert make(net)["n"].tolist() == [1] * 100
    assert set(make(net, below={"n": 3})["n"].tolist()) == {0, 1, 2}


def test_words_are_drawn_from_those_that_are_known() -> None:
    net = graph_of(TensorSpec("x", (Axis("time"),), "int64", words=("a", "b", "c")))
    assert set(make(net)["x"].tolist()) == set(numbered("abc").tolist())
