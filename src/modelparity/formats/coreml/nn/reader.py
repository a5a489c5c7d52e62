"""A NeuralNetwork, classifier or regressor, read into a graph."""

from __future__ import annotations

from typing import Any

from ....errors import ArtefactError
from ....graph import Graph, Source
from ...graph_builder import Builder
from ..features import features
from ..package import Parts
from ..proto import known_fields
from . import inputs_outputs
from .classifier import add_classes
from .scope import A_LAYER, Scope
from .sequence import named, read_block

#: Each kind of network with the name of its message in the model.
KINDS = ("neuralNetwork", "neuralNetworkClassifier", "neuralNetworkRegressor")


def read(spec: Any, found: Parts, *, name: str, source: Source) -> Graph:
    """The graph of a ``Model`` message that holds a NeuralNetwork.

    Arrays of the classic mapping come as the description declares them; a network with recurrent layers takes and
    gives (time, batch, channel[, height, width]). Numbers are single precision.
    Raises `ArtefactError` naming the layer for whatever is not readable.
    """
    try:
        return _read(spec, name, source)
    except ArtefactError as error:
        raise ArtefactError(
            error.what,
            where=f"{found.path}, {error.where}" if error.where else found.path,
            found=error.found,
            expected=error.expected,
            fix=error.fix,
        ) from error


def _read(spec: Any, name: str, source: Source) -> Graph:
    kind = spec.WhichOneof("Type")
    network, description = getattr(spec, kind), spec.description
    known_fields(network, "network")
    if not network.layers:
        raise ArtefactError("the network has no layers", found="none", expected="at least one layer")
    inputs = features(description.input, "inputs")
    outputs = features(description.output, "outputs")
    names = [one.name for one in inputs]
    scope = Scope(Builder(names), given=frozenset(names))
    scope.budget[0] += A_LAYER * sum(1 for _ in inputs_outputs.all_layers(network))
    plan = inputs_outputs.Plan.of(network, inputs, outputs)
    scope.single = not plan.exact and not plan.out_time
    specs = inputs_outputs.add_inputs(scope, plan, network)
    read_block(scope, named("", network.layers))
    classifier = kind == "neuralNetworkClassifier"
    special = (
        {description.predictedFeatureName, description.predictedProbabilitiesName} if classifier else set()
    )
    names = inputs_outputs.add_outputs(scope, plan, [one for one in outputs if one.name not in special])
    if classifier:
        names += add_classes(scope, spec, network)
    unused = {}
    if network.HasField("updateParams"):
        unused["updateParams"] = "how the network would be trained on a device: no part of its computation"
    defaults = {
        one.name: one.default or 0.0 for one in inputs if one.optional and one.name not in plan.states
    }
    return scope.builder.graph(
        name,
        specs,
        names,
        source=source,
        native="float32",
        unused=unused,
        states=plan.states,
        defaults=defaults,
    )
