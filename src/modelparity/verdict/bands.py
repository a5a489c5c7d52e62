"""The scale that candidates are judged on."""

from __future__ import annotations

#: From best to worst. ``wrong`` is the only one that nothing legitimate explains.
BANDS = ("exact", "rounding", "reduced", "wrong")
#: Beside the scale: the reference could not tell on this input. Never ok.
UNJUDGED = "unjudged"
#: What may be expected of a candidate.
ACCEPTABLE = BANDS[:-1]
#: A difference within this many floors is rounding: within the floor itself. `floor.COVER` has the margin.
LIMIT = 1.0


def accepted(band: str, expected: str) -> bool:
    """Whether a band is on the scale, and no worse than the one that was expected."""
    return band in BANDS and BANDS.index(band) <= BANDS.index(expected)
