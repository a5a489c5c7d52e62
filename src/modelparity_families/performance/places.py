"""Where weights are looked for on this machine."""

from __future__ import annotations

import os
from pathlib import Path

from modelparity.cache import cache
from modelparity.errors import Unavailable

from .names import NAME

#: Names a folder of weights: a folder for each network, called by its key.
VARIABLE = "MODELPARITY_PERFORMANCE"
#: Where no weights are: stands for seeded ones.
SEEDED = Path(__file__).with_name("seeded.py")


def folder(key: str) -> Path:
    """The folder of a network's weights, or `SEEDED`.

    Raises `Unavailable` if the environment names a folder that is not there: nobody means seeded weights.
    """
    given = os.environ.get(VARIABLE)
    home = Path(given).expanduser() if given else cache() / NAME
    if given and not home.is_dir():
        raise Unavailable(
            f"{VARIABLE} names a folder that is not there",
            where=f"{NAME}/{key}",
            found=home,
            fix="name a folder of weights, or unset it for seeded ones",
        )
    return home / key if (home / key).is_dir() else SEEDED
