"""A sample of the fuzzer's cases of Core ML; ``make fuzz-coreml`` runs all of them."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

import pytest

pytest.importorskip("coremltools")
pytest.importorskip("rich", reason="pip install rich")
HERE = Path(__file__).parents[1]
CASES = 1500


@pytest.fixture(scope="module")
def campaign():
    """The sample, run in a process of its own."""
    sys.path.insert(0, str(HERE))
    try:
        made = importlib.import_module("campaign").Campaign("coreml")
    finally:
        sys.path.remove(str(HERE))
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    return made.run(0, CASES)


def test_nothing_is_found(campaign):
    assert campaign.done == CASES
    lines = [
        f"{one['what']}: {count} times, python tests/fuzz/run.py coreml --only {one['number']}\n{one['detail']}"
        for one, count in campaign.distinct()
    ]
    assert not lines, "\n".join(lines)


def test_good_cases_and_bad_ones_are_among_them(campaign):
    """Else the cases would prove nothing: most are refused, many run."""
    outcomes = {outcome for _, outcome in campaign.counts}
    assert {"read and run", "refused", "read, refused in the run"} <= outcomes
    kinds = {kind for kind, _ in campaign.counts}
    assert kinds == {"fields", "bytes", "manifest", "weights"}
    ran = sum(count for (_, outcome), count in campaign.counts.items() if outcome == "read and run")
    assert ran > CASES / 5
