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


class Swift:
    """The compiler, working on this repository's package."""

    def __init__(self, found: str) -> None:
        self.found = found

    def command(self, action: str, *options: str) -> list[str]:
        # One build for these tests and for Swift's own (`make swift-test`).
        scratch = os.environ.get("MODELPARITY_SWIFT_SCRATCH", str(ROOT / "build" / "swift"))
        return [self.found, action, "--package-path", str(ROOT), "--scratch-path", scratch, *options]

    def __call__(self, action: str, *options: str) -> str:
        command = self.command(action, *options)
        done = subprocess.run(command, capture_output=True, text=True, timeout=1800)
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
        return done.stdout


@pytest.fixture(scope="session")
def swift() -> Swift:
    found = shutil.which("swift")
    if found is None:
        pytest.skip(
            "Swift is not installed: verdicts in Swift were not compared with those in Python (swift.org/install)"
        )
    return Swift(found)


@pytest.fixture(scope="session")
def ask(swift: Swift) -> Ask:
    swift("build", "--product", "ModelParityJudge")
    tool = Path(swift("build", "--show-bin-path").strip()) / "ModelParityJudge"

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
