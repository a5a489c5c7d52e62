"""Convolutions and padding: stride, dilation, groups, padding and what is padded with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ....graph import Array
from ..edit import joined
from ..fault import Group, by_format
from ..making import NodeFault, Way, Written, ahead, dropped, with_array, with_attrs
from ..view import At

GROUP = Group("convolution", "Convolutions and padding", 50)
CONVS = ("conv", "conv_transpose")
#: How an array goes on outside.
MODES = ("constant", "edge", "reflect", "wrap")


def spatial(at: At) -> int:
    """How many axes a convolution or pooling works along."""
    weight = at.array("weight")
    return len(at.attrs["size"]) if "size" in at.attrs else 0 if weight is None else weight.ndim - 2


def widths(at: At) -> tuple[tuple[int, int], ...] | None:
    """(before, after) an axis; ``None`` where the padding is named and not listed."""
    padding = at.attrs.get("padding")
    if isinstance(padding, str):
        return None
    return tuple((int(b), int(a)) for b, a in padding or ((0, 0),) * spatial(at))


def per_axis(value: Sequence[int] | None, axes: int, default: int = 1) -> tuple[int, ...]:
    """A setting an axis, with its default."""
    return tuple(value) if value is not None else (default,) * axes


class StrideWrong(NodeFault):
    id = "stride-wrong"
    group = GROUP
    ops = (*CONVS, "max_pool", "average_pool", "windows", "sliding_windows")
    where = "convolutions, pooling and windows"
    text = "The stride is another one: 1, 2, as large as the window, or that of another axis."
    happens = (
        "RTNeural's conv1d neither writes nor reads a stride; pooling's default is the window's size in "
        "PyTorch and 1 in ONNX."
    )
    repair = "Write the stride of every axis."
    repairs = by_format(
        onnx="Set the node's attribute strides.",
        rtneural="conv1d has stride 1 only: write a conv2d, or skip frames outside.",
        torch="Give stride=...: MaxPool and AvgPool take the window's size unless told.",
    )

    def ways(self, at: At) -> Iterator[Way]:
        if at.node.op in ("windows", "sliding_windows"):
            key = "hop" if at.node.op == "windows" else "stride"
            for value in dict.fromkeys((1, at.attrs["size"], 2)):
                if value != at.attrs[key]:
                    yield Way(
                        f"{value}",
                        f"{at.name} moves on by {value} instead of {at.attrs[key]}",
                        with_attrs(at, **{key: value}),
                    )
            return
        axes = spatial(at)
        size = per_axis(at.attrs.get("size"), axes)
        now = (
            per_axis(at.attrs["strides"], axes)
            if at.attrs["strides"] is not None or at.node.op in CONVS
            else size
        )
        others = [(1,) * axes, (2,) * axes, now[::-1], *((*now[:k], 1, *now[k + 1 :]) for k in range(axes))]
        for strides in dict.fromkeys([*others, *([size] if at.node.op not in CONVS else [])]):
            if strides != now:
                said = " x ".join(map(str, strides))
                yield Way(
                    said,
                    f"{at.name} has stride {said} instead of {' x '.join(map(str, now))}",
                    with_attrs(at, strides=strides),
                )


class PaddingOnOtherSide(NodeFault):
    id = "padding-on-other-side"
    group = GROUP
    ops = (*CONVS, "max_pool", "average_pool")
    where = "padded convolutions and pooling"
    text = (
        "The padding is as much as it should be, but on another side: causal for symmetric, or one "
        "element too far."
    )
    happens = (
        "Causal convolutions pad in front; TensorFlow's SAME puts an odd element behind, PyTorch's "
        "padding=(k-1)//2 and Caffe in front."
    )
    repair = "Write the padding of both sides of each axis."
    repairs = by_format(
        onnx=(
            "Set pads (all begins, then all ends), or auto_pad to SAME_UPPER or SAME_LOWER as the source "
            "has it."
        ),
        rtneural="conv1d is causal: all padding is in front.",
        torch="Pad by hand with F.pad(x, (before, after)) where it is not the same on both sides.",
        coreml='Write custom padding (pad_type="custom"), or sameMode TOP_LEFT_HEAVY as the source has it.',
    )

    def ways(self, at: At) -> Iterator[Way]:
        padding = at.attrs.get("padding")
        if isinstance(padding, str):
            other = {"same": "same_lower", "same_lower": "same"}[padding]
            yield Way(
                other,
                f"{at.name} has its odd element of padding on the other side",
                with_attrs(at, padding=other),
            )
            return
        now = widths(at) or ()
        whole = [b + a for b, a in now]
        others = {
            "causal": tuple((n, 0) for n in whole),
            "symmetric": tuple((n // 2, n - n // 2) for n in whole),
            "behind": tuple((0, n) for n in whole),
            "exchanged": tuple((a, b) for b, a in now),
            "one later": tuple((b - 1, a + 1) if b else (b, a) for b, a in now),
            "one earlier": tuple((b + 1, a - 1) if a else (b, a) for b, a in now),
        }
        seen = {now}
        for words, new in others.items():
            if new not in seen:
                seen.add(new)
                yield Way(
                    words,
                    f"the padding of {at.name} is {new} instead of {now} ({words})",
                    with_attrs(at, padding=new),
                )


class PaddingLost(NodeFault):
    id = "padding-lost"
    group = GROUP
    ops = (*CONVS, "max_pool", "average_pool", "pad")
    where = "padded convolutions and pooling, and padding by itself"
    text = "Padding is left out."
    happens = "valid was taken for same, or a padding layer was not converted."
    repair = "Pad as the source does."
    repairs = by_format(
        onnx="Set pads.", coreml="Set the padding type to same or custom.", keras='Give padding="same".'
    )

    def ways(self, at: At) -> Iterator[Way]:
        if at.node.op == "pad":
            if any(at.attrs["before"]) or any(at.attrs["after"]):
                yield Way("", f"{at.name} is left out", dropped(at))
        elif at.attrs.get("padding") and widths(at) != ((0, 0),) * spatial(at):
            yield Way("", f"{at.name} has no padding", with_attrs(at, padding=None))


class PaddingMode(NodeFault):
    id = "padding-mode"
    group = GROUP
    ops = ("pad", "conv", "max_pool")
    where = "padding by itself and padded convolutions: edge, mirror, wrapped, zeros; zeros in a maximum"
    text = (
        "What stands outside is another thing: zeros, the edge, the mirror image, the other end, or -inf "
        "taken for 0."
    )
    happens = (
        "librosa and torch mirror where madmom has zeros, PyTorch's padding_mode is dropped, and a "
        "maximum is padded with zeros instead of -inf."
    )
    repair = (
        "Pad with what the source pads with, in a layer of its own where the target's convolution has "
        "zeros only."
    )
    repairs = by_format(
        onnx="Put a Pad node with the right mode before the Conv.",
        torch='Give padding_mode="reflect", "replicate" or "circular".',
    )

    def ways(self, at: At) -> Iterator[Way]:
        if at.node.op == "pad":
            for mode in MODES:
                if mode != at.attrs["mode"]:
                    yield Way(mode, f"{at.name} pads with {_outside(mode)}", with_attrs(at, mode=mode))
            return
        now, rank = widths(at), at.rank(at.tensors["x"])
        if now is None or not any(map(any, now)) or rank is None:
            return
        front = rank - len(now) - 1
        before, after = ((*(0,) * front, *(pair[side] for pair in now), 0) for side in (0, 1))
        for mode in MODES[1:] if at.node.op == "conv" else MODES[:1]:

            def padded(w: Written, x: str, mode: str = mode) -> str:
                return w("pad", x, before=before, after=after, mode=mode)

            edit = joined([ahead(at, self.id, "x", padded), with_attrs(at, padding=None)])
            yield Way(mode, f"{at.name} pads with {_outside(mode)}", edit)


def _outside(mode: str) -> str:
    return {"constant": "zeros", "edge": "the edge", "reflect": "the mirror image", "wrap": "the other end"}[
        mode
    ]


class PadWrong(NodeFault):
    id = "pad-wrong"
    group = GROUP
    ops = ("pad",)
    where = "padding by itself"
    text = "Padding is on other axes or sides, or of another value."
    happens = (
        "torch.nn.functional.pad counts axes from the last, ONNX lists all begins, then all ends, Keras "
        "pairs an axis."
    )
    repair = "Write (before, after) for the axes in the target's order."
    repairs = by_format(
        onnx="pads lists the begins of all axes, then the ends.",
        torch="F.pad takes (last axis before, after, last but one before, ...).",
    )

    def ways(self, at: At) -> Iterator[Way]:
        before, after = tuple(at.attrs["before"]), tuple(at.attrs["after"])
        whole = tuple(b + a for b, a in zip(before, after, strict=True))
        none = (0,) * len(whole)
        pairs = [n for pair in zip(before, after, strict=True) for n in pair]
        most = (max((*before, *after)),) * len(whole)
        others = {
            "before only": (whole, none),
            "after only": (none, whole),
            "exchanged": (after, before),
            "axes reversed": (before[::-1], after[::-1]),
            "pairs read as begins and ends": (tuple(pairs[: len(whole)]), tuple(pairs[len(whole) :])),
            "all axes": (most, most),
        }
        seen = {(before, after)}
        for words, (new_before, new_after) in others.items():
            if (new_before, new_after) not in seen:
                seen.add((new_before, new_after))
                yield Way(
                    words, f"{at.name} pads {words}", with_attrs(at, before=new_before, after=new_after)
                )
        if at.attrs["mode"] == "constant" and at.attrs["value"]:
            yield Way(
                "zeros",
                f"{at.name} pads with zeros instead of {at.attrs['value']:g}",
                with_attrs(at, value=0.0),
            )


class GroupsMixed(NodeFault):
    id = "groups-mixed"
    group = GROUP
    ops = CONVS
    where = "grouped convolutions with more than one output channel a group"
    text = (
        "The channels of a grouped convolution are dealt to its groups in turn instead of in blocks, or "
        "in another order."
    )
    happens = (
        "Depthwise kernels with a multiplier are (k, k, in, multiplier) in Keras and (in * multiplier, "
        "1, k, k) elsewhere."
    )
    repair = "Let group g have output channels g n to (g + 1) n - 1."
    repairs = by_format(
        coreml="Transpose a Keras depthwise kernel to (in * multiplier, 1, k, k).",
        onnx="W of a depthwise Conv is (in * multiplier, 1, k, k).",
    )

    def ways(self, at: At) -> Iterator[Way]:
        weight, groups = at.array("weight"), at.attrs["groups"]
        if weight is None or groups == 1:
            return
        out = weight.shape[-1]
        if out % groups == 0 and out // groups > 1:
            taken = np.arange(out).reshape(groups, -1).T.ravel()
            yield Way(
                "dealt in turn",
                f"output channels of {at.name} are dealt to its groups in turn",
                with_array(at, "weight", lambda a: a[..., taken]),
            )
        if out % groups == 0:
            turned = np.arange(out).reshape(groups, -1)[::-1].ravel()
            yield Way(
                "reversed",
                f"the groups of {at.name} stand in reverse order",
                with_array(at, "weight", lambda a: a[..., turned]),
            )


class DepthwiseAsDense(NodeFault):
    id = "depthwise-as-dense"
    group = GROUP
    ops = ("conv",)
    where = "grouped and depthwise convolutions"
    text = "A grouped convolution is computed as one over all channels: each kernel sees every input."
    happens = "groups is lost and the kernel is broadcast over the input channels to fit."
    repair = "Write the number of groups."
    repairs = by_format(
        onnx="Set the Conv's attribute group.",
        rtneural='Write "groups".',
        coreml="Set nGroups.",
        torch="Give groups=.",
    )

    def ways(self, at: At) -> Iterator[Way]:
        weight, groups = at.array("weight"), at.attrs["groups"]
        if weight is None or groups == 1:
            return

        def broadcast(array: Array) -> Array:
            return np.concatenate([array] * groups, axis=-2)

        edit = joined([with_array(at, "weight", broadcast), with_attrs(at, groups=1)])
        yield Way("", f"{at.name} is computed over all channels", edit)
