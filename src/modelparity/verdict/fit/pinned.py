"""A fit that was pinned: a candidate whose interface changed is refused, and so is any other under ``strict``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Literal

from ...errors import InputError
from .model import Fit
from .names import Sides

#: The word that demands the identity.
STRICT: Literal["strict"] = "strict"
#: What `check` takes as ``fit=``: "strict", a `Fit`, what its `to_json` gives, or the path of a file with that.
Said = str | PathLike[str] | Fit | Mapping[str, object] | None


def read(said: Said, *, where: object = "fit", folder: Path | None = None) -> Fit | None:
    """The fit that is demanded, the identity for ``strict``; None if none is. Raises `InputError`."""
    if said is None or isinstance(said, Fit):
        return said
    if said == STRICT:
        return Fit()
    if isinstance(said, str | PathLike):
        path = Path(folder or "", said)
        try:
            said = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise InputError(
                "no fit",
                where=where,
                found=said,
                expected=f"{STRICT!r}, or a JSON file with what v.fit.to_json() gives",
            ) from error
    if not isinstance(said, Mapping):
        raise InputError("no fit", where=where, found=type(said).__name__, expected="what Fit.to_json gives")
    return Fit.from_json(said, where=where)


def refuse_contradictions(
    fit: Fit | None, names: Mapping[str, str], fills: Mapping[str, float], ignore: Sequence[str]
) -> None:
    """Raise `InputError`, naming both, for two options of which one leaves no room for the other."""
    changed = {name: other for name, other in names.items() if name != other}
    pairs = [
        (fit is not None and fit.identity and fills, "fit='strict' and fill", f"strict, and {_said(fills)}"),
        (
            fit is not None and fit.identity and changed,
            "fit='strict' and names",
            f"strict, and {_said(changed)}",
        ),
        (set(ignore) & set(names), "names and ignore", ", ".join(sorted(set(ignore) & set(names)))),
        (
            set(fills) & set(names.values()),
            "names and fill",
            ", ".join(sorted(set(fills) & set(names.values()))),
        ),
    ]
    for both, what, found in pairs:
        if both:
            raise InputError(f"{what} contradict each other", found=found, fix="leave one of them out")


def _said(given: Mapping[str, object]) -> str:
    return ", ".join(f"{name}={value}" for name, value in given.items())


def refuse_changed(found: Fit, demanded: Fit | None, sides: Sides) -> None:
    """Raise `InputError`, with both signatures, if a fit is not the one that was demanded."""
    if demanded is None or _bare(found) == _bare(demanded):
        return
    if demanded.identity:
        raise sides.refusal(
            f"the candidate's interface is not the reference's: {'; '.join(found.describe())}",
            "convert with the reference's own names and axes, or leave the strict fit out",
        )
    raise sides.refusal(
        f"the fit is not the one that was pinned: {'; '.join(found.describe()) or 'the identity'}; "
        f"pinned: {'; '.join(demanded.describe())}",
        f"if the change is meant, pin {json.dumps(found.to_json())}",
    )


def _bare(fit: Fit) -> dict[str, object]:
    """What a fit says but for how it is known. The identity says nothing, whatever the names."""
    return {} if fit.identity else replace(fit, notes=()).to_json()
