"""How much memory reading a large weights file takes."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import numpy as np
import pytest

pytest.importorskip("coremltools")
resource = pytest.importorskip("resource", reason="peak memory is measured where the system tells it")

#: 100 MB of weights.
ROWS, COLUMNS, LAYERS = 2560, 2048, 5
PROBE = textwrap.dedent(
    """
    import resource, sys
    import modelparity as mp
    from modelparity.formats.coreml import model, proto
    from modelparity.formats.coreml.mil.operators import translators
    for name in ("Model", "MIL", "FeatureTypes"):
        proto.module(name)
    translators()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    graph = mp.load(sys.argv[1])
    digests = graph.digests
    print(before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, graph.parameters)
    """
)


def test_reading_100_megabytes_takes_little_more_than_them(tmp_path, save_program):
    from coremltools.converters.mil import Builder as mb

    rng = np.random.default_rng(0)
    weights = [rng.standard_normal((ROWS, COLUMNS), np.float32) for _ in range(LAYERS)]

    def build(x):
        return tuple(mb.linear(x=x, weight=weight) for weight in weights)

    path = save_program(tmp_path, build, [(1, COLUMNS)])
    size = (path / "Data/com.apple.CoreML/weights/weight.bin").stat().st_size
    assert size > 100e6
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(path)], capture_output=True, text=True, check=True
    )
    before, peak, parameters = map(int, done.stdout.split())
    assert parameters >= ROWS * COLUMNS * LAYERS
    unit = 1 if sys.platform == "darwin" else 1024
    assert (peak - before) * unit <= 1.3 * size
