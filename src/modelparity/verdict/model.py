"""What a comparison says: bands, the worst element, and why. JSON is the truth; every report is a view of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

#: From best to worst. ``wrong`` is the only one that nothing legitimate explains.
BANDS = ("exact", "rounding", "reduced", "wrong")
#: What may be expected of a candidate.
ACCEPTABLE = BANDS[:-1]
#: A difference within this many floors is rounding: within the floor itself. `floor.COVER` has the margin.
LIMIT = 1.0


@dataclass(frozen=True)
class Output:
    """One output tensor, judged.

    ``floors`` is the worst element's difference in units of the floor there; ``inf`` if shapes, types or
    non-finite values disagree. ``problems`` are sentences: what, but should be what, at which place.
    """

    name: str
    band: str
    floors: float
    shape: tuple[int, ...]
    expected_shape: tuple[int, ...]
    dtype: str
    index: tuple[int, ...] = ()
    got: float | None = None
    want: float | None = None
    difference: float = 0.0
    floor: float = 0.0
    share_above: float = 0.0
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """Whether a candidate computes what its reference computes.

    ``ok`` holds if ``band`` is no worse than ``expected``. ``where`` is the worst place (a node, once nodes
    are compared; else the output element); ``causes`` are faults that would explain the difference;
    ``explained_by`` says which reduced precision accounts for a ``reduced`` verdict.
    """

    reference: str
    candidate: str
    runtime: str
    band: str
    expected: str
    floors: float
    outputs: tuple[Output, ...]
    conditioning: str = "well"
    floor_runs: int = 0
    explained_by: str | None = None
    where: str | None = None
    causes: tuple[dict[str, Any], ...] = ()
    inputs: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """True if the candidate is within the band that was expected of it."""
        return BANDS.index(self.band) <= BANDS.index(self.expected)

    def to_json(self) -> dict[str, Any]:
        """Plain data for `json.dumps`; infinities as the string "inf", so that every reader accepts it."""
        data: dict[str, Any] = _plain(asdict(self))
        return {**data, "ok": self.ok}

    def __str__(self) -> str:
        from .message import explain

        return explain(self)


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value != value:
        return "nan"
    if isinstance(value, float) and abs(value) == float("inf"):
        return "inf" if value > 0 else "-inf"
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
