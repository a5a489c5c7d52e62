"""The bridge's library, built once; small libraries made wrong on purpose; a model with its file."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import Unavailable
from modelparity.runtimes.bridge import building, finding, sources

HERE = Path(__file__).parent
CHILD = (sys.executable, "-m", "modelparity.runtimes.bridge.child")


@pytest.fixture(scope="session")
def built() -> Path:
    """The library with the stand-in, from the cache or built now. Loudly skips where Swift is not."""
    pytest.importorskip("cffi", reason="cffi is not installed: pip install 'modelparity[coreml]'")
    if sys.platform != "linux":
        pytest.skip("the stand-in takes Core ML's place on Linux only")
    try:
        return finding.library() if os.environ.get(finding.VARIABLE) else building.build()
    except Unavailable as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """``made(INTERFACE=7)``: the library of echo.c with these macros."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler: install cc")
    folder = tmp_path_factory.mktemp("libraries")

    def make(**macros: object) -> Path:
        target = folder / f"lib{zlib.crc32(repr(macros).encode())}.so"
        if not target.exists():
            flags = [f"-D{name}={value}" for name, value in macros.items()]
            include = f"-I{sources.header().parent}"
            source = str(HERE / "echo.c")
            subprocess.run(
                [compiler, "-shared", "-fPIC", "-w", include, *flags, source, "-o", str(target)], check=True
            )
        return target

    return make


@pytest.fixture
def closing():
    """Runtimes that are closed when the test ends."""
    held = []

    def keep(one):
        held.append(one)
        return one

    yield keep
    for one in held:
        one.close()


@pytest.fixture
def graph():
    spec = mp.TensorSpec("x", (mp.Axis("time"), mp.Axis("feature", 3)))
    weight = np.linspace(-1, 1, 6, dtype=np.float32).reshape(3, 2)
    return mp.Graph("net", (spec,), ("y",), (mp.Node("out", "dense", ("x", "w"), ("y",)),), {"w": weight})


@pytest.fixture
def path(graph, tmp_path):
    pytest.importorskip(
        "coremltools", reason="coremltools is not installed: pip install 'modelparity[coreml]'"
    )
    return mp.convert(graph, tmp_path / "net.mlpackage")
