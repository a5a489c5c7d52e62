"""One subject on one input: sound runs called wrong, spoilt ones that pass, and the floor over the actual error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

import modelparity as mp
from modelparity.verdict.compare import compare
from modelparity.verdict.floor import measure

from .subjects import Feeds, Subject, engine

#: A difference of so many times what float32 costs is one that must be seen.
YARDSTICK = 10.0
#: What a spoilt weight tensor is multiplied by.
SPOILT = 1 + 1e-3


@dataclass
class Rates:
    """What was counted; ``alarms`` and ``missed`` name each case, ``ratios`` hold floor over actual error."""

    verdicts: int = 0
    alarms: list[str] = field(default_factory=list)
    worst: list[float] = field(default_factory=list)
    spoilt: int = 0
    missed: list[str] = field(default_factory=list)
    wrong: int = 0
    passed: list[str] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)
    calm: list[float] = field(default_factory=list)

    def add(self, other: Rates) -> None:
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


def rates(subject: Subject, seed: int, weights: int | None) -> Rates:
    """Measure ``subject`` on the input of ``seed``, spoiling ``weights`` of its tensors (None: every one).

    On inputs beyond the subject's ``seeds`` sound runs alone are judged.
    """
    feeds = subject.inputs(seed)
    truth = mp.run(subject.graph, feeds)
    floors = measure(subject.graph, feeds, truth).outputs
    label = f"{subject.group}: {subject.name}, seed {seed}"
    result, own = Rates(), []
    for name, run in subject.runs.items():
        outputs = run(feeds)
        floor = judged(outputs, truth, floors)
        result.verdicts += 1
        result.worst.append(floor)
        if floor > 1:
            result.alarms.append(f"{label}: {name}, {floor:.3g} floors")
        own.append(away(outputs, truth))
    error = {name: np.max([one[name] for one in own], axis=0) for name in own[0]}
    for name, most in error.items():
        if most.any() and not subject.jumps:
            result.ratios.append(float(floors[name].max() / most.max()))
            result.calm.append(float(np.median(floors[name]) / np.median(most[most > 0])))
    if seed >= subject.seeds:
        return result
    for name, run in subject.wrong().items():
        result.wrong += 1
        if (floor := judged(run(feeds), truth, floors)) <= 1:
            result.passed.append(f"{label}: {name}, {floor:.3g} floors")
    for name in chosen(subject, seed, weights) if subject.weights else ():
        constants = {**subject.graph.constants, name: subject.graph.constants[name] * np.float32(SPOILT)}
        outputs = engine(subject.graph.changed(constants=constants))(feeds)
        moved = away(outputs, truth)
        if any(error[key].size and moved[key].max() > YARDSTICK * error[key].max() for key in moved):
            result.spoilt += 1
            if (floor := judged(outputs, truth, floors)) <= 1:
                result.missed.append(f"{label}: {name}, {floor:.3g} floors")
    return result


def chosen(subject: Subject, seed: int, count: int | None) -> Sequence[str]:
    """The weight tensors to be spoilt."""
    names = [name for name, a in subject.graph.constants.items() if a.dtype.kind == "f" and a.size > 1]
    if count is None or len(names) <= count:
        return names
    return list(np.random.default_rng(seed).choice(names, count, replace=False))


def judged(outputs: Sequence[np.ndarray], truth: Feeds, floors: Feeds) -> float:
    """The worst element of all outputs, in floors; infinite for a clash of kinds."""
    worst = 0.0
    for got, name in zip(outputs, truth, strict=False):
        own = np.asarray(got)
        own = own.astype(truth[name].dtype) if truth[name].dtype.kind != "f" else own
        worst = max(worst, compare(name, own, truth[name], floors[name], dtypes=(str(own.dtype),)).floors)
    return worst


def away(outputs: Sequence[np.ndarray], truth: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """{output: |outputs - truth|}, zero where either is not finite; outputs that are numbers only."""
    found = {}
    for got, (name, want) in zip(outputs, truth.items(), strict=False):
        if want.dtype.kind == "f":
            with np.errstate(invalid="ignore"):
                difference = np.abs(np.asarray(got, np.float64) - want)
            found[name] = np.where(np.isfinite(difference), difference, 0.0)
    return found
