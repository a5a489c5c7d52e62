"""Run one case: reference, candidate, verdict, and all of it as plain data for the report."""

from __future__ import annotations

import re
import time
from pathlib import Path
from weakref import WeakKeyDictionary

from ..errors import InputError, ModelparityError, Unavailable
from ..report.document import Case
from ..runtimes.registry import runtime
from ..stages import Checked
from ..stages.reporting import outcome, verdict as as_verdict
from ..verdict.bands import BANDS
from ..verdict.case import check_case
from ..verdict.fit import Fit
from ..verdict.judging import judge, told
from ..verdict.message import explain
from ..verdict.model import Verdict
from ..verdict.outcomes import Seen, answer
from ..verdict.placing import SECONDS, placed
from ..verdict.question import Question
from .candidates import ENGINE, Candidates, runtime_of
from .cases import ANCHOR, ParityCase
from .findings import FINDINGS, examined
from .pipeline_entry import PipelineEntry
from .references import References
from .subject import Given


class Runner:
    """Runs cases; keeps graphs, references and candidates for the cases that follow."""

    def __init__(
        self,
        references: References,
        expect: str = "rounding",
        fit: Fit | None = None,
        explain: float = SECONDS,
        report: Path | None = None,
    ) -> None:
        self.references, self.candidates, self.expect, self.fit = references, Candidates(), expect, fit
        self.explain, self.report = explain, report
        self._placed: set[tuple[str, str]] = set()
        self._seen: WeakKeyDictionary[Question, dict[str, Seen]] = WeakKeyDictionary()

    def run(self, case: ParityCase) -> Case:
        """The case as the report has it; ``outcome`` is passed, failed or skipped (with its reason)."""
        started = time.perf_counter()
        verdict, origin, reason, message = None, "none", None, None
        try:
            if isinstance(case.subject, PipelineEntry):
                return self._pipeline(case.subject, case, started)
            if case.recipe == FINDINGS:
                well, message, reason = examined(case.subject, case.backend)
                return self._done(
                    case, started, "passed" if well else "failed", origin, reason, message, verdict
                )
            self._refuse_missing_runtime(case)
            verdict, origin = self._verdict(case)
            ended = "unjudged" if not verdict.judged else "passed" if verdict.ok else "failed"
            message, reason = None if verdict.ok else explain(verdict), verdict.reason
        except Unavailable as error:
            # Files that were named were asked for: only what a family lists may be absent.
            named = isinstance(case.subject, Given | PipelineEntry)
            ended, reason = "failed" if named else "skipped", _why(error, case)
        except ModelparityError as error:
            ended, reason = "failed", f"{type(error).__name__}: {error}"
        return self._done(case, started, ended, origin, reason, message, verdict)

    def _pipeline(self, subject: PipelineEntry, case: ParityCase, started: float) -> Case:
        """A chain of stages, judged stage by stage. Networks that a family lists may be absent; files may not."""
        if missing := subject.missing():
            return self._done(case, started, "skipped", "none", missing, None, None)
        checked, about = subject.check(case.backend, case.recipe, expect=self.expect, explain=self.explain)
        ended = outcome(checked)
        pictures = self._drawn(case, checked) if ended == "failed" else {}
        inputs = {"recipe": case.recipe, "sound": list(about), "pictures": pictures}
        verdict = as_verdict(checked, case.backend, inputs)
        message = None if ended == "passed" else str(checked)
        return self._done(case, started, ended, "live", verdict.reason, message, verdict)

    def _drawn(self, case: ParityCase, checked: Checked) -> dict[str, str]:
        """{stage: its picture, from the report's folder} of a case that failed, where there is a report."""
        if self.report is None:
            return {}
        place = Path("pictures") / re.sub(r"[^\w.-]+", "_", case.id)
        try:
            checked.plot().save(self.report / place)
        except ModelparityError:  # what is not writable is said where the report is written
            return {}
        return {name: (place / f"{name}.svg").as_posix() for name in checked.sides}

    def _done(
        self,
        case: ParityCase,
        started: float,
        outcome: str,
        origin: str,
        reason: str | None,
        message: str | None,
        verdict: Verdict | None,
    ) -> Case:
        return Case(
            id=case.id,
            model=case.name,
            group=case.group,
            backend=case.backend,
            recipe=case.input,
            outcome=outcome,
            reference=origin,
            reason=reason,
            message=message,
            verdict=None if verdict is None else verdict.to_json(),
            seconds=round(time.perf_counter() - started, 4),
        )

    def _verdict(self, case: ParityCase) -> tuple[Verdict, str]:
        """The verdict, and where the reference came from."""
        subject = case.subject
        if isinstance(subject, Given):
            return self._given(subject, case), "live"
        reference, origin = self.references.reference(case)
        graph = reference.graph
        if case.backend == ANCHOR:
            recorded = case.subject.anchor()
            outputs = {} if recorded is None else recorded[1]
            verdict = judge(
                reference,
                outputs,
                candidate=graph.name,
                runtime="the original framework, recorded",
                expect=self.expect,
            )
            return told(reference, verdict), origin
        candidate = self.candidates.get(subject, graph, case.backend)
        verdict = check_case(reference, candidate, expect=self.expect, runtime=_runtime(case), fit=self.fit)
        if verdict.band == BANDS[-1] and (case.name, case.backend) not in self._placed:
            self._placed.add((case.name, case.backend))  # once for a candidate, whatever its cases are
            verdict = placed(
                reference, candidate, verdict, runtime=_runtime(case), seconds=self.explain, fit=self.fit
            )
        return verdict, origin

    def _given(self, subject: Given, case: ParityCase) -> Verdict:
        """The verdict on a file that was named; cases that come to the same one are judged once."""
        said = subject.said(case.backend)
        if self.fit is not None and said.fit not in (None, self.fit):
            raise InputError(
                "--parity-fit and fit (parity.toml) contradict each other",
                where=case.id,
                found=" and ".join(
                    "; ".join(one.describe()) or "strict" for one in (self.fit, said.fit) if one is not None
                ),
                fix="leave one of them out",
            )
        question = self.references.question(subject, case)
        asked = question.ask(
            subject.candidate(case.backend),
            cases=question.planned(case.recipe),
            seen=self._seen.setdefault(question, {}).setdefault(case.backend, Seen()),
            expect=said.expect or self.expect,
            fit=said.fit if self.fit is None else self.fit,
            names=dict(said.names),
            fills=dict(said.fills),
            ignore=said.ignore,
            explain=self.explain,
        )
        return answer(asked)

    def _refuse_missing_runtime(self, case: ParityCase) -> None:
        """Say at once that a runtime is not installed, before a model is converted for it."""
        name = _runtime(case)
        if name is not None and case.backend != ANCHOR and (why := runtime(name).missing()) is not None:
            raise Unavailable(why, where=name)


def _runtime(case: ParityCase) -> str | None:
    """The runtime's name, unless the candidate itself tells (a file given by path) or the engine runs it."""
    by_path = isinstance(case.subject, Given)
    return None if case.backend == ENGINE or by_path else runtime_of(case.backend)


def _why(error: Unavailable, case: ParityCase) -> str:
    """One reason for all cases that share it: the model and the backend are named beside it, not in it."""
    place = "" if error.where is None or str(error.where) in (case.name, case.backend) else f"{error.where}: "
    found = f" ({error.found})" if error.found is not None else ""
    return f"{place}{error.what}{found}" + (f"; next: {error.fix}" if error.fix else "")
