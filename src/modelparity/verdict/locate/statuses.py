"""What became of each of a candidate's nodes: the same, moved, departed, following, or not compared."""

from __future__ import annotations

from collections.abc import Sequence

from .followed import Followed
from .known import Tensors
from .model import Seen


def statuses(reference: Tensors, followed: Followed, departed: Sequence[int]) -> list[Seen]:
    """What became of each of the candidate's nodes."""
    live = followed.live
    after, there = live.forth(departed), set(live.nodes)
    found = []
    for at, node in enumerate(live.graph.nodes):
        results = [name for name in live.results(at) if name not in live.fixed] if at in there else []
        status, how, own = _status(followed, at, results, departed, after, there)
        made = reference.live.made.get(own)
        name = "" if made is None else reference.live.node(made).name
        found.append(Seen(node.name, node.op, status, name, how, node.origin))
    return found


def _status(
    followed: Followed,
    at: int,
    results: Sequence[str],
    departed: Sequence[int],
    after: set[int],
    there: set[int],
) -> tuple[str, str, str]:
    """(status, how, tensor of the reference) of one node."""
    matches = [followed.matched[name] for name in results if name in followed.matched]
    own = matches[0].known.name if matches else ""
    if at not in there:
        return "skipped", "no output is computed from it", own
    if not results:
        return "skipped", "it computes with constants alone", own
    if at in departed:
        return "departed", "", own
    if at not in followed.ran:
        return "skipped", "the run ended before it", own
    if len(matches) == len(results):
        texts = [match.move.text for match in matches if match.move.text]
        return ("moved", texts[0], own) if texts else ("same", "", own)
    return ("follows" if at in after else "inner"), "", own
