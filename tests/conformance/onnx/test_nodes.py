"""ONNX's own node tests, all of them, in one test: making the cases takes longer than most of them run."""

from __future__ import annotations

import importlib.util
import re
import sys
import tomllib
from collections import Counter
from pathlib import Path

import onnx
import pytest

FOLDER = Path(__file__).parent


def beside(name, **modules):
    """A module of this folder, which is no package, with the modules that it imports."""
    sys.modules |= modules
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
    text = (FOLDER.parents[2] / "docs" / "onnx.md").read_text(encoding="utf-8")
    assert f"| in the domain | {inside:,} |" in text
    assert f"| passed | {inside - len(found):,} ({1 - len(found) / inside:.1%})".replace("%", " %") in text
    disagreements = beside("disagreements", cases=cases)
    told = set(re.findall(r"^\| (test_\w+) \|", text, re.MULTILINE))
    by_name = {case.name: case for case in cases.collected()}
    assert told <= set(by_name)
    agreed = [name for name in sorted(told) if disagreements.disagreement(by_name[name]) is None]
    assert not agreed, "docs/onnx.md says that reference and onnxruntime disagree on these"


def test_every_reason_is_given():
    for group in EXCEPTIONS["failing"]:
        assert len(group["reason"]) > 40
        assert group["cases"] == sorted(set(group["cases"]))
