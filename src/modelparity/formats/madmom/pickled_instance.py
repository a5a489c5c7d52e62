"""An instance in a pickle, as inert data."""

from __future__ import annotations

from typing import Any

from .allowed_globals import Global


class Record:
    """An instance of one of madmom's classes as the pickle describes it: the class's name and its state."""

    __slots__ = ("cls", "state")

    def __init__(self, cls: Global) -> None:
        self.cls = cls
        self.state: dict[str, Any] | None = None

    @property
    def kind(self) -> str:
        """The class's name."""
        return self.cls.name
