"""Operators that move values: RTNeural has none, so they are taken in as long as frames stay what they are."""

from __future__ import annotations

from .....engine.bound_node import Call
from ....writing.attributes import axes, cuts, permutation
from ..chain import Chain, Role, refusal, regrouped
from ..lowering import lowers

#: An end that means the end of the axis, whatever its length.
FAR = 1 << 31


@lowers("transpose")
def transpose(chain: Chain, call: Call) -> None:
    """Axes change places; a layer that minds the order of a frame's parts says so itself."""
    chain.roles = tuple(chain.roles[axis] for axis in permutation(call, len(chain.roles)))


@lowers("expand_dims")
def expand_dims(chain: Chain, call: Call) -> None:
    """An axis of size one more."""
    roles = list(chain.roles)
    for axis in axes(call, chain.rank(call.node.outputs[0])):
        roles.insert(axis, Role(f"unit{axis}", 1))
    chain.roles = tuple(roles)


@lowers("squeeze")
def squeeze(chain: Chain, call: Call) -> None:
    """An axis of size one less."""
    gone = set(axes(call, len(chain.roles)))
    if any(chain.roles[axis].size != 1 for axis in gone):
        raise refusal(call, "it drops an axis that stands for many frames or sequences")
    chain.roles = tuple(role for i, role in enumerate(chain.roles) if i not in gone)


@lowers("reshape", "flatten", "reshape_to")
def reshape(chain: Chain, call: Call) -> None:
    """The numbers of a frame in other groups."""
    before, after = chain.shapes[call.node.inputs[0]], chain.shapes[call.node.outputs[0]]
    known = {
        size: role.name
        for size, role in zip(before, chain.roles, strict=True)
        if isinstance(size, str) and role.size is None
    }
    chain.expect_order(call)
    made = regrouped(chain.roles, after, known)
    if made is None:
        raise refusal(call, "it mixes frames with what stands in them")
    chain.relabelled(made)


@lowers("slice")
def slice_(chain: Chain, call: Call) -> None:
    """The last frame, at the end of a network."""
    time, taken = chain.place("time"), list(cuts(call, len(chain.roles)))
    chosen = [(start, end) for axis, start, end, _ in taken if axis == time]
    whole = all(
        start == 0 and (end is None or end >= (chain.roles[axis].size or 0))
        for axis, start, end, _ in taken
        if axis != time
    )
    if (
        time is None
        or len(chosen) != 1
        or not whole
        or chosen[0][0] != -1
        or not (chosen[0][1] is None or chosen[0][1] >= FAR)
    ):
        raise refusal(call, "RTNeural cannot take a part of a frame or of time, other than the last frame")
    roles = list(chain.roles)
    roles[time] = Role("last", 1)
    chain.roles, chain.last = tuple(roles), True


@lowers("gather")
def gather(chain: Chain, call: Call) -> None:
    """The last frame again, as PyTorch's ``x[:, -1]`` has it; or what is alone on its axis."""
    index, time = chain.constant(call, "indices"), chain.place("time")
    axis = int(call.attrs["axis"]) % len(chain.roles)
    alone = chain.roles[axis].size == 1
    if index is None or index.ndim or not (alone or (int(index) == -1 and axis == time)):
        raise refusal(call, "RTNeural cannot take a part of a frame or of time, other than the last frame")
    chain.roles = (*chain.roles[:axis], *chain.roles[axis + 1 :])
    chain.last = chain.last or not alone
