"""Where nobody asks for the main job, as in `make test`, fetched networks run on a third of the recipes each.

Every network keeps some recipes and every recipe some networks, by all backends; what was recorded and the fixtures,
which are one of a kind, run whole. ``-m``, an option ``--parity-...``, a test by name or ``MODELPARITY_WHOLE=1``
run every case.
"""

from __future__ import annotations

import pytest

from modelparity.plugin.cases import ANCHOR, FINDINGS
from modelparity.plugin.items import ParityItem

from ..sampling import WHOLE, third

#: What runs whole.
ALWAYS = ("fixtures",)


def asked(config: pytest.Config) -> bool:
    """Whether somebody wants the suite, or a part of it that they chose."""
    named = any("::" in name for name in config.args)
    options = (value for name, value in vars(config.option).items() if name.startswith("parity"))
    return WHOLE or named or bool(config.option.markexpr) or any(options)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave two thirds of the cases out, and let pytest count them as deselected."""
    if asked(config):
        return
    cells = {
        item: (item.case.name, item.case.input)
        for item in items
        if isinstance(item, ParityItem)
        and item.case.subject.family not in ALWAYS
        and item.case.backend not in (ANCHOR, FINDINGS)
    }
    kept = third(cells.values())
    left = {item for item, cell in cells.items() if cell not in kept}
    if left:
        config.hook.pytest_deselected(items=list(left))
        items[:] = [item for item in items if item not in left]
