"""Convolution and its transpose, in floats and in whole numbers."""

from __future__ import annotations

from typing import Any

from ..node import Op, reads
from ..scope import Kind
from ._layout import emit_first, last, turned

Padding = tuple[tuple[int, int], ...] | str | None


@reads("Conv")
def conv(op: Op) -> None:
    """y = W * x + b, with x (batch, in, spatial...) and W (out, in / groups, k...)"""
    y, rank = convolved(op, last(op), turned_weight(op))
    emit_first(op, y, rank)


def turned_weight(op: Op, place: int = 1) -> str:
    """W (out, in / groups, k...) as (k..., in / groups, out)."""
    return turned(op, place, (*range(2, op.rank(place)), 1, 0))


def convolved(op: Op, x: str, weight: str, bias: str | None = None) -> tuple[str, int]:
    """The convolution with the node's settings, channels last, and the rank."""
    rank = op.rank(1)
    kernel_fits(op, 1)
    if bias is None:
        bias = op.x(2) if op.has(2) else ""
    y = op.temp(
        "conv",
        [x, weight, bias] if bias else [x, weight],
        **settings(op, rank - 2),
        groups=op.attr("group", 1),
    )
    return y, rank


def kernel_fits(op: Op, place: int) -> None:
    """Hold the attribute ``kernel_shape`` against the weight."""
    size, shape = op.attr("kernel_shape", None), op.shape(place)[2:]
    if size is not None and any(n is not None and n != m for n, m in zip(shape, size, strict=False)):
        raise op.error("kernel_shape is not the weight's", found=size, expected=shape)


def settings(op: Op, n: int) -> dict[str, Any]:
    """Strides, dilations and padding over n spatial axes as the core operators take them."""
    return {
        "strides": spatial(op, "strides", n),
        "dilations": spatial(op, "dilations", n),
        "padding": padding(op, n),
    }


def spatial(op: Op, name: str, n: int) -> tuple[int, ...] | None:
    """One number a spatial axis, or None for the default."""
    found: tuple[int, ...] | None = op.attr(name, None)
    if found is not None and len(found) != n:
        raise op.error(f"{name!r} does not fit the spatial axes", found=found, expected=f"{n} numbers")
    return found


def padding(op: Op, n: int) -> Padding:
    """``auto_pad`` and ``pads`` (all begins, then all ends)."""
    kind = op.attr("auto_pad", "NOTSET")
    pads = op.attr("pads", None)
    if kind in ("SAME_UPPER", "SAME_LOWER"):
        return "same" if kind == "SAME_UPPER" else "same_lower"
    if kind == "VALID" or pads is None:
        return None
    if kind not in ("NOTSET", ""):
        raise op.error("unknown auto_pad", found=kind, expected="NOTSET, VALID, SAME_UPPER or SAME_LOWER")
    if len(pads) != 2 * n:
        raise op.error("'pads' does not fit the spatial axes", found=pads, expected=f"{2 * n} numbers")
    return tuple(zip(pads[:n], pads[n:], strict=True))


@reads("ConvTranspose")
def conv_transpose(op: Op) -> None:
    """The transpose of a convolution, with x (batch, in, spatial...) and W (in, out / groups, k...)"""
    rank = op.rank(1)
    n = rank - 2
    kernel_fits(op, 1)
    attrs = settings(op, n)
    strides, dilations = attrs["strides"] or (1,) * n, attrs["dilations"] or (1,) * n
    extra = spatial(op, "output_padding", n) or (0,) * n
    sizes = spatial(op, "output_shape", n)
    kernel = op.shape(1)[2:]
    pads = attrs["padding"]
    if sizes is not None:
        # What is cut off is what is left over; without auto_pad the odd element at the end.
        shape = op.shape(0)[2:]
        if not all(isinstance(m, int) for m in (*shape, *kernel)):
            raise op.error("output_shape needs the sizes of the input")
        upper = op.attr("auto_pad", "NOTSET") == "SAME_UPPER"
        pairs = []
        for m, k, s, d, e, out in zip(shape, kernel, strides, dilations, extra, sizes, strict=True):
            assert isinstance(m, int)
            assert isinstance(k, int)
            total = max(0, s * (m - 1) + e + d * (k - 1) + 1 - out)
            half = total // 2
            pairs.append((half, total - half) if upper else (total - half, half))
        attrs |= {"padding": tuple(pairs), "sizes": sizes}
    elif any(extra) or (isinstance(pads, str)):
        shape = op.shape(0)[2:]
        if isinstance(pads, str):
            attrs |= _same(op, pads, kernel, strides, dilations, extra, shape)
        else:
            attrs["extra"] = extra
    inputs = [last(op), turned(op, 1, (*range(2, rank), 0, 1)), *([op.x(2)] if op.has(2) else [])]
    emit_first(op, op.temp("conv_transpose", inputs, groups=op.attr("group", 1), **attrs), rank)


def _same(
    op: Op, kind: str, kernel: Any, strides: Any, dilations: Any, extra: Any, shape: Any
) -> dict[str, Any]:
    """Padding that makes the result as long as the stride times the input."""
    if not all(isinstance(k, int) for k in kernel):
        raise op.error("auto_pad needs the sizes of the kernel")
    pairs = []
    for k, s, d, e in zip(kernel, strides, dilations, extra, strict=True):
        total = max(0, d * (k - 1) + 1 + e - s)
        half = total // 2
        pairs.append((half, total - half) if kind == "same" else (total - half, half))
    short = [
        max(0, s - (d * (k - 1) + 1 + e))
        for k, s, d, e in zip(kernel, strides, dilations, extra, strict=True)
    ]
    return {"padding": tuple(pairs), "extra": tuple(e + m for e, m in zip(extra, short, strict=True))}


@reads("FusedConv", domain="com.microsoft")
def fused_conv(op: Op) -> None:
    """y = f(W * x + b + z)"""
    rank = op.rank(1)
    kind = Kind(op.dtype(), None)
    y, _ = convolved(op, last(op), turned_weight(op))
    y = op.temp("transpose", [y], axes=(0, rank - 1, *range(1, rank - 1)))
    if op.has(3):
        y = op.temp("add", [y, op.x(3)])
    name, values = op.attr("activation", ""), op.attr("activation_params", ())
    forms: dict[str, tuple[str, tuple[str, ...]]] = {
        "Relu": ("relu", ()),
        "Tanh": ("tanh", ()),
        "Sigmoid": ("sigmoid", ()),
        "LeakyRelu": ("leaky_relu", ("slope",)),
        "Clip": ("clip", ("min", "max")),
        "HardSigmoid": ("hard_sigmoid", ("alpha", "beta")),
        "": ("identity", ()),
    }
    if name not in forms:
        raise op.error("unknown activation", found=name, expected=", ".join(forms))
    core, names = forms[name]
    op.emit(core, [y], kind=kind, **dict(zip(names, values, strict=False)))


@reads("ConvInteger")
def conv_integer(op: Op) -> None:
    """y = (W - w0) * (x - x0) in whole numbers"""
    rank = op.rank(1)
    x, w = whole(op, 0, 2), whole(op, 1, 3, per_row=True)
    x = op.temp("transpose", [x], dtype="int32", axes=(0, *range(2, rank), 1))
    w = op.temp("transpose", [w], dtype="int32", axes=(*range(2, rank), 1, 0))
    y, _ = convolved(op, x, w, "")
    emit_first(op, y, rank)


def whole(op: Op, place: int, zero: int, *, per_row: bool = False) -> str:
    """An input of bytes less its zero point, as int32."""
    x = op.temp("cast", [op.x(place)], dtype="int32", to="int32")
    if not op.has(zero):
        return x
    offset = op.temp("cast", [op.x(zero)], dtype="int32", to="int32")
    if per_row and op.rank(zero) == 1:
        offset = op.temp("reshape", [offset], dtype="int32", shape=(-1, *(1,) * (op.rank(place) - 1)))
    return op.temp("sub", [x, offset], dtype="int32")
