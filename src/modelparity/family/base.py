"""What a family is: models that belong together, where they come from, and what comes with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from .command import Command
from .model import Model
from .progress_bar import Progress
from .training import Training

if TYPE_CHECKING:
    from ..graph import Graph
    from ..inputs.recipes import Recipe
    from ..stages import Pipeline


class Family:
    """A plugin of the entry point group ``modelparity.families``: derive from this class and override what applies.

    Every member but ``name`` has a default, so that members that are added later reject no plugin. All of them are
    cheap: what is heavy is imported when a model is loaded or a command is run.
    """

    #: A short name, the first part of every case id.
    name: str = ""
    #: What whoever fetches the models should know, such as their license.
    notice: str = ""

    def models(self) -> tuple[Model, ...]:
        """Every model, sorted by key, whether it is here or not."""
        return ()

    def pipelines(self) -> Mapping[str, Pipeline]:
        """Chains of stages around the models, by name; see `modelparity.stages`."""
        return {}

    def commands(self) -> tuple[Command, ...]:
        """Verbs of the command line: ``modelparity NAME verb``."""
        return ()

    def recipes(self) -> tuple[Recipe, ...]:
        """Inputs that suit these models only; models that are tried on them name them in ``own_recipes``.

        They are known under their names wherever recipes are named, once the family was asked for.
        """
        return ()

    def faults(self) -> tuple[object, ...]:
        """Conversion mistakes that are known of these models, besides the general ones."""
        return ()

    @property
    def training(self) -> Training | None:
        """How its models are trained, if they are."""
        return None

    @property
    def spec_file(self) -> Path | None:
        """What the models are declared to be, as ``modelparity inspect --check-specs`` takes it, if they are."""
        return None

    def front_end(self, graph: Graph) -> Mapping[str, int]:
        """{axis: size} that the family's own front end gives a network of its, known by the digest of its file."""
        if graph.source is None:
            return {}
        known = (one for one in self.models() if one.front_end and one.sha256 == graph.source.sha256)
        return next((one.front_end for one in known), {})

    def remarks(self) -> Iterable[str]:
        """Sentences that a reader of a report on these models should not miss."""
        return ()

    def fetch(self, progress: Progress | None = None) -> Path | None:
        """Get what is missing, and return the folder that holds it; ``None`` where nothing is ever fetched.

        Raises `Unavailable` if that fails.
        """
        return None


def matches(pattern: str, family: str, key: str) -> bool:
    """Whether a glob ``pattern`` names a model: by family and key, by its key, or by the last part of it."""
    names = (f"{family}/{key}" if family else key, key, key.rpartition("/")[2])
    return any(fnmatchcase(name, pattern) for name in names)
