"""The page on madmom's pipelines: its code runs, and prints what stands below it; its table has them all."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import Any

import modelparity as mp
from modelparity.stages import Networks

PAGE = (Path(__file__).parents[2] / "docs" / "madmom.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def words(text: str) -> list[str]:
    """The words of a text; how much something is beyond rounding depends on the machine's arithmetic."""
    found = re.sub(r"[\d.,]+(?= times what)|[\d.]+(?=%)", "N", text).split()
    return [word for word in found if word.strip("-")]


def test_its_code_prints_what_stands_below_it() -> None:
    names: dict[str, Any] = {}
    printed, shown = "", ""
    for language, text in BLOCKS:
        if language != "python":
            shown += text
            continue
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(text, "docs/madmom.md", "exec"), names)
        printed += out.getvalue()
    assert shown
    assert words(printed) == words(shown)


def test_its_table_has_every_pipeline() -> None:
    rows = re.findall(r"^\| (`[^|]*) \| ([^|]*) \| ([\d]*) \|", PAGE, re.MULTILINE)
    listed = {name: (row[1], row[2]) for row in rows for name in re.findall(r"`(\w+)`", row[0])}
    assert {f"madmom/{name}" for name in listed} == {n for n in mp.pipelines() if n.startswith("madmom/")}
    for name, (networks, fps) in listed.items():
        p = mp.pipeline(f"madmom/{name}")
        assert p.settings["fps"] == float(fps)
        counts = {len(part.members) for part in p.parts if isinstance(part, Networks)}
        assert counts <= set(map(int, re.findall(r"\d+", networks)))
