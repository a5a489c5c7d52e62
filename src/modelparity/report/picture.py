"""Floors per network as an inline SVG: a row for each model, a logarithmic axis, a line where rounding ends."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from .document import Case, floors_of, short

ROW, WIDTH, TOP, BOTTOM, RIGHT = 14, 560, 50, 30, 56
#: Room for names: so much a character at 11 pixels; longer names than this lose their beginning.
CHARACTER, LONGEST = 6.9, 64
#: Decades that are always shown, so that pictures of different runs look alike.
LEAST, MOST = -3, 2
SHAPES = ("circle", "square", "diamond", "triangle")


def render(document: dict[str, Any]) -> str:
    """The picture, or an empty string if nothing was judged."""
    cases: list[Case] = [case for case in document["cases"] if case["verdict"] is not None]
    if not cases:
        return ""
    models = sorted({case["model"] for case in cases})
    backends = sorted({case["backend"] for case in cases})
    finite = [f for case in cases if (f := floors_of(case)) is not None and math.isfinite(f) and f > 0]
    high = max([MOST, *(math.ceil(math.log10(f)) for f in finite)])
    left = round(20 + CHARACTER * max(len(_name(model)) for model in models))
    axis = Axis(left, high, TOP + ROW * len(models) + BOTTOM)
    parts = [
        f'<svg class="floors" role="img" aria-labelledby="floors-title" '
        f'viewBox="0 0 {left + WIDTH + RIGHT} {axis.height}" style="min-width:{0.75 * (left + WIDTH):.0f}px">'
        '<title id="floors-title">Worst difference of each case, times what rounding can explain, '
        f"by model; {_said(cases)}</title>",
        *_drawn(axis, float(document["limit"]), endless=any(f == math.inf for f in map(floors_of, cases))),
    ]
    for row, model in enumerate(models):
        y = TOP + ROW * row + ROW / 2
        parts.append(
            f'<text class="name" x="{left - 10}" y="{y + 3.5}" text-anchor="end">{escape(_name(model))}</text>'
        )
        parts.append(f'<line class="row" x1="{left}" y1="{y}" x2="{left + WIDTH}" y2="{y}"/>')
        mine = [case for case in cases if case["model"] == model]
        parts += [_mark(case, axis.x(floors_of(case) or 0.0), y, backends) for case in mine]
    return f'{_legend(backends)}<div class="wide">{"".join(parts)}</svg></div>'


@dataclass(frozen=True)
class Axis:
    """The horizontal axis: floors from 10**LEAST to 10**high, and the picture's height."""

    left: int
    high: int
    height: int

    def x(self, floors: float) -> float:
        """Position of so many floors; zero stands at the left end and infinity beyond the right end."""
        if not math.isfinite(floors):
            return self.left + WIDTH + RIGHT - 14
        power = LEAST if floors <= 0 else min(max(math.log10(floors), LEAST), self.high)
        return round(self.left + WIDTH * (power - LEAST) / (self.high - LEAST), 1)


def _name(model: str) -> str:
    return model if len(model) <= LONGEST else "…" + model[1 - LONGEST :]


def _said(cases: Sequence[Case]) -> str:
    worst = max(cases, key=lambda case: floors_of(case) or 0.0)
    return f"the largest is {short(floors_of(worst) or 0.0)} in {escape(worst['id'])}"


def _drawn(axis: Axis, limit: float, *, endless: bool) -> list[str]:
    end = axis.height - BOTTOM + 6
    labels = [(10.0**power, f"{10.0**power:g}" if power < 6 else f"1e{power}") for power in _powers(axis)]
    labels[0] = (labels[0][0], f"≤ {labels[0][1]}")
    parts = []
    for floors, label in labels + ([(math.inf, "∞")] if endless else []):
        x = axis.x(floors)
        parts.append(f'<line class="grid" x1="{x}" y1="{TOP}" x2="{x}" y2="{end}"/>')
        for y in (TOP - 8, end + 14):
            parts.append(f'<text class="tick" x="{x}" y="{y}" text-anchor="middle">{label}</text>')
    x = axis.x(limit)
    parts.append(f'<line class="limit" x1="{x}" y1="{TOP - 4}" x2="{x}" y2="{end}"/>')
    parts.append(
        f'<text class="limit" x="{x}" y="{TOP - 26}" text-anchor="middle">rounding ends: {limit:g}</text>'
    )
    return parts


def _powers(axis: Axis) -> range:
    return range(LEAST, axis.high + 1)


def _mark(case: Case, x: float, y: float, backends: Sequence[str]) -> str:
    number = backends.index(case["backend"])
    verdict = case["verdict"] or {}
    title = (
        f"{case['id']}: {verdict.get('band')} {short(floors_of(case) or 0.0)} times what rounding can explain"
    )
    shape = _shape(SHAPES[number % len(SHAPES)], x, y)
    kind = f"mark b{number % len(SHAPES)}" + ("" if case["outcome"] == "passed" else " bad")
    return f'<g class="{kind}"><title>{escape(title)}</title>{shape}</g>'


def _shape(name: str, x: float, y: float, r: float = 3.5) -> str:
    if name == "circle":
        return f'<circle cx="{x}" cy="{y}" r="{r}"/>'
    if name == "square":
        return f'<rect x="{x - r:.1f}" y="{y - r:.1f}" width="{2 * r}" height="{2 * r}"/>'
    tip = f"{x},{y - r - 1:.1f} {x + r + 1:.1f},{y}"
    if name == "diamond":
        return f'<polygon points="{tip} {x},{y + r + 1:.1f} {x - r - 1:.1f},{y}"/>'
    return f'<polygon points="{x},{y - r - 1:.1f} {x + r + 1:.1f},{y + r:.1f} {x - r - 1:.1f},{y + r:.1f}"/>'


def _legend(backends: Sequence[str]) -> str:
    items = "".join(
        f'<li><svg class="key" viewBox="0 0 12 12"><g class="mark b{i % len(SHAPES)}">'
        f"{_shape(SHAPES[i % len(SHAPES)], 6, 6)}</g></svg>{escape(backend)}</li>"
        for i, backend in enumerate(backends)
    )
    return f'<ul class="legend">{items}</ul>'
