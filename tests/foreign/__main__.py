"""``python -m tests.foreign`` checks every faulty file and prints how many are caught, placed, named and repaired."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path

from modelparity.audit import Result, figures

from .judging import of_id
from .mistake import ALL, Mistake, every


def main() -> int:
    """Check what was asked for, as far as the record does not have it; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.foreign", description=__doc__)
    parser.add_argument("only", metavar="TEXT", nargs="*", help="files of which the name holds this")
    parser.add_argument(
        "--record", type=Path, metavar="FILE.jsonl", help="what stands there is not done again"
    )
    parser.add_argument("--no-repair", action="store_true", help="count what undoing the first cause leaves")
    parser.add_argument("--held", action="store_true", help="those that are held back, and no others")
    parser.add_argument("--say", action="store_true", help="print what a person would read of each")
    parser.add_argument(
        "--most", type=int, metavar="N", help="so many of them, a fair sample that grows with N"
    )
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes")
    args = parser.parse_args()
    wanted = [one for one in every() if not args.only or any(text in one.id for text in args.only)]
    if args.held:
        wanted = [one for one in wanted if one.held]
    wanted = sorted(wanted, key=lambda one: sha256(one.id.encode()).digest()[1:])[: args.most]
    ids = {one.id for one in wanted}
    done = [one for one in _recorded(args.record) if one.trial in ids]
    left = [one.id for one in wanted if one.id not in {found.trial for found in done}]
    for result, text in _results(left, not args.no_repair, args.jobs):
        done.append(result)
        if args.record is not None:
            with args.record.open("a", encoding="utf-8") as file:
                file.write(json.dumps(result.to_json()) + "\n")
        if args.say and not ALL[result.trial].held:
            print(f"{_line(result, ALL[result.trial])}\n{text}\n", flush=True)
    _print(done)
    return 0


def _recorded(path: Path | None) -> list[Result]:
    if path is None or not path.exists():
        return []
    return [Result.from_json(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def _results(ids: Sequence[str], repair: bool, jobs: int):  # type: ignore[no-untyped-def]
    given = [(one, repair) for one in ids]
    if jobs < 2:
        yield from map(of_id, given)
        return
    with get_context("spawn").Pool(jobs) as pool:
        yield from pool.imap_unordered(of_id, given)


def _print(results: Sequence[Result]) -> None:
    """Figures of files that are looked at and of those held back, and what was not right of the former."""
    open_ = [one for one in results if not ALL[one.trial].held]
    held = [one for one in results if ALL[one.trial].held]
    for one in open_:
        if not (one.caught and one.placed and one.named and one.repaired):
            print(_line(one, ALL[one.trial]))
    for title, some in (("looked at", open_), ("held back", held)):
        if some:
            print(f"{title}: {len(some)} files, {len({one.faults for one in some})} mistakes")
            print(figures(some))


def _line(one: Result, mistake: Mistake) -> str:
    lost = [step for step in ("caught", "placed", "named", "repaired") if not getattr(one, step)]
    return (
        f"{one.trial}: not {', '.join(lost) or '-'}; {one.state} {one.band} {one.floors:.3g} at {one.place!r}"
        f" (of {' '.join(mistake.places)}), named {', '.join(one.causes) or 'nothing'}"
        f" (of {' '.join(sorted(mistake.right))}) {one.reason}"
    )


if __name__ == "__main__":
    sys.exit(main())
