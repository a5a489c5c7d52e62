"""Embeddings and positions: left out, shifted, scaled, rotated otherwise."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from ....graph import Array
from ..fault import Group, by_format
from ..making import NodeFault, Way, Written, ahead, behind, dropped, instead, with_array
from ..view import At

GROUP = Group("positions", "Embeddings and positions", 65)
LOOKUPS = ("embedding", "gather")
#: Bases of rotary positions in use.
BASES = (10_000.0, 500_000.0, 1_000_000.0, 100_000.0, 5_000_000.0)


def table(at: At) -> Array | None:
    """The constant table that a lookup reads: rows of features."""
    if at.node.op == "embedding":
        return at.array("table")
    found = at.array("x")
    if found is None or found.ndim != 2 or found.dtype.kind != "f" or at.attrs["axis"] != 0:
        return None
    return found


def _position(at: At) -> str | None:
    """The parameter of an ``add`` that depends on sizes alone and has a row a place, such as a table of positions."""
    fixed = [one for one, name in at.tensors.items() if name not in at.view.given]
    if len(fixed) != 1:
        return None
    array, rank = at.array(fixed[0]), at.rank(at.tensors[fixed[0]])
    if array is not None:
        return fixed[0] if array.ndim > 1 and array.shape[-2] > 1 and array.shape[-1] > 1 else None
    return fixed[0] if rank is None or rank > 1 else None


def _other(at: At, parameter: str) -> str:
    return next(one for one in at.tensors if one != parameter)


class PositionsDropped(NodeFault):
    id = "positions-dropped"
    group = GROUP
    ops = ("add",)
    where = "sums with a table that depends on sizes alone"
    text = "Positions are not added."
    happens = (
        "A buffer was not exported, or the port's encoder has no positional embedding; on short inputs "
        "the effect is small."
    )
    repair = "Add the position of each place."

    def ways(self, at: At) -> Iterator[Way]:
        parameter = _position(at)
        array = None if parameter is None else at.array(parameter)
        mask = array is not None and array.dtype.kind == "f" and bool(np.any(array < -1e3))
        if parameter is not None and not mask:
            yield Way("", f"{at.name} adds no positions", dropped(at, _other(at, parameter)))


class PositionsShifted(NodeFault):
    id = "positions-shifted"
    group = GROUP
    ops = ("add",)
    where = "sums with a table that depends on sizes alone"
    text = "Positions start at another row: off by one, or by the two rows that some models keep for padding."
    happens = "Counting starts at 1, or BART's and RoBERTa's offset of two is left out or added twice."
    repair = "Start at the row that the source starts at."

    def ways(self, at: At) -> Iterator[Way]:
        parameter = _position(at)
        if parameter is None:
            return
        for by in (1, -1, 2, -2):
            edit = ahead(at, self.id, parameter, partial(_moved, self._table(at, parameter), by))
            yield Way(f"{by:+d}", f"the positions of {at.name} are off by {by:+d}", edit)

    @staticmethod
    def _table(at: At, parameter: str) -> tuple[str, Mapping[str, Any]] | None:
        """The constant table and the settings of the slice that cuts its first rows, if there are more."""
        maker = at.maker(parameter)
        if maker is None or maker.op != "slice":
            return None
        rows, attrs = at.view.array(maker.inputs[0]), at.of(maker).attrs
        ends = attrs["ends"]
        if rows is None or rows.ndim < 2 or len(ends) != 1 or not isinstance(ends[0], int) or attrs["steps"]:
            return None
        axis = (attrs["axes"] or (0,))[0] % rows.ndim
        return (
            (maker.inputs[0], dict(attrs)) if axis == rows.ndim - 2 and 0 < ends[0] < rows.shape[-2] else None
        )


def _moved(table: tuple[str, Mapping[str, Any]] | None, by: int, w: Written, x: str) -> str:
    """The rows that stand ``by`` further, out of the table where it has more of them."""
    if table is None or by < 0:
        return _rolled(by, w, x)
    name, attrs = table
    starts, ends = (tuple(n + by for n in attrs[key]) for key in ("starts", "ends"))
    return w("slice", name, **{**attrs, "starts": starts, "ends": ends})


def _rolled(by: int, w: Written, x: str) -> str:
    """Rows of the last axis but one moved by ``by``, those at the end repeated."""
    if by > 0:
        kept = w("slice", x, starts=(by,), ends=(None,), axes=(-2,))
        last = w("slice", x, starts=(-by,), ends=(None,), axes=(-2,))
        return w("concat", kept, last, axis=-2)
    kept = w("slice", x, starts=(0,), ends=(by,), axes=(-2,))
    first = w("slice", x, starts=(0,), ends=(-by,), axes=(-2,))
    return w("concat", first, kept, axis=-2)


class PositionsScaled(NodeFault):
    id = "positions-reversed-or-scaled"
    group = GROUP
    ops = ("add",)
    where = "sums with a table that depends on sizes alone"
    text = "Positions run backwards, have the other sign, or sine and cosine halves exchanged."
    happens = "Sine and cosine are interleaved in one implementation and side by side in another."
    repair = "Lay the table out as the source does."

    def ways(self, at: At) -> Iterator[Way]:
        parameter = _position(at)
        array = at.array(parameter) if parameter else None
        if parameter is None:
            return
        yield Way(
            "backwards",
            f"the positions of {at.name} run backwards",
            ahead(at, self.id, parameter, lambda w, x: w("reverse", x, axes=(-2,))),
        )
        if array is not None and array.shape[-1] % 2 == 0:
            width = array.shape[-1]
            apart = np.concatenate([np.arange(0, width, 2), np.arange(1, width, 2)])
            for words, taken in (("side by side", apart), ("interleaved", np.argsort(apart))):
                if not np.array_equal(taken, np.arange(width)):
                    yield Way(
                        words,
                        f"the features of the positions of {at.name} lie {words}",
                        with_array(at, parameter, partial(_columns, taken)),
                    )


def _columns(taken: Array, array: Array) -> Array:
    return array[..., taken]


class EmbeddingScaled(NodeFault):
    id = "embedding-scale"
    group = GROUP
    ops = (*LOOKUPS, "mul")
    where = "lookups in a table of features, and numbers that they are multiplied with"
    text = (
        "An embedding is multiplied by the root of its width although it should not be, or not although "
        "it should."
    )
    happens = (
        "The first transformer, T5's and Gemma's embeddings are scaled in code that a port of weights "
        "does not see."
    )
    repair = "Multiply by the root of the width where the source does."

    def ways(self, at: At) -> Iterator[Way]:
        if at.node.op == "mul":
            scale = next(
                (one for one in at.tensors if (a := at.array(one)) is not None and a.size == 1), None
            )
            given = [one for one in at.tensors if one != scale]
            maker = at.maker(given[0]) if scale is not None and len(given) == 1 else None
            if maker is not None and maker.op in LOOKUPS and table(at.of(maker)) is not None:
                yield Way("lost", f"what {maker.name!r} looks up is not scaled", dropped(at, given[0]))
            return
        rows = table(at)
        if rows is None or rows.shape[-1] < 2:
            return
        root = math.sqrt(rows.shape[-1])
        for words, factor in (("root of the width", root), ("one over it", 1 / root)):
            yield Way(
                words,
                f"what {at.name} looks up is multiplied by {factor:.4g}",
                behind(at, self.id, partial(_scaled_by, factor)),
            )


def _scaled_by(factor: float, w: Written, x: str) -> str:
    return w("scale_shift", x, alpha=factor)


class EmbeddingShifted(NodeFault):
    id = "embedding-off-by-one"
    group = GROUP
    ops = LOOKUPS
    where = "lookups in a table of features"
    text = "Every index finds the next row, or the one before."
    happens = (
        "Index 0 is padding here and the first word there; a special token was put in front of the "
        "vocabulary."
    )
    repair = "Shift the indices, or the rows of the table."

    def ways(self, at: At) -> Iterator[Way]:
        rows = table(at)
        parameter = "table" if at.node.op == "embedding" else "x"
        if rows is None or len(rows) < 2:
            return
        for by in (1, -1):
            yield Way(
                f"{by:+d}",
                f"{at.name} finds row i{by:+d} for i",
                with_array(at, parameter, partial(np.roll, shift=-by, axis=0)),
            )


class PaddingRow(NodeFault):
    id = "embedding-padding-row"
    group = GROUP
    ops = LOOKUPS
    where = "lookups in a table of features"
    text = "The row of the padding index is zeros although the source has numbers there, or another row is."
    happens = (
        "padding_idx keeps a row at zero in training; a port zeroes row 0 (or the last) whatever the "
        "index was."
    )
    repair = "Copy the table as it is."

    def ways(self, at: At) -> Iterator[Way]:
        rows = table(at)
        parameter = "table" if at.node.op == "embedding" else "x"
        if rows is None:
            return
        for row, words in ((0, "first"), (len(rows) - 1, "last"), (1, "second")):
            if row < len(rows) and np.any(rows[row]):
                yield Way(
                    words,
                    f"the {words} row of {at.name} is zeros",
                    with_array(at, parameter, partial(_without_row, row)),
                )


def _without_row(row: int, array: Array) -> Array:
    made = array.copy()
    made[row] = 0
    return made


class RotaryHalves(NodeFault):
    id = "rotary-halves"
    group = GROUP
    ops = ("concat", "interleave")
    where = "rotary positions: the joining of one half with the negative of the other"
    text = (
        "Rotary positions turn the wrong pairs or the wrong way: neighbours instead of halves, or the "
        "other half negated."
    )
    happens = (
        "GPT-NeoX and Llama in transformers turn halves, GPT-J and Meta's own Llama neighbours; weights "
        "are permuted for one of the two."
    )
    repair = "Turn the pairs that the weights were permuted for."
    repairs = by_format(onnx="Set RotaryEmbedding's attribute interleaved.")

    def ways(self, at: At) -> Iterator[Way]:
        if len(at.node.inputs) != 2:
            return
        signs = [at.view.makers.get(name) for name in at.node.inputs]
        negated = [maker is not None and maker.op == "neg" for maker in signs]
        if negated.count(True) != 1:
            return
        turned = negated.index(True)
        minus = signs[turned]
        assert minus is not None
        plain = at.node.inputs[1 - turned]
        other = minus.inputs[0]
        pair = [self._source(at, name) for name in (plain, other)]
        if pair[0] is None or pair[0] != pair[1]:
            return
        attrs = dict(at.node.attrs)

        def other_way(w: Written, at: At) -> str:
            halves = (other, w("neg", plain)) if turned == 0 else (w("neg", plain), other)
            return w(at.node.op, *halves, **attrs)

        yield Way("other way", f"{at.name} turns its pairs the other way", instead(at, self.id, other_way))
        if at.node.op == "concat":
            x = pair[0]

            def neighbours(w: Written, at: At) -> str:
                even = w("slice", x, starts=(0,), ends=(None,), axes=(-1,), steps=(2,))
                odd = w("slice", x, starts=(1,), ends=(None,), axes=(-1,), steps=(2,))
                return w("interleave", w("neg", odd), even, axis=-1)

            yield Way(
                "neighbours",
                f"{at.name} turns neighbours instead of halves",
                instead(at, self.id, neighbours),
            )

    @staticmethod
    def _source(at: At, name: str) -> str | None:
        maker = at.view.makers.get(name)
        return maker.inputs[0] if maker is not None and maker.op in ("slice", "split", "gather") else None


class RotaryBase(NodeFault):
    id = "rotary-base"
    group = GROUP
    ops = ("matmul", "mul", "einsum", "expand_dims", "broadcast_to", "reshape", "cos", "sin", "cast")
    where = "constants that fall geometrically from 1, as frequencies of rotary and sinusoidal positions do"
    text = "Rotary or sinusoidal positions have another base, such as 10,000 for 500,000."
    happens = "rope_theta is read from nowhere and 10,000 is the default of every implementation."
    repair = "Write the base of the source's configuration (rope_theta)."

    def ways(self, at: At) -> Iterator[Way]:
        for parameter in at.tensors:
            array = at.array(parameter)
            base = None if array is None else frequencies(array)
            if array is None or base is None:
                continue
            for other in BASES:
                if not math.isclose(other, base, rel_tol=0.01):
                    edit = with_array(at, parameter, partial(_with_base, other))
                    yield Way(
                        f"{other:,.0f}",
                        f"the frequencies of {at.name} have the base {other:,.0f} instead of {base:,.0f}",
                        edit,
                    )


def frequencies(array: Array) -> float | None:
    """The base b of frequencies b^(-i / n), i = 0 ... n - 1; ``None`` for anything else."""
    values = array.reshape(-1).astype(np.float64)
    if array.dtype.kind != "f" or values.size < 2 or values.size != max(array.shape, default=0):
        return None
    if not math.isclose(values[0], 1.0, rel_tol=1e-6) or values[-1] <= 0 or values[1] >= 1:
        return None
    base = float(values[1] ** -values.size)
    expected = base ** (-np.arange(values.size) / values.size)
    return base if base > 100 and np.allclose(values, expected, rtol=1e-4) else None


def _with_base(base: float, array: Array) -> Array:
    made = base ** (-np.arange(array.size) / array.size)
    return made.reshape(array.shape)
