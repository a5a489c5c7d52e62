"""``modelparity golden bundle``: goldens, and converted models if asked for, for another machine."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ConversionError, ModelparityError, Unavailable
from ..family.progress_bar import progress

if TYPE_CHECKING:
    from ..goldens import Golden
    from ..goldens.folder_layout import Entry
    from ..graph import Graph


def pack(entries: Sequence[Entry], families: Sequence[Any], args: argparse.Namespace) -> int:
    """Pack every golden that is fresh, or whose model is not here to tell; the exit code.

    It is 1 if a golden is left out, or if models were asked for and none could be converted.

    Goldens of models that are here are completed first, so that they can be judged by where the model is not.
    """
    from ..goldens import bundle

    fresh = [entry for entry in entries if entry.state in ("fresh", "unknown") and entry.path.is_file()]
    left = [entry for entry in entries if entry not in fresh]
    if not fresh:
        raise ModelparityError(
            "there is nothing to pack: no golden of these is fresh",
            where=args.dir,
            fix=f"record them first: modelparity golden {' '.join(args.targets)}",
        )
    goldens, graphs = _completed(fresh, families)
    with tempfile.TemporaryDirectory() as folder:
        models = _converted(graphs, Path(folder)) if args.models else {}
        written = bundle(goldens, args.to, graphs=graphs, models=models)
    packed = f", {len(models)} as Core ML files" if args.models else ""
    print(f"{written}: {counted(len(fresh), 'golden')} of {counted(len(goldens), 'model')}{packed}")
    for entry in left:
        print(f"not packed, {entry.state}: {entry.family}/{entry.model} {entry.case or ''}", file=sys.stderr)
    return int(bool(left) or (bool(args.models) and not models))


def counted(number: int, noun: str) -> str:
    """``1 golden``, ``2 goldens``."""
    return f"{number} {noun}{'s' * (number != 1)}"


def _completed(
    entries: Sequence[Entry], families: Sequence[Any]
) -> tuple[dict[str, list[Golden]], dict[str, Graph]]:
    """Goldens by model, with their terms where the model is here; and the models that are."""
    from ..goldens import Golden

    models = {(family.name, model.key): model for family in families for model in family.models()}
    goldens: dict[str, list[Golden]] = {}
    graphs: dict[str, Graph] = {}
    with progress("packing goldens") as advance:
        for index, entry in enumerate(entries):
            name = f"{entry.family}/{entry.model}"
            advance(f"{entry.model} {entry.case or ''}", index, len(entries))
            golden = Golden.load(entry.path)
            if entry.state == "fresh":
                graphs[name] = graphs.get(name) or models[entry.family, entry.model].load()
                golden = golden.with_terms(graphs[name])
            goldens.setdefault(name, []).append(golden)
    return goldens, graphs


def _converted(graphs: Mapping[str, Graph], folder: Path) -> dict[str, Path]:
    """Every model as an ``.mlpackage``; those that Core ML has no operations for are named."""
    from ..conversion.convert import convert

    found = {}
    with progress("converting models") as advance:
        for index, (name, graph) in enumerate(graphs.items()):
            advance(name, index, len(graphs))
            try:
                found[name] = convert(graph, folder / f"{index}.mlpackage")
            except Unavailable:
                raise
            except ConversionError as error:
                reason = str(error).partition(chr(10))[0]
                print(f"no Core ML file: {name}: {reason}", file=sys.stderr)
    return found
