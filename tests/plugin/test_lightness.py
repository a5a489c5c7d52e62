"""What the plugin costs those who do not use it: nothing is imported until a parity test exists."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("numpy", "scipy", "torch", "onnx", "onnxruntime", "rich", "safetensors")
SEEN = """
import sys

def pytest_sessionfinish():
    heavy = sorted(set(sys.modules) & set({heavy!r}))
    mine = sorted(name for name in sys.modules if name.startswith("modelparity."))
    print("HEAVY", heavy, "MINE", mine)
"""


def test_a_run_without_parity_imports_only_the_front(pytester):
    pytester.makeconftest(SEEN.format(heavy=HEAVY))
    pytester.makepyfile("def test_one(): pass")
    pytester.makeini("[pytest]\nparity_family = madmom\nparity_strict = true\n")
    result = pytester.runpytest_subprocess("-s")
    result.stdout.fnmatch_lines(["*HEAVY [[]] MINE [[]'modelparity.pytest_plugin']*"])


def test_the_suite_imports_no_framework_before_a_candidate_needs_one(pytester):
    frameworks = {"torch", "onnx", "onnxruntime", "rich"}
    code = f"import modelparity.plugin.session, sys; print({frameworks} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_no_private_part_of_pytest_is_used():
    from pathlib import Path

    import modelparity

    package = Path(modelparity.__file__).parent
    for path in [package / "pytest_plugin.py", package / "suite.py", *(package / "plugin").rglob("*.py")]:
        text = path.read_text()
        assert "_pytest" not in text, path
        assert "config._" not in text, path


def test_every_option_has_a_twin_and_a_help(pytester):
    text = pytester.runpytest("--help").stdout.str()
    for option in (
        "--parity=REF",
        "--parity-candidate=CAND",
        "--parity-family=NAME",
        "--parity-model=GLOB",
        "--parity-backend=NAME",
        "--parity-recipe=NAME",
        "--parity-expect=BAND",
        "--parity-golden=MODE",
        "--parity-golden-dir=DIR",
        "--parity-update",
        "--parity-strict",
        "--parity-report=DIR",
    ):
        assert option in text
        name = option.split("=")[0].strip("-").replace("-", "_")
        assert f"{name if name != 'parity' else 'parity_reference'} (" in text
