"""Where arrays and images enter and leave a NeuralNetwork: both shape mappings, states, preprocessing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ....errors import ArtefactError
from ....graph import Axis, TensorSpec
from ..features import Feature, image_in, image_out, spec_of
from .scope import Scope

#: Recurrent layer types, with their number of states: inputs after the first.
RECURRENT = {"simpleRecurrent": 1, "gru": 1, "uniDirectionalLSTM": 2, "biDirectionalLSTM": 4}
#: The classic mapping gives every tensor the axes sequence, batch, channel, height, width.
CLASSIC_RANK = 5


@dataclass
class Plan:
    """How inputs and outputs are mapped. ``in_time`` and ``out_time``: arrays keep their time and batch axes.

    ``exact``: arrays keep the rank that they are declared with. ``held`` maps each blob that is the state of a
    recurrent layer to the blob that becomes its next value; ``states`` is the part of it that the caller sees.
    """

    inputs: list[Feature]
    exact: bool
    exact_images: bool
    in_time: bool
    out_time: bool
    held: dict[str, str] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, network: Any, inputs: list[Feature], outputs: list[Feature]) -> Plan:
        """The plan of a network message."""
        layers = list(all_layers(network))
        kinds = {str(layer.WhichOneof("layer")) for layer in layers}
        in_time = bool(kinds & set(RECURRENT)) or any(
            layer.WhichOneof("layer") == "concat" and layer.concat.sequenceConcat for layer in layers
        )
        out_time = in_time or any(_moves_time(layer) for layer in layers)
        held: dict[str, str] = {}
        for layer in layers:
            if layer.WhichOneof("layer") in RECURRENT:
                held.update(zip(layer.input[1:], layer.output[1:], strict=False))
        given = {one.name for one in outputs}
        states = {one.name: held[one.name] for one in inputs if held.get(one.name) in given}
        for what, number in (
            ("array", network.arrayInputShapeMapping),
            ("image", network.imageInputShapeMapping),
        ):
            if number not in (0, 1):
                raise ArtefactError(
                    f"unknown mapping of {what} inputs", where="network", found=number, expected="0 or 1"
                )
        exact, images = bool(network.arrayInputShapeMapping), bool(network.imageInputShapeMapping)
        return cls(inputs, exact, images, in_time, out_time, held, states)


def all_layers(network: Any) -> Iterator[Any]:
    """Layers of a network and of those inside its branches and loops."""
    waiting = [network]
    while waiting:
        for layer in waiting.pop().layers:
            yield layer
            kind = layer.WhichOneof("layer")
            if kind == "branch":
                waiting += [layer.branch.ifBranch, layer.branch.elseBranch]
            elif kind == "loop":
                waiting += [layer.loop.conditionNetwork, layer.loop.bodyNetwork]


def _moves_time(layer: Any) -> bool:
    """Whether the layer may make something of the sequence axis although none came in."""
    kind = layer.WhichOneof("layer")
    if kind == "reshape":
        return len(layer.reshape.targetShape) == 4 and layer.reshape.targetShape[0] != 1
    if kind == "permute":
        return bool(layer.permute.axis) and layer.permute.axis[0] != 0
    return kind in ("sequenceRepeat", "cropResize")


def add_inputs(scope: Scope, plan: Plan, network: Any) -> list[TensorSpec]:
    """Nodes that make blobs of the model's inputs; returns the graph's inputs."""
    specs = []
    images = [one.name for one in plan.inputs if one.kind == "image"]
    steps: dict[str, list[Any]] = {}
    for step in network.preprocessing:
        name = step.featureName or (images[0] if len(images) == 1 else "")
        if name not in images:
            expected = ", ".join(images) or "an image input; the model has none"
            raise ArtefactError(
                "preprocessing of what is no image input",
                where="network",
                found=name or "no name",
                expected=expected,
            )
        steps.setdefault(name, []).append(step)
    for one in plan.inputs:
        if one.kind == "array":
            specs.append(_array(scope, plan, one))
        elif one.kind == "image":
            specs.append(_image(scope, plan, one, steps.get(one.name, [])))
        else:
            expected = "an array or an image"
            raise ArtefactError(
                f"input {one.name!r} cannot enter a network",
                where="network",
                found=one.kind,
                expected=expected,
            )
    return specs


def _array(scope: Scope, plan: Plan, one: Feature) -> TensorSpec:
    builder, spec = scope.builder, spec_of(one)
    builder.origin = f"input {one.name!r}"
    rank, tensor = len(one.sizes), one.name
    if plan.exact:
        if not rank:
            raise ArtefactError("the shape of the input is not declared", where=builder.origin)
    elif rank not in (1, 3, CLASSIC_RANK):
        raise ArtefactError(
            "rank does not fit the classic mapping",
            where=builder.origin,
            found=rank,
            expected="1 (channel) or 3 (channel, height, width)",
        )
    if one.dtype[0] == "i":
        (tensor,) = builder.emit("cast", [tensor], hint=f"{one.name}.numbers", to="float")
    if not plan.exact and rank < CLASSIC_RANK:
        timed = plan.in_time and one.name not in plan.held
        if timed:
            batch = Axis("batch", 1 if plan.states else None)
            spec = TensorSpec(one.name, (Axis("time"), batch, *spec.axes), one.dtype)
        new = (() if timed else (0, 1)) + ((3, 4) if rank == 1 else ())
        if new:
            (tensor,) = builder.emit("expand_dims", [tensor], hint=f"{one.name}.blob", axes=new)
        rank = CLASSIC_RANK
    scope.ranks[tensor] = rank
    scope.write(one.name, tensor, builder.origin)
    return spec


def _image(scope: Scope, plan: Plan, one: Feature, steps: Sequence[Any]) -> TensorSpec:
    builder = scope.builder
    builder.origin = f"input {one.name!r}"
    tensor = builder.fresh(f"{one.name}.pixels")
    image_in(builder, one, one.name, target=tensor, dtype="float32")
    for index, step in enumerate(steps):
        builder.origin = f"preprocessing {index} of {one.name!r}"
        tensor = _preprocessed(scope, one, step, tensor)
    if not plan.exact_images:
        (tensor,) = builder.emit("expand_dims", [tensor], hint=f"{one.name}.blob", axes=(0,))
    scope.ranks[tensor] = 4 if plan.exact_images else CLASSIC_RANK
    scope.write(one.name, tensor, builder.origin)
    return spec_of(one)


def _preprocessed(scope: Scope, one: Feature, step: Any, tensor: str) -> str:
    builder, kind = scope.builder, step.WhichOneof("preprocessor")
    if kind == "scaler":
        scaler = step.scaler
        colours = {"RGB": ("red", "green", "blue"), "BGR": ("blue", "green", "red")}.get(
            one.colours, ("gray",)
        )
        used = {"channelScale", *(f"{colour}Bias" for colour in colours)}
        bias = np.array([getattr(scaler, f"{colour}Bias") for colour in colours], np.float32).reshape(
            -1, 1, 1
        )
        spare = [f.name for f, _ in scaler.ListFields() if f.name not in used]
        if spare:
            raise ArtefactError(
                f"scaler has biases that a {one.colours} image has no use for",
                where=builder.origin,
                found=", ".join(spare),
                expected=", ".join(sorted(used)),
            )
        scale = builder.constant(np.float32(scaler.channelScale), f"{one.name}.scale")
        (tensor,) = builder.emit("mul", [tensor, scale], hint=f"{one.name}.scaled")
        return builder.emit(
            "add", [tensor, builder.constant(bias, f"{one.name}.bias")], hint=f"{one.name}.biased"
        )[0]
    if kind == "meanImage":
        (height, high), (width, wide) = one.sizes
        shape = (one.channels, height, width)
        mean = np.array(step.meanImage.meanImage, np.float32)
        if (height, width) != (high, wide) or mean.size != np.prod(shape):
            raise ArtefactError(
                "mean image does not fit the input",
                where=builder.origin,
                found=f"{mean.size} values",
                expected=shape,
            )
        constant = builder.constant(mean.reshape(shape), f"{one.name}.mean")
        return builder.emit("sub", [tensor, constant], hint=f"{one.name}.centred")[0]
    raise ArtefactError(
        "preprocessing of no known type", where=builder.origin, expected="scaler or meanImage"
    )


def add_outputs(scope: Scope, plan: Plan, outputs: Sequence[Feature]) -> list[str]:
    """Nodes that make the model's outputs of blobs; returns the graph's outputs."""
    for one in outputs:
        where = scope.builder.origin = f"output {one.name!r}"
        tensor = scope.read(one.name, where)
        rank = scope.rank(tensor)
        if one.kind == "image":
            if rank in (3, CLASSIC_RANK):
                op, hint = ("expand_dims" if rank == 3 else "squeeze"), f"{one.name}.blob"
                (tensor,) = scope.builder.emit(op, [tensor], hint=hint, axes=(0,))
            source = _vacated(scope, one.name)
            image_out(scope.builder, one, source if tensor == one.name else tensor, target=one.name)
        elif one.kind != "array":
            expected = "an array or an image"
            raise ArtefactError(
                "the output cannot leave a network", where=where, found=one.kind, expected=expected
            )
        else:
            axes = () if plan.exact or rank != CLASSIC_RANK else _unit_axes(plan, one)
            attrs: dict[str, Any] = {"op": "squeeze", "axes": axes} if axes else {}
            deliver(scope, one.name, tensor, **attrs)
    return [one.name for one in outputs]


def _unit_axes(plan: Plan, one: Feature) -> tuple[int, ...]:
    """Which of the five axes a classic output does not have."""
    state, declared = one.name in plan.held.values(), len(one.sizes)
    if declared == CLASSIC_RANK:
        return ()
    lead = () if plan.out_time and not state else (0, 1)
    return lead + ((3, 4) if declared == 1 or state else ())


def deliver(scope: Scope, name: str, tensor: str, op: str = "identity", **attrs: Any) -> None:
    """Let the graph's output ``name`` be what ``op`` makes of a tensor."""
    if op == "identity" and tensor == name:
        return
    moved = _vacated(scope, name)
    scope.builder.emit(op, [moved if tensor == name else tensor], [name], **attrs)


def _vacated(scope: Scope, name: str) -> str:
    """What is called so gets another name, which is returned; that of an input stays."""
    if name in scope.given:
        raise ArtefactError(
            f"the output {name!r} has the name of an input and other values",
            where=scope.builder.origin,
            found=", ".join(sorted(scope.given))[:200],
            expected="another name",
            fix="rename one of them",
        )
    return scope.builder.vacate(name)
