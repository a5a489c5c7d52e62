"""The family: which models there are, where their weights come from, and what is to be said of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ..base import Model, Progress
from .stack import Stack, stack, stacks, table

if TYPE_CHECKING:
    from ...graph import Array, Graph
    from ...verdict.specs import ModelSpec

NAME = "realtime"
#: The form of a recurrent model whose state is an input and an output.
STEP = "step"
CANDIDATES = ("onnxruntime", "torch", "coreml")
#: RTNeural keeps the state itself, so that it has no form for a state that comes from outside.
WHOLE = (*CANDIDATES, "rtneural", "rtneural-json")


@dataclass(frozen=True)
class RealtimeModel(Model):
    """One of the five. Its candidate for PyTorch is the module that is trained, not one made from the graph."""

    step: bool = False

    def candidate(self, backend: str) -> object | None:
        """The module itself for "torch"; ``None`` where the suite shall convert."""
        if backend != "torch" or find_spec("torch") is None:
            return None
        from .network import module_of

        own = _stack(self.key)
        return module_of(own, weights(own, self.locate()), step=self.step)


@dataclass(frozen=True)
class Realtime:
    """The five models, keyed by name; those with an LSTM also as NAME/step, with their state outside.

    Their weights are those of a trained checkpoint where one is found (`weights.checkpoint`), else made from a
    seed: parity then says that the conversions are right, and nothing of what was learned.
    """

    name: str = NAME

    def models(self) -> tuple[Model, ...]:
        """All of them, sorted by key."""
        found = []
        for one in stacks().values():
            found.append(_model(one, step=False))
            if one.recurrent is not None:
                found.append(_model(one, step=True))
        return tuple(sorted(found, key=lambda model: model.key))

    def fetch(self, progress: Progress | None = None) -> Path:
        """Nothing is to be fetched: the file that the stacks are written down in."""
        return table()

    @property
    def spec_file(self) -> Path:
        """What the models are declared to be, as ``--check-specs`` takes it."""
        return Path(str(files(__package__) / "specs.toml"))

    def specs(self) -> dict[str, ModelSpec]:
        """What the models are declared to be, by name."""
        from ...verdict.specs import read_specs

        return read_specs(self.spec_file)

    def remarks(self) -> Iterator[str]:
        """What a reader of a report on these models should not miss."""
        from .declared import remarks
        from .weights import checkpoint

        untrained = [name for name in stacks() if checkpoint(name) is None]
        if untrained:
            which = "all five" if len(untrained) == len(stacks()) else ", ".join(untrained)
            yield f"realtime: weights made from a seed, not trained: {which}"
        yield "realtime: UNANCHORED: no outputs were recorded elsewhere; the reference is the table of layers"
        yield from remarks(self.specs())


def weights(own: Stack, path: Path) -> dict[str, Array]:
    """The weights that ``path`` stands for: a checkpoint's, or seeded ones for the table of stacks."""
    from .weights import seeded, trained

    return seeded(own) if path == table() else trained(path, own)


def _model(own: Stack, *, step: bool) -> RealtimeModel:
    key = f"{own.name}/{STEP}" if step else own.name
    return RealtimeModel(
        key, NAME, locate=partial(_locate, own.name), reader=partial(_read, own, step),
        candidates=CANDIDATES if step else WHOLE, group=own.name, step=step,
    )  # fmt: skip


def _locate(name: str) -> Path:
    from .weights import checkpoint

    return checkpoint(name) or table()


def _read(own: Stack, step: bool, path: Path) -> Graph:
    from ...graph import Source
    from .graph import graph_of
    from .weights import sha256

    source = None if path == table() else Source("torch checkpoint", str(path), sha256(path))
    return graph_of(own, weights(own, path), step=step, source=source)


def _stack(key: str) -> Stack:
    return stack(key.partition("/")[0])


FAMILY = Realtime()
