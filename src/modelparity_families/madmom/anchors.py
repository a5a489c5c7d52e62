"""What madmom 0.16.1 itself computed. Anchors are measurements and stand in the source checkout's tests."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from modelparity.family import Anchor


def home() -> Path | None:
    """``tests/anchors/madmom`` of the checkout that this package runs from; ``None`` where it is installed."""
    place = Path(__file__).resolve().parents[3] / "tests" / "anchors"
    return place / "madmom" if (place / "PROVENANCE.json").is_file() else None


@cache
def _keys() -> frozenset[str]:
    import numpy as np

    place = home()
    if place is None:
        return frozenset()
    with np.load(place / "layers.npz", allow_pickle=False) as arrays:
        return frozenset(name[:-2] for name in arrays.files if name.endswith("|x"))


def recorded(key: str) -> Anchor | None:
    """({"x": array}, {"y": array}) of a network, or ``None`` if nothing was recorded of it.

    madmom computes float32 but pads and averages in float64, so the results of chords_cnnfeat and key_cnn were
    recorded as float64; they are given in float32, the type that the graph declares.
    """
    import numpy as np

    place = home()
    if place is None or key not in _keys():
        return None
    with np.load(place / "layers.npz", allow_pickle=False) as arrays:
        return {"x": arrays[f"{key}|x"]}, {"y": arrays[f"{key}|y"].astype(np.float32)}
