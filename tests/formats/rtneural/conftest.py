"""RTNeural files made on the spot."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

FIXTURES = Path(__file__).parents[3] / "fixtures" / "rtneural"


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.fixture
def file(tmp_path):
    """``file(width, layer, ...)``: a model's path; a width may be a whole in_shape, ``extra`` goes to the top."""

    def make(width, *layers, name="model", **extra):
        shape = width if isinstance(width, list) else [None, None, width]
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps({"in_shape": shape, "layers": list(layers), **extra}))
        return path

    return make


@pytest.fixture
def layer():
    """``layer("dense", 4, W, b, activation="tanh")``; arrays become lists."""

    def make(kind, width, *weights, activation="", **keys):
        shape = width if isinstance(width, list) else [None, None, width]
        lists = [np.asarray(one, np.float32).tolist() for one in weights]
        return {"type": kind, "activation": activation, "shape": shape, **keys, "weights": lists}

    return make
