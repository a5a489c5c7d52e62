"""A sample of coremltools' own numerical tests, with predictions by the engine; `run.py` runs all of them."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

pytest.importorskip("coremltools", reason="pip install 'modelparity[coreml]'")
pytest.importorskip("PIL", reason="pip install pillow")
pytest.importorskip("xdist", reason="pip install pytest-xdist")
HERE = Path(__file__).parent
#: What is asked for, and what must predict: every function gives a case for each operator and mode, which is more.
SAMPLE, LEAST = 300, 600


def module(name: str):
    """A module of this folder, which is no package."""
    sys.path.insert(0, str(HERE))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(HERE))


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """The outcomes of the sample."""
    run, outcomes = module("run"), module("outcomes")
    record = tmp_path_factory.mktemp("sample") / "record.jsonl"
    code = run.main(["--sample", str(SAMPLE), "--record", str(record)])
    assert code != 2, "coremltools' tests did not run"
    return outcomes.read(record)


def test_the_sample_is_large_enough(found):
    predicted = [one for one in found if one.kind != "not applicable"]
    assert len(predicted) >= LEAST, f"only {len(predicted)} cases predict"


def test_every_failure_is_explained(found):
    outcomes = module("outcomes")
    listed, _ = outcomes.exceptions()
    wrong = outcomes.problems(found, listed, whole=False)
    assert not wrong, "\n".join(wrong)


def test_every_operator_is_reached(found):
    outcomes, run = module("outcomes"), module("run")
    _, unreached = outcomes.exceptions()
    wrong = outcomes.coverage(found, run.operators(), unreached)
    assert not wrong, "\n".join(wrong)
