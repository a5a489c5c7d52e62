"""A fault: a known conversion mistake as a change of a graph, with how it comes about and how to repair it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar

from ...errors import GraphError
from ...graph import Graph
from .edit import Edit, joined


@dataclass(frozen=True)
class Application:
    """One way of making a fault in one graph.

    ``nodes`` are names of the nodes of that graph that it changes, ``variant`` says which way ("r and z", "axis 0";
    "" if there is one only) and is the same for the same way at another node, ``text`` says it all in a sentence.
    """

    fault: str
    nodes: tuple[str, ...]
    variant: str
    text: str
    graph: Graph = field(repr=False, compare=False)
    edit: Edit = field(repr=False, compare=False)

    def changed(self) -> Graph:
        """The graph with the mistake; the one without stays as it is, and shares what is not changed.

        The result may not run: a mistake in a shape is refused by the engine, as by any other.
        """
        return self.edit.apply(self.graph)

    @property
    def key(self) -> str:
        """A name for this application that is the same in every run: ``fault[variant]@node,node``."""
        variant = f"[{self.variant}]" if self.variant else ""
        return f"{self.fault}{variant}@{','.join(self.nodes)}"


@dataclass(frozen=True)
class Group:
    """A kind of faults: those of a smaller ``rank`` are likelier."""

    id: str
    title: str
    rank: int


def by_format(**repairs: str) -> Mapping[str, str]:
    """What to change in a file of each format, or with each converter or framework."""
    return MappingProxyType(repairs)


class Fault(ABC):
    """A known mistake.

    ``id`` is its name ("gru-gates-swapped"); ``text`` says in a sentence what it is; ``happens`` how it comes about,
    with the converter or framework that does it; ``repair`` what to change, and ``repairs`` the same for one format
    or converter ("onnx", "coreml", "rtneural", "torch", "madmom", "keras"); ``where`` says in words what it can be
    made on. ``guessed`` is false for what can be injected but never be found by trying, such as random weights.
    ``interface`` is true for what lies in how inputs and outputs correspond alone, which the fit finds and says.
    """

    id: ClassVar[str]
    group: ClassVar[Group]
    text: ClassVar[str]
    happens: ClassVar[str]
    repair: ClassVar[str]
    where: ClassVar[str]
    repairs: ClassVar[Mapping[str, str]] = by_format()
    guessed: ClassVar[bool] = True
    interface: ClassVar[bool] = False

    @abstractmethod
    def applications(self, graph: Graph) -> Iterator[Application]:
        """Every way in which it can be made at one place of ``graph``, found as they are asked for; likelier ways of
        a node first. None where it does not apply or would change nothing.
        """

    def at(self, graph: Graph, nodes: Container[str]) -> Iterator[Application]:
        """Those of the `applications` that are made at one of these ``nodes``."""
        return (one for one in self.applications(graph) if any(name in nodes for name in one.nodes))

    def repair_for(self, format: str | None) -> str:
        """What to change in a file of this format."""
        return self.repairs.get(format or "", self.repair)

    def everywhere(self, graph: Graph) -> Iterator[Application]:
        """Each way that applies to more than one node, made at all of them."""
        by_variant: dict[str, list[Application]] = {}
        for one in self.applications(graph):
            by_variant.setdefault(one.variant, []).append(one)
        yield from (everywhere(found) for found in by_variant.values() if len(found) > 1)


def everywhere(applications: Iterable[Application]) -> Application:
    """One variant of one fault made at every node of these applications.

    Raises `GraphError` if there are none, or they are not of one fault, variant and graph.
    """
    found = list(applications)
    kinds = {(one.fault, one.variant, id(one.graph)) for one in found}
    if len(kinds) != 1:
        raise GraphError(
            "faults made everywhere alike are of one kind and graph",
            found=", ".join(sorted(f"{fault} {variant}".rstrip() for fault, variant, _ in kinds)) or "none",
            fix="use together() for several faults",
        )
    first = found[0]
    if len(found) == 1:
        return first
    return _joined(found, first.fault, first.variant, f"{first.text}, and so {_others(len(found) - 1)}")


def _others(count: int) -> str:
    return "at another node" if count == 1 else f"at {count} others"


def together(applications: Sequence[Application]) -> Application:
    """Several faults in one graph, made in this order. Raises `GraphError` if they are not of one graph."""
    if len({id(one.graph) for one in applications}) != 1:
        raise GraphError("faults made together are of one graph")
    fault = " + ".join(one.fault for one in applications)
    variant = " + ".join(one.variant for one in applications) if any(o.variant for o in applications) else ""
    return _joined(applications, fault, variant, "; ".join(one.text for one in applications))


def _joined(applications: Sequence[Application], fault: str, variant: str, text: str) -> Application:
    nodes = tuple(dict.fromkeys(name for one in applications for name in one.nodes))
    edit = joined([one.edit for one in applications])
    return Application(fault, nodes, variant, text, applications[0].graph, edit)
