"""A sample of coremltools' own numerical tests, with predictions by the engine; `run.py` runs all of them."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

pytest.importorskip("coremltools", reason="pip install 'modelparity[coreml]'")
pytest.importorskip("PIL", reason="pip install pillow")
pytest.importorskip("xdist", reason="pip install pytest-xdist")  # --jobs is its option
HERE = Path(__file__).parent
#: What is asked for, and what must predict: every function gives a case for each operator and mode, which is more.
SAMPLE, LEAST = 200, 600


def module(name: str):
    """A module of this folder, which is no package."""
    sys.path.insert(0, str(HERE))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(HERE))


def test_the_sample_passes(tmp_path):
    """One test, since under xdist several could run on different workers, and the sample once for each.

    In one process: each of several would collect all of coremltools' tests, to run a hundredth of them.
    """
    run, outcomes = module("run"), module("outcomes")
    record = tmp_path / "record.jsonl"
    code = run.main(["--sample", str(SAMPLE), "--jobs", "0", "--record", str(record)])
    assert code != 2, "coremltools' tests did not run"
    found = outcomes.read(record)
    predicted = [one for one in found if one.kind != "not applicable"]
    assert len(predicted) >= LEAST, f"only {len(predicted)} cases predict"
    listed, unreached = outcomes.exceptions()
    wrong = outcomes.problems(found, listed, whole=False)
    wrong += outcomes.coverage(found, run.operators(), {**unreached, **outcomes.unsampled()})
    assert not wrong, "\n".join(wrong)
