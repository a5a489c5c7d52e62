"""A bed for the plugin: a project with the suite in it, and a third party's package that registers a family."""

from __future__ import annotations

import importlib
import os
import pkgutil
import textwrap
from pathlib import Path

import pytest

# Loaded here, before pytester's snapshot of the loaded modules: what is first loaded in a run of the bed is
# dropped after it, and would stand beside its second self in later tests. numpy even refuses that.
for package in (
    *("exchange", "family", "formats", "goldens", "inputs", "ops", "plugin", "report", "runtimes", "stages"),
    "verdict",
):
    home = importlib.import_module(f"modelparity.{package}")
    for module in pkgutil.iter_modules(home.__path__, f"{home.__name__}."):
        importlib.import_module(module.name)

FAMILY = '''
import os
from pathlib import Path

import numpy as np

from modelparity import Axis, Graph, Node, TensorSpec
from modelparity.errors import Unavailable
from modelparity.family import Family, Model

HERE = Path(__file__)


def line(name, scale=2.0):
    weight = np.array([[scale, 0.5], [0.25, -1.0]], "float32")
    return Graph(
        name, (TensorSpec("x", (Axis("time"), Axis("feature", 2))),), ("y",),
        (Node("dense", "dense", ("x", "w", "b"), ("h",)), Node("out", "tanh", ("h",), ("y",))),
        {"w": weight, "b": np.zeros(2, "float32")},
    )


def model(key, scale=2.0, **fields):
    fields = {"own_recipes": ("noise", "noise_small"), "candidates": ("engine",), **fields}
    return Model(key, "toy", lambda: HERE, lambda path: line(key, scale), **fields)


class Bent(Model):
    """A model whose converted form computes something else."""

    def candidate(self, backend):
        return line("bent", 3.0)


def absent():
    raise Unavailable("this network is not on this machine", where="toy/gone/away", fix="modelparity fetch toy")


def anchor():
    x = np.linspace(-1, 1, 6, dtype="float32").reshape(3, 2)
    w = line("").constants["w"]
    return {"x": x}, {"y": np.tanh(x @ w)}


class Toy(Family):
    name = "toy"

    def models(self):
        found = [
            model("good/curve", float(os.environ.get("TOY_SCALE", "2.5"))),
            model("good/line", recorded=anchor),
        ]
        if os.environ.get("TOY_BENT"):
            found.append(Bent("bad/bent", "toy", lambda: HERE, lambda path: line("bent"), ("noise",), ("engine",)))
        if os.environ.get("TOY_ABSENT"):
            found.append(Model("gone/away", "toy", absent, line, ("noise",), ("engine",), fetched=True))
        if os.environ.get("TOY_RUNTIME"):
            found.append(model("odd/runtime", candidates=("no_such_runtime",)))
        return tuple(sorted(found, key=lambda one: one.key))

    def fetch(self, progress=None):
        return HERE.parent


FAMILY = Toy()
'''


def install(site: Path, package: str, module: str, source: str, entry: str) -> None:
    """What pip would leave behind: a module, and metadata with an entry point."""
    site.mkdir(exist_ok=True)
    (site / f"{module}.py").write_text(source)
    info = site / f"{package}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[modelparity.families]\n{entry}\n")


@pytest.fixture(autouse=True)
def _lean(pytester, monkeypatch):
    """The bed's own runs load no plugin that they do not need."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:hypothesispytest")


@pytest.fixture
def third_party(pytester, monkeypatch):
    """Install packages into the bed: ``third_party(package, module, source, entry)``."""
    site = pytester.path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    found = [str(site), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(found))  # for processes that the bed starts
    return lambda package, module, source, entry: install(site, package, module, source, entry)


@pytest.fixture
def toy(pytester, third_party, monkeypatch):
    """A project that runs the suite on the toy family; call it with pytest's arguments."""
    for name in ("TOY_SCALE", "TOY_BENT", "TOY_ABSENT", "TOY_RUNTIME"):
        monkeypatch.delenv(name, raising=False)
    third_party("toy-family", "toy_family", FAMILY, "toy = toy_family:FAMILY")
    pytester.makepyfile(test_suite="from modelparity.suite import *")
    pytester.makeini("[pytest]\nparity_family = toy\n")

    def run(*arguments: object, ini: str = "", apart: bool = False) -> pytest.RunResult:
        if ini:
            pytester.makeini("[pytest]\nparity_family = toy\n" + textwrap.dedent(ini))
        return (pytester.runpytest_subprocess if apart else pytester.runpytest)(*arguments)

    return run


@pytest.fixture
def ids():
    """The parity ids of a ``-v`` or ``--collect-only -q`` run, in its order."""

    def read(result: pytest.RunResult) -> list[str]:
        return [
            line.split("::", 1)[1].split(" ")[0] for line in result.outlines if "::" in line and "[" in line
        ]

    return read
