"""Compare candidates with a reference and say whether, where and by how much they differ

Imports stand inside `run`, so that ``modelparity --help`` loads no engine.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError, ModelparityError
from ..verdict.bands import ACCEPTABLE
from ._given import number, pair, question, value

if TYPE_CHECKING:
    from ..report.document import Case
    from ..verdict.model import Verdict
    from ..verdict.outcomes import Outcome
    from ..verdict.question import Question

EPILOG = (
    "A torch module lives in a Python process and has no name on a command line: "
    "use modelparity.check(reference, module), or export it to ONNX. "
    "Exit codes: 0 every candidate is within its band, 1 one is not, 2 one could not be judged, or no input tells."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("reference", metavar="REF", type=Path, help="the original model's file")
    parser.add_argument("candidates", metavar="CAND", type=Path, nargs="+", help="a converted model's file")
    parser.add_argument(
        "--inputs", metavar="FILE.npz", type=Path, help="arrays by input name, instead of a recipe"
    )
    parser.add_argument(
        "--recipe",
        action="append",
        help="named inputs; repeatable (default: noise, at several lengths where the length is free)",
    )
    parser.add_argument("--seed", type=int, help="seed of the recipe (default: 0)")
    parser.add_argument("--length", type=int, help="frames; the recipe's own number by default")
    parser.add_argument(
        "--size", metavar="AXIS=N", action="append", type=number, help="the size of a free axis; repeatable"
    )
    parser.add_argument(
        "--below",
        metavar="INPUT=N",
        action="append",
        type=number,
        help="what the whole numbers of an input stay below; repeatable",
    )
    parser.add_argument(
        "--name",
        metavar="REF=CAND",
        action="append",
        type=pair,
        help="what the candidates call an input or output of the reference; repeatable",
    )
    parser.add_argument(
        "--fill",
        metavar="INPUT=VALUE",
        action="append",
        type=value,
        help="the value of an input that only one side has; repeatable",
    )
    parser.add_argument(
        "--ignore",
        metavar="OUTPUT|STATE",
        action="append",
        help="an output of the reference that the candidates are meant not to have, or a state that is not to be "
        "compared; repeatable",
    )
    parser.add_argument(
        "--fit",
        metavar="strict|FILE.json",
        help="'strict': names and axes must be the reference's; a file: they must fit as it says",
    )
    parser.add_argument(
        "--limit",
        metavar="elements|seconds|processor=N",
        action="append",
        type=value,
        help="what one run of the reference may take: numbers at once, seconds; processor: seconds of processor time "
        "after which no further recipe is asked that nobody named (default: 10); repeatable",
    )
    parser.add_argument(
        "--runtime",
        metavar="NAME",
        help="what runs the candidates (default: what their format is for); 'engine' interprets them here",
    )
    parser.add_argument(
        "--expect",
        default="rounding",
        choices=ACCEPTABLE,
        help="the worst band that is accepted (default: rounding)",
    )
    parser.add_argument(
        "--no-explain",
        dest="explain",
        action="store_false",
        help="do not find out on which side and where a wrong candidate departs",
    )
    parser.add_argument(
        "--json", metavar="FILE", type=Path, help="write the report as JSON ('-' for standard output)"
    )
    parser.add_argument("--html", metavar="FILE", type=Path, help="write the report as an HTML page")


def run(args: argparse.Namespace) -> int:
    """Judge every candidate; see the module's exit codes."""
    from ..formats import load
    from ..report import document
    from ..report.writing import to_json

    asked = question(load(args.reference), args)
    _write(document(_unanswered(asked, args)), args)
    cases = [
        _case(outcome, candidate, args)
        for candidate in args.candidates
        for outcome in _outcomes(asked, candidate, args.runtime)
    ]
    report = document(cases)
    _write(report, args)
    print(to_json(report) if str(args.json) == "-" else _text(report, cases))
    return _code(cases)


def _write(report: dict[str, Any], args: argparse.Namespace) -> None:
    """The files that were asked for."""
    from ..report import html
    from ..report.writing import to_json, write_text

    if args.json is not None and str(args.json) != "-":
        write_text(args.json, to_json(report))
    if args.html is not None:
        write_text(args.html, html.render(report))


def _unanswered(question: Question, args: argparse.Namespace) -> list[Case]:
    """Every planned case, for who reads the report of a process that died."""
    from ..report.unfinished import DIED
    from ..verdict.outcomes import Outcome

    if args.json is None and args.html is None:
        return []
    error = ModelparityError(DIED)
    return [
        _case(Outcome(case, None, error), candidate, args)
        for candidate in args.candidates
        for case in question.references
    ]


def _code(cases: list[Case]) -> int:
    """1 if a candidate is wrong, else 2 if a case met an error or no case of a candidate could tell, else 0."""
    if any(case["outcome"] == "failed" and case["verdict"] is not None for case in cases):
        return 1
    judged = {case["backend"] for case in cases if case["outcome"] == "passed"}
    missing = {case["backend"] for case in cases} - judged
    return 2 if missing or any(case["outcome"] == "failed" for case in cases) else 0


def _outcomes(question: Question, candidate: Path, runtime: str | None) -> Iterator[Outcome]:
    from ..verdict.outcomes import Outcome

    try:
        _refuse_what_cannot_run(candidate)
    except ModelparityError as error:
        yield from (Outcome(case, None, error) for case in question.references)
    else:
        yield from question.ask(candidate, runtime=runtime)


def _case(outcome: Outcome, candidate: Path, args: argparse.Namespace) -> Case:
    from ..report.document import Case

    verdict = outcome.verdict
    return Case(
        id=f"{args.reference.name}[{candidate}-{outcome.case}]",
        model=args.reference.name,
        group=args.reference.name,
        backend=str(candidate),
        recipe=outcome.case,
        outcome="failed" if verdict is None else _outcome(verdict),
        reference="given" if args.inputs else "live",
        reason=verdict.reason if verdict is not None else str(outcome.error),
        message=str(verdict) if verdict is not None and not (verdict.ok and verdict.plain) else None,
        verdict=None if verdict is None else verdict.to_json(),
        seconds=round(outcome.seconds, 4),
    )


def _outcome(verdict: Verdict) -> str:
    if not verdict.judged:
        return "unjudged"
    return "passed" if verdict.ok else "failed"


def _refuse_what_cannot_run(candidate: Path) -> None:
    """Raise `ModelparityError` for what is not there, and for files that only Python can make a module of."""
    from ..formats import load
    from ..formats.registry import claimed, regular

    regular(candidate)
    if candidate.suffix.lower() in (".pt", ".pth", ".ckpt", ".py"):
        if claimed(candidate):
            load(candidate)  # says what it holds: weights alone, or code
        raise InputError(
            "a torch module has no name on a command line: the file holds weights, not what computes with them",
            where=candidate,
            fix="call modelparity.check(reference, module) in Python, or export the module to ONNX",
        )


def _text(report: dict[str, Any], cases: list[Case]) -> str:
    from ..describe.text_table import layout
    from ..report.document import badge

    rows = [["candidate", "recipe", "run by", "verdict (worst difference, times what rounding can explain)"]]
    for case in cases:
        by = (case["verdict"] or {}).get("runtime", "-")
        rows.append([case["backend"], case["recipe"], by, _verdict(case, badge)])
    if len({case["recipe"] for case in cases}) == 1:
        rows = [[row[0], *row[2:]] for row in rows]
    texts = [case["message"] or case["reason"] for case in cases]
    details = [f"\n{case['backend']}\n{text}" for case, text in zip(cases, texts, strict=True) if text]
    # A file that is not readable says so once, however many recipes there are.
    return "\n".join([*layout(rows), *dict.fromkeys(details)])


def _verdict(case: Case, badge: Any) -> str:
    return "could not be judged" if case["verdict"] is None else f"{badge(case)}{_mark(case)}"


def _mark(case: Case) -> str:
    return "  FAILED" if case["outcome"] == "failed" else ""
