"""Collects cases where pytest prints: in the one process, or in xdist's controller. Light, for every run loads it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from .journaling import WORKERS, journal_path

if TYPE_CHECKING:
    from .session import ParitySession

#: Characters of another test's failure that are kept.
KEPT = 2000


class Gathering:
    """Cases by id, from the reports of tests; ``parity`` gives the session, made when first needed."""

    def __init__(self, config: pytest.Config, parity: Callable[[pytest.Config], ParitySession]) -> None:
        self.config, self.parity = config, parity
        self.cases: dict[str, Any] = {}
        #: {node id: (outcome, why)} of tests that failed or were skipped without a word of a case.
        self.without: dict[str, tuple[str, str]] = {}
        self.announced = self.finished = False

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Of xdist: all workers write one journal."""
        node.workerinput[WORKERS] = str(journal_path(self.config))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self) -> None:
        """Of xdist: a worker knows what is planned, and has written it down."""
        if not self.announced and journal_path(self.config).exists():
            self.announced = True
            self.parity(self.config).announce()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the last case of each id: a test that was run again replaces itself."""
        if (case := getattr(report, "parity_case", None)) is not None:
            self.cases[case["id"]] = case
        elif not report.passed:
            told = report.longrepr
            why = (
                told[2] if isinstance(told, tuple) else told if isinstance(told, str) else report.longreprtext
            )
            self.without[report.nodeid] = (report.outcome, why[-KEPT:])

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the report before the terminal says where it lies. A report that cannot be written is an error."""
        if hasattr(self.config, "workerinput"):
            return
        if self.cases or journal_path(self.config).exists():
            self.finished = True
            run = self.parity(self.config)
            run.finish(self.cases.values(), self.without)
            if run.red and session.exitstatus == pytest.ExitCode.OK:  # green means compared
                session.exitstatus = pytest.ExitCode.TESTS_FAILED
            if run.unwritten is not None and session.exitstatus == pytest.ExitCode.OK:
                session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the table, only if parity tests ran."""
        if self.finished:
            self.parity(self.config).summarise(terminalreporter)
