"""Importing modelparity costs nothing, and its names stay what they are whatever is imported after it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = ["numpy", "scipy", "safetensors", "torch", "onnx", "onnxruntime", "coremltools", "rich", "pytest"]


def fresh(code):
    """What a new interpreter prints as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_import_brings_no_framework_and_not_even_numpy():
    came = fresh(
        "import json, sys; before = set(sys.modules); import modelparity\n"
        f"print(json.dumps([m for m in {HEAVY!r} if m in sys.modules and m not in before]))"
    )
    assert came == []


def test_import_takes_less_than_a_tenth_of_a_second():
    code = (
        "import json, time; t = time.perf_counter(); import modelparity\n"
        "print(json.dumps(time.perf_counter() - t))"
    )
    assert min(fresh(code) for _ in range(5)) < 0.1


@pytest.mark.parametrize("module", ["modelparity.pytest_plugin", "modelparity.cli"])
def test_what_starts_with_pytest_or_a_shell_is_light_too(module):
    came = fresh(
        f"import json, sys, pytest; before = set(sys.modules); import {module}\n"
        f"print(json.dumps([m for m in {HEAVY!r} if m in sys.modules and m not in before]))"
    )
    assert came == []


def test_listing_formats_and_runtimes_loads_no_framework():
    came = fresh(
        "import json, sys\nfrom modelparity.formats.registry import formats\n"
        "from modelparity.runtimes.registry import runtimes\nassert formats() and runtimes()\n"
        "print(json.dumps([m for m in ('torch', 'onnx', 'onnxruntime', 'coremltools') if m in sys.modules]))"
    )
    assert came == []


def test_a_verdict_imports_nothing_of_scipy_and_nothing_that_explains_what_is_wrong(tmp_path):
    """Their modules take as long to import as the verdict on a small network takes."""
    pytest.importorskip("onnxruntime")
    path = str(tmp_path / "dense.onnx")
    code = f"""
import json, sys
import numpy as np
import modelparity as mp
from modelparity.graph import Axis, Graph, Node, TensorSpec
node = Node("dense", "dense", ("x", "w"), ("y",))
spec = TensorSpec("x", (Axis("batch", 5), Axis("feature", 4)))
graph = Graph("dense", (spec,), ("y",), (node,), {{"w": np.eye(4, dtype="f4") * 1.5}})
mp.convert(graph, {path!r})
assert mp.check({path!r}, {path!r}).ok
kinds = ("scipy", "modelparity.verdict.explain", "modelparity.verdict.faults", "modelparity.verdict.side")
print(json.dumps(sorted(name for name in sys.modules if name.startswith(kinds))))
"""
    assert fresh(code) == []


def test_a_command_line_imports_its_own_command_only():
    came = fresh(
        "import json, sys\nfrom modelparity.cli import parser\nwords = ['check', 'a', 'b']\n"
        "parser(words).parse_args(words)\n"
        "print(json.dumps(sorted(m for m in sys.modules if m.startswith('modelparity.commands.'))))"
    )
    assert came == ["modelparity.commands._given", "modelparity.commands.check"]


RESOLVED = """
import importlib, json, modelparity
kinds = {}
def look(when):
    for name in modelparity.__all__:
        value = getattr(modelparity, name)
        right = isinstance(value, str) if name == "__version__" else callable(value)
        if not right:
            kinds[f"{name} {when}"] = str(value)
"""
EVERY_MODULE = """
import pkgutil
def import_all():
    for found in pkgutil.walk_packages(modelparity.__path__, "modelparity."):
        if found.name.endswith("__main__") or ".test_" in found.name:  # those files are run, not imported
            continue
        try:
            importlib.import_module(found.name)
        except ModuleNotFoundError as error:
            if (error.name or "").startswith("modelparity"):
                raise
"""


def test_every_public_name_is_a_class_or_a_function_and_stays_one():
    """A module that is imported puts its name into its package: none may hide a function of that name."""
    assert (
        fresh(
            RESOLVED + EVERY_MODULE + "look('at first'); import_all(); look('after all modules')\n"
            "print(json.dumps(kinds))"
        )
        == {}
    )


def test_every_public_name_resolves_when_all_modules_came_first():
    assert fresh(RESOLVED + EVERY_MODULE + "import_all(); look('')\nprint(json.dumps(kinds))") == {}


def test_unknown_names_are_refused_and_dir_lists_the_known():
    import modelparity

    with pytest.raises(AttributeError, match="no attribute 'chekc'"):
        modelparity.chekc  # noqa: B018
    assert set(modelparity.__all__) <= set(dir(modelparity))
