"""One run of the suite, from options to report."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ..errors import ModelparityError
from ..journal import Journal, left_behind, read as journal_of
from ..report.document import Case, document
from ..report.unfinished import AFTER_STOP, DIED, STOPPED, sentence, without_verdict
from ..verdict.placing import SECONDS
from .cases import ParityCase, select
from .items import ParityItem, items
from .journaling import folder, journal_path, prepare, tidy
from .options import Options, read
from .references import References
from .report_notes import notes
from .running import Runner
from .summary import silent, summarise

if TYPE_CHECKING:
    from ..report.watching import Watcher


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
        self.red = False
        self.journal = Journal(journal_path(config))
        self.watcher: Watcher | None = None

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
        options = self.options
        return Runner(
            References(options.golden, options.golden_dir),
            options.expect,
            options.fit,
            SECONDS * options.explain,
            options.report,
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

    def plan(self, collected: Sequence[pytest.Item]) -> None:
        """Write every case that will run into the journal."""
        found = [item for item in collected if isinstance(item, ParityItem)]
        if found and not self.config.option.collectonly:
            prepare(self.config)
            self.journal.plan(item.planned() for item in found)
            if not hasattr(self.config, "workerinput"):
                self.announce()

    def announce(self) -> None:
        """From here on a report says that nothing came back: whoever reads one later reads of this run."""
        if self.options.report is None:
            return
        from ..report import write
        from ..report.watching import Watcher

        planned = journal_of(self.journal.path).planned.values()
        with contextlib.suppress(ModelparityError):  # said at the end, when there is something to write
            write(document([without_verdict(one, "failed", DIED) for one in planned]), self.options.report)
            self.watcher = Watcher(self.journal.path, self.options.report)

    def finish(self, cases: Iterable[Case], without: Mapping[str, tuple[str, str]]) -> None:
        """Make the document, and write the report if one was asked for; ``unwritten`` says why it could not be.

        ``without`` {node id: (outcome, why)} are tests that ended without a case.
        """
        found = {case["id"]: case for case in cases}
        told = journal_of(self.journal.path)
        for name, entry in told.planned.items():
            if name not in found:
                found[name] = _unreturned(entry, name in told.at, without.get(entry["nodeid"]))
        cases = list(found.values())
        died = list(left_behind(folder(self.config), but=self.journal.path))
        self.document = document(cases, [*(sentence(one) for _, one in died), *notes(cases, self.options)])
        self.silent = silent(cases)
        self.red = bool(self.silent) or any(case["outcome"] == "failed" for case in cases)
        if self.options.report is not None:
            from ..report import write

            try:
                self.written = write(self.document, self.options.report)
            except ModelparityError as error:
                self.unwritten = str(error)

        if self.watcher is not None:
            self.watcher.dismiss()
        self.journal.delete()
        tidy(self.config)
        for path, _ in died:
            path.unlink(missing_ok=True)

    def summarise(self, terminal: pytest.TerminalReporter) -> None:
        """Print the table and what stands beside it."""
        if self.document is not None:
            summarise(terminal, self.document, self.written)
        if self.unwritten is not None:
            terminal.write_line(f"ERROR: {self.unwritten}", red=True, bold=True)


def _unreturned(entry: Mapping[str, Any], begun: bool, ended: tuple[str, str] | None) -> Case:
    """A planned case that sent nothing: its test failed or was skipped, its process died, or the run was stopped."""
    if ended is not None:
        outcome, why = ended
        return without_verdict(entry, outcome, f"{DIED}: {why}" if begun else why)
    return without_verdict(entry, "failed" if begun else "skipped", STOPPED if begun else AFTER_STOP)
