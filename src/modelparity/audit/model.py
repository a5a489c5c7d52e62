"""A trial and what came of it, as data that goes through JSON: it travels to other machines and lies in files."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Self

#: What a trial makes of a network. "single", "pair": faults of the catalogue; "sound": the same function, written
#: otherwise; "foreign": a mistake that the catalogue does not have, for which no cause may be named; "elsewhere": a
#: faulty file that was made without the catalogue, of which somebody else wrote down what is wrong.
KINDS = ("single", "pair", "sound", "foreign", "elsewhere")
#: What became of a trial. "judged": there is a verdict; "refused": the check ended with an error, which is no pass
#: but names nothing; "fitted": only how outputs lie differs, which the fit finds and says; "quiet": the mistake moves
#: no output by more than the yardstick; "not written": the format has no form of it; "not run": the network with the
#: mistake runs nowhere; "lost": what tried it died again and again.
STATES = ("judged", "refused", "fitted", "quiet", "not written", "not run", "lost")


@dataclass(frozen=True)
class Trial:
    """One mistake in one network, as one kind of file.

    Args:
        network: the name under which its bytes are known, see `networks.Networks`.
        kind: one of `KINDS`.
        target: suffix of the file that is written (".onnx"), the name of a format that builds objects ("torch"), or
            "engine" for the changed graph as it is.
        makes: keys of applications of the catalogue, or of one variation or one foreign mistake.
        seed: of the inputs.
    """

    network: str
    kind: str
    target: str
    makes: tuple[str, ...]
    seed: int = 0

    @property
    def id(self) -> str:
        """The same for the same trial, in every run."""
        return f"{self.network} {self.target} {self.kind} {' + '.join(self.makes)} seed {self.seed}"

    @property
    def faults(self) -> tuple[str, ...]:
        """What is made, without the place: ids of the catalogue, or of the variation or foreign mistake."""
        return tuple(one.partition("@")[0].partition("[")[0] for one in self.makes)


@dataclass(frozen=True)
class Result:
    """What came of a trial.

    Args:
        trial: its id.
        kind: as of the trial.
        target: likewise.
        network: likewise.
        faults: ids of the catalogue, without places; or of the variation or foreign mistake.
        state: one of `STATES`.
        band: of the verdict.
        floors: its worst difference.
        caught: the verdict is not ok, or the check was refused.
        placed: the node that was located is one that the mistake is in, or that one which is the same here is in; for
            a mistake in how inputs and outputs correspond, that is what was found.
        nearby: it is so, or the region that was located holds one.
        named: the first cause is this mistake; of a pair, both are among the causes.
        repaired: with the first cause undone, at most one floor is left; where files were really repaired: it was.
        how: how it was really repaired, see `modelparity.repairing.Repaired`; "" where it was not, or nobody tried.
        causes: ids of what was named, in order.
        place: the reference's node that was located.
        side: "artefact", "runtime" or "interface": where the difference arises.
        seconds: processor time of the check.
        reason: why nothing was judged.
    """

    trial: str
    kind: str
    target: str
    network: str
    faults: tuple[str, ...]
    state: str
    band: str = ""
    floors: float = 0.0
    caught: bool = False
    placed: bool = False
    nearby: bool = False
    named: bool = False
    repaired: bool = False
    causes: tuple[str, ...] = ()
    place: str = ""
    side: str = ""
    seconds: float = 0.0
    reason: str = ""
    how: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The result of `to_json`. Raises `TypeError` for other data."""
        known = {one.name for one in fields(cls)}
        values: dict[str, Any] = {
            key: tuple(v) if isinstance(v, list) else v for key, v in data.items() if key in known
        }
        return cls(**values)
