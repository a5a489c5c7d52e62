"""The report as one self-contained HTML page: no network, light and dark, readable without its script."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from . import picture, stages
from .document import Case, counts, floors_of, node_of, reasons, short
from .style import CSS, SCRIPT
from .table import rows

COLUMNS = ("Model", "Backend", "Recipe", "Outcome", "Band", "Times rounding", "Worst place", "Reference")


def render(document: dict[str, Any]) -> str:
    """The page as text; everything that comes from outside is escaped."""
    cases: list[Case] = document["cases"]
    total = counts(cases)
    body = [
        "<h1>Parity report</h1>",
        "<p class=soft>Does each converted model compute what its original computes? "
        f"Differences are given as multiples of what rounding can explain, measured on the very network and input. "
        f"Up to {document['limit']:g} is rounding.</p>",
        "<ul class=counts>",
        *(
            f'<li class="{key if number else "soft"}"><b>{number}</b> {key}</li>'
            for key, number in total.items()
        ),
        "</ul>",
        *(f"<p>{escape(note)}</p>" for note in document["notes"]),
        *_failures(cases),
        *_skips(cases),
        *stages.render(cases),
        *_overview(document),
        *_picture(document),
        *_all(cases),
        *_environment(document["environment"]),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Parity report: {total['failed']} failed of {len(cases)}</title><style>{CSS}</style></head>\n"
        f"<body><main>\n{chr(10).join(body)}\n</main><script>{SCRIPT if cases else ''}</script></body></html>\n"
    )


def _failures(cases: list[Case]) -> Iterable[str]:
    failed = [case for case in cases if case["outcome"] == "failed"]
    if failed:
        yield "<h2>Failed</h2>"
    for case in failed:
        yield f"<h3>{_breakable(case['id'])}</h3><pre>{escape(case['message'] or case['reason'] or '')}</pre>"


def _skips(cases: list[Case]) -> Iterable[str]:
    if found := reasons(cases):
        yield "<h2>Not judged</h2><ul>"
        for reason, one in found.items():
            names = escape(", ".join(one.models))
            yield f"<li class=skipped>{one.number} {one.outcome}: {escape(reason)}<br>"
            yield f"<span class=soft>{names}</span></li>"
        yield "</ul>"


def _overview(document: dict[str, Any]) -> Iterable[str]:
    if not document["cases"]:
        return
    header, *body = rows(document)
    yield "<h2>By group</h2><div class=wide><table>"
    yield "<caption>The worst case of each group: times what rounding can explain</caption>"
    yield f"<thead><tr>{''.join(map(_heading, header))}</tr></thead><tbody>"
    for name, *cells in body:
        shown = "".join(f'<td class="{_class(text)}">{escape(text)}</td>' for text in cells)
        yield f"<tr><th scope=row>{_breakable(name)}</th>{shown}</tr>"
    yield "</tbody></table></div>"


def _picture(document: dict[str, Any]) -> Iterable[str]:
    if drawn := picture.render(document):
        yield f"<h2>Floors by network</h2><figure style='margin:0'>{drawn}</figure>"


def _all(cases: list[Case]) -> Iterable[str]:
    if not cases:
        return
    yield "<h2>Every case</h2><p class=filter><label for=filter>Filter</label>"
    yield '<input id=filter type=search autocomplete=off placeholder="model, backend, recipe, band">'
    yield f" <span id=shown class=soft role=status>{len(cases)} cases</span></p>"
    yield "<div class=wide><table id=cases><caption>Models, their candidates and the verdict on each</caption>"
    yield f"<thead><tr>{''.join(map(_heading, COLUMNS))}</tr></thead><tbody>"
    yield from map(_case, cases)
    yield "</tbody></table></div>"


def _case(case: Case) -> str:
    verdict = case["verdict"] or {}
    floors = floors_of(case)
    ill = " ill-conditioned" if verdict.get("conditioning") == "ill" else ""
    band = verdict.get("band", "")
    place = verdict.get("where") or case["reason"] or ""
    if node := node_of(case):
        place = f"{node}: {place}"
    return (
        f"<tr><th scope=row>{_breakable(case['model'])}</th><td>{escape(case['backend'])}</td>"
        f'<td>{escape(case["recipe"])}</td><td class="{escape(case["outcome"])}">{escape(case["outcome"])}</td>'
        f'<td class="{escape(band)}">{escape(band)}{ill}</td>'
        f"<td class=number>{'' if floors is None else short(floors)}</td>"
        f"<td class=place>{escape(str(place))}</td><td>{escape(case['reference'])}</td></tr>"
    )


def _environment(found: dict[str, str]) -> Iterable[str]:
    yield "<h2>Environment</h2><dl>"
    yield from (f"<dt>{escape(name)}</dt><dd>{escape(version)}</dd>" for name, version in found.items())
    yield "</dl>"


def _breakable(name: str) -> str:
    """A model's name, which a narrow page may break after its slashes."""
    return escape(name).replace("/", "/<wbr>")


def _heading(text: str) -> str:
    """A column's heading, on the right over numbers."""
    return f"<th scope=col{' class=number' if text in ('cases', 'Floors') else ''}>{escape(text)}</th>"


def _class(text: str) -> str:
    """How a cell of the overview is coloured: by the worst word in it."""
    if "FAILED" in text:
        return "failed"
    if "SKIPPED" in text:
        return "skipped"
    return "number" if text.isdigit() else text.split(" ")[0].strip(",-")
