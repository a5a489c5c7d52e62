"""One run of the suite, from options to report."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from ..errors import ModelparityError
from ..report.document import Case, document
from .cases import ParityCase, select
from .items import ParityItem, items
from .options import Options, read
from .references import References
from .report_notes import notes
from .running import Runner
from .summary import silent, summarise


class ParitySession:
    """What this pytest run was asked to do, and what came of it."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.collected = False
        self.problem: pytest.UsageError | None = None
        self.document: dict[str, Any] | None = None
        self.written: list[Path] = []
        self.unwritten: str | None = None
        self.silent: list[str] = []

    @cached_property
    def options(self) -> Options:
        """The options. Raises `pytest.UsageError`."""
        return read(self.config)

    @cached_property
    def cases(self) -> list[ParityCase]:
        """The selected cases. Raises `pytest.UsageError`."""
        return select(self.options)

    @cached_property
    def runner(self) -> Runner:
        """Runs the cases of this process."""
        return Runner(
            References(self.options.golden, self.options.golden_dir), self.options.expect, self.options.fit
        )

    def validate(self) -> None:
        """Raise `pytest.UsageError` for options that are wrong or match nothing."""
        try:
            _ = self.cases
        except ModelparityError as error:
            raise pytest.UsageError(str(error)) from error

    def collect(self, parent: pytest.Module | pytest.Class) -> list[ParityItem]:
        """The items, for the first module that asks: a suite that is found twice runs once."""
        if self.collected:
            return []
        self.collected = True
        try:
            self.validate()
        except pytest.UsageError as error:
            if hasattr(self.config, "workerinput"):  # a worker that gives up would only be started again
                raise pytest.Collector.CollectError(str(error)) from error
            self.problem = error
            return []
        return list(items(parent, self, self.cases))

    def complain(self) -> None:
        """Raise the usage error that collection met."""
        if self.problem is not None:
            raise self.problem

    def finish(self, cases: Iterable[Case]) -> None:
        """Make the document, and write the report if one was asked for; ``unwritten`` says why it could not be."""
        cases = list(cases)
        self.document = document(cases, notes(cases, self.options))
        self.silent = silent(cases)
        if self.options.report is not None:
            from ..report import write

            try:
                self.written = write(self.document, self.options.report)
            except ModelparityError as error:
                self.unwritten = str(error)

    def summarise(self, terminal: pytest.TerminalReporter) -> None:
        """Print the table and what stands beside it."""
        if self.document is not None:
            summarise(terminal, self.document, self.written)
        if self.unwritten is not None:
            terminal.write_line(f"ERROR: {self.unwritten}", red=True, bold=True)
