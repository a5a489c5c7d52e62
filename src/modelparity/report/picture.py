"""Floors per network as an inline SVG: a row for each model, a logarithmic axis, a line where rounding ends."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Any

from .document import Case, floors_of, short

ROW, LEFT, WIDTH, TOP, RIGHT = 14, 300, 560, 34, 40
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
    height = TOP + ROW * len(models) + 30
    parts = [
        f'<svg role="img" aria-labelledby="floors-title" viewBox="0 0 {LEFT + WIDTH + RIGHT} {height}">'
        f'<title id="floors-title">Worst difference of each case in floors, by model; {_said(cases)}</title>',
        *_axis(high, height, float(document["limit"])),
    ]
    for row, model in enumerate(models):
        y = TOP + ROW * row + ROW / 2
        parts.append(
            f'<text class="name" x="{LEFT - 10}" y="{y + 3.5}" text-anchor="end">{escape(model)}</text>'
        )
        parts.append(f'<line class="row" x1="{LEFT}" y1="{y}" x2="{LEFT + WIDTH}" y2="{y}"/>')
        mine = [case for case in cases if case["model"] == model]
        parts += [_mark(case, _x(floors_of(case) or 0.0, high), y, backends) for case in mine]
    return "".join(parts) + "</svg>" + _legend(backends)


def _said(cases: Sequence[Case]) -> str:
    worst = max(cases, key=lambda case: floors_of(case) or 0.0)
    return f"the largest is {short(floors_of(worst) or 0.0)} in {escape(worst['id'])}"


def _x(floors: float, high: int) -> float:
    """Position on the axis; zero stands at its left end and infinity at its right end."""
    if not math.isfinite(floors):
        return LEFT + WIDTH + RIGHT / 2
    power = LEAST if floors <= 0 else min(max(math.log10(floors), LEAST), high)
    return round(LEFT + WIDTH * (power - LEAST) / (high - LEAST), 1)


def _axis(high: int, height: int, limit: float) -> list[str]:
    parts = []
    for power in range(LEAST, high + 1):
        x = _x(10.0**power, high)
        label = f"{10.0**power:g}" if power < 6 else f"1e{power}"
        parts.append(f'<line class="grid" x1="{x}" y1="{TOP}" x2="{x}" y2="{height - 24}"/>')
        parts.append(f'<text class="tick" x="{x}" y="{height - 10}" text-anchor="middle">{label}</text>')
    x = _x(limit, high)
    parts.append(f'<line class="limit" x1="{x}" y1="{TOP - 8}" x2="{x}" y2="{height - 24}"/>')
    parts.append(
        f'<text class="limit" x="{x}" y="{TOP - 14}" text-anchor="middle">rounding ends: {limit:g}</text>'
    )
    return parts


def _mark(case: Case, x: float, y: float, backends: Sequence[str]) -> str:
    number = backends.index(case["backend"])
    verdict = case["verdict"] or {}
    title = f"{case['id']}: {verdict.get('band')} {short(floors_of(case) or 0.0)} floors"
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
