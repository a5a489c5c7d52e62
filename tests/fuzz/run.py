"""Try many spoilt files of a format: ``make fuzz-coreml``.

    python tests/fuzz/run.py coreml [--cases 50000] [--first 0] [--keep FOLDER]
    python tests/fuzz/run.py coreml --replay FILE     a file that was kept, or any other
    python tests/fuzz/run.py coreml --only NUMBER     one case again

Cases are numbered, and a number is the same case everywhere. Exit status: 0 without findings, 1 with some.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parent))

import worker
from campaign import Campaign

from modelparity.describe.text_table import layout
from modelparity.engine.limits import limited


def main(arguments: list[str] | None = None) -> int:
    """Run, watch and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "target", choices=sorted(p.parent.name for p in Path(__file__).parent.glob("*/target.py"))
    )
    parser.add_argument("--cases", type=int, default=50_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path("fuzz-findings"), help="where findings are kept")
    parser.add_argument("--replay", type=Path)
    parser.add_argument("--only", type=int)
    options = parser.parse_args(arguments)
    if options.replay is not None:
        return replayed(worker.target(options.target), options.replay, Random(0))
    if options.only is not None:
        with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
            one = worker.target(options.target)
            path, kind = one.case(Random(options.only), options.only, Path(folder))
            print(f"case {options.only}: {path.name}, mutation of {kind}")
            return replayed(one, path, Random(~options.only))
    campaign = Campaign(options.target)
    try:
        campaign.run(options.first, options.cases, watcher(options.cases))
    except KeyboardInterrupt:
        print("stopped")
    return report(campaign, options.keep)


def replayed(one: worker.Target, path: Path, rng: Random) -> int:
    """Try one file and print what comes of it."""
    try:
        with limited(**worker.LIMITS):
            print(one.trial(path, rng))
    except Exception:
        traceback.print_exc()
        return 1
    return 0


def watcher(total: int):
    """A progress bar, or a line now and then where nobody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    progress = Progress(*columns, console=console, disable=not console.is_terminal)
    task, said = progress.add_task("cases", total=total), time.monotonic()
    progress.start()

    def watch(campaign: Campaign) -> None:
        nonlocal said
        if campaign.done < total and campaign.done % 20:
            return
        rate = campaign.done / max(campaign.seconds, 1e-9)
        text = f"{rate:.0f} cases/s, {len(campaign.findings)} findings"
        progress.update(task, completed=campaign.done, description=text)
        if campaign.done >= total:
            progress.stop()
        elif not console.is_terminal and time.monotonic() - said > 60:
            said = time.monotonic()
            print(f"{campaign.done} of {total}, {text}", file=sys.stderr, flush=True)

    return watch


def report(campaign: Campaign, keep: Path) -> int:
    """Print the table and the findings, keep a file of each sort; the exit status."""
    print("\n".join(layout(campaign.table())))
    rate = campaign.done / max(campaign.seconds, 1e-9)
    print(f"{campaign.done:,} cases in {campaign.seconds:.0f} s, {rate:.0f} cases/s")
    distinct = campaign.distinct()
    for finding, count in distinct:
        path = kept(campaign.target, finding, keep)
        print(f"!! {finding['what']}: {count} times, first in case {finding['number']}")
        print(f"   python tests/fuzz/run.py {campaign.target} --replay {path}")
    print(f"{len(campaign.findings)} findings of {len(distinct)} sorts")
    return 1 if distinct else 0


def kept(target: str, finding: dict[str, object], keep: Path) -> Path:
    """The file of a finding and what was said, in the folder of findings; the file's path."""
    number = int(str(finding["number"]))
    folder = keep / f"{target}-{number}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "finding.json").write_text(json.dumps(finding, indent=1))
    with tempfile.TemporaryDirectory(prefix="fuzz-") as made:
        path, _ = worker.target(target).case(Random(number), number, Path(made))
        copy = shutil.copytree if path.is_dir() else shutil.copyfile
        return Path(copy(path, folder / path.name))


if __name__ == "__main__":
    raise SystemExit(main())
