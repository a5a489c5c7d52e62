"""Small networks built with coremltools' builder, and the graphs that are read from them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

import modelparity as mp
from modelparity.formats.coreml.nn import reader
from modelparity.formats.coreml.nn.scope import Scope

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
def believed(monkeypatch: pytest.MonkeyPatch) -> list[Scope]:
    """What the reader came to know of each network, the last one last."""
    scopes: list[Scope] = []

    def noted(*given: Any, **more: Any) -> Scope:
        scopes.append(Scope(*given, **more))
        return scopes[-1]

    monkeypatch.setattr(reader, "Scope", noted)
    return scopes


@pytest.fixture
def run(graph_of: Callable[[Any], mp.Graph], believed: list[Scope]) -> Callable[..., Any]:
    """``run(builder, x=array, ...)``: the outputs in float64; the only one as it is.

    Every tensor has the rank that the reader takes it to have, if it takes it to have any: axes that count from the
    end, and layers that mean something else at another rank, are read by it.
    """

    def run(source: Any, **feeds: Any) -> Any:
        graph = graph_of(source)
        taken = mp.run(graph, {name: np.asarray(a, np.float64) for name, a in feeds.items()}, taps=True)
        known = dict(believed[-1].ranks)
        if not getattr(source, "spec", source).neuralNetwork.arrayInputShapeMapping:
            for name in graph.outputs:  # those of the classic mapping lose axes behind the last layer
                known.pop(name, None)
        wrong = {
            name: (known[name], y.shape)
            for name, y in taken.items()
            if known.get(name) is not None and known[name] != y.ndim and not _undefined(y)
        }
        assert not wrong, "ranks that the reader takes these tensors to have, and shapes that they have"
        results = {name: taken[name] for name in graph.outputs}
        return results if len(results) > 1 else next(iter(results.values()))

    return run


def _undefined(y: np.ndarray) -> bool:
    """What stands for a blob that a loop without any turn never gave."""
    return y.ndim == 0 and bool(np.isnan(y))
