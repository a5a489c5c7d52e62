"""Dilation: lost, another one, that of another axis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ....graph import Array, Node
from ..edit import Edit
from ..fault import by_format
from ..making import NodeFault, Way, with_attrs
from ..view import At
from .convolution import CONVS, GROUP, per_axis, spatial, widths


class DilationWrong(NodeFault):
    id = "dilation-wrong"
    group = GROUP
    ops = CONVS
    where = "convolutions with a kernel of more than one element"
    text = "The dilation is lost, or another one, or that of another axis."
    happens = (
        "A list of dilations is read for its first or last number (RTNeural takes the last), or the "
        "attribute is skipped."
    )
    repair = "Write the dilation of every axis; where padding is causal or same it follows the dilation."
    repairs = by_format(
        onnx="Set the node's attribute dilations.", rtneural='Write "dilation": [n], one number for conv1d.'
    )

    def ways(self, at: At) -> Iterator[Way]:
        weight, axes = at.array("weight"), spatial(at)
        if weight is None or not any(size > 1 for size in weight.shape[:axes]):
            return
        now = per_axis(at.attrs["dilations"], axes)
        others = [
            (1,) * axes,
            now[::-1],
            (now[0],) * axes,
            (now[-1],) * axes,
            tuple(2 * n for n in now),
            tuple(max(1, n // 2) for n in now),
        ]
        for dilations in dict.fromkeys(others):
            seen = [k for k in range(axes) if dilations[k] != now[k] and weight.shape[k] > 1]
            if seen:
                said = " x ".join(map(str, dilations))
                padding = _as_long(at, weight, now, dilations)
                yield Way(
                    said,
                    f"{at.name} has dilation {said} instead of {' x '.join(map(str, now))}",
                    with_attrs(at, dilations=dilations, **padding),
                )
                ahead_of = self._padded(at, weight, now, dilations)
                if ahead_of is not None:
                    maker, edit = ahead_of
                    text = f"{at.name} has dilation {said}, and the padding before it that goes with it"
                    both = with_attrs(at, dilations=dilations) | edit
                    yield Way(f"{said} padded", text, both, (at.node.name, maker))

    @staticmethod
    def _padded(at: At, weight: Array, now: Sequence[int], new: Sequence[int]) -> tuple[str, Edit] | None:
        """The name of a node that pads before it, as far as the dilation reaches, with the change for another one."""
        node: Node | None = at.maker("x")
        moved: tuple[int, ...] | None = None
        if node is not None and node.op == "transpose":
            moved, node = tuple(node.attrs["axes"]), at.view.makers.get(node.inputs[0])
        if node is None or node.op != "pad" or "before" not in node.attrs:
            return None
        before, after = list(node.attrs["before"]), list(node.attrs["after"])
        for axis, (d, other) in enumerate(zip(now, new, strict=True)):
            reach = weight.shape[axis] - 1
            place = axis + 1 if moved is None else moved[axis + 1]
            place += len(before) - len(now) - 2 if moved is None else 0
            if place >= len(before) or before[place] + after[place] != reach * d:
                return None
            before[place], after[place] = before[place] * other // d, after[place] * other // d
        return node.name, with_attrs(at.of(node), before=tuple(before), after=tuple(after))


def _as_long(at: At, weight: Array, now: Sequence[int], new: Sequence[int]) -> dict[str, object]:
    """The padding that keeps the length where the old one did, as causal and same padding do."""
    old = widths(at)
    if old is None or at.node.op != "conv":
        return {}
    made = []
    for (before, after), was, is_now, size in zip(old, now, new, weight.shape, strict=False):
        reach, further = was * (size - 1), is_now * (size - 1)
        if before + after != reach:
            made.append((before, after))
        else:
            made.append(
                (further, 0)
                if not after
                else (0, further)
                if not before
                else (further // 2, further - further // 2)
            )
    return {"padding": tuple(made)}
