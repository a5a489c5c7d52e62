"""The examples as pip installs them, and what they cost who does not use them."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from .conftest import PAGES, ROOT, example, write

MODULES = ("npz_format", "onnx_reference", "snake", "my_models")


def ran(site, code):
    """What a new interpreter prints as JSON, with the packages of the pages installed."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), *sys.path])}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


USED = """
import json, numpy as np, modelparity as mp
from modelparity.engine.operator import find
from modelparity.formats.registry import formats
from modelparity.runtimes.registry import runtime
print(json.dumps([find("snake").name, runtime("onnx-reference").name, formats()["npz"].name, list(mp.families())]))
"""


def test_pip_builds_and_installs_them(tmp_path):
    folders = [str(write(tmp_path / page, example(page))) for page in PAGES]
    where = ["--target", str(tmp_path / "site"), "--no-build-isolation", "--no-deps", "--no-index"]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*pip, *where, *folders], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = ran(tmp_path / "site", USED)
    assert found[:3] == ["snake", "onnx-reference", "npz"]
    assert "my-models" in found[3]


@pytest.mark.parametrize(
    "code",
    [
        "import modelparity",
        "import modelparity.pytest_plugin, modelparity.cli",
        "import numpy as np, modelparity as mp; mp.run(mp.load({rnn!r}), np.zeros((2, 6)))",
        "from modelparity.runtimes.registry import runtime, runtimes; runtimes(); runtime('onnxruntime')",
        "from modelparity.engine.operator import find, names; names(); find('relu')",
        "from modelparity.formats.registry import named; named('onnx')",
    ],
)
def test_nothing_of_strangers_is_imported_before_it_is_asked_for(site, code):
    code = code.format(rnn=str(ROOT / "fixtures" / "rnn.pkl"))
    told = f"{code}\nimport json, sys; print(json.dumps([m for m in {MODULES} if m in sys.modules]))"
    expected = ["npz_format"] if "mp.load" in code else []  # a file's format is told by all that there are
    assert ran(site, told) == expected
