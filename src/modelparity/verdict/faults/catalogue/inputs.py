"""What a network is given: scale, offset, range, channel order, axes; and normalisation of inputs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import partial

import numpy as np

from ....graph import Array, Graph, TensorSpec
from ..edit import Edit
from ..fault import Application, Fault, Group, by_format
from ..making import NodeFault, Way, Written, behind, dropped, instead, on_input, with_array
from ..view import At, view

GROUP = Group("inputs", "Inputs", 25)
#: (words, factor, offset) of what is done to an input once too often or not at all.
RANGES: tuple[tuple[str, float, float], ...] = (
    ("divided by 255", 1 / 255, 0.0),
    ("multiplied by 255", 255.0, 0.0),
    ("from 0..1 to -1..1", 2.0, -1.0),
    ("from -1..1 to 0..1", 0.5, 0.5),
    ("from 0..255 to -1..1", 1 / 127.5, -1.0),
    ("from -1..1 to 0..255", 127.5, 127.5),
    ("divided by 32768", 1 / 32768, 0.0),
    ("multiplied by 32768", 32768.0, 0.0),
    ("by 32767 for 32768", 32767 / 32768, 0.0),
    ("by 32768 for 32767", 32768 / 32767, 0.0),
    ("divided by 128 for 127", 127 / 128, 0.0),
    ("halved", 0.5, 0.0),
    ("doubled", 2.0, 0.0),
    ("negated", -1.0, 0.0),
)
#: Mean and deviation of pictures as ImageNet's are normalised, for values from 0 to 1.
IMAGENET = (np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225]))


def floats(graph: Graph) -> Iterator[TensorSpec]:
    """Inputs of real numbers that nodes read, states aside."""
    for spec in graph.inputs:
        if (
            spec.dtype.startswith(("float", "bfloat"))
            and spec.name not in graph.states
            and view(graph).users.get(spec.name)
        ):
            yield spec


def readers(graph: Graph, name: str) -> tuple[str, ...]:
    """The nodes that read a tensor."""
    return tuple(node.name for node in view(graph).users.get(name, []))


class _OnInput(Fault):
    group = GROUP

    def made(self, graph: Graph, name: str, variant: str, text: str, edit: Edit) -> Application:
        """Made to an input, which the variant names if there are several."""
        variant = variant if len(graph.inputs) == 1 else f"{name} {variant}"
        return Application(self.id, readers(graph, name), variant, text, graph, edit)


class InputScaled(_OnInput):
    id = "input-scaled"
    where = "inputs of real numbers"
    text = "An input has another scale or offset: 0..255 for 0..1, -1..1 for 0..1, int16 by 32768 or 32767."
    happens = (
        "Pictures and sound are scaled in a loader that is not part of the model; a converter's scale "
        "and bias come on top, or are left out."
    )
    repair = "Scale the input as in training, once: in the loader or in the model."
    repairs = by_format(
        coreml="Give ct.ImageType(scale=, bias=) what the loader did: scale 1 / 255 for 0..1.",
        torch="transforms.ToTensor divides by 255 already.",
        madmom="madmom scales int16 by 32767, most others by 32768.",
    )

    def applications(self, graph: Graph) -> Iterator[Application]:
        for spec in floats(graph):
            for words, factor, offset in RANGES:
                edit = on_input(graph, spec.name, self.id, partial(_affine, factor, offset))
                text = (
                    f"the input {spec.name!r} is {words}"
                    if not words.startswith("from")
                    else f"the input {spec.name!r} is brought {words}"
                )
                yield self.made(graph, spec.name, words, text, edit)


def _affine(factor: float, offset: float, w: Written, x: str) -> str:
    return w("scale_shift", x, alpha=factor, beta=offset)


class InputStandardized(_OnInput):
    id = "input-standardized"
    where = "inputs with an axis of three channels, or the last axis"
    text = (
        "An input is standardised by ImageNet's mean and deviation although it should not be, or not "
        "although it should."
    )
    happens = "transforms.Normalize stands in the loader; a port adds it or forgets it."
    repair = "Standardise where training did."
    repairs = by_format(
        coreml=(
            "ImageType has one scale: fold mean and deviation into the first layer, or write them as nodes."
        )
    )

    def applications(self, graph: Graph) -> Iterator[Application]:
        mean, deviation = IMAGENET
        for spec in floats(graph):
            for axis in _three(spec):
                shape = (3,) + (1,) * (len(spec.axes) - axis - 1)
                for words, factor, offset in (
                    ("applied", 1 / deviation, -mean / deviation),
                    ("undone", deviation, mean),
                ):
                    edit = on_input(
                        graph,
                        spec.name,
                        self.id,
                        partial(_by_channel, factor.reshape(shape), offset.reshape(shape)),
                    )
                    text = f"ImageNet's mean and deviation are {words} to {spec.name!r}"
                    yield self.made(graph, spec.name, f"{words}, axis {axis}", text, edit)


def _by_channel(factor: Array, offset: Array, w: Written, x: str) -> str:
    scaled = w("mul", x, w.constant(factor.astype(np.float32)))
    return w("add", scaled, w.constant(offset.astype(np.float32)))


def _three(spec: TensorSpec) -> list[int]:
    return [place for place, axis in enumerate(spec.axes) if axis.size == 3]


class ChannelsReversed(_OnInput):
    id = "input-channels-reversed"
    interface = True
    where = "inputs with an axis of two to four: colours, left and right"
    text = "The channels of an input stand in reverse order: BGR for RGB."
    happens = "OpenCV reads BGR, PIL and Core ML's default RGB; Caffe's models want BGR."
    repair = "Reverse the channels."
    repairs = by_format(coreml="Give ct.ImageType(color_layout=ct.colorlayout.BGR).")

    def applications(self, graph: Graph) -> Iterator[Application]:
        for spec in floats(graph):
            for place, axis in enumerate(spec.axes):
                if axis.size is not None and 2 <= axis.size <= 4:
                    edit = on_input(graph, spec.name, self.id, partial(_reversed, place))
                    text = f"axis {place} of the input {spec.name!r} is in reverse order"
                    yield self.made(graph, spec.name, f"axis {place}", text, edit)


def _reversed(axis: int, w: Written, x: str) -> str:
    return w("reverse", x, axes=(axis,))


class InputAxesSwapped(_OnInput):
    id = "input-axes-swapped"
    interface = True
    where = "inputs with two axes of one size, or of free sizes"
    text = "Two axes of an input have changed places: height and width, time and frequency."
    happens = "Spectrograms are (time, frequency) here and (frequency, time) there."
    repair = "Transpose the input."

    def applications(self, graph: Graph) -> Iterator[Application]:
        for spec in floats(graph):
            for one in range(len(spec.axes) - 1):
                two = one + 1
                if spec.axes[one].size == spec.axes[two].size:
                    axes = [*range(one), two, one, *range(two + 1, len(spec.axes))]
                    edit = on_input(graph, spec.name, self.id, partial(_turned, tuple(axes)))
                    text = f"axes {one} and {two} of the input {spec.name!r} have changed places"
                    yield self.made(graph, spec.name, f"axes {one} and {two}", text, edit)


def _turned(axes: tuple[int, ...], w: Written, x: str) -> str:
    return w("transpose", x, axes=axes)


class InputRounded(_OnInput):
    id = "input-rounded"
    where = "inputs of real numbers"
    text = "An input is cut to whole numbers, or to what lies between 0 and 1 or -1 and 1."
    happens = "A loader keeps uint8 or int16, or a resize works on bytes."
    repair = "Convert to real numbers before anything else."

    def applications(self, graph: Graph) -> Iterator[Application]:
        for spec in floats(graph):
            for words, op, attrs in (
                ("rounded", "round", {}),
                ("cut towards zero", "trunc", {}),
                ("cut at 0 and 1", "clip", {"min": 0.0, "max": 1.0}),
                ("cut at -1 and 1", "clip", {"min": -1.0, "max": 1.0}),
            ):
                edit = on_input(graph, spec.name, self.id, partial(_one, op, attrs))
                yield self.made(graph, spec.name, words, f"the input {spec.name!r} is {words}", edit)


def _one(op: str, attrs: Mapping[str, float], w: Written, x: str) -> str:
    return w(op, x, **attrs)


class InputNormalization(NodeFault):
    id = "input-normalization"
    group = GROUP
    ops = ("sub", "add", "mul", "div", "normalize", "batch_norm", "scale_shift")
    where = "the constants by which an input is shifted and scaled inside the network"
    text = "The network's own normalisation of its input is done twice or left out."
    happens = "The loader normalises as well, or the first nodes were cut off with the preprocessing."
    repair = "Normalise once."

    def ways(self, at: At) -> Iterator[Way]:
        yield from self._both(at)
        first = at.node.inputs[0] if at.node.inputs else ""
        constant = [one for one in at.tensors if at.array(one) is not None]
        if (
            not self._first(at, first)
            or len(constant) != len(at.tensors) - 1
            or (not at.node.attrs and not constant)
        ):
            return
        yield Way("left out", f"{at.name} is left out", dropped(at, next(iter(at.tensors))))
        given, attrs = at.node.inputs[1:], dict(at.node.attrs)
        yield Way(
            "twice",
            f"{at.name} is done twice",
            behind(at, self.id, lambda w, x: w(at.node.op, x, *given, **attrs)),
        )

    def _both(self, at: At) -> Iterator[Way]:
        """A mean that is subtracted and a deviation that is divided by, left out together."""
        user = at.only_user()
        if at.node.op not in ("sub", "add") or user is None or user.op not in ("div", "mul"):
            return
        other = at.of(user)
        mean = [one for one in at.tensors if (a := at.array(one)) is not None and a.size > 1]
        deviation = [one for one in other.tensors if (a := other.array(one)) is not None and a.size > 1]
        if len(mean) != 1 or len(deviation) != 1:
            return
        shift = dropped(at, next(one for one in at.tensors if one != mean[0]))
        scale = dropped(other, next(one for one in other.tensors if one != deviation[0]))
        text = f"{at.name} and {user.name!r} are left out, by which features are normalised"
        yield Way("mean and deviation left out", text, shift | scale, (at.node.name, user.name))

    def _first(self, at: At, tensor: str) -> bool:
        """Whether a tensor is an input, or one that was shifted, scaled or moved only."""
        for _ in range(4):
            if tensor in at.view.inputs:
                return True
            maker = at.view.makers.get(tensor)
            if maker is None or maker.op not in (
                *self.ops,
                "transpose",
                "reshape",
                "expand_dims",
                "cast",
                "identity",
            ):
                return False
            tensor = maker.inputs[0]
        return False


class LogBase(NodeFault):
    id = "log-base"
    group = GROUP
    ops = ("log", "log1p")
    where = "logarithms"
    text = "A logarithm has another base, or decibels were meant: log10 for ln, 20 log10 for 10 log10."
    happens = (
        "madmom's features have log10, librosa's decibels, torch.log and most frameworks the natural "
        "logarithm."
    )
    repair = "Take the logarithm of the source."

    def ways(self, at: At) -> Iterator[Way]:
        for words, factor in (
            ("log10", 1 / math.log(10)),
            ("log2", 1 / math.log(2)),
            ("10 log10", 10 / math.log(10)),
            ("20 log10", 20 / math.log(10)),
            ("ln of log10", math.log(10)),
            ("ln of log2", math.log(2)),
        ):
            yield Way(
                words,
                f"{at.name} is {words} instead of ln",
                behind(at, self.id, partial(_affine, factor, 0.0)),
            )
        other = "log" if at.node.op == "log1p" else "log1p"
        yield Way(
            other,
            f"{at.name} is {other} instead of {at.node.op}",
            instead(at, self.id, lambda w, at: w(other, at.tensors["x"])),
        )


class LogOffset(NodeFault):
    id = "log-offset"
    group = GROUP
    ops = ("add", "clip", "maximum")
    where = "what keeps a logarithm from zero: a number that is added, or a lowest value"
    text = "The smallest number before a logarithm is another one: 1e-10 for 1e-7, or 1 for none."
    happens = (
        "Each library has its own: 1e-10, 1e-7, 1e-5, the smallest float, or log(1 + x); it shows in "
        "silence only."
    )
    repair = "Write the number of the source."

    def ways(self, at: At) -> Iterator[Way]:
        user = at.only_user()
        if user is None or user.op != "log":
            return
        parameter = next(
            (one for one in at.tensors if (array := at.array(one)) is not None and array.size == 1), None
        )
        if parameter is None:
            return
        array = at.array(parameter)
        now = float(array.reshape(-1)[0]) if array is not None else 0.0
        for value in (1e-10, 1e-7, 1e-5, 1e-8, 1e-6, 1.0, 2.0**-52, 1e-12, 1e-9, 1e-4, 1e-3, 1e-2, 1e-1):
            if not math.isclose(value, now, rel_tol=1e-3):
                edit = with_array(at, parameter, partial(np.full_like, fill_value=value))
                yield Way(
                    f"{value:.3g}",
                    f"{at.name} keeps the logarithm from zero by {value:.3g} instead of {now:.3g}",
                    edit,
                )
