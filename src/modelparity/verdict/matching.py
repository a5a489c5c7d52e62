"""Which of a candidate's names stands for which of the reference's: exporters rename inputs and outputs at will."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..errors import InputError, near
from ..graph import Array, Graph
from ..runtimes import Runtime


def matched(
    kind: str,
    wanted: Sequence[str],
    found: Sequence[str],
    given: Mapping[str, str] | None = None,
    *,
    where: str,
) -> dict[str, str]:
    """{the reference's name: the candidate's}, for its inputs or outputs (``kind``), in the reference's order.

    Names that ``given`` maps come first, then names that both have; one that is left over on either side goes to
    the other's, for there is no choice. Several that are left over are told apart by their order, but only if the
    two sides share no name at all. Raises `InputError` with both lists otherwise.
    """
    given = dict(given or {})
    for name, other in given.items():
        for one, known, whose in ((name, wanted, "the reference"), (other, found, "the candidate")):
            if one not in known:
                raise InputError(
                    f"{whose} has no {kind} {one!r}",
                    where=where,
                    found=f"{name!r} = {other!r}",
                    expected=near(one, known),
                )
    pairs = {**{name: name for name in wanted if name in found and name not in given}, **given}
    if len(set(pairs.values())) < len(pairs):
        raise InputError(f"one {kind} of the candidate is taken twice", where=where, found=pairs)
    left = [name for name in wanted if name not in pairs]
    over = [name for name in found if name not in pairs.values()]
    if len(left) != len(over) or (len(left) > 1 and len(pairs) > len(given)):
        raise InputError(
            f"the candidate's {kind}s have other names",
            where=where,
            found=", ".join(found) or "none",
            expected=", ".join(wanted),
            fix=_which(kind, left or list(wanted)) if wanted else None,
        )
    pairs.update(zip(left, over, strict=True))
    return {name: pairs[name] for name in wanted}


def _which(kind: str, left: Sequence[str]) -> str:
    pairs = ", ".join(f"{name!r}: ..." for name in left)
    return (
        f"name the {kind}s of the candidate as the reference names them, or say which is which: "
        f"names={{{pairs}}} (Python), --name {left[0]}=... (modelparity check), names.{left[0]} (parity.toml)"
    )


def refuse_unknown(names: Mapping[str, str], graph: Graph) -> None:
    """Raise `InputError` if ``names`` says something of an input or output that ``graph`` does not have."""
    known = (*(spec.name for spec in graph.inputs), *graph.outputs)
    for name, other in names.items():
        if name not in known:
            raise InputError(
                f"the reference has no input and no output {name!r}",
                where=graph.name,
                found=f"{name!r} = {other!r}",
                expected=near(name, known),
            )


def inputs_for(
    engine: Runtime,
    candidate: object,
    graph: Graph,
    feeds: Mapping[str, Array],
    names: Mapping[str, str],
    *,
    where: str,
) -> tuple[dict[str, Array], dict[str, str]]:
    """``feeds`` of ``graph`` under the candidate's own names, and the pairs of names.

    States that start from zeros are left to a candidate that keeps them to itself.
    """
    found = engine.inputs(candidate)
    if found is None:
        pairs = _by_signature(engine, candidate, feeds, names, where)
        return {pairs.get(name, name): array for name, array in feeds.items()}, pairs
    carried = engine.carried(candidate)
    zero = {name for name in graph.states if name not in found and not feeds[name].any()}
    wanted = [spec.name for spec in graph.inputs if spec.name not in zero]
    own = [*found, *(name for name in carried if name in wanted)]
    chosen = {name: other for name, other in names.items() if name in feeds}
    pairs = matched("input", wanted, own, chosen, where=where)
    return {pairs[name]: feeds[name] for name in wanted}, pairs


def _by_signature(
    engine: Runtime, candidate: object, feeds: Mapping[str, Array], names: Mapping[str, str], where: str
) -> dict[str, str]:
    """The pairs of names for what is called like a function; structures (``states.0``) keep their names."""
    chosen = {name: other for name, other in names.items() if name in feeds}
    signature = engine.parameters(candidate)
    if signature is None or any("." in name for name in feeds):
        return chosen
    needed, optional = signature
    meant = {*feeds, *chosen.values()}
    return matched(
        "input", tuple(feeds), (*needed, *(n for n in optional if n in meant)), chosen, where=where
    )


def outputs_of(
    engine: Runtime,
    candidate: object,
    graph: Graph,
    outputs: Mapping[str, Array],
    names: Mapping[str, str],
    *,
    where: str,
) -> tuple[dict[str, Array], dict[str, str]]:
    """A candidate's ``outputs`` under the names of ``graph``, and the pairs of names.

    States that only one of the two gives are left out.
    """
    states = set(graph.states.values())
    own = set(engine.carried(candidate).values())
    chosen = {name: other for name, other in names.items() if name in graph.outputs}
    wanted = [name for name in graph.outputs if name in outputs or name in chosen or name not in states]
    found = [name for name in outputs if name in wanted or name not in own]
    pairs = matched("output", wanted, found, chosen, where=where)
    return {name: outputs[pairs[name]] for name in wanted}, pairs
