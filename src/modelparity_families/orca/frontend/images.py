"""Images of one width, as the network takes them: stage ``image``."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from modelparity.graph import Graph, GraphBuilder
from modelparity.inputs import Generator
from modelparity.stages import Mistakes, Span, one_of

from .power import Size
from .resampling import RATE, Rate, Seconds

PADDINGS = ("zeros-after", "zeros-before", "zeros-around", "random")
CROPS = ("start", "middle", "random")
#: Mistakes that ports are known to have, likelier ones first.
Padding = Annotated[str, Mistakes({"zeros-around": "padded on both sides", "zeros-before": "padded before"})]
PadValue = Annotated[str, Mistakes({"minimum": "padded with the least value"})]
Crop = Annotated[str, Mistakes({"middle": "cut from the middle"})]
#: Random places are drawn for so many windows; then they come over again.
DRAWN = 4096


def image(
    *,
    strict: bool = True,
    sample_rate: Rate = RATE,
    hop_length: Size = 256,
    image_s: Seconds = 4.0,
    padding: Padding = "zeros-after",
    pad_value: PadValue = "zero",
    crop: Crop = "start",
    seed: Annotated[int, Span(0, 2**31)] = 0,
    standardize: bool = False,
) -> Graph:
    """decibels (window, mel, time) -> image (window, channel 1, mel, int(image_s rate / hop)): 312 frames

    Shorter ones get frames of 0.0 dB, longer ones are cropped. 0 dB is loud: the padding is no silence.

    Args:
        strict: whether all windows are whole; else power_frames (window) says how many frames each has.
        sample_rate: of the windows, in Hz.
        hop_length: samples from one frame to the next.
        image_s: seconds in an image.
        padding: where frames are added: after, before, or around those that there are ("zeros-around"), or "random"
            on both sides, as fastai does by default, and production did until 15 January 2026.
        pad_value: what the frames added hold: "zero" for 0.0 dB, or the window's "minimum".
        crop: which frames are left of more than 312: from the "start" (the port), the "middle", or "random" ones in a
            row (fastai).
        seed: of what is random.
        standardize: whether each window is stretched to 0 ... 1, which fastai calls so and the original does not do.

    Raises:
        InputError: a setting has no such value.
    """
    one_of("padding", padding, PADDINGS)
    one_of("pad_value", pad_value, ("zero", "minimum"))
    one_of("crop", crop, CROPS)
    stage, width = GraphBuilder("image"), int(image_s * sample_rate / hop_length)
    x = stage.given("decibels", "window", "mel", "time")
    lowest = stage.node("reduce_min", x, "lowest", axes=(1, 2), keepdims=True, empty="limit")
    if standardize:
        highest = stage.node("reduce_max", x, "highest", axes=(1, 2), keepdims=True, empty="limit")
        span = stage.node("sub", (highest, lowest), "span")
        x = stage.node("div", (stage.node("sub", (x, lowest), "raised"), span), "stretched")
        lowest = stage.constant("lowest_share", np.zeros((1, 1, 1), np.float32))
    plain = (padding, pad_value, crop, strict) == ("zeros-after", "zero", "start", True)
    x = (
        _after(stage, x, width)
        if plain
        else _placed(stage, x, width, padding, crop, seed, "" if pad_value == "zero" else lowest, strict)
    )
    stage.node("expand_dims", x, "image", axes=(1,))
    return stage.graph("image")


def _after(stage: GraphBuilder, x: str, width: int) -> str:
    """The first ``width`` frames of x and then zeros."""
    longer = stage.node("pad", x, "longer", before=(0, 0, 0), after=(0, 0, width))
    return stage.node("slice", longer, "fixed", starts=(0,), ends=(width,), axes=(2,))


def _placed(
    stage: GraphBuilder, x: str, width: int, padding: str, crop: str, seed: int, fill: str, strict: bool
) -> str:
    """x with its frames moved, window by window, and ``fill`` where it has none."""

    def whole(name: str, value: object) -> str:
        return stage.constant(name, np.asarray(value, np.int64))

    sizes = stage.node("cast", stage.node("shape", x, "sizes"), "sizes_64", to="int64")
    windows, time = (
        stage.node("slice", sizes, name, starts=(at,), ends=(at + 1,), axes=(0,))
        for name, at in (("windows", 0), ("time", 2))
    )
    frames = time if strict else stage.given("power_frames", "window", dtype="int64")
    room = stage.node(
        "sub", (whole("width", width), frames), "room"
    )  # frames to add, or less than 0 to take away
    none, one = whole("none", 0), whole("one", 1)
    spare = stage.node("maximum", (room, none), "spare")
    beyond = stage.node("maximum", (stage.node("neg", room, "less_room"), none), "beyond")
    shares = _shares(stage, windows, seed) if "random" in (padding, crop) else ""

    def part(of: str, name: str, way: str) -> str:
        if way in ("zeros-after", "start"):
            return stage.node("mul", (of, none), name)
        if way == "zeros-before":
            return stage.node("identity", of, name)
        if way in ("zeros-around", "middle"):
            return stage.node("floor_div", (of, whole(f"{name}_two", 2)), name)
        places = stage.node("cast", stage.node("add", (of, one), f"{name}_ways"), f"{name}_float", to="float")
        return stage.node(
            "cast",
            stage.node("floor", stage.node("mul", (shares, places), f"{name}_at"), f"{name}_whole"),
            name,
            to="int64",
        )

    shift = stage.node("sub", (part(spare, "before", padding), part(beyond, "left_out", crop)), "shift")
    every = stage.node("fill", windows, "no_shift", to="int64")
    shifts = stage.node("add", (shift, every), "shifts")
    columns = stage.node("expand_dims", shifts, "columns", axes=(1,))
    source = stage.node("sub", (whole("places", np.arange(width)[None]), columns), "source")
    last = stage.node("sub", (time, one), "last")
    held = stage.node("minimum", (stage.node("maximum", (source, none), "from_first"), last), "held")
    found = stage.node("gather_batched", (x, held), "moved", axis=2, batch_dims=1)
    ends = frames if strict else stage.node("expand_dims", frames, "ends", axes=(1,))
    inside = stage.node("less", (source, ends), "before_end")
    begun = stage.node("greater_equal", (source, none), "begun")
    there = stage.node(
        "expand_dims", stage.node("logical_and", (inside, begun), "there"), "there_mel", axes=(1,)
    )
    return stage.node("select", (there, found, fill or stage.constant("silent", 0.0)), "fixed")


def _shares(stage: GraphBuilder, windows: str, seed: int) -> str:
    """A number in [0, 1) for each window."""
    drawn = stage.constant("drawn", Generator("orca", "padding", seed).uniform(DRAWN))
    squeezed = stage.node("squeeze", windows, "number", axes=(0,))
    numbers = stage.node(
        "range_1d",
        (
            stage.constant("from", np.asarray(0, np.int64)),
            squeezed,
            stage.constant("by", np.asarray(1, np.int64)),
        ),
        "numbers",
    )
    turns = stage.node("mod", (numbers, stage.constant("turn", np.asarray(DRAWN, np.int64))), "turns")
    return stage.node("gather", (drawn, turns), "shares", axis=0)
