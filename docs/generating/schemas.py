"""JSON schemas of what modelparity writes: made from the types in its sources."""

from __future__ import annotations

import dataclasses
import inspect
import json
from types import NoneType, UnionType
from typing import Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

from modelparity.goldens.metadata import Entry
from modelparity.goldens.provenance import FIELDS, SPECS
from modelparity.report.document import FORMAT, VERSION, Document
from modelparity.stages import outcome
from modelparity.stages.golden_metadata import PipelineEntry
from modelparity.stages.result import Judged
from modelparity.verdict.bands import ACCEPTABLE, BANDS, UNJUDGED
from modelparity.verdict.cause import Cause
from modelparity.verdict.judgement import PROBLEMS, Judgement
from modelparity.verdict.locate.model import SIDES, STATUSES

DIALECT = "https://json-schema.org/draft/2020-12/schema"
PLAIN = {str: "string", int: "integer", bool: "boolean", NoneType: "null"}
#: What JSON has no number for is text.
NUMBER = {"anyOf": [{"type": "number"}, {"enum": ["inf", "-inf", "nan"]}]}
#: (type, field) -> what its values are, where the type says less.
KNOWN = {
    ("Judgement", "band"): {"enum": list(BANDS)},
    ("Judgement", "expected"): {"enum": list(ACCEPTABLE)},
    ("Judgement", "fit"): {"type": "object"},
    ("Judgement", "conditioning"): {"enum": ["well", "ill"]},
    ("Judged", "band"): {"enum": [*BANDS, UNJUDGED]},
    ("Output", "band"): {"enum": list(BANDS)},
    ("Located", "side"): {"enum": list(SIDES)},
    ("Seen", "status"): {"enum": list(STATUSES)},
    ("Problem", "kind"): {"enum": [*PROBLEMS, "unknown"]},
    ("Case", "outcome"): {"enum": ["passed", "failed", "skipped", "unjudged", "known"]},
    ("Document", "format"): {"const": FORMAT},
    ("Document", "version"): {"const": VERSION},
}


def report() -> str:
    """The schema of ``report.json``."""
    found: dict[str, Any] = {}
    top = schema(Document, found)
    found["Case"]["properties"]["verdict"] = {"anyOf": [{"$ref": "#/$defs/Verdict"}, {"type": "null"}]}
    found["Verdict"] = _verdict(found)
    return _text("A report of modelparity", top, found)


def golden() -> str:
    """The schema of the metadata entry ``modelparity`` of a golden."""
    found: dict[str, Any] = {}
    top = schema(Entry, found)
    known = {key: {"type": [PLAIN[one] for one in types]} for key, types in FIELDS.items()}
    known["spec"] = {"enum": list(SPECS)}
    found["Entry"]["properties"]["provenance"] = _object(known, list(known))
    return _text("The metadata of a golden of modelparity", top, found)


def pipeline_golden() -> str:
    """The schema of the metadata entry ``modelparity pipeline`` of a pipeline's golden."""
    found: dict[str, Any] = {}
    top = schema(PipelineEntry, found)
    return _text("The metadata of a golden of a pipeline of modelparity", top, found)


def pipeline() -> str:
    """The schema of what `Pipeline.check` found."""
    found: dict[str, Any] = {}
    found["Verdict"] = _verdict(found)
    one = {"anyOf": [schema(Judged, found), {"type": "null"}]}
    text, truth, band = {"type": "string"}, {"type": "boolean"}, {"enum": [*BANDS, UNJUDGED]}
    stage = {
        "name": text,
        "kind": text,
        "given": truth,
        "band": band,
        "expected": {"enum": list(ACCEPTABLE)},
        "floors": NUMBER,
        "ok": truth,
        "text": text,
        "follows": {"anyOf": [text, {"type": "null"}]},
        "through": one,
        "alone": one,
        "networks": {"type": "array", "items": {"$ref": "#/$defs/Verdict"}},
        "causes": {"type": "array", "items": schema(Cause, found)},
    }
    top = {
        "format": {"const": outcome.FORMAT},
        "version": {"const": outcome.VERSION},
        "pipeline": text,
        "settings": {"type": "object"},
        "expected": {"enum": list(ACCEPTABLE)},
        "band": band,
        "ok": truth,
        "stages": {"type": "array", "items": _object(stage, list(stage))},
    }
    return _text("What a check of a pipeline found", _object(top, list(top)), found)


def schema(kind: Any, found: dict[str, Any]) -> dict[str, Any]:
    """What values of a type look like in JSON; types with fields go to ``found`` by name."""
    if dataclasses.is_dataclass(kind) or is_typeddict(kind):
        return _fields(kind, found)
    origin, inner = get_origin(kind), get_args(kind)
    if kind in PLAIN:
        return {"type": PLAIN[kind]}
    if kind is float:
        return NUMBER
    if kind is Any:
        return {}
    if origin is Literal:
        return {"enum": list(inner)}
    if origin in (Union, UnionType):
        return {"anyOf": [schema(one, found) for one in inner]}
    if origin in (list, tuple):
        return {"type": "array", "items": schema(inner[0], found)}
    if origin is dict:
        return {"type": "object", "additionalProperties": schema(inner[1], found)}
    raise TypeError(f"no schema for {kind!r}")


def _fields(kind: Any, found: dict[str, Any]) -> dict[str, Any]:
    name = kind.__name__
    if name not in found:
        found[name] = {}
        properties, needed = {}, []
        for key, one in get_type_hints(kind, include_extras=True).items():
            optional = get_origin(one) is NotRequired
            properties[key] = KNOWN.get((name, key)) or schema(get_args(one)[0] if optional else one, found)
            if not optional:
                needed.append(key)
        found[name] = {"description": inspect.cleandoc(kind.__doc__), **_object(properties, needed)}
    return {"$ref": f"#/$defs/{name}"}


def _verdict(found: dict[str, Any]) -> dict[str, Any]:
    """A judgement as `Verdict.to_json` gives it: with ``ok``, and with its cases where there are several."""
    schema(Judgement, found)
    plain = found.pop("Judgement")
    for name, always in (("Located", ["compared"]), ("Seen", ["node", "op", "status"])):
        found[name]["required"] = always  # what is empty is left out
    properties = {key: one for key, one in plain["properties"].items() if key != "several"}
    needed = [
        key
        for key in properties
        if key not in ("unjudged", "fit", "reason", "idle", "unasked", "located", "search")
    ]
    properties |= {
        "ok": {"type": "boolean"},
        "cases": {"type": "array", "items": {"$ref": "#/$defs/Verdict"}},
    }
    return {"description": plain["description"], **_object(properties, [*needed, "ok"])}


def _object(properties: dict[str, Any], needed: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": needed,
        "additionalProperties": False,
    }


def _text(title: str, top: dict[str, Any], found: dict[str, Any]) -> str:
    whole = {"$schema": DIALECT, "title": title, **top, "$defs": dict(sorted(found.items()))}
    return json.dumps(whole, indent=2) + "\n"
