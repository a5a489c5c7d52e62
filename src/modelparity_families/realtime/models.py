"""The models: how each is found, read, and made from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from modelparity.family import Model

from .stack import Stack, stack, stacks, table

if TYPE_CHECKING:
    from modelparity.graph import Array, Graph

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
        return module_of(own, weights(own, self.path()), step=self.step)


def models() -> tuple[RealtimeModel, ...]:
    """All of them, sorted by key: those with an LSTM also as NAME/step, with their state outside."""
    found = []
    for one in stacks().values():
        found.append(_model(one, step=False))
        if one.recurrent is not None:
            found.append(_model(one, step=True))
    return tuple(sorted(found, key=lambda model: model.key))


def weights(own: Stack, path: Path) -> dict[str, Array]:
    """The weights that ``path`` stands for: a checkpoint's, or seeded ones for the table of stacks."""
    from .weights import seeded, trained

    return seeded(own) if path == table() else trained(path, own)


def locate(name: str) -> Path:
    """Where the weights of a model come from: a trained checkpoint, or the table of stacks for seeded ones."""
    from .weights import checkpoint

    return checkpoint(name) or table()


def _model(own: Stack, *, step: bool) -> RealtimeModel:
    key = f"{own.name}/{STEP}" if step else own.name
    return RealtimeModel(
        key,
        NAME,
        locate=partial(locate, own.name),
        reader=partial(_read, own, step),
        candidates=CANDIDATES if step else WHOLE,
        group=own.name,
        step=step,
        seeded=partial(_seeded, own, step),
    )


def _read(own: Stack, step: bool, path: Path) -> Graph:
    from modelparity.graph import Source
    from modelparity_families.training.checkpoints import sha256

    from .graph import graph_of
    from .weights import seeded, trained

    if path == table():
        graph = graph_of(own, seeded(own), step=step)
        return graph.changed(source=Source("untrained", f"{NAME}/{own.name}", graph.hash, seed=0))
    source = Source("torch checkpoint", str(path), sha256(path))
    return graph_of(own, trained(path, own), step=step, source=source)


def _seeded(own: Stack, step: bool, seed: int) -> Graph:
    from .graph import graph_of
    from .weights import seeded

    return graph_of(own, seeded(own, seed), step=step)


def _stack(key: str) -> Stack:
    return stack(key.partition("/")[0])
