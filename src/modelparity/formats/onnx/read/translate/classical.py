"""ONNX-ML: encoders, scalers and linear models, as scikit-learn's converter writes them.

Text is whole numbers, as in `modelparity.graph.numbered`: whether words are the same is all that is asked of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .....graph import Array, numbered
from ..node import Op, reads
from ..scope import Kind
from ..tensors import TEXT

DOMAIN = "ai.onnx.ml"
ACT = ("NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT")


def rows(op: Op, place: int = 0) -> str:
    """An input as numbers (batch, in); one row if it has a single axis."""
    x = op.input(place)
    if not op.is_float(place):
        x = op.temp("cast", [x], dtype="float32", to="float")
    dtype = op.dtype(place) if op.is_float(place) else "float32"
    return op.temp("reshape", [x], dtype=dtype, shape=(1, -1)) if op.rank(place) == 1 else x


def batch(op: Op) -> int | str | None:
    """How many rows the first input has."""
    return op.shape(0)[0] if op.rank(0) > 1 else 1


def transformed(op: Op, scores: str, how: str) -> str:
    """Scores (batch, count) after the operator's ``post_transform``."""
    if how == "NONE":
        return scores
    if how == "LOGISTIC":
        return op.temp("sigmoid", [scores], dtype="float32")
    if how == "PROBIT":
        op.declined("a probit transform")
    y = op.temp("softmax", [scores], dtype="float32", axis=-1)
    if how == "SOFTMAX":
        return y
    zero = op.constant(
        np.float32(0), "zero"
    )  # scores that are nothing stay nothing, and the others sum to one
    y = op.temp("select", [op.temp("equal", [scores, zero], dtype="bool"), zero, y], dtype="float32")
    total = op.temp("reduce_sum", [y], dtype="float32", axes=(-1,), keepdims=True)
    return op.temp("div", [y, total], dtype="float32")


def given_scores(op: Op, scores: str, count: int) -> None:
    """The second output, if it is wanted."""
    if op.wanted(1):
        op.give("identity", [scores], output=1, kind=Kind("float32", (batch(op), count)))


def given_labels(op: Op, places: str, ints: Sequence[int], texts: Sequence[str]) -> None:
    """The first output: the label at each place."""
    if not op.wanted(0):
        return
    known = op.constant(numbered(texts) if texts else np.array(ints, np.int64), "labels")
    op.give("gather", [known, places], output=0, kind=Kind(TEXT if texts else "int64", (batch(op),)))


@reads("LinearRegressor", domain=DOMAIN)
def linear_regressor(op: Op) -> None:
    """y = x W' + b, transformed"""
    count = op.attr("targets", 1)
    y = _affine(op, count)
    y = transformed(op, y, op.choice("post_transform", {one: one for one in ACT}, "NONE"))
    op.give("identity", [y], kind=Kind("float32", (batch(op), count)))


@reads("LinearClassifier", domain=DOMAIN)
def linear_classifier(op: Op) -> None:
    """labels = those of the largest scores, scores = x W' + b, transformed"""
    op.ignore("multi_class")  # says how it was trained
    ints, texts = op.attr("classlabels_ints", ()), op.attr("classlabels_strings", ())
    labels = max(len(ints), len(texts))
    count = len(op.attr("intercepts", ())) or labels
    how = op.choice("post_transform", {one: one for one in ACT}, "NONE")
    scores = _affine(op, count)
    if count == 1:
        if labels != 2:
            op.declined("one score for other than two labels")
        half = op.constant(np.float32(0.5 if how == "LOGISTIC" else 0), "half")
        asked = op.temp("sigmoid", [scores], dtype="float32") if how == "LOGISTIC" else scores
        above = op.temp("greater", [asked, half], dtype="bool")
        places = op.temp("cast", [above], dtype="int64", to="int64")
        places = op.temp("reshape", [places], dtype="int64", shape=(-1,))
        scores = op.temp("concat", [_second(op, scores, how), scores], dtype="float32", axis=-1)
    else:
        places = op.temp("argmax", [scores], dtype="int64", axis=-1)
    given_labels(op, places, ints, texts)
    given_scores(op, transformed(op, scores, how), max(count, labels))


def _second(op: Op, scores: str, how: str) -> str:
    """The score of the first of two classes where only that of the second is computed."""
    if how == "NONE":
        return op.temp("sub", [op.constant(np.float32(1), "one"), scores], dtype="float32")
    return op.temp("neg", [scores], dtype="float32")


def _affine(op: Op, count: int) -> str:
    """x W' + b from the attributes ``coefficients`` (count in) and ``intercepts`` (count)."""
    weights, bias = np.array(op.attr("coefficients"), np.float32), op.attr("intercepts", ())
    if count < 1 or weights.size % count or len(bias) not in (0, count):
        found = f"{weights.size} coefficients, {len(bias)} intercepts"
        raise op.error(
            "coefficients and intercepts do not fit", found=found, expected=f"{count} rows of them"
        )
    inputs = [rows(op), op.constant(weights.reshape(count, -1).T, "coefficients")]
    if len(bias):
        inputs.append(op.constant(np.array(bias, np.float32), "intercepts"))
    return op.temp("dense", inputs, dtype="float32")


@reads("Scaler", domain=DOMAIN)
def scaler(op: Op) -> None:
    """y = (x - offset) scale, for all features or each"""
    x = op.input(0)
    if not op.is_float(0):
        x = op.temp("cast", [x], dtype="float32", to="float")
    for core, name in (("sub", "offset"), ("mul", "scale")):
        factor = op.constant(np.array(op.attr(name), np.float32), name)
        x = op.temp(core, [x, factor], dtype="float32")
    op.give("identity", [x], kind=Kind("float32", op.shape(0)))


@reads("Normalizer", domain=DOMAIN)
def normalizer(op: Op) -> None:
    """y = x over its norm in each row; a row of zeros stays one"""
    x = op.input(0)
    if not op.is_float(0):
        x = op.temp("cast", [x], dtype="float32", to="float")
    norm = op.choice("norm", {"MAX": "max", "L1": "l1", "L2": "l2"}, "MAX")
    axis = 0 if op.rank(0) == 1 else 1
    size = op.temp(f"reduce_{norm}", [x], dtype="float32", axes=(axis,), keepdims=True)
    zero, one = (op.constant(np.float32(n), "safe") for n in (0, 1))
    safe = op.temp("select", [op.temp("equal", [size, zero], dtype="bool"), one, size], dtype="float32")
    op.give("div", [x, safe], kind=Kind("float32", op.shape(0)))


@reads("Binarizer", domain=DOMAIN)
def binarizer(op: Op) -> None:
    """y = 1 where x is above the threshold, else 0"""
    limit = op.constant(np.array(op.attr("threshold", 0.0)).astype(op.dtype(0)), "threshold")
    above = op.temp("greater", [op.input(0), limit], dtype="bool")
    to = "float" if op.is_float(0) else op.dtype(0)
    op.give("cast", [above], kind=op.kind(0), to=to)


@reads("Imputer", domain=DOMAIN)
def imputer(op: Op) -> None:
    """y = x with another value in the place of one that stands for a missing one"""
    whole = not op.is_float(0)
    values = op.attr("imputed_value_int64s" if whole else "imputed_value_floats", ())
    missing = op.attr("replaced_value_int64" if whole else "replaced_value_float", 0)
    op.ignore(*op.attributes)  # those of the other type
    if not len(values):
        op.declined("an imputer without values")
    kind = op.dtype(0)
    put = op.constant(np.array(values, kind), "values")
    if not whole and np.isnan(missing):
        gone = op.temp("is_nan", [op.input(0)], dtype="bool")
    else:
        gone = op.temp("equal", [op.input(0), op.constant(np.array(missing, kind), "missing")], dtype="bool")
    op.give("select", [gone, put, op.input(0)], kind=op.kind(0))


@reads("ArrayFeatureExtractor", domain=DOMAIN)
def array_feature_extractor(op: Op) -> None:
    """y = x[..., places]"""
    places = op.temp("reshape", [op.input(1)], dtype="int64", shape=(-1,))
    known = op.known(1)
    count = None if known is None else int(known.size)
    shape, own = (1, count) if op.rank(0) == 1 else (*op.shape(0)[:-1], count), op.kind(0).dtype
    y = op.temp("gather", [op.input(0), places], dtype=op.dtype(0), axis=-1)
    sized = (1, -1) if op.rank(0) == 1 else (*[0] * (op.rank(0) - 1), -1)
    op.give("reshape", [y], kind=Kind(own, shape), shape=sized)


@reads("FeatureVectorizer", domain=DOMAIN)
def feature_vectorizer(op: Op) -> None:
    """y = the features of all inputs side by side"""
    widths = op.attr("inputdimensions", ())
    parts = [rows(op, k) for k in range(op.count)]
    for place, width in enumerate(widths):
        if op.shape(place)[-1] not in (None, width):
            op.declined("an input that is cut or filled up")
    op.give("concat", parts, kind=Kind("float32", (batch(op), sum(widths) or None)), axis=-1)


@reads("OneHotEncoder", domain=DOMAIN)
def one_hot_encoder(op: Op) -> None:
    """y[..., k] = 1 where x is category k, else 0"""
    op.ignore("cats_strings", "cats_int64s")  # those of the other type
    words = numbered(op.attr("cats_strings", ()))
    cats = words if op.is_text() else np.array(op.attr("cats_int64s", ()), np.int64)
    if not op.attr("zeros", 1):
        op.declined("a category that must be known")
    x = op.input(0)
    if op.is_float(0):
        x = op.temp("cast", [x], dtype="int64", to="int64")
    wide = op.temp("expand_dims", [x], dtype="int64", axes=(-1,))
    known = op.constant(cats, "categories")
    hit = op.temp("equal", [wide, known], dtype="bool")
    op.give("cast", [hit], kind=Kind("float32", (*op.shape(0), len(cats))), to="float")


@reads("LabelEncoder", domain=DOMAIN)
def label_encoder(op: Op) -> None:
    """y = the value of the key that x is, or the default"""
    if "classes_strings" in op.attributes:
        _places(op)
        return
    kind, keys, values, default = _table(op)
    looked_up(op, keys, values, default, kind)


def looked_up(op: Op, keys: Array, values: Array, default: Any, kind: str) -> None:
    """The output: the value, of the type ``kind``, of the key that each element is, or ``default``."""
    if not len(keys) or len(keys) != len(values):
        raise op.error("keys and values differ in number", found=(len(keys), len(values)))
    keys, first = np.unique(keys[::-1], return_index=True)  # of a key that stands twice the last value counts
    values = np.append(values[::-1][first], values.dtype.type(default))
    wide = op.temp("expand_dims", [op.input(0)], dtype=op.dtype(0), axes=(-1,))
    hit = op.temp("equal", [wide, op.constant(keys.astype(op.dtype(0)), "keys")], dtype="bool")
    hit = op.temp("cast", [hit], dtype="int64", to="int64")
    some = op.temp("reduce_max", [hit], dtype="int64", axes=(-1,))
    at = op.temp("argmax", [hit], dtype="int64", axis=-1)
    none = op.constant(np.int64(len(keys)), "none")
    at = op.temp("select", [op.temp("cast", [some], dtype="bool", to="bool"), at, none], dtype="int64")
    op.give("gather", [op.constant(values, "values"), at], kind=Kind(kind, op.shape(0)))


def _places(op: Op) -> None:
    """The operator as it was at first: text becomes its place in a list, or a place its text."""
    words = numbered(op.attr("classes_strings"))
    places = np.arange(len(words), dtype=np.int64)
    _between(op, words, places, op.attr("default_string", "_Unused"), op.attr("default_int64", -1))


@reads("CategoryMapper", domain=DOMAIN)
def category_mapper(op: Op) -> None:
    """y = the number of the word that x is, or the word of the number, or the default"""
    words, numbers = numbered(op.attr("cats_strings", ())), np.array(op.attr("cats_int64s", ()), np.int64)
    _between(op, words, numbers, op.attr("default_string", "_Unused"), op.attr("default_int64", -1))


def _between(op: Op, words: Array, numbers: Array, word: str, number: int) -> None:
    """Words as their numbers, or numbers as their words; what is neither is ``word`` or ``number``."""
    if op.is_text():
        looked_up(op, words, numbers, number, "int64")
    else:
        looked_up(op, numbers, words, numbered([word])[0], TEXT)


def _table(op: Op) -> tuple[str, Array, Array, Any]:
    """The type of values, keys, values and default, in the type in which the operator has them."""
    _, _, keys = _column(op, "keys")
    kind, dtype, values = _column(op, "values")
    usual = {"floats": -0.0, "int64s": -1}.get(kind, "_Unused" if dtype == TEXT else 0)
    given = op.attr(f"default_{kind.removesuffix('s')}", usual)
    op.ignore(*op.attributes)  # defaults of other types
    if isinstance(given, tuple):
        return dtype, keys, values, given[1].reshape(-1)[0]
    return dtype, keys, values, numbered([given])[0] if isinstance(given, str) else given


def _column(op: Op, side: str) -> tuple[str, str, Array]:
    """The keys or the values: which attribute has them, their type, and what they are."""
    tensor = op.attr(f"{side}_tensor", None)
    if tensor is not None:
        return "tensor", tensor[0], tensor[1].reshape(-1)
    for kind, dtype in (("floats", "float32"), ("int64s", "int64")):
        if (given := op.attr(f"{side}_{kind}", None)) is not None:
            return kind, dtype, np.asarray(given, dtype)
    return "strings", TEXT, numbered(op.attr(f"{side}_strings", ()))


@reads("ZipMap", domain=DOMAIN)
def zip_map(op: Op) -> None:
    """A map of labels to scores for each row: the scores, the least label first (a map has no order of its own)"""
    ints, texts = op.attr("classlabels_int64s", ()), op.attr("classlabels_strings", ())
    labels: Sequence[object] = ints or texts
    order = sorted(range(len(labels)), key=lambda place: str(labels[place]) if texts else ints[place])
    if not labels or order == list(range(len(order))):
        op.pass_on(op.value(0))
        return
    op.give("gather", [op.input(0), op.constant(np.array(order), "order")], kind=op.kind(0), axis=-1)
