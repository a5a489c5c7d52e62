"""Makes the model with a state that the Swift tests open, and two goldens of it; run it in the top folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import coremltools as ct
import numpy as np
from coremltools.converters.mil import Builder as mb
from coremltools.converters.mil.mil import types

import modelparity as mp

FOLDER = Path(__file__).parent / "counter"
# Halves are exact in float16, in which the state is kept.
X = np.array([[0.5, -1, 1.5], [2, -2.5, 3]], np.float32)


@mb.program(
    input_specs=[mb.TensorSpec((2, 3)), mb.StateTensorSpec((2, 3), dtype=types.fp16)],
    opset_version=ct.target.iOS18,
)
def counter(x, total):
    """Adds what it is given, and gives the sum so far."""
    so_far = mb.add(x=mb.cast(x=x, dtype="fp16"), y=mb.read_state(input=total))
    mb.coreml_update_state(state=total, value=so_far)
    return mb.cast(x=so_far, dtype="fp32", name="y")


package = FOLDER / "counter.mlpackage"
shutil.rmtree(package, ignore_errors=True)
model = ct.convert(
    counter,
    minimum_deployment_target=ct.target.iOS18,
    compute_precision=ct.precision.FLOAT32,
    skip_model_load=True,
)
model.save(str(package))
graph = mp.load(package)
for name, total in {"from-zero": 0, "from-one": 1}.items():
    feeds = {"x": X, "total": np.full((2, 3), total, np.float16)}
    mp.golden(graph, inputs=feeds).with_terms(graph).save(FOLDER / f"{name}.safetensors")
