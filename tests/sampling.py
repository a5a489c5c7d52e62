"""Which cells of a matrix `make test` runs: of networks times recipes a third, with every network and every recipe.

Nothing is left out for good: ``make test-whole`` (``MODELPARITY_WHOLE=1``) runs every cell, and so does the main job
where it is asked for (``pytest -m parity``).
"""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterable
from typing import TypeVar

Row = TypeVar("Row", bound=Hashable)
Column = TypeVar("Column", bound=Hashable)

#: Whether every cell was asked for.
WHOLE = bool(os.environ.get("MODELPARITY_WHOLE"))


def third(cells: Iterable[tuple[Row, Column]], *, shift: int = 0) -> set[tuple[Row, Column]]:
    """Of these (row, column) those in every third diagonal, and one of each row and column that this leaves out.

    ``shift`` chooses another diagonal: three tests that run a matrix with shifts of 0, 1 and 2 run all of it.
    """
    cells = list(cells)
    if WHOLE:
        return set(cells)
    rows = {row: place for place, row in enumerate(dict.fromkeys(row for row, _ in cells))}
    columns = {column: place for place, column in enumerate(dict.fromkeys(column for _, column in cells))}
    kept = {(row, column) for row, column in cells if (rows[row] + columns[column] + shift) % 3 == 0}
    for part in (0, 1):
        seen = {cell[part] for cell in kept}
        for cell in cells:
            if cell[part] not in seen:
                seen.add(cell[part])
                kept.add(cell)
    return kept
