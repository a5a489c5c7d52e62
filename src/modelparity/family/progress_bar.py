"""How far a long job is: how families say it, and how it shows on standard error.

A bar with rich, one changing line without it, two lines where nobody looks.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["Progress", "progress"]

#: Called as (what is being done, how much of it is done, how much there is; 0 if not known).
Progress = Callable[[str, int, int], None]


@contextmanager
def progress(label: str) -> Iterator[Progress]:
    """``with progress("fetching madmom") as advance: advance("downloading", 3, 10)``."""
    if not sys.stderr.isatty():
        print(f"{label} ...", file=sys.stderr, flush=True)
        yield lambda what, done, total: None
        print(f"{label}: done", file=sys.stderr, flush=True)
        return
    try:
        from rich import progress as shown
        from rich.console import Console
    except ImportError:
        with _plain(label) as advance:
            yield advance
        return
    columns = (
        shown.TextColumn("{task.description}"),
        shown.BarColumn(),
        shown.TaskProgressColumn(),
        shown.TimeRemainingColumn(),
        shown.TextColumn("{task.fields[text]}"),
    )
    with shown.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None, text="")
        yield lambda what, done, total: bar.update(task, completed=done, total=total or None, text=what)


@contextmanager
def _plain(label: str) -> Iterator[Progress]:
    def advance(what: str, done: int, total: int) -> None:
        share = f"{100 * done // total:3d} %" if total else str(done)
        print(f"\r{label} {share} {what:.50}\033[K", end="", file=sys.stderr, flush=True)

    try:
        yield advance
    finally:
        print("\r\033[K", end="", file=sys.stderr, flush=True)
