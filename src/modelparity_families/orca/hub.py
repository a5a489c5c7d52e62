"""Repositories of the detector: what `from_pretrained` gets of one, and what is published as one."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modelparity.errors import ArtefactError, InputError

from ..hub import got, sent
from . import configuration
from .layers import Layers
from .models import FILE, NAME, DetectorModel, model

if TYPE_CHECKING:
    from modelparity.graph import Graph
    from modelparity.stages import Pipeline

    from .network import Detector
    from .weights import Weights

CONFIG, CARD, LICENSE = "config.json", "README.md", "LICENSE"


@dataclass(frozen=True)
class Pretrained:
    """A repository's weights and settings: ``path`` is the file of weights, ``settings`` are the pipeline's."""

    path: Path
    settings: Mapping[str, Any]
    layers: Layers = field(default_factory=Layers)

    @cached_property
    def weights(self) -> Weights:
        """All 332 arrays, looked at. Raises `ArtefactError` for a file that has others."""
        from .reading import read

        return read(self.path, self.layers)

    def graph(self) -> Graph:
        """The network."""
        from .graph import graph_of

        return graph_of(self.layers, self.weights)

    def module(self) -> Detector:
        """The network as a PyTorch module, in eval mode, in float32 on the CPU."""
        from .network import module_of

        return module_of(self.layers, self.weights)

    def pipeline(self, **settings: Any) -> Pipeline:
        """The pipeline as the port runs it on files with this configuration; ``settings`` count instead of it."""
        from .pipeline import detector

        port = {"order": "port_file", "rule": "aggregate"}
        return detector(self.member()).with_settings(**{**port, **self.settings, **settings})

    def member(self) -> DetectorModel:
        """The model of a family that has these weights."""
        return model(partial(_itself, self.path))


def from_pretrained(
    place: str | Path, *, revision: str | None = None, layers: Layers | None = None
) -> Pretrained:
    """Weights and configuration of a folder, or of a repository by its name (got by huggingface_hub, and kept).

    A folder needs ``model.safetensors``; without ``config.json`` settings are the defaults. A key of the
    configuration that upstream does not have is an error, which upstream drops without a word.
    Raises `ArtefactError`, `InputError` and `Unavailable`.
    """
    folder = Path(place).expanduser()
    files = (FILE, CONFIG)
    found = (
        {name: folder / name for name in files}
        if folder.is_dir()
        else got(str(place), files, family=NAME, revision=revision)
    )
    if not found[FILE].is_file():
        raise ArtefactError("there are no weights", where=place, expected=FILE)
    config = found[CONFIG]
    own = configuration.settings(configuration.read(config), config) if config.is_file() else {}
    return Pretrained(found[FILE], own, layers or Layers())


def _itself(path: Path) -> Path:
    return path


def prepared(weights: Weights, config: Path, license: Path, to: Path) -> list[Path]:
    """Write what a repository holds into the folder ``to``: model card, LICENSE, config.json, model.safetensors.

    Raises `InputError` for a configuration that upstream does not have, and for a license that is not there.
    """
    from safetensors.numpy import save_file

    sections = configuration.read(config)
    configuration.settings(sections, config)
    if not license.is_file():
        raise InputError(
            "there is no license", where=license, fix="give the LICENSE that came with the weights"
        )
    to.mkdir(parents=True, exist_ok=True)
    (to / CARD).write_text(card(sections), "utf-8")
    (to / CONFIG).write_text(json.dumps(sections, indent=2) + "\n", "utf-8")
    shutil.copyfile(license, to / LICENSE)
    save_file(dict(weights), to / FILE, metadata={"format": "pt"})
    return [to / name for name in (CARD, CONFIG, LICENSE, FILE)]


def card(sections: Mapping[str, Mapping[str, Any]]) -> str:
    """The model card."""
    table = "\n".join(
        f"| {section} | {name} | {value} |"
        for section, own in sections.items()
        for name, value in own.items()
    )
    return (
        "---\nlicense: other\nlicense_name: orcahello-rail\nlicense_link: LICENSE\ntags:\n- audio-classification\n"
        "- bioacoustics\n- orca\n---\n# Calls of southern resident killer whales\n\n"
        "A ResNet-50 with one channel, on images of 256 mel bands and 312 frames. "
        "`modelparity_families.orca.hub.from_pretrained` reads it, and "
        "`modelparity orca detect` runs it on sound files.\n\n"
        f"| section | setting | value |\n|---|---|---|\n{table}\n"
    )


def publish(files: list[Path], repository: str) -> str:
    """Upload files to a repository of huggingface.co; returns its address.

    The token is the one that huggingface_hub finds, asked for here and nowhere before. Raises `Unavailable`.
    """
    with tempfile.TemporaryDirectory() as folder:
        for path in files:
            shutil.copyfile(path, Path(folder) / path.name)
        return sent(Path(folder), repository, family=NAME)
