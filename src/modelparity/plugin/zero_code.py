"""Parity without a test file: the shipped suite joins what pytest was going to collect."""

from __future__ import annotations

from pathlib import Path

import pytest

from .. import suite

SUITE = Path(suite.__file__).with_name("test_parity.py")


def add_suite(config: pytest.Config) -> None:
    """Let pytest collect the shipped suite: instead of the project's tests for --parity, else beside them.

    Paths on the command line are kept. A project's own parity module is not repeated: the first suite that
    is collected holds every case.
    """
    asked = config.args_source is pytest.Config.ArgsSource.ARGS
    if config.getoption("parity_reference"):
        config.args[:] = [*(config.args if asked else []), str(SUITE)]
    elif not asked:
        config.args.append(str(SUITE))
