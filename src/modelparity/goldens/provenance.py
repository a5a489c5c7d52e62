"""Where a golden comes from, and what has changed since."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from pathlib import PureWindowsPath
from typing import Any

import numpy as np

from ..graph import Graph
from ..version import __version__

#: Version of the file as it is written, and all that are read. Version 2 says by which method its floor was measured;
#: in version 1 that is always the first one.
SPEC = 2
SPECS = (1, SPEC)
#: Raised when the engine's float64 results change on purpose, which makes every golden stale.
ENGINE = 1

Provenance = Mapping[str, Any]

#: What a provenance holds: key -> the types its value may have. All plain, so that it fits any report.
FIELDS: dict[str, tuple[type, ...]] = {
    "spec": (int,),
    "model": (str,),
    "model_hash": (str,),
    "structure_hash": (str,),
    "native": (str,),
    "source_format": (str, type(None)),
    "source_name": (str, type(None)),
    "source_sha256": (str, type(None)),
    "recipe": (str, type(None)),  # None: the inputs were given
    "seed": (int, type(None)),
    "length": (int, type(None)),
    "engine": (int,),
    "numpy": (str,),
    "created_by": (str,),
}


def provenance(graph: Graph, recipe: str | None, seed: int | None, length: int | None) -> dict[str, Any]:
    """The record for ``graph`` run here and now; of the source's path only the file name is kept."""
    source = graph.source
    version = ".".join(platform.python_version_tuple()[:2])
    return {
        "spec": SPEC,
        "model": graph.name,
        "model_hash": graph.hash,
        "structure_hash": graph.structure,
        "native": graph.native,
        "source_format": source and source.format,
        "source_name": source and PureWindowsPath(source.path).name,
        "source_sha256": source and source.sha256,
        "recipe": recipe,
        "seed": seed,
        "length": length,
        "engine": ENGINE,
        "numpy": np.__version__,
        "created_by": f"modelparity {__version__}, Python {version}, {platform.machine() or 'unknown machine'}",
    }


def problem(record: Any) -> str | None:
    """What is wrong with a provenance read from a file, or ``None``."""
    if not isinstance(record, dict) or set(record) != set(FIELDS):
        odd = sorted(set(record) ^ set(FIELDS)) if isinstance(record, dict) else [type(record).__name__]
        return f"keys missing or unknown: {', '.join(map(repr, odd[:5]))}"
    for key, types in FIELDS.items():
        if type(record[key]) not in types:
            return f"{key!r} is {record[key]!r:.80}"
    return None


def weight_digests(graph: Graph) -> dict[str, str]:
    """{constant: start of its SHA-256}, enough to name those that changed."""
    return {name: value[:16] for name, value in sorted(graph.digests.items())}


def changes(record: Provenance, weights: Mapping[str, str], graph: Graph) -> tuple[str, ...]:
    """What has changed since: sentences about structure, weights and engine; empty if the golden is fresh."""
    found = []
    if record["model_hash"] != graph.hash:
        now = weight_digests(graph)
        if record["structure_hash"] != graph.structure:
            found.append("structure: " + (_names(weights, now) or "the nodes, inputs or outputs differ"))
        changed = [name for name in sorted(set(weights) & set(now)) if weights[name] != now[name]]
        if changed:
            rest = f" and {len(changed) - 4} more" if len(changed) > 4 else ""
            found.append(f"weights: {', '.join(map(repr, changed[:4]))}{rest} hold other values")
        if not found:
            found.append("the model's hash differs")
    if record["engine"] != ENGINE:
        found.append(f"engine: recorded by revision {record['engine']}, this is revision {ENGINE}")
    return tuple(found)


def _names(then: Mapping[str, str], now: Mapping[str, str]) -> str:
    gone, come = sorted(set(then) - set(now)), sorted(set(now) - set(then))
    parts = []
    if gone:
        parts.append(f"constant {gone[0]!r} is gone")
    if come:
        parts.append(f"constant {come[0]!r} is new")
    return ", ".join(parts)
