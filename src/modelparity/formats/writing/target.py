"""What a graph is written for, and how what it has no form of is refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ...engine.bound_node import Call
from ...errors import ConversionError, near
from ...graph import Node


@dataclass(frozen=True)
class Target:
    """A format by the name that messages give it; ``fix`` is what to do where nothing better is known."""

    name: str
    fix: str = (
        "convert with the tools of the framework that it comes from, and compare their file with this graph: "
        "modelparity check"
    )

    def refusal(
        self,
        call: Call,
        reason: str,
        fix: str | None = None,
        *,
        found: object = None,
        expected: object = None,
    ) -> ConversionError:
        """The error for a node that the target has no form of, for this reason."""
        return self._error(call.node, f": {reason}", fix, found, expected)

    def lacks(self, node: Node, known: Iterable[str], fix: str | None = None) -> ConversionError:
        """The error for an operator that nothing is known to write: ``known`` are those that can be written."""
        return self._error(node, "", fix, None, near(node.op, known))

    def _error(
        self, node: Node, reason: str, fix: str | None, found: object, expected: object
    ) -> ConversionError:
        return ConversionError(
            f"{self.name} has no form of {node.op} {node.name!r}{reason}",
            where=node.origin or None,
            found=found,
            expected=expected,
            fix=fix or self.fix,
        )
