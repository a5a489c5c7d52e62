"""Settings of a training, composed by Hydra of the groups in ``configs``, and checked value by value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from modelparity.errors import InputError, Unavailable, near

from ..data import Augmentation, Filters
from ..names import TASKS
from ..networks import Sizes

FOLDER = Path(str(files(__package__) / "configs"))
DEVICES = ("cpu", "gpu", "auto")
#: Groups of settings, whose files can be chosen: ``training=original``.
GROUPS = ("model", "data", "augmentation", "training")


@dataclass
class ModelSettings:
    """The network: which, in which form, and its sizes as the original calls them."""

    network: str
    final_norm: bool
    d_model: int
    nhead: int
    num_layers: int
    dim_feedforward: int
    dropout: float
    max_seq_len: int


@dataclass
class DataSettings:
    """What is learned from: a folder, or performances that are generated; how much of them."""

    folder: str | None
    players: int
    tempi: int
    cycles: int
    seed: int
    strokes: int
    validation: str
    soundfonts: list[str] | None
    augmentation_presets: list[str] | None
    tempo_range: list[float] | None
    max_samples: int | None


@dataclass
class AugmentationSettings:
    """Whether strokes are spoilt in training, and how much."""

    enabled: bool
    timing_jitter_std_ms: float
    strength_noise_std: float


@dataclass
class TrainingSettings:
    """How long and how it is learned."""

    epochs: int
    patience: int
    least: float
    watch: str
    learning_rate: float
    weight_decay: float
    batch: int
    accumulate: int
    clip: float
    device: str
    threads: int
    seed: int


@dataclass
class Settings:
    """All of them. Files in ``configs`` say what each means."""

    model: ModelSettings
    data: DataSettings
    augmentation: AugmentationSettings
    training: TrainingSettings
    to: str
    weights: str
    resume: bool

    @property
    def sizes(self) -> Sizes:
        """The network's. Raises `ArtefactError` for what is no size."""
        own = self.model
        config = {name: value for name, value in vars(own).items() if name not in ("network", "final_norm")}
        return Sizes.from_config(own.network, config, final_norm=own.final_norm)

    @property
    def filters(self) -> Filters:
        """Which performances are taken."""
        own = self.data
        low, high = own.tempo_range or (0.0, float("inf"))
        return Filters(own.soundfonts, own.augmentation_presets, (low, high), own.max_samples)

    @property
    def spoilt(self) -> Augmentation | None:
        """What training does to strokes."""
        own = self.augmentation
        return Augmentation(own.timing_jitter_std_ms, own.strength_noise_std) if own.enabled else None


def composed(task: str, overrides: Sequence[str] = ()) -> Settings:
    """The settings for ``features`` or ``rudiments``, with overrides as Hydra writes them: ``training.epochs=3``.

    Nothing is written and no folder is entered. Raises `InputError` for an unknown task, group, key or value, and
    `Unavailable` without Hydra.
    """
    if task not in TASKS:
        raise InputError(f"there is no training {task!r}", expected=near(task, TASKS))
    if find_spec("hydra") is None:
        raise Unavailable("hydra is not installed: pip install 'modelparity[sousa]'", where="sousa")
    from hydra import compose, initialize_config_dir
    from hydra.errors import HydraException
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    try:
        with initialize_config_dir(str(FOLDER), version_base="1.3"):
            found = compose(task, list(overrides))
        if lacking := OmegaConf.missing_keys(found):
            name = min(lacking)
            raise InputError(f"{name} is needed", where=f"sousa train {task}", fix=f"add {name}=VALUE")
        settings = OmegaConf.to_object(OmegaConf.merge(OmegaConf.structured(Settings), found))
    except (HydraException, OmegaConfBaseException) as error:
        with initialize_config_dir(str(FOLDER), version_base="1.3"):
            known = (*GROUPS, *_keys(compose(task)))
        given = (one.partition("=")[0].lstrip("+~") for one in overrides)
        strange = next((one for one in given if one not in known), None)
        raise InputError(
            "these are no settings of this training",
            where=f"sousa train {task}",
            found=" ".join(str(error).split()),
            expected=None if strange is None else near(strange, known),
            fix="--show-config prints all settings",
        ) from error
    assert isinstance(settings, Settings)
    _checked(settings, task)
    return settings


def text(settings: Settings) -> str:
    """The settings as YAML."""
    from omegaconf import OmegaConf

    return OmegaConf.to_yaml(OmegaConf.structured(settings))


def groups() -> dict[str, list[str]]:
    """{group: its files}, any of which can be chosen."""
    return {group: sorted(path.stem for path in (FOLDER / group).glob("[!_]*.yaml")) for group in GROUPS}


def _keys(node: Any, before: str = "") -> Iterator[str]:
    from omegaconf import DictConfig

    for key in node:
        name = f"{before}{key}"
        inner = node._get_node(key)
        if isinstance(inner, DictConfig):
            yield from _keys(inner, f"{name}.")
        else:
            yield name


def _checked(own: Settings, task: str) -> None:
    """Raise `InputError` for a value out of its range."""
    training, data = own.training, own.data
    counts = {
        "training.epochs": training.epochs,
        "training.batch": training.batch,
        "training.accumulate": training.accumulate,
        "training.learning_rate": training.learning_rate,
        "data.players": data.players,
        "data.tempi": data.tempi,
        "data.cycles": data.cycles,
        "data.strokes": data.strokes,
    }
    others = {
        "training.patience": training.patience,
        "training.least": training.least,
        "training.weight_decay": training.weight_decay,
        "training.clip": training.clip,
        "training.threads": training.threads,
        "training.seed": training.seed,
    }
    for name, value in (counts | others).items():
        if not (0 <= value < float("inf")) or (name in counts and value == 0):
            above = "above 0" if name in counts else "from 0 on"
            raise InputError(f"{name} is out of range", found=value, expected=f"a number {above}")
    if training.device not in DEVICES:
        raise InputError(
            "training.device is unknown", found=training.device, expected=near(training.device, DEVICES)
        )
    if own.model.network != TASKS[task]:
        raise InputError(
            f"{own.model.network} is not what is trained",
            where=f"sousa train {task}",
            expected=f"model={TASKS[task]}",
        )
    if data.strokes > own.model.max_seq_len:
        raise InputError(
            "performances are longer than the network takes",
            found=f"data.strokes {data.strokes}",
            expected=f"model.max_seq_len at most: {own.model.max_seq_len}",
        )
    if data.tempo_range is not None and len(data.tempo_range) != 2:
        raise InputError("data.tempo_range is no range", found=data.tempo_range, expected="[slowest,fastest]")
