"""Elements that are picked: by constant indices, by the bounds of a slice."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ....graph import Array
from ..making import NodeFault, Way, dropped, with_array, with_attrs
from ..view import At
from .layout import GROUP


class IndicesShifted(NodeFault):
    id = "indices-off-by-one"
    group = GROUP
    ops = ("gather",)
    where = "indices that are constant"
    text = "Elements that are picked by constant indices are the next ones, or the ones before."
    happens = "Lua, MATLAB and Fortran count from one; a row was put in front of what is indexed."
    repair = "Shift the indices."

    def ways(self, at: At) -> Iterator[Way]:
        indices = at.array("indices")
        if indices is None or indices.size < 2 or indices.min() < 0:
            return
        count = int(indices.max()) + 1
        for by in (1, -1):
            edit = with_array(at, "indices", partial(_next, by, count))
            yield Way(f"{by:+d}", f"{at.name} picks element i{by:+d} for i", edit)


class SliceShifted(NodeFault):
    id = "slice-bounds"
    group = GROUP
    ops = ("slice",)
    where = "slices"
    text = "A slice begins or ends elsewhere: one or two places off, or it is left out."
    happens = "Ends are inclusive in one language and exclusive in the next; BART's positions begin at two."
    repair = "Write the bounds of the source."

    def ways(self, at: At) -> Iterator[Way]:
        starts, ends = tuple(at.attrs["starts"]), tuple(at.attrs["ends"])
        for by in (1, -1, 2, -2):
            for place in range(len(starts)):
                start, end = starts[place] + by, ends[place]
                if start < 0 <= starts[place]:
                    continue
                moved = end if end is None or (end < 0) != (end + by < 0) else end + by
                for words, first, last in (
                    ("whole", start, moved),
                    ("start", start, end),
                    ("end", starts[place], moved),
                ):
                    if (first, last) != (starts[place], end):
                        edit = with_attrs(
                            at,
                            starts=(*starts[:place], first, *starts[place + 1 :]),
                            ends=(*ends[:place], last, *ends[place + 1 :]),
                        )
                        yield Way(
                            f"{words} {by:+d} {place}",
                            f"the {words} of the slice {at.name} is off by {by:+d}",
                            edit,
                        )
        yield Way("left out", f"the slice {at.name} is left out", dropped(at))


def _next(by: int, count: int, indices: Array) -> Array:
    return (indices + by) % count
