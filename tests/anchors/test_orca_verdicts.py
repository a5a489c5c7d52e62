"""OrcaHello's windows and verdicts against what its original and both versions of its port said: equal, every one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import modelparity as mp
from modelparity_families.orca import frontend
from modelparity_families.orca.verdict import verdict

HERE = Path(__file__).parent / "orca"


@cache
def arrays(name: str) -> dict[str, Any]:
    with np.load(HERE / f"{name}.npz", allow_pickle=False) as found:
        return {key: found[key] for key in found.files}


def rows(section: str) -> Iterator[dict[str, Any]]:
    """The cases of a section: a number, or the stretch of an array that belongs to the case."""
    own = {
        key.removeprefix(f"{section}/"): one
        for key, one in arrays("verdicts").items()
        if key.startswith(f"{section}/")
    }
    names = [name for name in own if not name.endswith("_offset")]
    count = len(next(own[name] for name in names if f"{name}_offset" not in own))
    for place in range(count):
        case = {}
        for name in names:
            ends = own.get(f"{name}_offset")
            case[name] = own[name][place] if ends is None else own[name][ends[place] : ends[place + 1]]
        yield case


@pytest.mark.parametrize("window", [2, 3])
@pytest.mark.parametrize("strict", [True, False])
def test_windows(window: int, strict: bool) -> None:
    cases = 0
    settings = {"order": "port_file", "window": float(window), "hop": float(window - 1), "strict": strict}
    graph = frontend.windows(**settings)
    for case in rows(f"windows/port_{window}s_{window - 1}s_{'strict' if strict else 'partial'}"):
        count = -(-int(case["file_samples"]) * 20_000 // int(case["file_sample_rate"]))
        x = np.arange(1.0, count + 1)
        got = mp.run(graph, x)
        starts = np.arange(len(got["windows"])) * float(window - 1)
        np.testing.assert_array_equal(starts, case["start_s"])
        lengths = (got["windows"] != 0).sum(1)
        np.testing.assert_array_equal(lengths, case["window_samples"])
        if not strict:
            np.testing.assert_array_equal(got["windows_length"], case["window_samples"])
        if len(starts):
            np.testing.assert_array_equal(got["windows"][:, 0], 1 + starts * 20_000)
        cases += 1
    assert cases == 27


def test_the_original() -> None:
    for case in rows("verdict/fastai"):
        got = verdict(case["confidence"], rule="original", smooth=bool(case["smooth"]))
        same(got, case, "confidence")
        table = got.original()["submission"]
        np.testing.assert_array_equal([row["start_time_s"] for row in table], case["start_s"])
        np.testing.assert_array_equal([row["duration_s"] for row in table], case["duration_s"])


@pytest.mark.parametrize(
    ("section", "settings"), [("nofastai", {"rule": "port"}), ("pr1", {"rule": "aggregate"})]
)
def test_the_port(section: str, settings: dict[str, Any]) -> None:
    for case in rows(f"verdict/{section}"):
        got = verdict(case["confidence"], **settings)
        same(got, case, "confidence")
        np.testing.assert_array_equal([row.start_s for row in got.rows], case["start_s"])
        if len(got.rows):
            assert got.port()["metadata"]["file_duration_s"] == case["file_duration_s"]


def test_aggregation() -> None:
    empty = 0
    for case in rows("aggregate"):
        got = verdict(
            case["confidence"],
            rule="aggregate",
            strategy=str(case["aggregation_strategy"]),
            mean_top_k=int(case["mean_top_k"]),
            local_threshold=float(case["pred_local_threshold"]),
            global_threshold=float(case["pred_global_threshold"]),
        )
        same(got, case, "confidence")
        empty += not got.rows
    assert empty


def same(got: Any, case: dict[str, Any], name: str) -> None:
    np.testing.assert_array_equal([row.prediction for row in got.rows], case["local_predictions"])
    if "local_confidences" in case:
        np.testing.assert_array_equal([row.confidence for row in got.rows], case["local_confidences"])
    assert got.global_prediction == case["global_prediction"]
    assert got.global_confidence == pytest.approx(case["global_confidence"], rel=1e-12, abs=1e-12)


def test_published_verdict() -> None:
    found = arrays("published")
    got = verdict(found["file/confidence"], rule="aggregate")
    assert [row.prediction for row in got.rows] == list(found["file/local_predictions"])
    assert [row.start_s for row in got.rows] == list(found["file/start_s"])
    assert (got.global_prediction, got.global_confidence) == pytest.approx(
        tuple(found["file/global"]), rel=1e-12
    )
    assert sum(row.prediction for row in got.rows) == 9
    smoothed = verdict(found["file/confidence"], rule="original")
    assert (len(smoothed.rows), sum(row.prediction for row in smoothed.rows)) == (59, 6)
