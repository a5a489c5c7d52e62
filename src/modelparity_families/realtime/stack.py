"""What the five models are made of, as data: nothing here knows a framework."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from modelparity.errors import FamilyError, near

#: Where the stacks are written down.
TABLE = "models.toml"
KINDS = ("dense", "lstm")


@dataclass(frozen=True)
class Layer:
    """One layer: ``kind`` is dense or lstm, ``source`` and ``width`` are its numbers in and out of a frame."""

    kind: str
    source: int
    width: int
    activation: str = ""

    @property
    def arrays(self) -> dict[str, tuple[int, ...]]:
        """Names and shapes of its weights as PyTorch keeps them: rows are outputs, an LSTM has two biases."""
        if self.kind == "dense":
            return {"weight": (self.width, self.source), "bias": (self.width,)}
        rows = 4 * self.width
        return {
            "weight_ih_l0": (rows, self.source),
            "weight_hh_l0": (rows, self.width),
            "bias_ih_l0": (rows,),
            "bias_hh_l0": (rows,),
        }

    @property
    def fan_in(self) -> int:
        """What weights of this layer are scaled by before any training, as in PyTorch."""
        return self.source if self.kind == "dense" else self.width


@dataclass(frozen=True)
class Stack:
    """A model: its name, its layers, and in words what it takes and gives."""

    name: str
    layers: tuple[Layer, ...]
    takes: str
    gives: str

    @property
    def input(self) -> int:
        """Numbers in a frame that it takes."""
        return self.layers[0].source

    @property
    def output(self) -> int:
        """Numbers in a frame that it gives."""
        return self.layers[-1].width

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """{"layers.0.weight": shape} of every weight, as the module's state_dict has them."""
        return {
            f"layers.{index}.{part}": shape
            for index, layer in enumerate(self.layers)
            for part, shape in layer.arrays.items()
        }

    @property
    def parameters(self) -> int:
        """Number of weights, both biases of an LSTM counted."""
        total = 0
        for shape in self.shapes.values():
            count = 1
            for size in shape:
                count *= size
            total += count
        return total

    @property
    def recurrent(self) -> Layer | None:
        """The layer that keeps a state from frame to frame, if there is one; no stack has two."""
        return next((layer for layer in self.layers if layer.kind == "lstm"), None)


def table() -> Path:
    """The file that the stacks are read from."""
    return Path(str(files(__package__) / TABLE))


@cache
def stacks() -> dict[str, Stack]:
    """The five models by name."""
    found = tomllib.loads(table().read_text("utf-8"))
    return {
        name: Stack(name, _layers(one["input"], one["layers"]), one["takes"], one["gives"])
        for name, one in found.items()
    }


def stack(name: str) -> Stack:
    """The model of that name, in any case of letters. Raises `FamilyError` naming what is near."""
    known = {one.lower(): one for one in stacks()}
    if name.lower() not in known:
        raise FamilyError(f"there is no real-time model {name!r}", expected=near(name, stacks()))
    return stacks()[known[name.lower()]]


def _layers(width: int, lines: list[str]) -> tuple[Layer, ...]:
    layers = []
    for line in lines:
        kind, size, *activation = line.split()
        layers.append(Layer(kind, width, int(size), *activation))
        width = int(size)
    return tuple(layers)
