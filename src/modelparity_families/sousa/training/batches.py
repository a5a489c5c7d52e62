"""Batches of performances, by part of the data set, as Lightning asks for them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler, default_collate

from modelparity.errors import InputError

from ..data import Augmentation, DataSet, Examples, Filters, Performance

Example = Mapping[str, Any]
Batch = dict[str, Any]
#: Arrays of an example that have an axis of strokes.
BY_STROKE = ("onset_features", "raw_onsets", "target_features", "attention_mask")


class Performances(pl.LightningDataModule, ABC):
    """Train, validation and test of a data set, as batches of what a network learns from.

    ``problems`` are performances without strokes, which are left out. Batches are cut to their longest performance.
    In training the order is another one each epoch, by the seed and the epoch alone, and strokes are augmented.
    """

    def __init__(
        self,
        data: DataSet,
        *,
        batch: int,
        strokes: int = 256,
        filters: Filters | None = None,
        augmentation: Augmentation | None = None,
        validation: str = "validation",
        seed: int = 0,
        epoch: int = 0,
    ) -> None:
        """Choose the performances.

        Args:
            data: the data set.
            batch: performances of a batch.
            strokes: at most, of a performance.
            filters: which performances.
            augmentation: what training does to raw onsets.
            validation: the part that validates; a small data set may have none of its own.
            seed: of the order, and of what is augmented.
            epoch: that training goes on with.

        Raises:
            InputError: a part to train or to validate on is empty.
        """
        super().__init__()
        self.data, self.batch, self.strokes, self.seed = data, batch, strokes, seed
        self.augmentation, self.epoch = augmentation, epoch
        self.problems: dict[str, str] = {}
        named = {"train": "train", "validation": validation, "test": "test"}
        self.parts = {part: self._chosen(name, filters) for part, name in named.items()}
        for part in ("train", "validation"):
            if not self.parts[part]:
                found = ", ".join(f"{len(some)} for {name}" for name, some in self.parts.items())
                raise InputError(
                    f"no performance for {part}",
                    where=data.root,
                    found=found,
                    fix="data.validation=test validates on the test's" if part == "validation" else None,
                )
        self._sets: dict[str, _Made] = {}

    @abstractmethod
    def example(self, some: Examples, place: int) -> Example:
        """What the network learns from, of one performance."""

    def setup(self, stage: str) -> None:
        """Make train and validation for "fit", validation for "validate", test for "test"."""
        for part in {"fit": ("train", "validation"), "validate": ("validation",), "test": ("test",)}[stage]:
            if part not in self._sets:
                some = Examples(
                    self.data,
                    self.parts[part],
                    self.strokes,
                    self.augmentation if part == "train" else None,
                    np.random.RandomState(self.seed),
                )
                self._sets[part] = _Made(some, self.example)

    def train_dataloader(self) -> DataLoader[Example]:
        """What is learned from."""
        made = self._sets["train"]
        order = _Order(made, self.seed, self.epoch)
        return DataLoader(made, self.batch, sampler=order, collate_fn=collated)

    def val_dataloader(self) -> DataLoader[Example]:
        """What the best epoch is chosen by."""
        return self._plain("validation")

    def test_dataloader(self) -> DataLoader[Example]:
        """What nothing is chosen by."""
        return self._plain("test")

    def _plain(self, part: str) -> DataLoader[Example]:
        return DataLoader(self._sets[part], self.batch, collate_fn=collated)

    def _chosen(self, part: str, filters: Filters | None) -> list[Performance]:
        found = self.data.part(part, filters)
        silent = [one.key for one in found if not self.data.count(one)]
        self.problems |= dict.fromkeys(silent, "it has no strokes")
        return [one for one in found if one.key not in self.problems]


class FeaturePerformances(Performances):
    """Batches of raw_onsets, target_features and attention_mask."""

    def example(self, some: Examples, place: int) -> Example:
        """Raw onsets, and the features of strokes that they are."""
        return some.inferring(place)


class RudimentPerformances(Performances):
    """Batches of onset_features, attention_mask, label and sample_id."""

    def example(self, some: Examples, place: int) -> Example:
        """Features of strokes, and the rudiment that they are."""
        return some.classifying(place)


class _Made(Dataset[Example]):
    """Examples by place."""

    def __init__(self, some: Examples, example: Callable[[Examples, int], Example]) -> None:
        self.some, self._example = some, example

    def __len__(self) -> int:
        return len(self.some)

    def __getitem__(self, place: int) -> Example:
        return self._example(self.some, place)


class _Order(Sampler[int]):
    """Another order each epoch, with which what is augmented begins anew: a resumed training goes on the same."""

    def __init__(self, made: _Made, seed: int, epoch: int) -> None:
        self._made, self._seed, self._epoch = made, seed, epoch

    def __len__(self) -> int:
        return len(self._made)

    def __iter__(self) -> Iterator[int]:
        key = [self._seed, self._epoch]
        self._epoch += 1
        self._made.some.random.seed(key)
        return iter(np.random.RandomState(key).permutation(len(self._made)).tolist())


def collated(examples: Sequence[Example]) -> Batch:
    """Examples as one batch, {name: (example, ...)}, cut to the strokes of the longest."""
    batch: Batch = default_collate([dict(one) for one in examples])
    mask: Tensor = batch["attention_mask"]
    longest = max(int(torch.count_nonzero(mask, dim=1).max()), 1)
    return {name: value[:, :longest] if name in BY_STROKE else value for name, value in batch.items()}
