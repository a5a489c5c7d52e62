"""How often a verdict is wrong, either way, and how wide the floor is.

Alarms are sound float32 runs (the engine's, PyTorch's, onnxruntime's) that are called wrong. Misses are one weight
tensor times 1.001 that passes although it moves an output by more than ten times the largest difference between
float64 and float32 among those runs (the yardstick: floors are not measured by floors). Left-padded batches and
constant rows have weights that are wrong by 2 and 30 per cent, all of which must be seen. And the floor is compared
with that largest difference, at its most and in the middle.

``make error-rates`` measures a fair sample in about two minutes, ``python -m benchmarks.error_rates --whole``
everything (hours): also sound runs on more inputs and, of some kinds, with other weights. ``--more`` takes these
alone, ``--group`` some groups only, ``--say`` lists what was wrong.
"""

from __future__ import annotations

import os

for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_variable] = "1"  # before numpy loads: everybody here runs on one thread

import argparse
import json
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from .files import quantised, resized, transformed
from .measuring import Rates, rates
from .networks import networks, other_weights
from .subjects import Subject, conformance, families, of_module

GROUPS = ("madmom", "fixtures", "conformance", "heads", "saturated", "spectra", "ties", "resized", "padded")


def subjects(whole: bool, groups: Sequence[str], folder: Path) -> Iterator[Callable[[], Subject]]:
    """What is to be measured, each made when its turn comes."""
    if {"madmom", "fixtures"} & set(groups):
        yield from families(whole, folder, groups)
    if "conformance" in groups:
        yield from conformance(whole)
    for group, made in (("ties", quantised), ("spectra", transformed), ("resized", resized)):
        if group in groups:
            yield from [lambda one=one: one for one in made(folder)]
    for one in [*networks(whole), *(other_weights() if whole else ())]:
        if one.group in groups:
            yield lambda one=one: of_module(one, folder)


def measured(whole: bool, more: bool, groups: Sequence[str]) -> dict[str, Rates]:
    """{group: what was counted}; of a ``whole`` run only ``more``, the sound runs on further inputs, if so asked."""
    found = {group: Rates() for group in groups}
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with (
        tempfile.TemporaryDirectory() as folder,
        Progress(*columns, console=Console(stderr=True)) as progress,
    ):
        todo = list(subjects(whole, groups, Path(folder)))
        task = progress.add_task("", total=len(todo))
        for make in todo:
            subject = make()
            progress.update(task, description=f"{subject.group}: {subject.name}"[:60].ljust(60))
            for seed in range(subject.seeds if more else 0, subject.seeds + (subject.more if whole else 0)):
                found[subject.group].add(rates(subject, seed, None if whole and seed == 0 else 2))
            progress.advance(task)
    return found


def table(found: dict[str, Rates]) -> Table:
    """The figures, group by group and altogether."""
    result = Table("group", title="error rates of the floor")
    for name in (
        "sound verdicts",
        "alarms",
        "nearest",
        "spoilt by 0.1%",
        "seen",
        "wrong by 2%, 30%",
        "seen",
        "floor / error: median",
        "p99",
        "most",
        "in the middle",
    ):
        result.add_column(name, justify="right")
    total = Rates()
    for one in found.values():
        total.add(one)
    for name, one in [*found.items(), ("all", total)]:
        ratios = np.array(one.ratios or [np.nan])
        result.add_row(
            name,
            f"{one.verdicts:,}",
            str(len(one.alarms)),
            f"{max(one.worst, default=0):.2f}",
            f"{one.spoilt:,}",
            share(one.spoilt, one.missed),
            f"{one.wrong:,}",
            share(one.wrong, one.passed),
            *(f"{value:.1f}" for value in (np.median(ratios), np.quantile(ratios, 0.99), ratios.max())),
            f"{np.median(one.calm or [np.nan]):.1f}",
        )
    return result


def share(count: int, missed: Sequence[str]) -> str:
    """What part of ``count`` was seen."""
    return f"{100 * (1 - len(missed) / count):.1f}%" if count else "-"


def main() -> int:
    parser = argparse.ArgumentParser(prog="error_rates", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--whole", action="store_true", help="every network, recipe and seed instead of a sample"
    )
    parser.add_argument(
        "--more", action="store_true", help="of everything, only the sound runs on further inputs"
    )
    parser.add_argument(
        "--group", action="append", choices=GROUPS, help="only this group (may be given again)"
    )
    parser.add_argument("--say", action="store_true", help="list alarms and misses")
    parser.add_argument("--json", type=Path, help="also write what was counted there")
    args = parser.parse_args()
    warnings.simplefilter("ignore")  # PyTorch's exporter announces its own end
    start = time.process_time()
    found = measured(args.whole or args.more, args.more, args.group or GROUPS)
    console = Console(width=None if sys.stdout.isatty() else 150)
    console.print(table(found))
    if args.say:
        for line in chain.from_iterable((*r.alarms, *r.missed, *r.passed) for r in found.values()):
            console.print(line, highlight=False, soft_wrap=True)
    console.print(f"{time.process_time() - start:.0f} s of processor time")
    if args.json:
        args.json.write_text(json.dumps({name: vars(one) for name, one in found.items()}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
