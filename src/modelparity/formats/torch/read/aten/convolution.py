"""Convolutions: channels come second here and last in core operators."""

from __future__ import annotations

from ..call import Call, reads


def last(c: Call, name: str, spatial: int) -> str:
    """An argument ([batch,] channel, space...) with its channels last."""
    rank = c.rank(name)
    lead = rank - spatial - 1
    axes = (*range(lead), *range(lead + 1, rank), lead)
    return c.emit("transpose", [c.tensor(name)], axes=axes) if spatial else c.tensor(name)


def second(c: Call, tensor: str, rank: int, spatial: int) -> str:
    """A result with its channels last as PyTorch has it."""
    lead = rank - spatial - 1
    if not spatial:
        return tensor
    return c.give("transpose", [tensor], axes=(*range(lead), rank - 1, *range(lead, rank - 1)))


@reads("aten.convolution", "aten.conv1d", "aten.conv2d", "aten.conv3d")
def convolution(c: Call) -> str:
    """Plain and transposed, of one to three dimensions, with groups."""
    spatial = c.rank("weight") - 2
    settings = {}
    for name in ("stride", "padding", "dilation", "output_padding"):
        given = list(c.get(name, [0 if "padding" in name else 1]))
        settings[name] = given * spatial if len(given) == 1 else given
    transposed, groups = bool(c.get("transposed", False)), int(c["groups"])
    rank = c.rank("input")
    x, bias = last(c, "input", spatial), c.tensor("bias")
    kernel = tuple(range(2, spatial + 2))
    if not transposed:
        weight = c.laid("weight", "transposed", (*kernel, 1, 0))
        padding = tuple((n, n) for n in settings["padding"])
        y = c.emit(
            "conv",
            [x, weight, *([bias] if bias else [])],
            strides=tuple(settings["stride"]),
            padding=padding,
            dilations=tuple(settings["dilation"]),
            groups=groups,
        )
        return second(c, y, rank, spatial)
    # (in, out / groups, k...) -> (k..., in, out / groups)
    weight = c.laid("weight", "transposed", (*kernel, 0, 1))
    over = [max(more - n, 0) for n, more in zip(settings["padding"], settings["output_padding"], strict=True)]
    padding = tuple(
        (n, max(n - more, 0)) for n, more in zip(settings["padding"], settings["output_padding"], strict=True)
    )
    inner = [bias] if bias and not any(over) else []
    y = c.emit(
        "conv_transpose",
        [x, weight, *inner],
        strides=tuple(settings["stride"]),
        padding=padding,
        dilations=tuple(settings["dilation"]),
        groups=groups,
    )
    if any(over):  # what no input reaches holds nothing but the bias
        lead = rank - spatial - 1
        y = c.emit("pad", [y], before=(0,) * rank, after=(*(0,) * lead, *over, 0))
        y = c.emit("add", [y, bias]) if bias else y
    return second(c, y, rank, spatial)
