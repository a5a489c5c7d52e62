"""What an input holds, as far as name, type, shape and first use say: sound, spectra, pixels, tokens or a mask."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from ..engine.bound_node import call
from ..engine.operator import find
from ..graph import Array, Axis, Graph, Node, TensorSpec

#: Words in names of inputs, or of their axes, that hold sound, and spectra of it.
SOUNDS = ("audio", "wave", "sound", "speech", "pcm", "sample")
SPECTRA = ("mel", "spec", "fbank", "filterbank", "mfcc")
#: Words that say so of arrays of three axes and more.
FEATURES = ("features", "feats")
#: Names of scalars beside sound.
RATES = ("sr", "fs", "rate", "sample_rate", "sampling_rate")
#: So long is a fixed axis of sound at least: beside a channel axis of one, and alone.
LONG, ALONE = 2000, 8000
#: Channels of images, the least height and width of one, and constants that only numbers up to 255 are made for.
CHANNELS, LEAST, WIDE = (1, 3, 4), 8, 64.0
#: Bands of a spectrum, at least.
BANDS = 12
#: How names end of inputs that say how long the rows of another are.
LENGTHS = re.compile(r"(^|[^a-z]|seq)(lens?|lengths?)$")
#: The recipes that an input asks for, beside the plain ones, by what it holds.
ASKED = {
    "sound": ("quiet", "from_silence"),
    "spectra": ("speech",),
    "pixels": ("pixels",),
    "tokens with a mask": ("left_padded", "right_padded"),
}


def kind(graph: Graph, spec: TensorSpec) -> str | None:
    """What an input holds: "sound", "spectra", "pixels", "tokens", "mask", or None where nothing says so."""
    dtype = np.dtype(spec.dtype)
    if "mask" in spec.name.lower() and spec.axes and _companions(graph, spec):
        return "mask"
    if dtype.kind in "iu":
        return "tokens" if spec.axes and _looked_up(graph, spec) else None
    if dtype.kind != "f" or not spec.axes or spec.name in graph.states:
        return None
    if _image(spec) and any(_of_pixels(constant) for constant in _first_constants(graph, spec)):
        return "pixels"
    words = (*SPECTRA, *(FEATURES if len(spec.axes) > 2 else ()))
    if any(word in spec.name.lower() for word in words):
        return "spectra" if len(spec.axes) > 1 and any((a.size or 0) >= BANDS for a in spec.axes) else None
    return "sound" if _sound(spec, any(one.name.lower() in RATES for one in graph.inputs)) else None


def measured(graph: Graph, spec: TensorSpec) -> tuple[TensorSpec, int] | None:
    """The input, and the place of its axis, of which this one says how long each row is; None if it does not.

    It is one of whole numbers, one a row or one for all, called a length: of the input that its name begins with, or
    else of the first that has an axis more.
    """
    found = LENGTHS.search(spec.name.lower())
    if found is None or np.dtype(spec.dtype).kind not in "iu" or len(spec.axes) > 1:
        return None
    stem, rows = spec.name.lower()[: found.start()], {axis.name for axis in spec.axes}
    others = [one for one in graph.inputs if one is not spec and len(one.axes) > len(spec.axes)]
    others.sort(key=lambda one: not (stem and one.name.lower().startswith(stem)))
    for one in others:
        places = [
            place for place, axis in enumerate(one.axes) if axis.name not in rows or axis.size is not None
        ]
        free = [place for place in places if one.axes[place].size is None]
        if not spec.axes and len(free) > 1:
            free = free[1:]  # of a batch and a time it is the time
        if free or places:
            return one, free[0] if free else places[-1]
    return None


def suited(graph: Graph) -> tuple[str, ...]:
    """Names of the recipes, beside the plain ones, that the inputs ask for.

    Tokens that a network compares with one of its own (the pad token) have a mask as those with an input for it.
    """
    kinds = {kind(graph, spec) for spec in graph.inputs}
    tokens = [spec for spec in graph.inputs if kind(graph, spec) == "tokens"]
    if "mask" in kinds or any(pad_token(graph, spec) is not None for spec in tokens):
        kinds.add("tokens with a mask")
    return tuple(name for what, names in ASKED.items() if what in kinds for name in names)


def sequence(graph: Graph, spec: TensorSpec) -> int | None:
    """The place of the axis along which tokens, masks and sound go on, in an input of such a graph; None without.

    It is the last one of tokens, masks and sound (but for an axis of one channel behind it), and what has its name or
    size in other inputs.
    """
    own = kind(graph, spec)
    if own in ("tokens", "mask", "sound"):
        return len(spec.axes) - (2 if own == "sound" and spec.axes[-1].size == 1 else 1)
    leading = [one for one in graph.inputs if kind(graph, one) in ("tokens", "mask")]
    if not leading:
        return None
    axis = leading[0].axes[-1]
    return next(
        (k for k, one in enumerate(spec.axes) if _same(one, axis) and (k or len(spec.axes) == 1)), None
    )


def pad_token(graph: Graph, spec: TensorSpec) -> int | None:
    """The number that tokens are compared with, as a network does that makes its mask itself; None if with none."""
    found = [
        int(constant.reshape(-1)[0])
        for constant in _first_constants(graph, spec)
        if constant.size == 1 and constant.dtype.kind in "iu"
    ]
    return found[0] if found else None


def _companions(graph: Graph, spec: TensorSpec) -> bool:
    """Whether another input has the axis that a mask ends with, so that it may be the mask of that one."""
    return any(
        _same(axis, spec.axes[-1]) for one in graph.inputs if one.name != spec.name for axis in one.axes
    )


def _same(one: Axis, other: Axis) -> bool:
    return one.name == other.name if one.size is None else one.size == other.size


def _readers(graph: Graph, name: str) -> Iterator[Node]:
    return (node for node in graph.nodes if name in node.inputs)


def _looked_up(graph: Graph, spec: TensorSpec) -> bool:
    """Whether the input indexes a table of constants."""
    for node in _readers(graph, spec.name):
        if lookup := find(node.op).facts.lookup:
            tensors = call(node).tensors
            if tensors.get("indices") == spec.name and tensors.get(lookup) in graph.constants:
                return True
    return False


def _first_constants(graph: Graph, spec: TensorSpec) -> Iterator[Array]:
    """The constants that an input meets element by element, before anything else."""
    for node in _readers(graph, spec.name):
        if find(node.op).facts.elementwise:
            yield from (graph.constants[name] for name in node.inputs if name in graph.constants)


def _image(spec: TensorSpec) -> bool:
    """Whether it has channels, first or last, and a height and a width."""
    sizes = [axis.size for axis in spec.axes][-3:]
    if len(spec.axes) not in (3, 4):
        return False
    return any(
        channels in CHANNELS and all(size is None or size >= LEAST for size in others)
        for channels, others in ((sizes[0], sizes[1:]), (sizes[2], sizes[:2]))
    )


def _of_pixels(constant: Array) -> bool:
    """Whether it scales or shifts numbers up to 255: 255, 127.5, 123.7, or 1 / 255."""
    if constant.dtype.kind != "f" or not constant.size or constant.size > 4:
        return False
    most = float(np.max(np.abs(constant)))
    return WIDE <= most <= 256 or 1 / 256 <= most <= 1 / WIDE


def _sound(spec: TensorSpec, rated: bool) -> bool:
    """One signal or two, also of several members: a name that says so, a sampling rate beside it, or its length.

    The axis is the last one, or has one of one channel behind it.
    """
    axes = spec.axes[:-1] if len(spec.axes) == 3 and spec.axes[-1].size == 1 else spec.axes
    *others, last = axes
    if (
        len(others) > 2
        or any((axis.size or 1) > 2 for axis in others)
        or any(a.size is None for a in others[1:])
    ):
        return False
    words = (spec.name.lower(), last.name.lower() if last.size is None else "")
    if any(word in name for word in SOUNDS for name in words) or (rated and others):
        return last.size is None or last.size >= BANDS
    if last.size is None:
        return len(axes) == 3 and others[1].size == 1  # as convolutions take sound
    return last.size >= (LONG if len(spec.axes) == 3 else ALONE) and bool(others)
