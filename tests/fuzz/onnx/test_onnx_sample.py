"""A sample of the fuzzer's cases of ONNX; ``python tests/fuzz/run.py onnx`` runs as many as are asked for."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

HERE = Path(__file__).parents[1]
CASES = 500


def test_nothing_is_found():
    sys.path.insert(0, str(HERE))
    try:
        made = importlib.import_module("campaign").Campaign("onnx")
    finally:
        sys.path.remove(str(HERE))
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    campaign = made.run(0, CASES)
    assert campaign.done == CASES
    lines = [
        f"{one['what']}: {count} times, python tests/fuzz/run.py onnx --only {one['number']}\n{one['detail']}"
        for one, count in campaign.distinct()
    ]
    assert not lines, "\n".join(lines)
    counts = {}
    for (_, outcome), count in campaign.counts.items():
        counts[outcome] = counts.get(outcome, 0) + count
    assert {"read and run", "refused", "read, refused in the run"} <= set(counts)
    assert counts["read and run"] > CASES / 8
