"""The benchmark as a table of text and as a picture (SVG): a row a model and runtime, from median to worst call."""

from __future__ import annotations

import math
from html import escape

from modelparity.describe import layout

from ..specs import LATENCY, MEMORY
from .measure import Benchmark, Figure

ROW, LEFT, WIDTH, TOP, GAP = 22, 260, 420, 64, 90
#: The axis, in powers of ten of a second.
LEAST, MOST = -6, -1
MEGA = 1_000_000
COLOURS = {"onnxruntime": "#1f77b4", "torch": "#d1495b", "rtneural": "#2a9d5c", "engine": "#777777"}


def table(benchmark: Benchmark) -> str:
    """Times in microseconds, memory in bytes, and what is beyond the budget."""
    rows = [
        [
            "model",
            "runtime",
            "median us",
            "p99 us",
            "worst us",
            "weights + state",
            "process grew by",
            "budget",
        ]
    ]
    for one in benchmark.figures:
        grown = "-" if one.resident is None else f"{one.resident:,}"
        times = [
            f"{value * 1e6:,.0f}" if value >= 1e-5 else f"{value * 1e6:.1f}"
            for value in (one.median, one.p99, one.worst)
        ]
        rows.append([one.model, one.runtime, *times, f"{one.counted:,}", grown, verdict(one)])
    lines = layout(rows)
    own = {one.model: one.counted for one in benchmark.figures}
    total = sum(own.values())
    if len(own) > 1:
        said = "OVER" if total > MEMORY else "within"
        lines.append(
            f"all {len(own)} together: {total:,} bytes of weights and state, {said} the budget of {MEMORY:,}"
        )
    lines += [f"SKIPPED {name}: {why}" for name, why in benchmark.absent.items()]
    return "\n".join(lines)


def verdict(one: Figure) -> str:
    """In words, whether the budget is kept."""
    words = []
    if one.median > LATENCY:
        words.append("TOO SLOW")
    elif not one.fast:
        words.append(f"{one.late} of {one.calls:,} calls over {LATENCY * 1e3:g} ms")
    if not one.small:
        words.append("TOO LARGE")
    elif (one.resident or 0) > MEMORY:
        words.append(f"process grew by over {MEMORY / MEGA:g} MB")
    return ", ".join(words) or "kept"


def picture(benchmark: Benchmark) -> str:
    """An SVG that stands alone: latency on a logarithmic axis with its budget, and memory beside it."""
    height = TOP + ROW * len(benchmark.figures) + 40
    memory = LEFT + WIDTH + GAP
    width = memory + 200
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="12">',
        "<title>One call of one frame: median to worst, and memory, by model and runtime</title>",
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="{LEFT}" y="20" font-weight="bold">one call of one frame: median (dot) to worst (bar)</text>',
        f'<text x="{memory}" y="20" font-weight="bold">weights and state</text>',
    ]
    bottom = height - 34
    for power in range(LEAST, MOST + 1):
        label = {-6: "1 µs", -5: "10 µs", -4: "100 µs", -3: "1 ms", -2: "10 ms", -1: "100 ms"}[power]
        parts += _rule(_x(10.0**power), bottom, label, "#dddddd")
    parts += _rule(_x(LATENCY), bottom, "budget", "#c00000", above=True)
    scale = 150 / max([MEMORY, *(one.counted for one in benchmark.figures)])
    parts += _rule(memory + MEMORY * scale, bottom, f"budget {MEMORY / MEGA:g} MB", "#c00000", above=True)
    for row, one in enumerate(benchmark.figures):
        y = TOP + ROW * row + ROW / 2
        colour = COLOURS.get(one.runtime, "#000000")
        start, end = _x(one.median), _x(one.worst)
        parts += [
            f'<text x="{LEFT - 10}" y="{y + 4}" text-anchor="end">{escape(one.model)} · {escape(one.runtime)}</text>',
            f'<line x1="{start}" y1="{y}" x2="{end}" y2="{y}" stroke="{colour}" stroke-width="3"/>',
            f'<circle cx="{start}" cy="{y}" r="5" fill="{colour}"><title>{escape(_told(one))}</title>'
            "</circle>",
            f'<rect x="{memory}" y="{y - 5}" width="{one.counted * scale:.1f}" height="10" fill="{colour}"/>',
            f'<text x="{memory + one.counted * scale + 5:.1f}" y="{y + 4}">{one.counted / MEGA:.2f} MB</text>',
        ]
    return "\n".join([*parts, "</svg>\n"])


def _told(one: Figure) -> str:
    times = f"median {one.median * 1e6:.1f} µs, worst {one.worst * 1e6:.1f} µs"
    return f"{one.model} in {one.runtime}: {times} of {one.calls}"


def _x(seconds: float) -> float:
    power = min(max(math.log10(max(seconds, 1e-12)), LEAST), MOST)
    return round(LEFT + WIDTH * (power - LEAST) / (MOST - LEAST), 1)


def _rule(x: float, bottom: float, label: str, colour: str, *, above: bool = False) -> list[str]:
    return [
        f'<line x1="{x:.1f}" y1="{TOP - 8}" x2="{x:.1f}" y2="{bottom}" stroke="{colour}"/>',
        f'<text x="{x:.1f}" y="{TOP - 14 if above else bottom + 18}" fill="{colour if above else "#555555"}" '
        f'text-anchor="middle">{label}</text>',
    ]
