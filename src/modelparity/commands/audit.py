"""Make known mistakes on purpose, and say how many are caught, placed, named and repaired

Of networks: faults, pairs of faults, sound variations and mistakes outside the catalogue, as files of every format.
Of a parity.toml or a folder of goldens: which faults their inputs would not notice, and the recipe that would.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from ..family.progress_bar import progress
from ._selection import chosen

if TYPE_CHECKING:
    from ..audit import Artefact
    from ..graph import Graph
    from ..verdict.reference import Reference

EPILOG = (
    "Exit codes: 0 every fault was caught without false alarms or names (of inputs: every fault that a usual recipe "
    "shows is noticed), 1 not so, 2 bad input."
)
TARGETS = ("engine", ".onnx", ".mlpackage", ".mlmodel", ".json", ".pt2", "torch")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "what",
        metavar="WHAT",
        nargs="*",
        help="families, models of them (madmom/beats/*), files, folders of them; a parity.toml, a folder of goldens",
    )
    parser.add_argument(
        "--list", action="store_true", help="list the catalogue, with how often each fault applies to WHAT"
    )
    parser.add_argument(
        "--to",
        metavar="SUFFIX",
        action="append",
        choices=TARGETS,
        help="what mistakes are written as: kinds of files, modules of PyTorch, the changed graph as it is; "
        f"repeatable (default: {', '.join(TARGETS)})",
    )
    parser.add_argument("--fault", metavar="ID", action="append", help="make these faults alone; repeatable")
    parser.add_argument(
        "--singles",
        metavar="N",
        type=int,
        default=1,
        help="places of every fault in every network (default: 1)",
    )
    parser.add_argument("--pairs", metavar="N", type=int, default=0, help="pairs of faults in every network")
    parser.add_argument(
        "--sound", action="store_true", help="try sound variations too, which must raise no alarm"
    )
    parser.add_argument(
        "--foreign",
        metavar="N",
        type=int,
        default=0,
        help="places of every mistake outside the catalogue, for which no cause may be named",
    )
    parser.add_argument(
        "--repair",
        action="store_true",
        help="really repair each wrong file and count that, in place of what undoing the first cause leaves",
    )
    parser.add_argument(
        "--sample",
        metavar="N",
        type=int,
        help="of one network of each architecture at most so many trials of a kind, evenly over causes and files",
    )
    parser.add_argument("--seed", type=int, default=0, help="another sample, and other inputs (default: 0)")
    parser.add_argument(
        "--seconds", type=float, default=30.0, help="what explaining one verdict may take (default: 30)"
    )
    parser.add_argument(
        "--jobs",
        metavar="N",
        type=int,
        help="processes on this machine, by Dask (default: one for every core)",
    )
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help="run on the workers of this Dask scheduler instead"
    )
    parser.add_argument(
        "--record",
        metavar="FILE.jsonl",
        type=Path,
        help="where results are kept one by one: what stands there is not done again",
    )
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures here too")
    parser.epilog = EPILOG


def run(args: argparse.Namespace) -> int:
    """Audit what was named; the exit code."""
    if not args.what and not args.list:
        raise InputError(
            "nothing to audit", fix="name families, models, a parity.toml or a folder of goldens; or --list"
        )
    counts = (
        ("singles", args.singles, 0),
        ("pairs", args.pairs, 0),
        ("foreign", args.foreign, 0),
        ("jobs", args.jobs, 1),
        ("sample", args.sample, 1),
    )
    for name, number, least in counts:
        if number is not None and number < least:
            raise InputError(f"--{name} is too small", found=number, expected=f"at least {least}")
    if args.jobs is not None and args.scheduler:
        raise InputError("--jobs and --scheduler were both given", fix="leave one of them out")
    suites = [Path(one) for one in args.what if _is_suite(Path(one))]
    if suites and len(suites) < len(args.what):
        raise InputError(
            "suites and networks are audited apart",
            found=", ".join(args.what),
            fix="run the command once for each",
        )
    return _suites(suites, args) if suites else _networks(args)


def _is_suite(path: Path) -> bool:
    return path.suffix == ".toml" or (
        path.is_dir() and any(path.rglob("*.safetensors")) and path.suffix != ".mlpackage"
    )


def _networks(args: argparse.Namespace) -> int:
    from ..audit import figures, one_of_each, plan, run as attempts, sampled
    from ..verdict.faults import fault, faults

    for one in args.fault or ():
        fault(one)
    found = list(_named(args.what))
    if args.list:
        counts = {one.id: 0 for one in faults()}
        for _, artefact in found:
            graph = artefact.load()
            for one in faults():
                counts[one.id] += sum(1 for _ in one.applications(graph))
        for one in faults():
            print(f"{one.id:<40}{counts[one.id] if found else '':>8}  {one.text}")
        return 0
    if args.sample is not None:
        kept = set(one_of_each(((name, artefact.load()) for name, artefact in found), args.seed))
        found = [(name, artefact) for name, artefact in found if name in kept]
    trials = []
    for name, artefact in found:
        trials += plan(
            name,
            artefact.load(),
            args.to or TARGETS,
            singles=args.singles,
            pairs=args.pairs,
            sound=args.sound,
            foreign=args.foreign,
            only=args.fault or (),
            seed=args.seed,
        )
    if args.sample is not None:
        trials = sampled(trials, args.sample, args.seed)
    record = args.record or Path(".modelparity-audit") / f"audit-{os.getpid()}.jsonl"
    jobs = args.jobs or _processes()
    results = []
    with progress(f"{len(trials):,} trials of {len(found)} networks, kept in {record}") as advance:
        for result in attempts(
            trials,
            dict(found),
            record,
            jobs=jobs,
            scheduler=args.scheduler,
            seconds=args.seconds,
            repair=args.repair,
        ):
            results.append(result)
            advance(result.trial, len(results), len(trials))
    shown = figures(results)
    print(shown)
    for label, ids in (
        ("missed", shown.missed),
        ("alarm", shown.alarms),
        ("the runtime", shown.runtimes),
        ("named falsely", shown.false_names),
    ):
        for one in ids:
            print(f"{label}: {one}")
    if args.json is not None:
        args.json.write_text(json.dumps(shown.to_json(), indent=1) + "\n", encoding="utf-8")
    return 1 if shown.missed or shown.alarms or shown.false_names else 0


def _processes() -> int:
    """One for every core; one alone where Dask is not installed, which is said."""
    if find_spec("distributed") is not None:
        return os.cpu_count() or 1
    print("one trial after another: pip install 'modelparity[cluster]' for all cores", file=sys.stderr)
    return 1


def _named(words: Sequence[str]) -> Iterator[tuple[str, Artefact]]:
    """(name, artefact) of families' models that are here, and of files."""
    from ..audit import Artefact
    from ..family.base import matches
    from ..family.folder import Folder

    for word in words:
        path = Path(word)
        if path.exists():
            whole = path.is_file() or path.suffix == ".mlpackage"
            files = [path] if whole else [one.path() for one in Folder(path.name, path).models()]
            if not files:
                raise InputError("no file below this folder is a model that can be read", where=path)
            yield from ((one.relative_to(path.parent).as_posix(), Artefact.of(one)) for one in files)
            continue
        family, _, key = word.partition("/")
        models = [one for one in chosen([family])[0].models() if not key or matches(key, family, one.key)]
        if not models:
            raise InputError(f"{family} has no model that fits {key!r}", fix=f"modelparity list {family}")
        for one in models:
            if one.missing() is not None:
                print(f"left out: {family}/{one.key}: {one.missing()}", file=sys.stderr)
                continue
            yield f"{family}/{one.key}", Artefact.of(one.path())


def _suites(paths: Sequence[Path], args: argparse.Namespace) -> int:
    from ..audit import noticed

    hidden = 0
    data: list[dict[str, Any]] = []
    for name, graph, inputs in _asked(paths):
        count = seen = 0
        lost: list[str] = []
        for one in noticed(graph, inputs):
            count, seen = count + 1, seen + one.seen
            data.append({"model": name, **one.to_json()})
            if not one.seen and one.recipe:
                lost.append(
                    f"  not noticed: {one.text} ({one.floors:.2g} floors); recipe {one.recipe} shows it"
                )
        cases = ", ".join(str(ref.about.get("recipe", "given")) for ref in inputs)
        print(f"{name}: {seen} of {count} faults are noticed by its inputs ({cases})")
        print("\n".join(lost), end="\n" if lost else "")
        hidden += len(lost)
    if args.json is not None:
        args.json.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    return 1 if hidden else 0


def _asked(paths: Sequence[Path]) -> Iterator[tuple[str, Graph, list[Reference]]]:
    """(name, network, its inputs with truth and floors) of what stands in parity.toml files and golden folders."""
    for path in paths:
        yield from _declared(path) if path.suffix == ".toml" else _recorded(path)


def _declared(path: Path) -> Iterator[tuple[str, Graph, list[Reference]]]:
    from ..plugin.parity_toml import entries
    from ..plugin.pipeline_entry import PipelineEntry

    for entry in entries(path)[0]:
        if isinstance(entry, PipelineEntry):
            print(
                f"left out: {entry.where}: a pipeline, of whose networks the family has the files",
                file=sys.stderr,
            )
            continue
        graph = entry.load()
        questions = [
            entry.question(graph, None if entry.usual else recipe, variant, entry.all_said)
            for recipe in (entry.recipes[:1] if entry.usual else entry.recipes)
            for variant in entry.variants
        ]
        yield entry.key, graph, [ref for question in questions for ref in question.references.values()]


def _recorded(root: Path) -> Iterator[tuple[str, Graph, list[Reference]]]:
    from ..family import families
    from ..goldens import Golden
    from ..goldens.folder import status

    known = families()
    by_model: dict[tuple[str, str], list[Path]] = {}
    for entry in status(root, known):
        if entry.state == "fresh":
            by_model.setdefault((entry.family, entry.model), []).append(entry.path)
        elif entry.path.exists():
            print(f"left out: {entry.path}: {entry.state}, {entry.reason}", file=sys.stderr)
    if not by_model:
        raise InputError(
            "no golden here is fresh, and of a model that is here",
            where=root,
            fix="modelparity golden status says why",
        )
    for (family, key), files in by_model.items():
        graph = next(one for one in known[family].models() if one.key == key).load()
        yield f"{family}/{key}", graph, [Golden.load(file).reference(graph) for file in sorted(files)]
