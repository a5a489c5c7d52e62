"""Whole chains over synthesized sound: ``make e2e`` runs them all, `make test` a fair sample."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..sampling import WHOLE

HERE = Path(__file__).parent


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark of the sample known."""
    config.addinivalue_line("markers", "sampled: `make test` runs this case of a whole chain")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark them; where nobody asks for them, keep those of each test that say ``sampled``."""
    ours = [item for item in items if item.path.is_relative_to(HERE)]
    for item in ours:
        item.add_marker("e2e")
        item.add_marker("models")
    named = any("::" in name for name in config.args)
    if WHOLE or named or config.option.markexpr:
        return
    left = [
        item for item in ours if item.get_closest_marker("parametrize") and "sampled" not in item.keywords
    ]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]
