"""From confidences of windows to a verdict on a file: stages ``confidences`` and ``verdict``."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any

import numpy as np

from modelparity.errors import InputError
from modelparity.graph import Array, Graph, GraphBuilder
from modelparity.stages import Decoded, Item, Mistakes, Span, checked, one_of

from .frontend.resampling import Seconds

RULES = ("original", "port", "aggregate")
STRATEGIES = ("mean_thresholded", "mean_top_k")
#: "pairs": each row is the mean of two neighbours, the first and the last are windows themselves. The others are
#: mistakes.
SMOOTHINGS = ("pairs", "first-nothing", "last-left-out", "centred")
Smoothing = Annotated[
    str,
    Mistakes(
        {
            "last-left-out": "no row for the last window alone",
            "first-nothing": "0 in the first row, where nothing is before it",
            "centred": "means of three windows",
        }
    ),
]
Share = Annotated[float, Span(0, 1)]


def confidences(*, call_class: Annotated[int, Span(0, 1)] = 1) -> Graph:
    """logits (window, class) -> confidences (window): the share of the class of calls

    Args:
        call_class: 1 for ['negative', 'positive'], upstream's order.
    """
    stage = GraphBuilder("confidences")
    shares = stage.node("softmax", stage.given("logits", "window", ("class", 2)), "shares", axis=-1)
    one = stage.node("slice", shares, "calls", starts=(call_class,), ends=(call_class + 1,), axes=(1,))
    stage.node("squeeze", one, "confidences", axes=(1,))
    return stage.graph("confidences")


@dataclass(frozen=True)
class Row:
    """A stretch of the file: where it starts and how long it is in seconds, its confidence, 1 for a call or 0."""

    start_s: float
    duration_s: float
    confidence: float
    prediction: int


@dataclass(frozen=True)
class Detection:
    """What is said of a file: its rows, whether there are calls in it (1 or 0), and how sure that is.

    ``global_confidence`` is a percentage by the rules "original" and "port", and a share by "aggregate".
    """

    rows: tuple[Row, ...]
    global_prediction: int
    global_confidence: float

    def original(self) -> dict[str, Any]:
        """As the original returns it; its table is a list of rows here."""
        return {
            "submission": [
                {"start_time_s": row.start_s, "duration_s": row.duration_s, "confidence": row.confidence}
                for row in self.rows
            ],
            "local_predictions": [row.prediction for row in self.rows],
            "local_confidences": [row.confidence for row in self.rows],
            "global_prediction": self.global_prediction,
            "global_confidence": self.global_confidence,
        }

    def port(self, **metadata: Any) -> dict[str, Any]:
        """As the port's DetectionResult has it; ``metadata`` such as wav_file_path and processing_time_s."""
        last = self.rows[-1] if self.rows else None
        length = last.start_s + last.duration_s if last else 0.0
        found = self.original()
        segments = found.pop("submission")
        return {**found, "segment_predictions": segments, "metadata": {"file_duration_s": length, **metadata}}

    def to_json(self) -> dict[str, Any]:
        """All of it as plain data."""
        return asdict(self)


@checked
def verdict(
    confidences: Array,
    *,
    rule: Annotated[
        str, Mistakes({"port": "the port's rule", "aggregate": "the rule of aggregates"})
    ] = "original",
    smooth: Annotated[bool, Mistakes({False: "rows that are not smoothed"})] = True,
    smoothing: Smoothing = "pairs",
    ties: Annotated[bool, Mistakes({True: ">= in place of > at the threshold of rows"})] = False,
    local_threshold: Share = 0.5,
    minimum: Annotated[int, Span(0, 1_000_000)] = 3,
    strategy: Annotated[str, Mistakes({"mean_top_k": "mean of the largest"})] = "mean_thresholded",
    mean_top_k: Annotated[int, Span(-1_000_000, 1_000_000)] = 3,
    global_threshold: Share = 0.6,
    window: Seconds = 2.0,
    hop: Seconds = 1.0,
) -> Detection:
    """What confidences c (window) say of a file.

    "original": with ``smooth`` rows of one hop, c[0], then the means of neighbours, then c[n - 1], which are n + 1;
    else c itself. A row is a call above ``local_threshold``, a file has calls with ``minimum`` such rows or more, and
    its confidence is their share in percent. "port" has no smoothing, and the mean of the calls' confidences in
    percent. "aggregate" has the mean of the calls' ("mean_thresholded") or of the ``mean_top_k`` largest confidences,
    whatever the threshold, and calls from ``global_threshold`` on. Ports have other ``smoothing``, and ``ties`` that
    are calls.

    Args: confidences (window,), between 0 and 1; without any there are no calls.
    Returns: a `Detection`.
    Raises: `InputError` for a setting that has no such value, another shape, and confidences that are not finite.
    Source: OrcaHello, FastAIModel.predict and OrcaHelloSRKWDetectorV1, first and final branch.
    """
    one_of("rule", rule, RULES)
    one_of("strategy", strategy, STRATEGIES)
    one_of("smoothing", smoothing, SMOOTHINGS)
    c = np.asarray(confidences)
    if c.ndim != 1 or c.dtype.kind != "f" or not np.isfinite(c).all():
        raise InputError(
            "confidences are numbers, one a window",
            where="verdict",
            found=f"{c.dtype} of shape {c.shape}"
            if c.ndim != 1 or c.dtype.kind != "f"
            else "some are not finite",
        )
    c = c.astype(np.float64)
    if rule == "original" and smooth and len(c):
        c = _smoothed(c, smoothing)
        length = hop
    else:
        length = window
    positive = c >= local_threshold if ties else c > local_threshold
    rows = tuple(
        Row(place * hop, length, float(one), int(yes))
        for place, (one, yes) in enumerate(zip(c, positive, strict=True))
    )
    sure = _confidence(c, positive, rule, strategy, mean_top_k)
    calls = sure >= global_threshold if rule == "aggregate" else positive.sum() >= minimum
    return Detection(rows, int(calls and len(c) > 0), sure)


def _smoothed(c: Array, way: str) -> Array:
    if way == "centred":
        around = np.concatenate((c[:1], c, c[-1:]))
        found: Array = (around[:-2] + around[1:-1] + around[2:]) / 3
        return found
    first = np.zeros(1) if way == "first-nothing" else c[:1]
    last = c[:0] if way == "last-left-out" else c[-1:]
    return np.concatenate((first, (c[:-1] + c[1:]) / 2, last))


def _confidence(c: Array, positive: Array, rule: str, strategy: str, top: int) -> float:
    if not len(c):
        return 0.0
    if rule == "aggregate" and strategy == "mean_top_k":
        return float(np.sort(c)[-max(1, min(top, len(c))) :].mean())
    mean = float(c[positive].mean()) if positive.any() else 0.0
    return mean if rule == "aggregate" else 100.0 * mean


@dataclass(frozen=True)
class Detections(Decoded):
    """Verdicts: two are the same if they have the same rows with the same predictions, and the same one of the file.

    Confidences are numbers, which their own stage judges.
    """

    word: str = "rows"

    def read(self, value: Any) -> Detection:
        """A `Detection`, or a dict as the original or the port returns it. Raises `InputError` for others."""
        if isinstance(value, Detection):
            return value
        try:
            table = value.get("submission", value.get("segment_predictions"))
            rows = tuple(
                Row(float(one["start_time_s"]), float(one["duration_s"]), float(one["confidence"]), int(yes))
                for one, yes in zip(table, value["local_predictions"], strict=True)
            )
            return Detection(rows, int(value["global_prediction"]), float(value["global_confidence"]))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise InputError(
                "not a verdict",
                found=f"{type(value).__name__}: {error}",
                expected="a Detection, or a dict of rows, local_predictions, global_prediction, global_confidence",
            ) from error

    def plain(self, value: Any) -> dict[str, Any]:
        """As the original returns it."""
        return self.read(value).original()

    def items(self, value: Any) -> list[Item]:
        """One for each row, and one for the file."""
        found = self.read(value)
        told = ("no call", "call")
        rows = [Item((row.start_s,), (row.duration_s, told[row.prediction])) for row in found.rows]
        return [*rows, Item((), ("file:", told[found.global_prediction]))]
