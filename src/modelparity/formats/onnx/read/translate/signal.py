"""Signals: Fourier transforms."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..node import Op, reads


@reads("DFT")
def dft(op: Op) -> None:
    """y = the Fourier transform along an axis"""
    attrs: dict[str, Any] = {"inverse": bool(op.attr("inverse", 0)), "onesided": bool(op.attr("onesided", 0))}
    inputs = op.xs(0, 1) if op.has(1) else [op.x(0)]
    if op.version < 20:
        op.emit("fourier", inputs, axis=op.attr("axis", 1), **attrs)
    elif op.has(2) and op.known(2) is None:
        inputs = [*([inputs[0]] if len(inputs) == 1 else inputs), op.x(2)]
        op.emit("with_settings", inputs, of="fourier", settings=(("axis", "number"),), given=attrs)
    else:
        axis = int(op.const(2).reshape(())) if op.has(2) else -2
        op.emit("fourier", inputs, axis=axis, **attrs)


@reads("STFT")
def stft(op: Op) -> None:
    """y = the Fourier transforms of frames, one every so many samples, each multiplied by a window"""
    x = op.temp("expand_dims", [op.x(0)], axes=(-1,)) if op.rank() == 2 else op.x(0)
    settings = []
    attrs: dict[str, Any] = {"axis": 1}
    arrays = []
    step, length = op.known(1), op.known(3)
    if length is None and op.has(2) and isinstance(op.shape(2)[0], int):
        length = np.array(op.shape(2)[0])
    if length is not None:
        attrs["size"] = int(length.reshape(()))
    elif op.has(3):
        settings.append(("size", "number"))
        arrays.append(op.x(3))
    else:
        raise op.error("the length of a frame is not known")
    if step is not None:
        attrs["stride"] = int(step.reshape(()))
    else:
        settings.append(("stride", "number"))
        arrays.append(op.x(1))
    if settings:
        frames = op.temp(
            "with_settings", [x, *arrays], of="sliding_windows", settings=tuple(settings), given=attrs
        )
    else:
        frames = op.temp("sliding_windows", [x], **attrs)
    if op.has(2):
        window = op.temp("reshape", [op.x(2)], shape=(-1, 1))
        frames = op.temp("mul", [frames, window])
    op.emit("fourier", [frames], axis=2, onesided=bool(op.attr("onesided", 1)))
