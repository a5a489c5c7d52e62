"""Anchors of piano performances are locked: they are what the original computed, and nothing may bend them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

HERE = Path(__file__).parent / "performance"
PROVENANCE = json.loads((HERE / "PROVENANCE.json").read_text("utf-8"))
#: Digest of the digests as they were first written down.
FIRST = "8093e7a0fb297b157437c840fc32d83f9c825898a7458d1f928f923573c58cfa"


def test_the_first_digests_are_as_they_were_written_down() -> None:
    text = json.dumps(PROVENANCE["sha256"], sort_keys=True)
    assert hashlib.sha256(text.encode()).hexdigest() == FIRST, "what was recorded is history"


def test_every_file_is_as_it_was_recorded() -> None:
    beside = {"PROVENANCE.json", "README.md"}
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in HERE.iterdir()
        if path.is_file() and path.name not in beside
    }
    assert found == PROVENANCE["sha256"]


def test_anchors_stay_small() -> None:
    assert sum(path.stat().st_size for path in HERE.iterdir()) < 2 << 20
