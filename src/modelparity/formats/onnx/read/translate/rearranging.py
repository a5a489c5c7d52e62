"""Operators that move elements between axes, or add and hide some."""

from __future__ import annotations

from ....reading.translating import known_as
from ..node import Op, reads


@reads("DepthToSpace")
def depth_to_space(op: Op) -> None:
    """y = blocks of channels as places"""
    if op.rank() != 4:
        op.declined("other than two spatial axes")
    cores = {"DCR": ("depth_to_space", "block"), "CRD": ("pixel_shuffle", "factor")}
    core, name = op.choice("mode", cores, "DCR")
    op.give(core, [op.input(0)], **{name: op.attr("blocksize")})


@reads("SpaceToDepth")
def space_to_depth(op: Op) -> None:
    """y = places as blocks of channels"""
    if op.rank() != 4 or op.attr("mode", "DCR") != "DCR":
        op.declined("other than two spatial axes, or another order than DCR")
    op.give("space_to_depth", [op.input(0)], block=op.attr("blocksize"))


@reads("Pad")
def pad(op: Op) -> None:
    """y = x with axes made longer, or shorter by negative widths"""
    mode = op.choice("mode", known_as("constant", "reflect", "edge", "wrap"), "constant")
    value, tensor = 0.0, ""
    if op.version < 11:
        widths, value = op.attr("pads"), op.attr("value", 0.0)
    else:
        widths = None if op.known(1) is None else op.numbers(1)
        if op.has(2):
            fill = op.known(2)
            if fill is None:
                tensor = op.input(2)
            else:
                value = float(fill.reshape(-1)[0]) if op.is_float() else int(fill.reshape(-1)[0])
    if widths is None or tensor or (op.has(3) and op.known(3) is None):
        _pad_by_arrays(op, mode, value, tensor)
        return
    axes = op.numbers(3) if op.has(3) else None
    rank = op.rank()
    over = tuple(range(rank)) if axes is None else tuple(op.axis(axis) for axis in axes)
    if len(widths) != 2 * len(over):
        raise op.error("widths do not fit", found=widths, expected=f"{2 * len(over)} numbers")
    before, after = [0] * rank, [0] * rank
    for k, axis in enumerate(over):
        before[axis], after[axis] = int(widths[k]), int(widths[k + len(over)])
    x = op.input(0)
    if min((*before, *after), default=0) < 0:  # cut first
        starts = tuple(max(0, -n) for n in before)
        ends = tuple(n if n < 0 else None for n in after)
        x = op.temp("slice", [x], starts=starts, ends=ends)
        before, after = [max(0, n) for n in before], [max(0, n) for n in after]
    op.give("pad", [x], before=tuple(before), after=tuple(after), value=value, mode=mode)


def _pad_by_arrays(op: Op, mode: str, value: float, tensor: str) -> None:
    """Widths, axes, or what fills, that are known only when the model runs."""
    halves = op.temp(
        "reshape", [op.temp("cast", [op.input(1)], dtype="int64", to="int64")], dtype="int64", shape=(2, -1)
    )
    pairs = [op.temp("transpose", [halves], dtype="int64", axes=(1, 0)), op.input(3, optional=True)]
    if not tensor:
        op.give("pad_by", [op.input(0), *pairs], value=value, mode=mode)
        return
    ones = op.temp("fill_like", [op.input(0)], dtype="bool", value=1, to="bool")
    inside = op.temp("pad_by", [ones, *pairs], dtype="bool")
    op.give(
        "select", [inside, op.temp("pad_by", [op.input(0), *pairs]), op.temp("reshape", [tensor], shape=())]
    )


@reads("ReverseSequence")
def reverse_sequence(op: Op) -> None:
    """y = x with the first elements of each sequence turned round"""
    op.give(
        "reverse_sequence",
        op.inputs(0, 1),
        batch_axis=op.attr("batch_axis", 1),
        time_axis=op.attr("time_axis", 0),
    )


@reads("Trilu")
def trilu(op: Op) -> None:
    """y = the upper or lower triangle of x, zeros elsewhere"""
    part = "upper" if op.attr("upper", 1) else "lower"
    if op.has(1) and op.known(1) is None:
        op.give(
            "with_settings",
            op.inputs(0, 1),
            of="triangle",
            settings=(("diagonal", "number"),),
            given={"part": part},
        )
        return
    k = int(op.const(1).reshape(())) if op.has(1) else 0
    op.give("triangle", [op.input(0)], diagonal=k, part=part)


@reads("Col2Im")
def col2im(op: Op) -> None:
    """y = images of which the columns are the overlapping blocks, summed"""
    n = op.shape(2)[0]
    if not isinstance(n, int):
        raise op.error("how many spatial axes there are must be known", found=str(op.kind(2)))
    pads = op.attr("pads", (0,) * (2 * n))
    attrs = {
        "strides": op.attr("strides", (1,) * n),
        "dilations": op.attr("dilations", (1,) * n),
        "padding": tuple(zip(pads[:n], pads[n:], strict=True)),
    }
    if op.known(1) is None or op.known(2) is None:
        settings = (("size", "numbers"), ("block", "numbers"))
        op.give("with_settings", op.inputs(0, 1, 2), of="columns_to_image", settings=settings, given=attrs)
    else:
        op.give("columns_to_image", [op.input(0)], size=op.numbers(1), block=op.numbers(2), **attrs)
