"""The chain of layers under construction, and how the graph's tensor lies in RTNeural's flat frames."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ....engine.bound_node import Call
from ....errors import ConversionError
from ....graph import Array, Axis, Graph
from ...writing.scope import Scope
from ...writing.target import Target
from ..inputs_outputs import BATCH, TIME, FramedArray

#: RTNeural's own word for sizes that are not said.
FREE = None
TARGET = Target(
    "RTNeural", "train a network of layers that RTNeural has, or add one of your own to both sides"
)
#: The error for a node that RTNeural cannot express.
refusal = TARGET.refusal


@dataclass(frozen=True)
class Role:
    """What an axis of the graph's tensor is: time, batch, or (with a size) a part of the frame."""

    name: str
    size: int | None = None


class Chain(Scope):
    """Layers so far; ``tensor`` is what the last of them gives, and ``roles`` what its axes are.

    ``order`` names the parts of the frame in the order in which RTNeural's layers hold them; the roles may stand
    in another one for a while. ``zeros`` are frames that stand in front of time without a layer of their own, for
    the convolution that comes next. ``last`` says that only the last frame is left. ``given`` is the output of a
    node that goes on, where it is not the first.
    """

    target = TARGET
    constants: dict[str, Array]

    def __init__(self, graph: Graph, roles: Sequence[Role]) -> None:
        super().__init__(graph)
        self.tensor, self.constants = graph.inputs[0].name, dict(graph.constants)
        self.roles, self.layers = tuple(roles), list[dict[str, Any]]()
        self.made: list[str] = []  # the node behind each layer
        self.zeros = 0
        self.last = False
        self.given: str | None = None
        self.order = self.standing()
        self.input = self.framed(self.tensor)

    def standing(self) -> list[str]:
        """Names of the parts of the frame that are longer than one, as the tensor has them."""
        return [role.name for role in self.roles if (role.size or 1) > 1]

    def expect_order(self, call: Call) -> None:
        """Require that the parts of the frame stand as RTNeural holds them. Raises `ConversionError`."""
        if self.standing() != self.order:
            raise refusal(call, "the numbers of a frame stand in another order than RTNeural holds them")

    def relabelled(self, roles: Sequence[Role]) -> None:
        """Take these roles; the frame is held in their order from here on."""
        self.roles = tuple(roles)
        self.order = self.standing()

    # -- the frame -----------------------------------------------------------------------------------

    @property
    def parts(self) -> list[Role]:
        """The axes that make up the frame."""
        return [role for role in self.roles if role.size is not None]

    @property
    def width(self) -> int:
        """Numbers in a frame."""
        return math.prod(role.size or 1 for role in self.parts)

    @property
    def image(self) -> tuple[int, int]:
        """The frame as (features, filters): its last axis has the filters."""
        sizes = [role.size or 1 for role in self.parts]
        return math.prod(sizes[:-1]), sizes[-1] if sizes else 1

    def place(self, name: str) -> int | None:
        """Where time or batch stands."""
        return next((i for i, role in enumerate(self.roles) if role.name == name and role.size is None), None)

    def framed(self, name: str) -> FramedArray:
        """The tensor as an input or output of the model."""
        names = [role.name for role in self.roles]
        told = [one if names.count(one) == 1 else f"{one}_{place}" for place, one in enumerate(names)]
        return FramedArray(
            name, tuple(Axis(one, role.size) for one, role in zip(told, self.roles, strict=True))
        )

    def flat(self, call: Call) -> None:
        """Require that the whole frame lies along the last axis. Raises `ConversionError`."""
        if not self.roles or self.roles[-1].size is None or self.roles[-1].size != self.width:
            raise refusal(
                call,
                "it works along one of several axes of a frame, or across frames",
                "RTNeural's frames are flat",
            )

    def resized(self, width: int) -> None:
        """The last axis has another size now; only layers on flat frames may say so."""
        self.relabelled((*self.roles[:-1], replace(self.roles[-1], size=width)))

    # -- layers --------------------------------------------------------------------------------------

    def add(self, call: Call, kind: str, weights: Sequence[Any], **keys: Any) -> None:
        """Append a layer; its width is the frame's now."""
        if self.zeros:
            raise refusal(call, "zeros stand in front of time, and no causal convolution takes them in")
        if self.last and kind in ("gru", "lstm", "conv1d", "conv2d"):
            raise refusal(
                call, "it follows the choice of the last frame", "choose the last frame at the very end"
            )
        if kind not in ("activation", "batchnorm", "prelu"):
            self.expect_order(call)
        features, filters = self.image
        shape = (
            [FREE, FREE, features, filters] if kind in ("conv2d", "batchnorm2d") else [FREE, FREE, self.width]
        )
        arrays = [np.asarray(a, np.float32).astype(np.float64).tolist() for a in weights]
        self.layers.append({"type": kind, "activation": "", "shape": shape, **keys, "weights": arrays})
        self.made.append(call.node.name)

    def activate(self, call: Call, name: str) -> None:
        """Give the last layer an activation, or add one as a layer of its own."""
        takes = ("dense", "conv1d", "conv2d")
        if self.layers and self.layers[-1]["type"] in takes and not self.layers[-1]["activation"]:
            self.layers[-1]["activation"] = name
        else:
            self.add(call, "activation", [])
            self.layers[-1]["activation"] = name


def roles_of(graph: Graph) -> list[list[Role]]:
    """What the axes of the input may be, the likeliest reading first.

    An axis called "time" is time. Of several free axes one is the batch; which one, the nodes must tell.
    Without a free axis, an axis called "time" of fixed size is time, else there is one frame.
    """
    axes = graph.inputs[0].axes
    free = [i for i, axis in enumerate(axes) if axis.size is None]
    named = [i for i, axis in enumerate(axes) if axis.name == TIME]
    if len(free) > 2 or (len(free) == 2 and len(set(free) | set(named)) > 2):
        raise ConversionError(
            "the input has too many free axes for RTNeural",
            where=graph.name,
            found=graph.inputs[0],
            expected="time, or batch and time",
        )
    tries: list[tuple[int | None, int | None]] = []  # (time, batch)
    if named:
        tries.append((named[0], next((i for i in free if i != named[0]), None)))
    elif len(free) == 2:
        tries += [(free[1], free[0]), (free[0], free[1])]
    elif len(free) == 1:
        fixed = [i for i in range(len(axes) - 1) if i not in free]
        tries.append((free[0], None))
        tries += [(i, free[0]) for i in fixed]
    else:
        tries += [*((i, None) for i in range(len(axes) - 1)), (None, None)]
    return [[_role(i, axis, *one) for i, axis in enumerate(axes)] for one in tries]


def _role(place: int, axis: Axis, time: int | None, batch: int | None) -> Role:
    if place == time:
        return Role(TIME)
    if place == batch:
        return Role(BATCH)
    name = axis.name if axis.name not in (TIME, BATCH) else f"{axis.name}_{place}"
    return Role(name, axis.size)


def regrouped(
    roles: Sequence[Role], sizes: Sequence[int | str], known: Mapping[str, str]
) -> tuple[Role, ...] | None:
    """The roles after a reshape to ``sizes``, where ``known`` maps a free size to its role; None if it mixes them.

    Time and batch must stay where they are among the parts of the frame.
    """
    made: list[Role] = []
    for place, size in enumerate(sizes):
        if isinstance(size, str):
            if size not in known:
                return None
            made.append(Role(known[size]))
        else:
            made.append(Role(f"part{place}", size))
    return tuple(made) if _runs(roles) == _runs(made) else None


def _runs(roles: Sequence[Role]) -> list[tuple[str, int]]:
    """Free axes in order, and how many numbers stand between them."""
    runs: list[tuple[str, int]] = [("", 1)]
    for role in roles:
        if role.size is None:
            runs += [(role.name, 0), ("", 1)]
        else:
            runs[-1] = ("", runs[-1][1] * role.size)
    return runs
