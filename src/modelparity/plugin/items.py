"""A parity case as a pytest item: its failure is the verdict's text, its figures go to JUnit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import pytest

from ..errors import ModelparityError
from ..journal import Journal
from ..report.document import Case
from ..report.junit import properties
from ..report.unfinished import without_verdict
from .cases import ParityCase
from .known import Known
from .options import Options
from .pipeline_entry import PipelineEntry
from .running import Runner
from .subject import full_name


class Run(Protocol):
    """What an item must know of the run that it belongs to."""

    config: pytest.Config

    @property
    def options(self) -> Options:
        """What was asked for."""

    @property
    def runner(self) -> Runner:
        """Runs the cases of this process."""

    @property
    def journal(self) -> Journal:
        """What is planned and what came of it."""


class ParityFailure(AssertionError):
    """A candidate is not what was expected of it, or could not be judged under --parity-strict."""


class ParityItem(pytest.Item):
    """One case of the suite. Its node id ends in the case's id."""

    def __init__(self, *, case: ParityCase, run: Run, known: Known | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.case, self.parity, self.known = case, run, known
        self.done: Case | None = None

    def runtest(self) -> None:
        """Make the comparison; skip with the reason, or fail with the verdict. The journal is told of both."""
        journal = self.parity.journal
        journal.begin(self.case.id)
        try:
            self._judge()
        except Exception as error:
            if self.done is None:  # nobody foresaw it: a failed case too
                why = f"{type(error).__name__}: {error}"
                self.done = without_verdict(self.planned(), "failed", why)
            raise
        finally:
            if self.done is not None:
                journal.done(self.case.id, self.done)

    def _judge(self) -> None:
        self.done = done = self.parity.runner.run(self.case)
        if done["outcome"] == "skipped" and self.parity.options.strict:
            done["outcome"] = "failed"
            done["reason"] = f"not judged, and --parity-strict allows no skip: {done['reason']}"
        if self.known is not None and done["outcome"] == "failed" and done["verdict"] is not None:
            done["outcome"], done["reason"] = "known", self.known.text
        self.user_properties.extend(properties(done))
        if done["outcome"] == "known":
            pytest.xfail(done["reason"] or "")
        if done["outcome"] in ("skipped", "unjudged"):
            pytest.skip(done["reason"] or "")
        if done["outcome"] == "failed":
            raise ParityFailure(done["message"] or done["reason"])

    def planned(self) -> dict[str, str]:
        """The case as the journal has it before it runs."""
        case = self.case
        return {
            "id": case.id,
            "model": case.name,
            "group": case.group,
            "backend": case.backend,
            "recipe": case.input,
            "nodeid": self.nodeid,
        }

    def parity_report(self, report: pytest.TestReport) -> None:
        """Hand the case to pytest's report of the call, as plain data that crosses processes."""
        if report.when == "call" and self.done is not None:
            report.parity_case = self.done  # type: ignore[attr-defined] # reports carry extra attributes

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any, **kwargs: Any) -> Any:
        """The verdict alone: a traceback through this library would help nobody."""
        if isinstance(excinfo.value, ParityFailure | ModelparityError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, *args, **kwargs)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the item stands, and its heading: not the bare name, in which pytest would rewrite the dots."""
        return self.path, None, f"parity of {self.name}"


def items(
    parent: pytest.Collector | pytest.Session,
    run: Run,
    cases: Iterable[ParityCase],
    *,
    place: str | None = None,
    known: Mapping[str, Known] | None = None,
) -> Iterator[ParityItem]:
    """The items of these cases, marked ``parity``, ``e2e`` for pipelines, and ``models`` where networks are fetched.

    Each model is one group of xdist's. ``place`` stands for the file in node ids where there is none; ``known`` has
    the differences that are known by the case's id.
    """
    grouped = run.config.pluginmanager.hasplugin("xdist")
    for case in cases:
        # As text, so that pytest finds the brackets: what it makes of a bare name does not survive --last-failed.
        nodeid = f"{parent.nodeid if place is None else place}::{case.id}"
        item = ParityItem.from_parent(
            parent, name=case.id, nodeid=nodeid, case=case, run=run, known=(known or {}).get(case.id)
        )
        item.add_marker("parity")
        if isinstance(case.subject, PipelineEntry):
            item.add_marker("e2e")
        if case.subject.fetched:
            item.add_marker("models")
        if grouped:
            item.add_marker(pytest.mark.xdist_group(full_name(case.subject)))
        yield item
