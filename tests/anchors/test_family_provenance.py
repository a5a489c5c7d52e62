"""Anchors of families are locked: they are what the original computed, and nothing may bend them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
#: {family: digest of the digests as they were first written down}.
FIRST = {
    "performance": "8093e7a0fb297b157437c840fc32d83f9c825898a7458d1f928f923573c58cfa",
    "sousa": "40c877f4eae4f09a7896621caf1ac6521368a30b36daec51297122a86dd38d76",
}
#: {family: what its anchors may take, in bytes}.
MOST = {"performance": 2 << 20, "sousa": 4 << 20}

each = pytest.mark.parametrize("family", FIRST)


def provenance(family: str) -> dict[str, Any]:
    return json.loads((HERE / family / "PROVENANCE.json").read_text("utf-8"))


@each
def test_the_first_digests_are_as_they_were_written_down(family: str) -> None:
    text = json.dumps(provenance(family)["sha256"], sort_keys=True)
    assert hashlib.sha256(text.encode()).hexdigest() == FIRST[family], "what was recorded is history"


@each
def test_every_file_is_as_it_was_recorded(family: str) -> None:
    beside = {"PROVENANCE.json", "README.md"}
    found = {
        path.relative_to(HERE / family).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (HERE / family).rglob("*")
        if path.is_file() and path.name not in beside
    }
    assert found == provenance(family)["sha256"]


@each
def test_anchors_stay_small(family: str) -> None:
    assert sum(path.stat().st_size for path in (HERE / family).rglob("*") if path.is_file()) < MOST[family]
