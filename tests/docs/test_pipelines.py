"""docs/pipelines.md: its lines are commands on stages that are there, and its table is understood."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np

from modelparity import cli
from modelparity.exchange import sound
from modelparity.family.pipelines import pipeline
from modelparity.plugin.parity_toml import entries

PAGE = (Path(__file__).parents[2] / "docs" / "pipelines.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_its_lines_are_commands_on_stages_that_are_there():
    lines = [
        shlex.split(line, comments=True)
        for block in blocks("sh")
        for line in block.splitlines()
        if line.startswith("modelparity")
    ]
    assert len(lines) == 7
    for line in lines:
        args = cli.parser(line[1:]).parse_args(line[1:])
        found = pipeline(args.name)
        for stage, _ in [*args.given, *(args.networks if args.verb == "check" else ())]:
            found.stage(stage)
        found.with_settings(**{name: float(value) for name, value in args.set})


def test_its_table_is_understood(tmp_path):
    (text,) = blocks("toml")
    (tmp_path / "parity.toml").write_text(text)
    for folder in ("clips", "swift", "onnx"):
        (tmp_path / folder).mkdir()
    for name in ("slow", "fast"):
        sound.write(tmp_path / "clips" / f"{name}.wav", np.zeros(10, np.int16), 44100)
        np.savez(tmp_path / "swift" / f"{name}.npz", features=np.zeros(1))
    (found,), _ = entries(tmp_path / "parity.toml")
    assert found.pipeline.settings["threshold"] == 0.3
    assert found.candidates == ("swift", "onnx", "cpp")
    assert found.known[2].expect == "reduced"
    commented = text.replace("# resample", "resample").replace("# until", "until")
    (tmp_path / "parity.toml").write_text(commented)
    (found,), _ = entries(tmp_path / "parity.toml")
    assert (found.resample, found.until) == (44100, "features")
