"""MuQ of a folder, or of a repository by its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from modelparity.errors import ArtefactError
from modelparity.graph import Array, Source

from ....hub import got
from ...names import NAME
from .reading import configuration, read
from .sizes import Sizes

if TYPE_CHECKING:
    from modelparity.graph import Graph

    from .module import MuQ

FILE, CONFIG = "model.safetensors", "config.json"
#: Where the published weights are (CC-BY-NC 4.0).
REPOSITORY = "OpenMuQ/MuQ-large-msd-iter"


@dataclass(frozen=True)
class Pretrained:
    """Weights of a folder or a repository: ``path`` is their file, ``sizes`` what its configuration says."""

    path: Path
    sizes: Sizes

    @cached_property
    def weights(self) -> dict[str, Array]:
        """All that count, looked at. Raises `ArtefactError` for a file that has others."""
        return read(self.path, self.sizes)

    def graph(self, *, states: Sequence[int] | None = None) -> Graph:
        """The network, which gives these of its hidden states."""
        from modelparity_families.training.checkpoints import sha256

        from .graph import graph_of

        source = Source("weights", str(self.path), sha256(self.path))
        return graph_of(self.sizes, self.weights, states=states, source=source)

    def module(self, *, states: Sequence[int] | None = None) -> MuQ:
        """The same as a PyTorch module, in eval mode, in float32 on the CPU."""
        from .module import module_of

        return module_of(self.sizes, self.weights, states=states)


def from_pretrained(place: str | Path = REPOSITORY, *, revision: str | None = None) -> Pretrained:
    """Weights and configuration of a folder, or of a repository by its name (got by huggingface_hub, and kept).

    Both ``model.safetensors`` and ``config.json`` are needed. Raises `ArtefactError`, `InputError`, `Unavailable`.
    """
    folder, files = Path(place).expanduser(), (FILE, CONFIG)
    if folder.is_dir():
        found = {name: folder / name for name in files}
    else:
        found = got(str(place), files, family=NAME, revision=revision)
    for name, path in found.items():
        if not path.is_file():
            raise ArtefactError(f"there is no {name}", where=place, expected=" and ".join(files))
    return Pretrained(found[FILE], Sizes.from_config(configuration(found[CONFIG]), found[CONFIG]))
