"""A NeuralNetwork, classifier or regressor, read into a graph."""

from __future__ import annotations

from typing import Any

from ....errors import ArtefactError
from ....graph import Graph, Source
from ..builder import Builder
from ..features import feature
from ..package import Parts
from ..proto import known_fields
from . import ends
from .classes import add_classes
from .scope import Scope
from .sequence import named, read_block

#: Each kind of network with the name of its message in the model.
KINDS = ("neuralNetwork", "neuralNetworkClassifier", "neuralNetworkRegressor")


def read(spec: Any, found: Parts, *, name: str, source: Source) -> Graph:
    """The graph of a ``Model`` message that holds a NeuralNetwork.

    Arrays of the classic mapping come as the description declares them; a network with recurrent layers takes and
    gives (time, batch, channel[, height, width]). Numbers are single precision.
    Raises `ArtefactError` naming the layer for whatever cannot be read.
    """
    kind = spec.WhichOneof("Type")
    network, path = getattr(spec, kind), str(found.path)
    known_fields(network, path)
    if not network.layers:
        raise ArtefactError("the network has no layers", where=path)
    inputs = [feature(one, f"{path}, inputs") for one in spec.description.input]
    outputs = [feature(one, f"{path}, outputs") for one in spec.description.output]
    builder = Builder([one.name for one in inputs])
    scope = Scope(builder)
    plan = ends.Plan.of(network, inputs, outputs, path)
    scope.single = not plan.exact and not plan.out_time
    specs = ends.add_inputs(scope, plan, network, path)
    scope.written.clear()
    read_block(scope, named(path, network.layers))
    taken = {"neuralNetworkClassifier": ("predictedFeatureName", "predictedProbabilitiesName")}.get(kind, ())
    special = {getattr(spec.description, field) for field in taken}
    names = ends.add_outputs(scope, plan, [one for one in outputs if one.name not in special], path)
    if kind == "neuralNetworkClassifier":
        names += add_classes(scope, spec, network, path)
    unused = {}
    if network.HasField("updateParams"):
        unused["updateParams"] = "how the network would be trained on a device: no part of its computation"
    return builder.graph(
        name, specs, names, source=source, native="float32", unused=unused, states=plan.states
    )
