"""Settings of training the five models: the defaults, and how music is cut into frames."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

from modelparity_families.training.configuration import Configuration, Defaults

from ..corpora.features import Features
from ..stack import stacks

DEFAULTS = Defaults(Path(str(files(__package__) / "defaults.toml")), tuple(stacks()))


def configured(model: str, path: Path | None = None, **over: Any) -> Configuration:
    """The settings for a model; see `modelparity_families.training.configuration.Defaults.configured`."""
    return DEFAULTS.configured(model, path, **over)


def features(config: Configuration) -> Features:
    """How music is cut into frames, by these settings."""
    return Features(**config.sections["features"])
