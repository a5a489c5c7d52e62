"""Compares `candidate.predict` with every recorded case. Run `pytest` in this folder; nothing here needs changing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import candidate  # type: ignore[import-not-found]  # noqa: E402 - found beside this file
import compare  # type: ignore[import-not-found]  # noqa: E402
import reading  # type: ignore[import-not-found]  # noqa: E402

CASES = reading.load(reading.folder(HERE))


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_parity(case: reading.Case) -> None:
    inputs = {name: array.copy() for name, array in case.inputs.items()}
    outputs, unwritten = None, None
    try:
        outputs = candidate.predict(case.model, inputs)
    except NotImplementedError as error:
        unwritten = str(error)
    if unwritten:  # outside the handler, so that pytest says it once
        pytest.fail(unwritten, pytrace=False)
    problems = compare.judge(case, outputs)
    if problems:
        text = f"{case.model} departs from its reference ({case.id}):\n  " + "\n  ".join(problems)
        pytest.fail(text, pytrace=False)


def test_there_are_cases() -> None:
    assert CASES, "this bundle holds no case"
