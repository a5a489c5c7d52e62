"""The Swift side of goldens, as a process that answers line by line; a loud skip where Swift is not installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
#: Asks every request of one process, and returns the answers.
Ask = Callable[[Iterable[dict[str, Any]]], list[dict[str, Any]]]


@pytest.fixture(scope="session")
def ask() -> Ask:
    swift = shutil.which("swift")
    if swift is None:
        pytest.skip(
            "Swift is not installed: verdicts in Swift were not held against those in Python (swift.org/install)"
        )
    build = [swift, "build", "--package-path", str(ROOT), "--product", "ModelParityJudge", "--quiet"]
    if scratch := os.environ.get("MODELPARITY_SWIFT_SCRATCH"):
        build += ["--scratch-path", scratch]
    built = subprocess.run(build, capture_output=True, text=True, timeout=1800)
    assert built.returncode == 0, f"{' '.join(build)}\n{built.stdout}{built.stderr}"
    where = subprocess.run(
        [*build, "--show-bin-path"], capture_output=True, text=True, timeout=300, check=True
    )
    tool = Path(where.stdout.strip()) / "ModelParityJudge"

    def asked(requests: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        lines = [json.dumps(request) for request in requests]
        done = subprocess.run(
            [tool], input="\n".join(lines) + "\n", capture_output=True, text=True, timeout=1200
        )
        assert done.returncode == 0, done.stderr[-2000:]
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(answers) == len(lines)
        return answers

    return asked
