"""What docs/generate.py makes is current."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def generated(*arguments):
    command = [sys.executable, str(ROOT / "docs" / "generate.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


@pytest.fixture(autouse=True)
def readers():
    for name in ("onnx", "torch", "coremltools"):
        pytest.importorskip(name)


def test_everything_that_is_generated_is_current():
    done = generated("--check")
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr


def test_what_nothing_makes_is_refused():
    done = generated("--check", "nothing.md")
    assert done.returncode == 2
    assert "nothing.md: made by nothing here" in done.stderr


def test_a_stale_page_is_shown_and_made_anew(tmp_path):
    sys.path.insert(0, str(ROOT / "docs"))
    try:
        from generate import updated
    finally:
        sys.path.remove(str(ROOT / "docs"))
    page = tmp_path / "folder" / "page.md"
    assert updated(page, "one\n", check=True)
    assert not page.exists()
    assert updated(page, "one\n", check=False)
    assert page.read_text(encoding="utf-8") == "one\n"
    assert not updated(page, "one\n", check=True)
