"""In which order the same steps are taken, and how samples are kept between them."""

from __future__ import annotations

from typing import Annotated

from modelparity.graph import GraphBuilder
from modelparity.stages import Mistakes, one_of

#: "original": production, with fastai. Slices of the file, each mixed down and written as 16 bits, resampled and
#: written as 16 bits again. "port_file": the port on a file. All of it mixed down and resampled, written as 16 bits
#: once, then sliced. "port_sliced": the port in its own tests. Slices of the file, and no 16 bits.
ORDERS = ("original", "port_file", "port_sliced")
#: "down" is what libsndfile writes: the whole number below.
PCM = ("down", "nearest", "none")
FULL = 32_768
#: Mistakes that ports are known to have, likelier ones first.
Order = Annotated[
    str,
    Mistakes(
        {
            "port_file": "all of the file resampled before it is sliced",
            "port_sliced": "samples not written as 16 bits",
        }
    ),
]
Pcm = Annotated[str, Mistakes({"nearest": "16 bits rounded to the nearest", "none": "no 16 bits"})]


def sliced_first(order: str) -> bool:
    """Whether windows are cut at the file's own rate. Raises `InputError` for an unknown order."""
    one_of("order", order, ORDERS)
    return order != "port_file"


def kept(stage: GraphBuilder, x: str, name: str, *, pcm: str, here: bool) -> str:
    """``x`` as numbers of 16 bits keep it, called ``name``; as it is where ``here`` is not, or ``pcm`` is "none"."""
    one_of("pcm", pcm, PCM)
    if not here or pcm == "none":
        return stage.node("identity", x, name)
    whole = stage.node("to_fixed", x, f"{name}_pcm", way=pcm)
    return stage.node("from_fixed", whole, name, full=FULL)
