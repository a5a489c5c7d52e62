"""Pad: longer axes, filled with a constant, a reflection or the edge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, Range, Ranges, Shape, rank_of, union
from ..engine.operator import Step, first_only, operator
from ..errors import GraphError
from ..graph import Array
from ._sizes import bounded

MODES = ("constant", "reflect", "edge", "wrap")


def _streaming(time: int, shape: Shape, attrs: Mapping[str, Any]) -> Step | str:
    before = attrs["before"][time]
    if attrs["after"][time]:
        return "it pads the end of the time axis, so it needs to know where the sequence ends"
    if not before:
        return Step(time)
    if attrs.get("mode", "constant") != "constant":
        return "it pads the time axis with what comes later"
    rest = tuple(0 if axis == time else n for axis, n in enumerate(attrs["before"]))
    return Step(time, before=before, fill=attrs.get("value", 0.0), attrs={"before": rest})


def _range(given: Ranges, attrs: Mapping[str, Any]) -> Range | None:
    """Only 0 is the same number in every arithmetic; another one may be a little larger where it is stored."""
    if attrs["mode"] != "constant":
        return given["x"]
    return union([given["x"], Range(0, 0, quiet=True)]) if attrs["value"] == 0 else None


@operator(first_only(_streaming), facts=Facts(rank=rank_of("x"), range=_range, windowed=True))
def pad(
    ar: Arithmetic,
    x: Array,
    *,
    before: Sequence[int],
    after: Sequence[int],
    value: float = 0.0,
    mode: str = "constant",
) -> Array:
    """y[i] = x[i - before] inside; outside: ``value`` (constant), the mirror image without the edge (reflect),
    the nearest element (edge), or the array over again (wrap).

    x (...) -> y (...), each axis longer by its ``before`` and ``after``. Exact; ``value`` is stored as the
    arithmetic stores a weight. Raises `GraphError` for a negative width, a wrong count, an unknown mode, or a
    reflection longer than the input.
    Source: ONNX Pad; checked against torch.nn.functional.pad.
    """
    rank = x.ndim - 1
    if len(before) != rank or len(after) != rank:
        raise GraphError(
            "padding does not name every axis",
            found=f"{len(before)} before, {len(after)} after",
            expected=f"{rank} of each",
        )
    if min((*before, *after), default=0) < 0:
        raise GraphError(
            "negative padding", found=f"before {tuple(before)}, after {tuple(after)}", fix="crop with slice"
        )
    if mode not in MODES:
        raise GraphError(f"unknown padding mode {mode!r}", expected=", ".join(MODES))
    if mode != "constant":
        widths = [max(pair) for pair in zip(before, after, strict=True)]
        least = tuple((width + 1 if mode == "reflect" else 1) if width else 0 for width in widths)
        if any(n < m for n, m in zip(x.shape[1:], least, strict=True)):
            raise GraphError(
                f"{mode} padding needs a longer input", found=x.shape[1:], expected=f"at least {least}"
            )
        bounded(*(b + n + a for b, n, a in zip(before, x.shape[1:], after, strict=True)))
        y: Array = np.pad(x, [(0, 0), *zip(before, after, strict=True)], mode=mode)  # type: ignore[call-overload]
        return y
    fill = ar.cast(np.array(value, np.float64)).astype(x.dtype)
    sizes = [b + n + a for b, n, a in zip(before, x.shape[1:], after, strict=True)]
    y = np.full((x.shape[0], *bounded(*sizes)), fill, x.dtype)
    y[(slice(None), *(slice(b, b + n) for b, n in zip(before, x.shape[1:], strict=True)))] = x
    return y
