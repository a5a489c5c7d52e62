"""Parity without a test file: ``pytest --parity REF --parity-candidate CAND``, ``pytest --parity-family madmom``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .items import items

if TYPE_CHECKING:
    from .session import ParitySession

#: Stands where a file's name would stand in the ids of these items.
PLACE = "modelparity"


def keep_only_parity(config: pytest.Config) -> None:
    """With --parity and no paths, the project's own tests are not collected."""
    if config.getoption("parity_reference") and not _paths_given(config):
        config.args[:] = []


def join(session: pytest.Session, run: ParitySession, collected: list[pytest.Item]) -> None:
    """Add the items, unless a module of the project has them or the paths given mean other tests."""
    config = session.config
    asked = config.getoption("parity_reference") or (
        config.getoption("parity_family") and not _paths_given(config)
    )
    if asked and not run.collected:
        run.collected = True
        added = list(items(session, run, run.cases, place=PLACE))
        for item in added:
            config.hook.pytest_itemcollected(item=item)
        # As if a file had been collected, so that the terminal counts them.
        config.hook.pytest_collectreport(report=pytest.CollectReport(PLACE, "passed", None, [*added]))
        collected.extend(added)


def _paths_given(config: pytest.Config) -> bool:
    return config.args_source is pytest.Config.ArgsSource.ARGS
