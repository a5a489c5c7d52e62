"""The page on the whale detector: its code runs, and prints what stands below it; its settings are there."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import Any

import pytest

import modelparity as mp

PAGE = (Path(__file__).parents[2] / "docs" / "orca.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
#: How far off, in dB, a port may be printed to be on another machine.
NEAR = 0.05


def test_its_code_prints_what_stands_below_it(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("soxr")
    monkeypatch.setenv("MODELPARITY_ORCA", "")
    names: dict[str, Any] = {}
    printed, shown = "", ""
    for language, text in BLOCKS:
        if language == "text":
            shown += text
        if language == "python":
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                exec(compile(text, "docs/orca.md", "exec"), names)
            printed += out.getvalue()
    numbers = r"\d+\.\d+"
    assert re.sub(numbers, "N", printed).split() == re.sub(numbers, "N", shown).split()
    got, wanted = ([float(one) for one in re.findall(numbers, text)] for text in (printed, shown))
    assert got == pytest.approx(wanted, abs=NEAR)
    assert shown.count("upstream: passes  here: wrong") == 9


def test_its_table_names_settings() -> None:
    settings = mp.pipeline("orca/detector").settings
    rows = [
        row.split("|")[-2] for row in PAGE.splitlines() if row.startswith("| ") and "what ports do" not in row
    ]
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert len(named) > 15
    assert set(named) <= set(settings)
