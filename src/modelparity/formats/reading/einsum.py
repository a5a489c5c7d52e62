"""Einstein sums: the equation of an array language with a letter for every axis."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_letters


def spelt(equation: str, ranks: Sequence[int]) -> str | None:
    """The equation (no blanks) with letters for each ellipsis, and with the result's letters if it leaves them out.

    ``ranks`` are those of the terms. ``None`` if they do not fit. What is left out is in the order of the alphabet,
    capitals first, behind the ellipsis. Source: ONNX Einsum; torch.einsum.
    """
    left, arrow, right = equation.partition("->")
    terms = left.split(",")
    free = [letter for letter in sorted(ascii_letters) if letter not in equation]
    widths = [
        rank - len(term.replace("...", "")) if "..." in term else 0
        for term, rank in zip(terms, ranks, strict=True)
    ]
    most = max(widths)
    if min(widths) < 0 or most > len(free):
        return None
    letters = "".join(free[:most])
    terms = [term.replace("...", letters[most - n :]) for term, n in zip(terms, widths, strict=True)]
    if arrow:
        return f"{','.join(terms)}->{right.replace('...', letters)}"
    every = "".join(terms)
    once = sorted(c for c in set(every) - set(letters) if every.count(c) == 1)
    return f"{','.join(terms)}->{letters}{''.join(once)}"
