"""Progress on standard error: a bar with rich, one changing line without it, two lines where nobody looks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: Called with what is done, the total (0 if it is not known), and a word on what is going on.
Advance = Callable[[int, int, str], None]


@contextmanager
def progress(label: str) -> Iterator[Advance]:
    """``with progress("fetching madmom") as advance: advance(3, 10, "downloading")``."""
    if not sys.stderr.isatty():
        print(f"{label} ...", file=sys.stderr, flush=True)
        yield lambda done, total, text="": None
        print(f"{label}: done", file=sys.stderr, flush=True)
        return
    try:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
    except ImportError:
        with _plain(label) as advance:
            yield advance
        return
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    with Progress(
        *columns, TextColumn("{task.fields[text]}"), console=Console(stderr=True), transient=True
    ) as bar:
        task = bar.add_task(label, total=None, text="")
        yield lambda done, total, text="": bar.update(task, completed=done, total=total or None, text=text)


@contextmanager
def _plain(label: str) -> Iterator[Advance]:
    def advance(done: int, total: int, text: str = "") -> None:
        share = f"{100 * done // total:3d} %" if total else str(done)
        print(f"\r{label} {share} {text:.50}\033[K", end="", file=sys.stderr, flush=True)

    try:
        yield advance
    finally:
        print("\r\033[K", end="", file=sys.stderr, flush=True)
