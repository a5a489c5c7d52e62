"""Blocks of pixels that become channels, and channels that become blocks."""

from __future__ import annotations

from ....engine.bound_node import Call
from ..builder import Builder, refusal
from ..lowering import lowers


@lowers("pixel_shuffle", "depth_to_space")
def shuffle(b: Builder, c: Call) -> None:
    """DepthToSpace of one batch axis; with none or several the axes are laid out and turned."""
    x, rank = c.tensors["x"], b.rank(c.tensors["x"])
    by_channel = c.node.op == "pixel_shuffle"
    f = int(c.attrs["factor" if by_channel else "block"])
    if rank == 4:
        mode = "CRD" if by_channel else "DCR"
        b.result(c.node.outputs[0], "DepthToSpace", [b.get(x)], blocksize=f, mode=mode)
        return
    channels, height, width = _image(b, c)
    inner = channels // (f * f)
    parts, order = ([inner, f, f], [0, 3, 1, 4, 2]) if by_channel else ([f, f, inner], [2, 3, 0, 4, 1])
    _turned(b, c, [*parts, height, width], order, [inner, height * f, width * f])


@lowers("pixel_unshuffle", "space_to_depth")
def unshuffle(b: Builder, c: Call) -> None:
    """Axes laid out and turned; SpaceToDepth puts pixels before channels, and by ONNX takes one batch axis."""
    by_channel = c.node.op == "pixel_unshuffle"
    f = int(c.attrs["factor" if by_channel else "block"])
    if b.rank(c.tensors["x"]) == 4 and not by_channel:
        b.result(c.node.outputs[0], "SpaceToDepth", [b.get(c.tensors["x"])], blocksize=f)
        return
    channels, height, width = _image(b, c)
    order = [0, 2, 4, 1, 3] if by_channel else [2, 4, 0, 1, 3]
    _turned(
        b,
        c,
        [channels, height // f, f, width // f, f],
        order,
        [channels * f * f, height // f, width // f],
    )


def _image(b: Builder, c: Call) -> tuple[int, int, int]:
    """Channels, height and width. Raises `ConversionError` where one is known only when the network runs."""
    sizes = b.shapes[c.tensors["x"]][-3:]
    if not all(isinstance(n, int) for n in sizes):
        raise refusal(c, "a size of its images is known only when it runs")
    channels, height, width = map(int, sizes)
    return channels, height, width


def _turned(b: Builder, c: Call, parts: list[int], order: list[int], sizes: list[int]) -> None:
    """The last three axes as ``parts``, in another ``order``, joined to ``sizes``."""
    lead = b.rank(c.tensors["x"]) - 3
    laid = b.emit("Reshape", [b.get(c.tensors["x"]), b.ints(*[0] * lead, *parts)])
    turned = b.emit("Transpose", [laid], perm=[*range(lead), *(lead + at for at in order)])
    b.result(c.node.outputs[0], "Reshape", [turned, b.ints(*[0] * lead, *sizes)])
