"""A journal of checks that can take this process along: of modules, and of runtimes that others brought."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..cache import cache
from ..graph import Graph
from ..journal import Journal, left_behind, place
from ..runtimes import Runtime

#: The folder of journals in the cache.
FOLDER = "journals"
#: Runtimes whose module begins so are this package's own, and run files elsewhere.
OWN = f"{__package__.partition('.')[0]}.runtimes."


@contextmanager
def recorded(
    reference: str, cases: Iterable[str], candidate: object, runtime: str | Runtime | None
) -> Iterator[Journal]:
    """A journal of these ``cases``, gone if all goes well; there is none where nothing can take the process along.

    Warns of what earlier processes died of, once.
    """
    journal = Journal(place(cache() / FOLDER))
    if not _runs_here(candidate, runtime):
        yield journal
        return
    _warn_of_deaths(journal.path.parent)
    name = type(candidate).__name__ if not isinstance(candidate, str | Path) else Path(candidate).name
    journal.plan({"id": case, "reference": reference, "candidate": name} for case in cases)
    try:
        yield journal
    finally:
        journal.delete()


def _runs_here(candidate: object, runtime: str | Runtime | None) -> bool:
    if isinstance(runtime, Runtime) and not type(runtime).__module__.startswith(OWN):
        return True
    return not isinstance(candidate, str | os.PathLike | bytes | Graph)


def _warn_of_deaths(folder: Path) -> None:
    for path, told in left_behind(folder):
        path.unlink(missing_ok=True)
        for case in told.at:
            entry = told.planned.get(case, {})
            left = f"; never begun: {', '.join(told.left)}" if told.left else ""
            warnings.warn(
                f"a process before this one died ({told.process}) while it checked {entry.get('candidate', '?')} "
                f"against {entry.get('reference', '?')}, case {case}{left}",
                RuntimeWarning,
                stacklevel=2,
            )
