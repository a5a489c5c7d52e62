"""Signals: Fourier transforms."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..node import Op, reads


@reads("DFT")
def dft(op: Op) -> None:
    """y = the Fourier transform along an axis"""
    attrs: dict[str, Any] = {
        "inverse": op.attr("inverse", False, bool),
        "onesided": op.attr("onesided", False, bool),
    }
    inputs = op.inputs(0, 1) if op.has(1) else [op.input(0)]
    if op.version < 20:
        op.give("fourier", inputs, axis=op.attr("axis", 1), **attrs)
    elif op.has(2) and op.known(2) is None:
        inputs = [*([inputs[0]] if len(inputs) == 1 else inputs), op.input(2)]
        op.give("with_settings", inputs, of="fourier", settings=(("axis", "number"),), given=attrs)
    else:
        axis = int(op.const(2).reshape(())) if op.has(2) else -2
        op.give("fourier", inputs, axis=axis, **attrs)


@reads("STFT")
def stft(op: Op) -> None:
    """y = the Fourier transforms of frames, one every so many samples, each multiplied by a window"""
    x = op.temp("expand_dims", [op.input(0)], axes=(-1,)) if op.rank() == 2 else op.input(0)
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
        arrays.append(op.input(3))
    else:
        raise op.error("the length of a frame is not known")
    if step is not None:
        attrs["stride"] = int(step.reshape(()))
    else:
        settings.append(("stride", "number"))
        arrays.append(op.input(1))
    if settings:
        frames = op.temp(
            "with_settings", [x, *arrays], of="sliding_windows", settings=tuple(settings), given=attrs
        )
    else:
        frames = op.temp("sliding_windows", [x], **attrs)
    if op.has(2):
        window = op.temp("reshape", [op.input(2)], shape=(-1, 1))
        frames = op.temp("mul", [frames, window])
    op.give("fourier", [frames], axis=2, onesided=op.attr("onesided", True, bool))
