"""ONNX's own node tests, all of them, in one test: making the cases takes longer than most of them run."""

from __future__ import annotations

import importlib.util
import sys
import tomllib
from collections import Counter
from pathlib import Path

import onnx
import pytest

FOLDER = Path(__file__).parent


def beside(name):
    """A module of this folder, which is no package."""
    spec = importlib.util.spec_from_file_location(f"onnx_conformance_{name}", FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


EXCEPTIONS = tomllib.loads((FOLDER / "exceptions.toml").read_text(encoding="utf-8"))


@pytest.mark.skipif(
    onnx.__version__ != EXCEPTIONS["onnx"],
    reason=f"the list is of onnx {EXCEPTIONS['onnx']}; other versions have other tests",
)
def test_every_case_of_numbers_and_booleans():
    cases = beside("cases")
    counts = Counter(cases.category(case) for case in cases.collected())
    inside = counts.pop(None)
    assert dict(counts) == EXCEPTIONS["outside"], "what is outside of the domain, by category"
    found = {name: wrong for name, wrong in cases.outcomes(cases.collected()).items() if wrong}
    listed = {name: group["reason"] for group in EXCEPTIONS["failing"] for name in group["cases"]}
    assert not {name: wrong for name, wrong in found.items() if name not in listed}, (
        "these fail and are not listed"
    )
    assert not sorted(set(listed) - set(found)), "these are listed and pass, or are no cases"
    assert len(found) <= 0.03 * inside


def test_every_reason_is_given():
    for group in EXCEPTIONS["failing"]:
        assert len(group["reason"]) > 40
        assert group["cases"] == sorted(set(group["cases"]))
