"""The family: which models there are, where their weights come from, and what is to be said of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modelparity.errors import Unavailable
from modelparity.family import Family, Model, Progress

from .declared import LATENCY, remarks
from .stack import Stack, stack, stacks, table

if TYPE_CHECKING:
    from modelparity.describe.specs import ModelSpec
    from modelparity.graph import Array, Graph

    from .export import Export
    from .training.fitting import Result

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
class Measured:
    """A benchmark as text, as a picture (SVG) and as data, and whether the budget was kept."""

    table: str
    picture: str
    data: dict[str, Any]
    kept: bool


class Realtime(Family):
    """The five models, keyed by name; those with an LSTM also as NAME/step, with their state outside.

    Their weights are those of a trained checkpoint where one is found (`weights.checkpoint`), else made from a
    seed: parity then says that the conversions are right, and nothing of what was learned.
    """

    name = NAME

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
        from modelparity.describe.specs import read_specs

        return read_specs(self.spec_file)

    def settings(self) -> str:
        """Every setting of training with its default and what it means, as TOML."""
        from .training.config import defaults_text

        return defaults_text()

    def train(
        self,
        model: str,
        data: Path,
        *,
        config: Path | None = None,
        to: Path | None = None,
        resume: bool = False,
        seed: int | None = None,
        epochs: int | None = None,
        progress: Progress | None = None,
    ) -> Result:
        """Train one of the five on the data set in ``data``; see `training.fitting.fit`.

        Raises `Unavailable` without PyTorch Lightning, `FamilyError` for an unknown model, and `InputError`.
        """
        from .training.config import configured

        own = stack(model)
        if missing := [name for name in ("torch", "pytorch_lightning") if find_spec(name) is None]:
            raise Unavailable(
                f"training needs {' and '.join(missing)}",
                where=NAME,
                fix="pip install 'modelparity[realtime]'",
            )
        settings = configured(own.name, config, seed=seed, epochs=epochs)
        from .training.fitting import fit

        return fit(own.name, data, settings, to or Path(NAME) / own.name, resume=resume, progress=progress)

    def export(self, model: str, to: Path, *, checkpoint: Path | None = None) -> Export:
        """Write one of the five for every runtime, each file held against the engine; see `export.export`."""
        own = stack(model)
        if find_spec("torch") is None:
            raise Unavailable("torch is not installed: pip install 'modelparity[torch]'", where=NAME)
        from .export import export

        found = locate(own.name) if checkpoint is None else checkpoint
        return export(own, None if found == table() else found, to)

    @property
    def measured(self) -> tuple[str, ...]:
        """Names of the runtimes that `bench` knows."""
        from .benchmark.measure import RUNTIMES

        return RUNTIMES

    def bench(
        self,
        models: Sequence[str] | None = None,
        runtimes: Sequence[str] | None = None,
        *,
        frames: int = 5000,
        progress: Progress | None = None,
    ) -> Measured:
        """Latency and memory of the models in the runtimes that are here; see `benchmark.measure`."""
        from .benchmark.measure import RUNTIMES, measure
        from .benchmark.show import picture, table as shown

        names = [stack(name).name for name in models or stacks()]
        done = measure(names, list(runtimes or RUNTIMES), frames=frames, progress=progress)
        kept = all(one.median <= LATENCY and one.small for one in done.figures)
        return Measured(shown(done), picture(done), done.to_json(), kept)

    def remarks(self) -> Iterator[str]:
        """What a reader of a report on these models should not miss."""
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
        key,
        NAME,
        locate=partial(locate, own.name),
        reader=partial(_read, own, step),
        candidates=CANDIDATES if step else WHOLE,
        group=own.name,
        step=step,
    )


def locate(name: str) -> Path:
    """Where the weights of a model come from: a trained checkpoint, or the table of stacks for seeded ones."""
    from .weights import checkpoint

    return checkpoint(name) or table()


def _read(own: Stack, step: bool, path: Path) -> Graph:
    from modelparity.graph import Source

    from .graph import graph_of
    from .weights import sha256

    source = None if path == table() else Source("torch checkpoint", str(path), sha256(path))
    return graph_of(own, weights(own, path), step=step, source=source)


def _stack(key: str) -> Stack:
    return stack(key.partition("/")[0])


FAMILY = Realtime()
