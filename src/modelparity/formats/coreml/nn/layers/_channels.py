"""Channels from their place before the spatial axes to the last, where the operators want them, and back."""

from __future__ import annotations

from collections.abc import Callable

from ....reading.channels import to_first, to_last
from ..fields import Fields
from ..layer import Op


def over_space(op: Op, x: str, spatial: int, work: Callable[[str], str]) -> str:
    """``work`` on (batch, spatial..., channel) of a tensor (batch..., channel, spatial...), and back again.

    Axes before the channel are one batch; what they were comes back afterwards.
    """
    rank, source = op.rank_of(x), x
    lead, kept = rank - spatial - 1, spatial + 2
    if lead < 1:
        raise op.error("rank of the input is too low", found=rank, expected=f"at least {spatial + 2}")
    single = lead == 2 and op.scope.single
    if single:
        x = op.temp("squeeze", [x], axes=(0,))
    elif lead > 1:
        x = op.temp("reshape_to", [x, op.constant([-1] + [0] * (kept - 1), "images")], rank=kept)
    last = op.temp("transpose", [x], axes=to_last(kept, spatial))
    y = op.temp("transpose", [work(last)], axes=to_first(kept, spatial))
    if single:
        return op.temp("expand_dims", [y], axes=(0,))
    if lead > 1:
        return op.temp("reshape_like", [y, source, y], begins=(0, 1), ends=(lead, None), rank=rank)
    return y


def border_pairs(op: Op, amounts: Fields) -> tuple[tuple[int, int], ...]:
    """A ``BorderAmounts`` message as (before, after) of height and width; absent means none."""
    edges = amounts.borderAmounts
    if not edges:
        return ((0, 0), (0, 0))
    pairs = tuple((int(edge.startEdgeSize), int(edge.endEdgeSize)) for edge in edges)
    if len(pairs) != 2 or max(max(pair) for pair in pairs) >= 1 << 31:
        raise op.error(
            "border amounts are not valid", found=pairs, expected="(start, end) of height and width"
        )
    return pairs


def same_padding(op: Op) -> str:
    """A ``SamePadding`` message as the operators call it."""
    return "same" if op.attr("same").choice("asymmetryMode") == "BOTTOM_RIGHT_HEAVY" else "same_lower"
