"""Latency and memory against the budget: measured, told, drawn."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from modelparity_families.realtime.benchmark.measure import Benchmark, Figure
from modelparity_families.realtime.benchmark.show import picture, table

pytest.importorskip("onnxruntime")


def figure(**changes: object) -> Figure:
    """A model that keeps the budget."""
    own = {
        "model": "DynamicsEngine",
        "runtime": "onnxruntime",
        "median": 2e-5,
        "p99": 5e-5,
        "worst": 1e-3,
        "calls": 100,
        "late": 0,
        "counted": 54_080,
        "resident": 190_000,
    }
    return Figure(**{**own, **changes})  # type: ignore[arg-type]


def test_measured_in_a_process_of_its_own(family_command) -> None:
    code, out, _ = family_command(
        "realtime",
        "bench",
        "--runtime",
        "onnxruntime",
        "--runtime",
        "rtneural",
        "--model",
        "dynamicsengine",
        "--model",
        "EmotionRecognizer",
        "--frames",
        50,
        "--json",
        "b.json",
        "--picture",
        "b.svg",
    )
    assert code == 0
    data = json.loads(Path("b.json").read_text())
    measured = [one for one in data["figures"] if one["runtime"] == "onnxruntime"]
    assert [one["model"] for one in measured] == ["DynamicsEngine", "EmotionRecognizer"]
    assert all(0 < one["median"] <= one["p99"] <= one["worst"] and one["calls"] == 50 for one in measured)
    assert [one["counted"] for one in measured] == [4 * 13_520, 4 * (403_264 + 2 * 128)]
    assert data["budget"] == {"seconds": 0.01, "bytes": 4_000_000}
    assert "DynamicsEngine" in out
    assert ET.parse("b.svg").getroot().tag.endswith("svg")


def test_what_is_beyond_the_budget_is_said() -> None:
    done = Benchmark(
        (
            figure(),
            figure(median=0.02, worst=0.03, late=90),
            figure(worst=0.02, late=3),
            figure(model="Other", counted=4_000_001),
            figure(resident=5_000_000),
        ),
        {"rtneural": "is not here: get it"},
    )
    lines = table(done).splitlines()
    assert lines[2].endswith("kept")
    assert lines[3].endswith("TOO SLOW")
    assert lines[4].endswith("3 of 100 calls over 10 ms")
    assert lines[5].endswith("TOO LARGE")
    assert lines[6].endswith("process grew by over 4 MB")
    assert "4,054,081 bytes of weights and state, OVER the budget" in lines[7]
    assert lines[8] == "SKIPPED rtneural: is not here: get it"


def test_the_picture_says_every_figure() -> None:
    root = ET.fromstring(picture(Benchmark((figure(), figure(runtime="torch<&")), {})))
    texts = [one.text or "" for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert any("torch<&" in text for text in texts)
    assert "10 ms" in texts
    assert len(list(root.iter("{http://www.w3.org/2000/svg}circle"))) == 2


@pytest.mark.parametrize(
    ("given", "said"), [(("--frames", "0"), "too few"), (("--runtime", "ort"), "onnxruntime")]
)
def test_wrong_arguments_are_refused(given: tuple[str, str], said: str, family_command) -> None:
    code, _, err = family_command("realtime", "bench", *given)
    assert code == 2
    assert said in err
