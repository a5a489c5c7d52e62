"""A madmom network or CRF as a `Graph`: the input's axes, the layers in order, and the squeeze at the end."""

from __future__ import annotations

from typing import Any

from ...errors import ArtefactError
from ...graph import Axis, Graph, Source, TensorSpec
from .allowed_globals import CRF, NETWORK
from .arrays import kind_of
from .builder import Builder, Extent, shaped, spread
from .layer_attributes import View
from .layer_registry import reads
from .pickled_instance import Record

#: More layers than any network has; bounds what a hostile file can ask for.
MAX_LAYERS = 10_000


def graph(loaded: Any, name: str, source: Source | None, frequency: int | None = None) -> Graph:
    """The `Graph` of an unpickled network or CRF; ``frequency`` fixes a frequency axis that the file leaves open."""
    if isinstance(loaded, Record) and loaded.cls == NETWORK:
        return _network(loaded, name, source, frequency)
    if isinstance(loaded, Record) and loaded.cls == CRF:
        return _crf(View(loaded, "crf"), name, source)
    raise ArtefactError(
        "this pickle holds no network", where=name, found=kind_of(loaded), expected=f"{NETWORK} or {CRF}"
    )


def _network(loaded: Record, name: str, source: Source | None, frequency: int | None) -> Graph:
    top = View(loaded, "network")
    layers = top.get("layers")
    if not isinstance(layers, list) or not 0 < len(layers) <= MAX_LAYERS:
        raise ArtefactError("a network without layers", where=name, found=kind_of(layers))
    views = [View(layer, f"layers[{index}]") for index, layer in enumerate(layers)]
    readers = reads.all()
    for view in views:
        if view.kind not in readers:
            raise ArtefactError(
                f"a {view.kind} cannot stand as a layer",
                where=view.where,
                expected=f"one of {', '.join(readers)}",
            )
    builder = Builder(input_spec(views, frequency))
    for index, view in enumerate(views):
        readers[view.kind](builder, f"layer{index}", view)
        # what a reader listed already stands with its reason
        builder.unused = view.leftovers({}) | builder.unused
    builder.unused |= top.leftovers({})
    if builder.rank == 2 and builder.axes[1].known == 1:
        builder.node("squeeze", "squeeze", "network", builder.axes[:1], axes=(1,))
    if not builder.nodes:
        raise ArtefactError("a network that computes nothing", where=name)
    return builder.graph(name, source, "float32")


def input_spec(views: list[View], frequency: int | None) -> TensorSpec:
    """The input's axes, from the first layers: their weights say how wide a frame is, as far as anything does.

    Layers that keep the shape are looked through. Raises `ArtefactError` if nothing fixes the rank.
    """
    norm: tuple[int, ...] = ()
    for view in views:
        if view.kind in _WIDTHS:
            holder = view
            while _WIDTHS.get(holder.kind):
                part = _WIDTHS[holder.kind]
                holder = View(holder.get(part), f"{holder.where}.{part}")
            return _frames(int(holder.array("weights").shape[0]))
        if view.kind == "BatchNormLayer":
            shapes = [view.array(part).shape for part in ("mean", "inv_std", "gamma", "beta")]
            norm = max(shapes, key=len)
            if len(norm) >= 2:
                return _images(_one_is_open(norm[-2]) or frequency, _one_is_open(norm[-1]))
        elif view.kind == "ConvolutionalLayer":
            channels = shaped(view.array("weights"), (None,) * 4, f"{view.where}.weights").shape[0]
            if channels == 1 and not norm:
                return TensorSpec("x", (Axis("time"), Axis("frequency", frequency)))
            return _images(frequency, channels)
        elif view.kind == "MaxPoolLayer" or (
            view.kind == "PadLayer" and max(view.integers("axes"), default=0) == 2
        ):
            return _images(frequency, _one_is_open(norm[-1]) if norm else None)
        elif view.kind != "PadLayer":
            break
    raise ArtefactError(
        "nothing in this file says how wide an input frame is",
        where=views[0].where,
        found=views[0].kind,
        expected="a dense, recurrent or convolutional layer first",
    )


#: Where the input weights of a recurrent layer are.
_WIDTHS = {
    "FeedForwardLayer": "",
    "RecurrentLayer": "",
    "LSTMLayer": "cell",
    "GRULayer": "cell",
    "BidirectionalLayer": "fwd_layer",
}


def _one_is_open(size: int) -> int | None:
    """The size that a parameter fixes; 1 broadcasts to any."""
    return size if size > 1 else None


def _frames(width: int) -> TensorSpec:
    return TensorSpec("x", (Axis("time"), Axis("feature", width)))


def _images(frequency: int | None, channels: int | None) -> TensorSpec:
    return TensorSpec("x", (Axis("time"), Axis("frequency", frequency), Axis("channel", channels)))


def _crf(view: View, name: str, source: Source | None) -> Graph:
    """Emissions c + x W, then the best path: pi is transitioned before the first frame, tau added after the last."""
    weight = shaped(view.array("W"), (None, None), "crf.W")
    width, states = weight.shape
    bias = spread(view.array("c"), states, "crf.c", weight)
    # A forbidden transition is minus infinity, so infinities may stand here; NaN may not.
    transition = shaped(view.array("A", finite=False), (states, states), "crf.A")
    initial = shaped(view.array("pi", finite=False), (states,), "crf.pi")
    final = shaped(view.array("tau", finite=False), (states,), "crf.tau")
    builder = Builder(_frames(width))
    axes = (builder.axes[0], Extent(states))
    builder.node("emissions", "dense", "crf.W", axes, {"weight": weight, "bias": bias})
    builder.node(
        "path", "viterbi", "crf", axes[:1], {"transition": transition, "initial": initial, "final": final}
    )
    builder.unused.update(view.leftovers({}))
    return builder.graph(name, source, "float32")
