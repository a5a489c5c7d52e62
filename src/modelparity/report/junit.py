"""The figures of a case as name and value pairs, which pytest writes into JUnit XML as properties."""

from __future__ import annotations

from .document import Case, node_of

#: Verdict fields that a build server may want to plot or filter.
FIELDS = ("band", "expected", "floors", "runtime", "conditioning", "floor_runs", "explained_by", "where")


def properties(case: Case) -> list[tuple[str, str]]:
    """``parity_band``, ``parity_floors`` and so on, as text, leaving out what is not known."""
    pairs = [("parity_reference", case["reference"])]
    verdict = case["verdict"]
    if verdict is None:
        return [*pairs, ("parity_reason", case["reason"] or "")]
    pairs += [(f"parity_{name}", str(verdict[name])) for name in FIELDS if verdict.get(name) is not None]
    if node := node_of(case):
        pairs.append(("parity_node", node))
    version = verdict.get("settings", {}).get("version")
    return [*pairs, ("parity_runtime_version", str(version))] if version else pairs
