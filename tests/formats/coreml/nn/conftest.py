"""Small networks built with coremltools' builder, and the graphs that are read from them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

import modelparity as mp

pytest.importorskip("coremltools")


@pytest.fixture
def network() -> Callable[..., Any]:
    """``network({name: shape}, [outputs], classic=False)`` -> builder."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from coremltools.models import datatypes, neural_network

    def network(
        inputs: Mapping[str, Sequence[int]], outputs: Any = ("y",), *, classic: bool = False, **more: Any
    ) -> Any:
        given = [(name, datatypes.Array(*shape)) for name, shape in inputs.items()]
        wanted = outputs.items() if isinstance(outputs, Mapping) else [(name, None) for name in outputs]
        made = [(name, shape and datatypes.Array(*shape)) for name, shape in wanted]
        return neural_network.NeuralNetworkBuilder(
            given, made, disable_rank5_shape_mapping=not classic, **more
        )

    return network


@pytest.fixture
def graph_of(tmp_path: Any) -> Callable[[Any], mp.Graph]:
    """``graph_of(builder or spec)``: written to a file and read again."""

    def graph_of(source: Any) -> mp.Graph:
        spec = getattr(source, "spec", source)
        path = tmp_path / "network.mlmodel"
        path.write_bytes(spec.SerializeToString())
        return mp.load(path)

    return graph_of


@pytest.fixture
def run(graph_of: Callable[[Any], mp.Graph]) -> Callable[..., Any]:
    """``run(builder, x=array, ...)``: the outputs in float64; the only one as it is."""

    def run(source: Any, **feeds: Any) -> Any:
        graph = graph_of(source)
        results = mp.run(graph, {name: np.asarray(a, np.float64) for name, a in feeds.items()})
        return results if len(results) > 1 else next(iter(results.values()))

    return run
