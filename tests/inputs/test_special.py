"""Recipes for sound, spectra, pixels and padding: their bytes, who asks for them, and faults only they show."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import numpy as np
import pytest

import modelparity as mp
from modelparity import Axis, Graph, Node, TensorSpec
from modelparity.inputs import make, recipes, special_recipes, suited
from modelparity.verdict.question import usual

R = np.random.default_rng(3)
BATCH, TOKENS, SAMPLES = Axis("batch"), Axis("sequence"), Axis("samples")
TABLE = R.normal(size=(11, 6)).astype(np.float32)
LOOKUP = Node("e", "gather", ("table", "ids"), ("e",), {"axis": 0})
IDS = TensorSpec("ids", (BATCH, TOKENS), "int64")
#: SHA-256 of each recipe's bytes: x (time, 5), image (time, 20, 2), state (3,), seed 7, as for the plain recipes.
LOCKED: dict[str, str] = {
    "quiet": "a7ae919e7755f9056a73db97ec713c3987475ff7ebe3d068ea88275e59995029",
    "from_silence": "ae9d202a4b7c8797016f7a67529f183b1a77a596bfd4813859beffb6226c97c2",
    "speech": "422eb57ffd2683f892d2ddf15901703c7435918832d52b3e4b351db995d19611",
    "pixels": "3da18c228742d843e95dee9bdc9ac83a46930a72248e891059fede9843ff12db",
    "left_padded": "19fd0ff2b87b8ac37561dfb6077d4060de3a972f401976cbbdf1e32944ed4e04",
    "right_padded": "028d4a61f1791032865a95ef815356ddb6cde41bf72300086ce16037824af7b2",
}


def toy(*specs: TensorSpec, nodes: tuple[Node, ...] = (), **constants: np.ndarray) -> Graph:
    nodes = nodes or (Node("n", "tanh", (specs[0].name,), ("y",)),)
    return Graph("toy", specs, (nodes[-1].outputs[0],), nodes, constants)


MIXED = toy(
    TensorSpec("x", (Axis("time"), Axis("feature", 5))),
    TensorSpec("image", (Axis("time"), Axis("frequency", 20), Axis("channel", 2))),
    TensorSpec("state", (Axis("hidden", 3),)),
)


@pytest.mark.parametrize("recipe", special_recipes())
def test_bytes_are_the_same_on_every_machine(recipe: str) -> None:
    arrays = make(MIXED, recipe, seed=7)
    data = b"".join(arrays[name].astype("<f4").tobytes() for name in sorted(arrays))
    assert hashlib.sha256(data).hexdigest() == LOCKED[recipe]


def mask(
    name: str = "attention_mask", dtype: str = "int64", axes: tuple[Axis, ...] = (BATCH, TOKENS)
) -> TensorSpec:
    return TensorSpec(name, axes, dtype)


def tokens(*others: TensorSpec, more: tuple[Node, ...] = (), **constants: np.ndarray) -> Graph:
    return toy(IDS, *others, nodes=(*more, LOOKUP), table=TABLE, **constants)


def image(*constants: float, op: str = "div") -> Graph:
    spec = TensorSpec("x", (BATCH, Axis("channel", 3), Axis("height", 16), Axis("width", 16)))
    nodes = (Node("d", op, ("x", "k"), ("y",)),)
    return toy(spec, nodes=nodes, k=np.array(constants, np.float32).reshape(-1, 1, 1))


ASKED = {
    "a plain network": (toy(TensorSpec("x", (Axis("time"), Axis("feature", 5)))), ()),
    "tokens": (tokens(), ()),
    "tokens and a mask": (tokens(mask()), ("left_padded", "right_padded")),
    "tokens and a mask of floats": (tokens(mask(dtype="float32")), ("left_padded", "right_padded")),
    "tokens compared with the pad token": (
        tokens(more=(Node("q", "equal", ("ids", "pad"), ("q",)),), pad=np.int64(1)),
        ("left_padded", "right_padded"),
    ),
    "a mask of nothing": (toy(TensorSpec("x", (Axis("time"),)), mask(axes=(Axis("regions", 7),))), ()),
    "audio by name": (toy(TensorSpec("audio", (BATCH, Axis("t")))), ("quiet", "from_silence")),
    "samples by axis": (toy(TensorSpec("x", (BATCH, SAMPLES))), ("quiet", "from_silence")),
    "one channel of a free length": (
        toy(TensorSpec("x", (BATCH, Axis("c", 1), Axis("t")))),
        ("quiet", "from_silence"),
    ),
    "samples before a channel": (
        toy(TensorSpec("x", (BATCH, Axis("t", 2000), Axis("c", 1)))),
        ("quiet", "from_silence"),
    ),
    "many samples": (toy(TensorSpec("x", (BATCH, Axis("t", 8000)))), ("quiet", "from_silence")),
    "a sampling rate beside it": (
        toy(TensorSpec("input", (BATCH, Axis("t"))), TensorSpec("sr", (), "int64")),
        ("quiet", "from_silence"),
    ),
    "frames of 400 by a name of sound": (
        toy(TensorSpec("speech", (Axis("b", 1), Axis("t"), Axis("f", 400)))),
        (),
    ),
    "features of three axes": (
        toy(TensorSpec("input_features", (BATCH, Axis("f", 80), Axis("t", 800)))),
        ("speech",),
    ),
    "eight channels": (toy(TensorSpec("x", (BATCH, Axis("c", 8), Axis("t")))), ()),
    "spectra by name": (toy(TensorSpec("log_mel", (BATCH, Axis("mel", 80), Axis("t")))), ("speech",)),
    "divided by 255": (image(255.0), ("pixels",)),
    "times 1 / 255": (image(1 / 255, op="mul"), ("pixels",)),
    "less the means of ImageNet": (image(123.7, 116.3, 103.5, op="sub"), ("pixels",)),
    "normalised already": (image(0.485, 0.456, 0.406, op="sub"), ()),
}


@pytest.mark.parametrize("what", ASKED)
def test_inputs_ask_for_what_suits_them(what: str) -> None:
    graph, wanted = ASKED[what]
    assert suited(graph) == wanted
    assert set(usual(graph)) >= {"noise", *wanted}
    # Whatever they hold, every recipe fills them.
    for recipe in wanted if "samples" in what else (*recipes(), *special_recipes()):
        for spec, array in zip(graph.inputs, make(graph, recipe).values(), strict=True):
            assert (array.dtype, array.ndim) == (spec.dtype, len(spec.axes))
            assert np.isfinite(array).all()


def test_masks_and_tokens_are_padded_alike() -> None:
    graph = tokens(mask(), mask("padding_mask", "bool"), TensorSpec("x", (BATCH, TOKENS, Axis("f", 2))))
    for recipe, kept in (
        ("left_padded", [0, 0, 0, 1, 1, 1, 1, 1, 1]),
        ("right_padded", [1, 1, 1, 1, 1, 1, 0, 0, 0]),
    ):
        made = make(graph, recipe, length=9)
        assert made["attention_mask"].tolist() == [[1] * 9, kept]
        np.testing.assert_array_equal(made["padding_mask"], made["attention_mask"] == 0)
        assert not made["ids"][made["attention_mask"] == 0].any()
        assert not made["x"][made["attention_mask"] == 0].any()
        assert made["x"][made["attention_mask"] == 1].all()
    plain = make(graph, "noise", length=9)
    assert plain["attention_mask"].all()
    assert not plain["padding_mask"].any()


def test_padding_is_the_token_that_the_network_compares_with() -> None:
    graph = tokens(more=(Node("q", "equal", ("ids", "pad"), ("q",)),), pad=np.int64(7))
    assert (make(graph, "left_padded", length=9)["ids"][1, :3] == 7).all()


def test_a_sequence_alone_is_padded_too() -> None:
    graph = tokens(mask())
    for recipe, kept in (("left_padded", [0, 0, 1, 1, 1, 1]), ("right_padded", [1, 1, 1, 1, 0, 0])):
        assert make(graph, recipe, length=6, sizes={"batch": 1})["attention_mask"].tolist() == [kept]


def test_pixels_are_whole_numbers_up_to_255() -> None:
    x = make(image(255.0), "pixels")["x"]
    assert (x.min(), x.max()) == (0, 255)
    np.testing.assert_array_equal(x, np.round(x))
    assert len(np.unique(x)) > 200


def test_samples_before_a_channel_are_silent_at_first_in_time() -> None:
    graph = toy(TensorSpec("x", (BATCH, Axis("t", 3000), Axis("c", 1))))
    x = make(graph, "from_silence")["x"]
    assert not x[:, :1000].any()
    assert np.abs(x[:, 1000:]).max() > 0.1


def test_sound_is_quiet_or_begins_in_silence() -> None:
    graph = toy(TensorSpec("audio", (BATCH, SAMPLES)))
    assert 2.0**-16 < np.abs(make(graph, "quiet")["audio"]).max() <= 2.0**-15
    late = make(graph, "from_silence")["audio"]
    assert not late[:, : late.shape[1] // 3].any()
    assert (np.abs(late[:, late.shape[1] // 2 :]).max(axis=1) > 0.01).all()


def without_special(reference: Graph, candidate: Graph) -> mp.Verdict:
    return mp.check(reference, candidate, recipes=("noise", "odd_length", "one_frame"))


def shown_by(reference: Graph, candidate: Graph, recipe: str) -> None:
    """Green on the plain recipes, wrong by default, and for this recipe."""
    assert without_special(reference, candidate).ok
    verdict = mp.check(reference, candidate)
    assert verdict.band == "wrong"
    assert {one.case: one.band for one in verdict.cases}[recipe] == "wrong"
    assert mp.check(reference, reference).ok


def loudness(floor: float) -> Graph:
    """The logarithm of how loud sixteen samples are, no less than a floor."""
    spec = TensorSpec("audio", (BATCH, Axis("samples", 16)))
    nodes = (
        Node("s", "mul", ("audio", "audio"), ("s",)),
        Node("m", "reduce_mean", ("s",), ("m",), {"axes": (-1,)}),
        Node("f", "maximum", ("m", "floor"), ("f",)),
        Node("y", "log", ("f",), ("y",)),
    )
    return toy(spec, nodes=nodes, floor=np.float32(floor))


def test_the_floor_of_a_logarithm_shows_on_quiet_sound() -> None:
    shown_by(loudness(1e-12), loudness(1e-6), "quiet")


def masked(turned: bool) -> Graph:
    """The mean of the tokens that the mask keeps; ``turned`` applies the mask from the other side."""
    turn = (Node("t", "reverse", ("attention_mask",), ("t",), {"axes": (1,)}),) if turned else ()
    kept = "t" if turned else "attention_mask"
    nodes = (
        *turn,
        LOOKUP,
        Node("k", "expand_dims", (kept,), ("k",), {"axes": (2,)}),
        Node("w", "mul", ("e", "k"), ("w",)),
        Node("y", "reduce_sum", ("w",), ("y",), {"axes": (1,)}),
    )
    return toy(IDS, mask(dtype="float32"), nodes=nodes, table=TABLE)


def test_a_mask_on_the_wrong_side_shows_on_padding() -> None:
    shown_by(masked(turned=False), masked(turned=True), "left_padded")
    shown_by(masked(turned=False), masked(turned=True), "right_padded")


def scaled(divides: bool) -> Graph:
    """Pixels are divided by 255, what is small already is not; ``divides`` is false where tracing lost it."""
    spec = TensorSpec("x", (BATCH, Axis("channel", 3), Axis("height", 8), Axis("width", 8)))
    nodes = (
        Node("d", "div", ("x", "k"), ("d",)),
        Node("m", "reduce_max", ("x",), ("m",), {"keepdims": True}),
        Node("c", "greater", ("m", "most"), ("c",)),
        Node("s", "select", ("c", "d" if divides else "x", "x"), ("s",)),
        Node("y", "tanh", ("s",), ("y",)),
    )
    return toy(spec, nodes=nodes, k=np.float32(255), most=np.float32(8))


def test_a_lost_division_by_255_shows_on_pixels() -> None:
    shown_by(scaled(divides=True), scaled(divides=False), "pixels")


def test_every_recipe_is_documented() -> None:
    text = (Path(__file__).parents[2] / "docs/goldens.md").read_text(encoding="utf-8")
    assert [name for name in (*recipes(), *special_recipes()) if f"`{name}`" not in text] == []


@pytest.mark.parametrize("axes", [(Axis("n"), Axis("samples")), (Axis("n"), Axis("t", 2048), Axis("c", 1))])
@pytest.mark.parametrize("recipe", ["quiet", "from_silence"])
def test_members_of_a_batch_of_sound_are_no_bands(axes, recipe) -> None:
    """However many there are, each is a voice; the first ones are those of a smaller batch."""
    graph = toy(TensorSpec("audio", axes))
    few, many = (make(graph, recipe, seed=1, sizes={"n": n})["audio"] for n in (3, 16))
    np.testing.assert_array_equal(few, many[:3])


def test_long_spectra_take_no_time_to_draw() -> None:
    graph = toy(TensorSpec("mel", (Axis("time"), Axis("bands", 40))))
    begun = time.process_time()
    x = make(graph, "speech", length=20_000)["mel"]
    assert time.process_time() - begun < 5  # it took minutes, as the square of the length
    assert (x > 0.01).mean() > 0.2
