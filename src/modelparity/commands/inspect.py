"""Show what a model's file computes: inputs, outputs, every node with shapes, parameters and origin

Of a golden (.safetensors) it shows what was recorded and where it comes from. Formats whose runtimes pass faults in
silence (RTNeural) are examined: every finding is listed with its layer, what is there, what should be, and the fix.
With --float16 it shows how far every tensor is from what float16 holds, and which operators must stay in float32.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ArtefactError, InputError

if TYPE_CHECKING:
    from ..formats.finding import Finding
    from ..formats.registry import Format
    from ..graph import Graph

EPILOG = (
    "exit codes: 0 all is well, 1 a finding says that something is wrong, a spec differs, or nothing that is kept in "
    "float32 makes the rest pass in float16, "
    "2 bad input or usage"
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("file", metavar="FILE", type=Path, help="a model or a golden")
    parser.add_argument("--format", help="format of FILE, if its content does not tell")
    parser.add_argument(
        "--source",
        metavar="REF",
        type=Path,
        help="the model that FILE was made from: settles what the file alone leaves open",
    )
    parser.add_argument(
        "--check-specs",
        metavar="FILE.toml|FAMILY",
        type=Path,
        help="declared input, output, parameters, memory; a family may bring its own",
    )
    parser.add_argument(
        "--spec", metavar="NAME", help="which spec of that table, if FILE's name does not tell"
    )
    parser.add_argument(
        "--float16",
        action="store_true",
        help="what becomes of it in float16: headroom of every tensor, and what must stay in float32",
    )
    parser.add_argument("--recipe", help="with --float16: the inputs that it is asked on (default: noise)")
    parser.add_argument(
        "--inputs", metavar="FILE.npz", type=Path, help="with --float16: arrays by input name, instead"
    )
    parser.add_argument(
        "--length", type=int, help="with --float16: frames; the recipe's own number by default"
    )
    parser.add_argument(
        "--json",
        metavar="FILE",
        type=Path,
        help="with --float16: write what was found as JSON ('-' for standard output, and nothing else)",
    )


def run(args: argparse.Namespace) -> int:
    """Print the summary, the findings and the comparison with the spec; or what float16 makes of it."""
    if args.float16:
        return _float16(args)
    _refuse_what_needs_float16(args)
    if args.file.suffix == ".safetensors" and args.format is None:
        return _golden(args.file)
    from ..describe.summary import summary
    from ..formats.finding import render
    from ..formats.registry import named, sniff

    format = named(args.format) if args.format is not None else sniff(args.file)
    graph, findings, refusal = _examined(args.file, format, args.source)
    parts = [summary(graph)] if graph is not None else []
    if findings:
        parts.append(render(findings))
    elif format.silent:
        parts.append("nothing to be said of it")
    wrong = any(one.wrong for one in findings)
    if refusal is not None:
        parts.append(f"{args.file} is not read: {format.name} itself could not, or not safely")
        wrong = True
    if args.check_specs is not None and graph is not None:
        text, same = _specs(args, graph)
        parts.append(text)
        wrong = wrong or not same
    print("\n\n".join(parts))
    return int(wrong)


def _float16(args: argparse.Namespace) -> int:
    from ..formats import load
    from ..report.writing import write_text
    from ..verdict.float16.ranges import float16_ranges
    from ._given import read_inputs

    graph = load(args.file, format=args.format)
    if args.inputs is not None:
        if args.recipe is not None or args.length is not None:
            raise InputError("--inputs stands instead of a recipe: --recipe and --length do not go with it")
        found = float16_ranges(graph, read_inputs(args.inputs, graph))
    else:
        found = float16_ranges(graph, recipe=args.recipe or "noise", length=args.length)
    text = json.dumps(found.to_json(), indent=2, allow_nan=False)
    if args.json is not None and str(args.json) != "-":
        write_text(args.json, text)
    print(text if str(args.json) == "-" else found)
    return int(not found.passes)


def _refuse_what_needs_float16(args: argparse.Namespace) -> None:
    options = {"--recipe": args.recipe, "--inputs": args.inputs, "--length": args.length, "--json": args.json}
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise InputError(f"{given[0]} goes with --float16 only", fix="add --float16, or leave it out")


def _examined(
    file: Path, format: Format, source: Path | None
) -> tuple[Graph | None, Sequence[Finding], ArtefactError | None]:
    """The graph if the file is readable, what is to be said of it, and why it is not readable."""
    from ..formats import load

    if source is not None and not format.silent:
        raise InputError(
            f"--source settles what a file leaves open, and nothing is open in a {format.name} file",
            fix=f"to compare the two: modelparity check {source} {file}",
        )
    if format.examine is None:
        return load(file, format=format.name), [], None
    findings = format.examine(file)
    try:
        graph = load(file, format=format.name)
    except ArtefactError as refusal:
        return None, findings, refusal
    if source is not None:
        from ..verdict.settling import settle

        findings = settle(findings, graph, load(source))
    return graph, findings, None


def _specs(args: argparse.Namespace, graph: Graph) -> tuple[str, bool]:
    from ..describe.specs import choose, compare_spec, read_specs, render_spec

    spec = choose(read_specs(_spec_file(args.check_specs)), args.file, args.spec)
    lines = compare_spec(spec, graph)
    return render_spec(spec, lines), all(line.ok for line in lines)


def _spec_file(given: Path) -> Path:
    """The table itself, or that of the family of this name."""
    from ..family import families

    family = None if given.exists() else families().get(str(given))
    return (family.spec_file if family is not None else None) or given


def _golden(file: Path) -> int:
    from ..goldens import Golden

    found = Golden.load(file)
    print(found)
    width = max(map(len, found.provenance))
    for name, value in found.provenance.items():
        print(f"  {name:<{width}}  {value}")
    return 0
