"""Which function writes which operator for a target."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from ...discovery import Handlers
from ...graph import Node
from .target import Target

F = TypeVar("F", bound=Callable[..., Any])


class Lowerings(Handlers[F]):
    """A decorator for the functions that write a target's operators, one or several each::

        lowers = Lowerings[Lowering](TARGET, f"{__package__}.lowerings")

        @lowers("max_pool", "average_pool")
        def pool(builder, call): ...

    What has no function here is written by the one that ``beneath`` has. ``instead`` says what people can use for
    operators that the target lacks.
    """

    def __init__(
        self,
        target: Target,
        package: str,
        *,
        beneath: Lowerings[F] | None = None,
        instead: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(package)
        self.target, self.beneath, self.instead = target, beneath, instead

    def of(self, node: Node) -> F:
        """The function that writes ``node``; raises `ConversionError` that names it where there is none."""
        known = self.all()
        if node.op in known:
            return known[node.op]
        if self.beneath is not None:
            return self.beneath.of(node)
        raise self.target.lacks(node, known, self.instead.get(node.op))
