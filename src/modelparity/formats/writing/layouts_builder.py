"""Tensors of a graph as a target's own, each in the layouts in which it is wanted.

A chain of convolutions stays channels-first, and is brought back once, at its end: `modelparity.formats.layouts`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Generic, TypeVar

import numpy as np

from ...graph import Array, Graph
from ..layouts import PLAIN, constant, spatial_axes
from .scope import Scope

V = TypeVar("V")


class LayoutsBuilder(Scope, ABC, Generic[V]):
    """Remembers which of the target's values stands for a tensor in which layout, and makes what is missing."""

    def __init__(self, graph: Graph) -> None:
        super().__init__(graph)
        self._values: dict[str, dict[str, V]] = {}

    @abstractmethod
    def initial(self, wish: str, array: Array) -> V:
        """A constant of the target that holds ``array``, named ``wish`` if nothing else is."""

    @abstractmethod
    def converted(self, tensor: str, value: V, source: str, form: str) -> V:
        """Emit what takes a tensor from one layout to another."""

    def direct(self, source: str, form: str) -> bool:
        """Whether `converted` takes one layout to another without the plain one between."""
        return PLAIN in (source, form)

    def adopt(self, tensor: str, value: V, form: str = PLAIN) -> V:
        """Take a value that stands already for ``tensor`` of the graph in layout ``form``."""
        self._values.setdefault(tensor, {})[form] = value
        return value

    def get(self, tensor: str, form: str = PLAIN) -> V:
        """The value of a tensor in a layout; conversions are emitted once and kept."""
        known = self._values.setdefault(tensor, {})
        if form not in known:
            if tensor in self.constants:
                known[form] = self.initial(tensor, self.constants[tensor])
            else:
                source = next(iter(known))
                if not self.direct(source, form):
                    self.get(tensor, source := PLAIN)
                known[form] = self.converted(tensor, known[source], source, form)
        return known[form]

    def operand(self, tensor: str, form: str, rank: int, *, real: bool = False, negated: bool = False) -> V:
        """As `get`, for broadcasting against tensors of ``rank`` axes that lie in layout ``form``.

        ``real`` makes a constant of whole numbers a float; ``negated`` writes a constant with its sign turned.
        """
        if tensor not in self.constants:
            return self.get(tensor, form)
        array = self.constants[tensor]
        real = real and array.dtype.kind != "f"
        if form == PLAIN and not real and not negated:
            return self.get(tensor)
        known = self._values.setdefault(tensor, {})
        key = f"{form}/{rank}/{real}/{negated}"
        if key not in known:
            array = array.astype(np.float32) if real else array
            array = array if form == PLAIN else constant(array, form, rank)
            known[key] = self.initial(tensor, -array if negated else array)
        return known[key]

    def common(self, tensors: Sequence[str]) -> str:
        """The layout to compute in when these meet element by element: channels first if all can stay there."""
        variable = [name for name in tensors if name not in self.constants]
        forms = {self.native(name) for name in variable}
        ranks = {self.rank(name) for name in variable}
        if len(forms) == len(ranks) == 1 and spatial_axes(form := forms.pop()):
            widest = max(self.rank(name) for name in tensors)
            return form if widest == ranks.pop() else PLAIN
        return PLAIN

    def native(self, tensor: str) -> str:
        """The layout in which a tensor was made."""
        return next(iter(self._values.get(tensor, {PLAIN: None})))
