"""The pipeline ``orca/detector``: from a file's audio to a verdict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from modelparity.errors import InputError
from modelparity.graph import Array
from modelparity.stages import Decoder, Given, Networks, Numeric, Pipeline

from . import frontend
from .models import KEY, NAME, DetectorModel, model
from .verdict import Detections, confidences, verdict

#: What 16 bits can hold of numbers between -1 and 1.
FULL = 32_768
NEEDS = (
    "Without trained weights (modelparity orca extract, or MODELPARITY_ORCA) the network is seeded: its confidences "
    "mean nothing."
)


def sound(value: Any) -> Array:
    """Samples (sample,) or (sample, channel) as files have them: whole numbers, or floats between -1 and 1.

    Floats that are all whole multiples of 1 / 32768 were read of 16 bits, and are given as such.
    Raises `InputError` for other shapes, and for what is not finite.
    """
    audio = np.asarray(value)
    if audio.dtype.kind not in "fi" or audio.ndim not in (1, 2) or (audio.ndim == 2 and not audio.shape[1]):
        raise InputError(
            "not a sound",
            found=f"{audio.dtype} of shape {audio.shape}",
            expected="floats or whole numbers of shape (sample,) or (sample, channel)",
        )
    if audio.dtype.kind == "i":
        return audio
    if not np.isfinite(audio).all():
        raise InputError(
            "samples are not finite", found=f"{int((~np.isfinite(audio)).sum())} of {audio.size}"
        )
    scaled = audio.astype(np.float64) * FULL
    if audio.size and (scaled == np.rint(scaled)).all() and scaled.min() >= -FULL and scaled.max() < FULL:
        whole: Array = scaled.astype(np.int16)
        return whole
    return audio if audio.dtype.itemsize >= 4 else audio.astype(np.float32)


def hertz(value: Any) -> Array:
    """Samples a second of the file, a whole number. Raises `InputError` for others."""
    rate = np.asarray(value)
    if (
        rate.size != 1
        or rate.dtype.kind not in "iuf"
        or float(rate) != int(rate)
        or not 1 <= int(rate) <= 10**7
    ):
        raise InputError("not a rate", found=value, expected="samples a second, a whole number such as 44100")
    return np.asarray(int(rate), np.int64)


def detector(member: DetectorModel | None = None) -> Pipeline:
    """The chain as production and its port have it; defaults are those in which the two agree.

    ``member`` is the network: the one that is on this machine, if left out.
    """
    return Pipeline(
        f"{NAME}/{KEY}",
        (
            Given("audio", read=sound, about="a file's samples"),
            Given("rate", read=hertz, about="samples a second"),
            Numeric("mono", ("audio",), graph=frontend.mono, about="channels to one"),
            Numeric("resampled", ("mono", "rate"), graph=frontend.resampled, about="at 20 kHz, in 16 bits"),
            Numeric("windows", ("resampled",), graph=frontend.windows, about="2 s every second"),
            Numeric("power", ("windows",), graph=frontend.mel_power, about="mel bands of each frame"),
            Numeric("decibels", ("power",), graph=frontend.decibels, about="on a logarithmic scale"),
            Numeric("image", ("decibels", "power"), graph=frontend.image, about="312 frames wide"),
            Networks("logits", ("image",), members=(member or model(),), about="a ResNet-50"),
            Numeric("confidences", ("logits",), graph=confidences, about="of calls"),
            Decoder("verdict", ("confidences",), function=verdict, gives=Detections(), about="on the file"),
        ),
        "calls of southern resident killer whales in a recording, as OrcaHello finds them",
        needs=NEEDS,
    )


def pipelines() -> Mapping[str, Pipeline]:
    """The family's only one."""
    return {KEY: detector()}
