"""The parity suite on the five models, as a user runs it: no test file, one option."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("onnxruntime")
pytest.importorskip("coremltools")


def test_every_column_is_rounding_and_the_report_says_what_is_to_be_known(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MODELPARITY_RTNEURAL", raising=False)
    result = pytester.runpytest(
        "-p",
        "no:cacheprovider",
        "--parity-family=realtime",
        "--parity-model=GroovePredictor",
        "--parity-report=out",
        "--parity-recipe=one_frame",
        "--parity-model=EmotionRecognizer*",
    )
    assert result.ret == 0
    report = json.loads((Path(pytester.path) / "out" / "report.json").read_text())
    cases = {(case["model"], case["backend"]): case for case in report["cases"]}
    for model in ("EmotionRecognizer", "EmotionRecognizer/step", "GroovePredictor"):
        for backend in ("torch", "onnxruntime", "coreml", *(() if "/" in model else ("rtneural-json",))):
            case = cases[f"realtime/{model}", backend]
            assert case["outcome"] == "passed"
            assert case["verdict"]["band"] in ("exact", "rounding")
    skipped = cases["realtime/GroovePredictor", "rtneural"]
    assert skipped["outcome"] == "skipped"
    assert "export MODELPARITY_RTNEURAL=" in skipped["reason"]
    notes = "\n".join(report["notes"])
    assert "UNANCHORED" in notes
    assert "GroovePredictor 19,040 declared, 18,656 counted (-384)" in notes
