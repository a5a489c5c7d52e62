"""SOUSA's anchors are locked: they are what the original code computed, and nothing may bend them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

HERE = Path(__file__).parent / "sousa"
PROVENANCE = json.loads((HERE / "PROVENANCE.json").read_text("utf-8"))
#: Digest of the digests as they were first written down.
FIRST = "40c877f4eae4f09a7896621caf1ac6521368a30b36daec51297122a86dd38d76"


def test_the_first_digests_are_as_they_were_written_down() -> None:
    text = json.dumps(PROVENANCE["sha256"], sort_keys=True)
    assert hashlib.sha256(text.encode()).hexdigest() == FIRST, "what was recorded is history"


def test_every_file_is_as_it_was_recorded() -> None:
    beside = {"PROVENANCE.json", "README.md"}
    found = {
        path.relative_to(HERE).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in HERE.rglob("*")
        if path.is_file() and path.name not in beside
    }
    assert found == PROVENANCE["sha256"]


def test_anchors_stay_small() -> None:
    assert sum(path.stat().st_size for path in HERE.rglob("*") if path.is_file()) < 4 << 20
