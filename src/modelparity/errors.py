"""What goes wrong, said so that a tired engineer can act on it.

Every error names the place, what was found, what was expected and the next step, as far as they are known.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, Self

__all__ = [
    "ArtefactError",
    "ConversionError",
    "FamilyError",
    "GoldenError",
    "GraphError",
    "InputError",
    "ModelparityError",
    "NotCausalError",
    "PluginError",
    "RuntimeFailure",
    "Unavailable",
    "UnsafePickleError",
    "clipped",
    "near",
]


class ModelparityError(Exception):
    """Base of every error that modelparity raises on purpose.

    ``where`` is a file, a node or an option; ``found`` and ``expected`` are the two sides of the
    disagreement; ``fix`` is the next step for the reader.
    """

    def __init__(
        self,
        what: str,
        *,
        where: object = None,
        found: object = None,
        expected: object = None,
        fix: str | None = None,
    ) -> None:
        self.what, self.where, self.found, self.expected, self.fix = what, where, found, expected, fix
        text = f"{where}: {what}" if where is not None else what
        if found is not None:
            text += f"\n  found:    {found}"
        if expected is not None:
            text += f"\n  expected: {expected}"
        if fix is not None:
            text += f"\n  next:     {fix}"
        super().__init__(text)

    def details(self) -> dict[str, Any]:
        """Everything that it was made of, by the names of the parameters."""
        return {name: getattr(self, name) for name in ("what", "where", "found", "expected", "fix")}

    def changed(self, **details: Any) -> Self:
        """The same error with other ``details``: said again by who knows the place, or says it shorter."""
        return type(self)(**{**self.details(), **details})


def clipped(text: object, most: int = 600) -> str | None:
    """A text of a person's length: what is longer loses its middle. ``None`` stays."""
    if text is None or len(str(text)) <= most:
        return None if text is None else str(text)
    return f"{str(text)[: most * 2 // 3]} ... {str(text)[-most // 3 :]}"


class ArtefactError(ModelparityError):
    """A model file is truncated, hostile, of another format, or contradicts itself."""


class UnsafePickleError(ArtefactError):
    """A pickle asks for a global that no model needs. Nothing of it was executed."""


class GraphError(ModelparityError):
    """A graph is not well formed, or an operator refuses what it was given.

    ``operator`` is the name of the operator that refused, ``None`` if it was none that ran.
    """

    def __init__(self, what: str, *, operator: str | None = None, **details: Any) -> None:
        super().__init__(what, **details)
        self.operator = operator

    def details(self) -> dict[str, Any]:
        """As `ModelparityError.details`, and the operator."""
        return {**super().details(), "operator": self.operator}


class InputError(ModelparityError):
    """The arrays handed to a model do not fit its signature."""


class NotCausalError(GraphError):
    """A network cannot run block by block, because a node needs frames that have not come yet."""


class ConversionError(ModelparityError):
    """The asked-for format has no way to write a graph, or weights went missing on the way."""


class GoldenError(ModelparityError):
    """A golden is damaged, of another version, or belongs to another model."""


class Unavailable(ModelparityError):
    """A runtime, a model or a package is not here. Never silence: the caller reports it as a loud skip."""


class RuntimeFailure(ModelparityError):
    """Somebody else's engine died, did not answer in time, or answered nonsense; its process was ended."""


class PluginError(ModelparityError):
    """A package that extends this one is broken, or takes a name that something else has."""


class FamilyError(PluginError):
    """A family plugin is broken, unknown or registered twice."""


def near(name: str, known: Iterable[str], *, most: int = 12) -> str:
    """For ``expected=`` where ``name`` is none of ``known``: "one of" those like it, else the first ``most``."""
    names = sorted(known)
    found = difflib.get_close_matches(name, names, n=3)
    if found or not names:
        return f"one of {', '.join(found)}" if found else "none: there is nothing to choose from"
    return f"one of {', '.join(names[:most])}" + (
        f" and {len(names) - most} more" if len(names) > most else ""
    )
