"""A pytest plugin that lets coremltools' own tests run here, with predictions made by the engine.

    python tests/conformance/coreml/apple.py iOS14/test_activation.py -q

coremltools takes this machine for a Mac, and in the place of Apple's runtime stands `Proxy`. What coremltools does
around a prediction (checking names, converting types) stays its own.
"""

from __future__ import annotations

import gc
import logging
import os
import random
import sys
import warnings
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import GraphError, ModelparityError
from modelparity.formats.coreml.model import read

logging.getLogger("coremltools").setLevel(logging.ERROR)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import coremltools.models.model as model
    import coremltools.models.utils as utils

MACOS = (15, 5)
DTYPES = {65568: "float32", 65600: "float64", 131104: "int32", 131080: "int8", 65552: "float16"}

#: What the running test did: how many models it made, how many predictions, and of models with which operations.
#: Also why a model could not be read, which a test that never predicts does not notice.
seen: dict[str, Any] = {"ops": set(), "predictions": 0, "models": 0, "unread": ""}


class State:
    """What a stateful model keeps from prediction to prediction."""

    def __init__(self, values: dict[str, np.ndarray]) -> None:
        self.values = values

    def read_state(self, name: str) -> np.ndarray:
        """The state's present value."""
        return self.values[name].copy()

    def write_state(self, name: str, value: np.ndarray) -> None:
        """Another value for the state."""
        self.values[name] = np.asarray(value, self.values[name].dtype).reshape(self.values[name].shape)


class Proxy:
    """Stands where coremltools expects its binding to Apple's runtime."""

    def __init__(self, path: str, units: str = "", function: str = "", *_: Any) -> None:
        seen["models"] += 1
        self.error: ModelparityError | None = None
        self.function = function
        self.spec = utils.load_spec(path)
        self.ops = operations(self.spec)
        try:
            options = {"function": function} if function and self.spec.description.functions else {}
            self.graph = read(Path(path), **options)
        except ModelparityError as error:
            self.error, seen["unread"] = error, str(error)

    @staticmethod
    def maximum_supported_specification_version() -> int:
        """The newest specification that this "runtime" takes."""
        return 10

    def description(self) -> Any:
        """The description of the function that runs."""
        for one in self.spec.description.functions:
            if one.name == (self.function or self.spec.description.defaultFunctionName):
                return one
        return self.spec.description

    def newState(self) -> State:
        """Zeros for every state."""
        self._raise()
        specs = {spec.name: spec for spec in self.graph.inputs}
        return State({name: np.zeros(specs[name].shape, specs[name].dtype) for name in self.graph.states})

    def predict(self, data: Mapping[str, Any], state: State | None = None) -> dict[str, Any]:
        """One prediction."""
        seen["ops"] |= self.ops
        seen["predictions"] += 1
        self._raise()
        feeds = dict(state.values) if state else {}
        specs = {spec.name: spec for spec in self.graph.inputs}
        for one in self.description().input:
            if one.name in data:
                feeds[one.name] = given(one, data[one.name], specs[one.name])
        try:
            results = mp.run(self.graph, feeds, arithmetic="native")
        except GraphError as error:  # in the words in which Apple's runtime refuses
            raise RuntimeError(f"Unable to compute the prediction using ML Program: {error}") from error
        for name in state.values if state else ():
            state.write_state(name, results[self.graph.states[name]])
        return {one.name: taken(one, results[one.name]) for one in self.description().output}

    def batchPredict(self, data: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Predictions one by one."""
        return [self.predict(one) for one in data]

    def _raise(self) -> None:
        if self.error is not None:
            raise self.error


def given(feature: Any, value: Any, spec: Any) -> np.ndarray:
    """What a caller passes, as the input's type: Apple's runtime converts numbers, and takes images of PIL."""
    array = np.asarray(value)
    if feature.type.WhichOneof("Type") == "multiArrayType":
        array = array.astype(DTYPES[feature.type.multiArrayType.dataType])
        if array.ndim == 0:
            array = array.reshape(1)
    return array.astype(spec.dtype, copy=False)


def taken(feature: Any, value: np.ndarray) -> Any:
    """A result as Apple's runtime hands it out: no arrays without axes, numbers of the declared type."""
    kind = feature.type.WhichOneof("Type")
    if kind == "multiArrayType":
        with np.errstate(all="ignore"):
            value = np.asarray(value).astype(DTYPES[feature.type.multiArrayType.dataType])
        return value.reshape(1) if value.ndim == 0 else value
    if kind == "imageType":
        from PIL import Image

        return Image.fromarray(np.asarray(value))
    if kind in ("int64Type", "stringType"):
        item = np.asarray(value).reshape(-1)[0]
        return int(item) if kind == "int64Type" else str(item)
    return np.asarray(value)


def operations(spec: Any) -> set[str]:
    """The types of all operations of a program, or of all layers of a network."""
    found: set[str] = set()
    stack = [
        block for one in spec.mlProgram.functions.values() for block in one.block_specializations.values()
    ]
    while stack:
        for op in stack.pop().operations:
            found.add(op.type)
            stack.extend(op.blocks)
    for kind in ("neuralNetwork", "neuralNetworkClassifier", "neuralNetworkRegressor"):
        found |= {f"nn.{layer.WhichOneof('layer')}" for layer in getattr(spec, kind).layers}
    return found - {"const"}


def pretend() -> None:
    """Make coremltools believe that this is a Mac; its modules have copies of what says so."""
    os.environ.setdefault("PYMIL_TEST_TARGETS", "mlprogram,neuralnetwork")
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] != "coremltools":
            continue
        for attribute, value in (
            ("_IS_MACOS", True),
            ("_is_macos", lambda: True),
            ("_macos_version", lambda: MACOS),
        ):
            if hasattr(module, attribute):
                setattr(module, attribute, value)
    model._MLModelProxy = Proxy


pretend()


def settle() -> None:
    """Keep what stands now out of garbage collections: coremltools asks for one at every conversion.

    Looking through its modules and thousands of collected tests again takes as long as the conversion.
    """
    gc.collect()
    gc.freeze()


def pytest_collection_finish() -> None:
    """Tests and modules stay."""
    settle()


done = {"tests": 0}


def pytest_runtest_logfinish() -> None:
    """Modules that tests import stay, and what pytest keeps of tests: looked at after 1, 2, 4, 8, ... of them."""
    done["tests"] += 1
    if done["tests"] & (done["tests"] - 1) == 0:
        settle()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """The same random numbers for a test in whatever order tests run: they draw from numpy's global generator."""
    seed = zlib.crc32(item.nodeid.encode())
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Any:
    """Note what the test predicted, for whoever counts."""
    seen.update(ops=set(), predictions=0, models=0, unread="")
    try:
        return (yield)
    finally:
        item.user_properties += [(name, seen[name]) for name in ("models", "predictions", "unread")]
        item.user_properties.append(("ops", sorted(seen["ops"])))
