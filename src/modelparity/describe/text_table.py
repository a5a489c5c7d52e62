"""Cells as lines of text in columns."""

from __future__ import annotations

from collections.abc import Sequence


def layout(table: Sequence[Sequence[str]], *, indent: str = "") -> list[str]:
    """A header and rows of cells as aligned lines, a rule under the header. Columns of numbers stand on the right."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    right = [_numbers(column[1:]) for column in zip(*table, strict=True)]
    lines = [
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in table
    ]
    rule = "  ".join("-" * width for width in widths)
    return [indent + line for line in (lines[0], rule, *lines[1:])]


def _numbers(cells: Sequence[str]) -> bool:
    """Whether a column holds whole numbers, apart from cells with nothing to say."""
    said = [cell for cell in cells if cell != "-"]
    return bool(said) and all(cell.replace(",", "").isdigit() for cell in said)
