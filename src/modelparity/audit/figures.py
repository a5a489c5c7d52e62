"""What came of an audit, in shares by kind of trial and file; every cause counts alike, often tried or not."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from .model import Result

#: What is counted of a mistake, in the order of the columns.
STEPS = ("caught", "placed", "nearby", "named", "repaired")


@dataclass(frozen=True)
class Row:
    """Shares of the mistakes of one kind in one kind of file.

    Args:
        kind: "single", "pair" or "elsewhere".
        target: the kind of file, "" for all.
        trials: mistakes that were judged or refused.
        causes: how many different faults (or pairs of them) are among them.
        shares: {step: the mean over causes of the share of their trials}, each between 0 and 1.
    """

    kind: str
    target: str
    trials: int
    causes: int
    shares: dict[str, float]


@dataclass(frozen=True)
class Figures:
    """Every figure of an audit.

    Args:
        rows: of faults that move an output by more than the yardstick.
        sound: how many sound variations were judged.
        alarms: ids of those that were not ok.
        runtimes: ids of those of which the runtime computes something else than the file says: shown by running the
            file otherwise, and no alarm.
        foreign: how many mistakes outside the catalogue were judged.
        false_names: ids of those for which a cause was named, and of the sound variations with one.
        missed: ids of faults that were not caught.
        others: {state: how many trials ended so}, of those that count in no share.
        median: processor time of a check with its explanation, seconds; and the most.
        most: likewise.
        repairs: {how: faults and pairs that were really repaired so}.
    """

    rows: tuple[Row, ...]
    sound: int
    alarms: tuple[str, ...]
    runtimes: tuple[str, ...]
    foreign: int
    false_names: tuple[str, ...]
    missed: tuple[str, ...]
    others: dict[str, int]
    median: float
    most: float
    repairs: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)

    def __str__(self) -> str:
        lines = [f"{'':10}{'file':<12}{'trials':>8}{'causes':>8}" + "".join(f"{step:>10}" for step in STEPS)]
        for row in self.rows:
            shares = "".join(f"{100 * row.shares[step]:9.1f}%" for step in STEPS)
            lines.append(f"{row.kind:<10}{row.target or 'all':<12}{row.trials:>8,}{row.causes:>8}{shares}")
        lines.append(f"sound variations: {len(self.alarms)} alarms of {self.sound:,}")
        if self.runtimes:
            lines.append(f"sound files that a runtime computes otherwise: {len(self.runtimes)}")
        lines.append(
            f"false names: {len(self.false_names)} of {self.sound + self.foreign:,} "
            f"({self.foreign:,} mistakes outside the catalogue)"
        )
        lines.append(
            f"processor time of a check with its explanation: median {self.median:.2f} s, most {self.most:.1f} s"
        )
        if self.repairs:
            lines.append(
                "really repaired: " + ", ".join(f"{count:,} {how}" for how, count in self.repairs.items())
            )
        if self.others:
            lines.append(
                "not counted: "
                + ", ".join(f"{count:,} {state}" for state, count in sorted(self.others.items()))
            )
        return "\n".join(lines)


def figures(results: Iterable[Result]) -> Figures:
    """Count ``results``."""
    all_ = list(results)
    counted = [one for one in all_ if one.state in ("judged", "refused")]
    made = [one for one in counted if one.kind in ("single", "pair", "elsewhere")]
    rows = []
    for kind in dict.fromkeys(one.kind for one in made):
        of_kind = [one for one in made if one.kind == kind]
        targets = sorted({one.target for one in of_kind})
        rows += [_row(kind, target, [one for one in of_kind if one.target == target]) for target in targets]
        if len(targets) > 1:
            rows.append(_row(kind, "", of_kind))
    sound = [one for one in counted if one.kind == "sound"]
    foreign = [one for one in counted if one.kind == "foreign"]
    others: dict[str, int] = defaultdict(int)
    for one in all_:
        if one.state not in ("judged", "refused"):
            others[one.state] += 1
    seconds = sorted(one.seconds for one in made if one.state == "judged")
    return Figures(
        tuple(rows),
        len(sound),
        tuple(one.trial for one in sound if one.state == "refused" or (one.caught and one.side != "runtime")),
        tuple(one.trial for one in sound if one.caught and one.side == "runtime"),
        len(foreign),
        tuple(one.trial for one in (*sound, *foreign) if one.causes),
        tuple(one.trial for one in made if not one.caught),
        dict(others),
        seconds[len(seconds) // 2] if seconds else 0.0,
        seconds[-1] if seconds else 0.0,
        dict(sorted(Counter(one.how for one in made if one.how).items())),
    )


def _row(kind: str, target: str, results: Sequence[Result]) -> Row:
    by_cause: dict[tuple[str, ...], list[Result]] = defaultdict(list)
    for one in results:
        by_cause[one.faults].append(one)
    shares = {
        step: sum(sum(getattr(one, step) for one in found) / len(found) for found in by_cause.values())
        / len(by_cause)
        for step in STEPS
    }
    return Row(kind, target, len(results), len(by_cause), shares)
