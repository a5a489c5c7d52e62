"""Some of the trials of a plan: evenly over causes, and of each over kinds of files and of networks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256

from ..graph import Graph
from .model import Trial


def architecture(graph: Graph) -> str:
    """The same for networks that differ in values alone, as members of an ensemble do."""
    said = [
        (
            node.op,
            repr(sorted(node.attrs.items(), key=lambda item: item[0])),
            [graph.constants[name].shape for name in node.inputs if name in graph.constants],
        )
        for node in graph.nodes
    ]
    shapes = [[axis.size for axis in spec.axes] for spec in graph.inputs]
    return sha256(repr((said, shapes)).encode()).hexdigest()[:12]


def one_of_each(graphs: Iterable[tuple[str, Graph]], seed: int = 0) -> list[str]:
    """Of (name, network): the name of one network of each architecture, another one with another seed."""
    names: dict[str, list[str]] = defaultdict(list)
    for name, graph in graphs:
        names[architecture(graph)].append(name)
    return [min(found, key=lambda name: _chance(name, seed)) for found in names.values()]


def sampled(trials: Sequence[Trial], count: int, seed: int = 0) -> list[Trial]:
    """At most ``count`` trials of each kind, in the order of ``trials``.

    Every cause is taken equally often, as far as it has trials; of a cause first what is in networks and files of
    which the fewest were taken.
    """
    chosen: set[str] = set()
    for kind in dict.fromkeys(trial.kind for trial in trials):
        every = [trial for trial in trials if trial.kind == kind]
        chosen.update(trial.id for trial, _ in zip(_by_turns(every, seed), range(count), strict=False))
    return [trial for trial in trials if trial.id in chosen]


def _by_turns(trials: Sequence[Trial], seed: int) -> Iterator[Trial]:
    """One trial of every cause, then a second of every one, and so on."""
    left: Mapping[tuple[str, ...], list[Trial]] = defaultdict(list)
    for trial in sorted(trials, key=lambda trial: _chance(trial.id, seed)):
        left[trial.faults].append(trial)
    networks: Counter[str] = Counter()
    targets: Counter[str] = Counter()
    both: Counter[tuple[tuple[str, ...], str]] = Counter()
    causes = sorted(left, key=lambda cause: _chance(" ".join(cause), seed))
    while any(left.values()):
        for cause in causes:
            if not left[cause]:
                continue
            one = min(
                left[cause],
                key=lambda trial: (
                    both[trial.faults, trial.target],
                    networks[trial.network],
                    targets[trial.target],
                ),
            )
            left[cause].remove(one)
            both[cause, one.target] += 1
            networks[one.network] += 1
            targets[one.target] += 1
            yield one


def _chance(text: str, seed: int) -> bytes:
    """What orders by chance, the same in every run."""
    return sha256(f"{seed} {text}".encode()).digest()
