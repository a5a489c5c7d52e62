"""Batches of excerpts, read piece by piece: a data set need not fit into memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from modelparity.errors import InputError, Unavailable

from .configuration import Configuration
from .folders import Corpus
from .pieces import PARTS, Example, Piece

#: Excerpts that are mixed before a batch is made of them.
MIXED = 512
#: Pieces that are tried before a part counts as unreadable.
TRIED = 20


class Excerpts(IterableDataset[Example]):
    """The excerpts of some pieces; in training in another order each epoch, by the seed and the epoch alone.

    Pieces that are not readable are left out, and noted in ``problems``.
    """

    def __init__(self, pieces: Sequence[Piece], config: Configuration, *, mixed: bool) -> None:
        self.pieces, self.mixed, self.epoch = tuple(pieces), mixed, -1
        self.excerpt, self.seed = int(config.data["excerpt"]), int(config.training["seed"])
        self.problems: dict[str, str] = {}
        self._room = int(config.data["memory"]) << 20
        self._kept: dict[int, Example] = {}

    def __iter__(self) -> Iterator[Example]:
        worker = get_worker_info()
        first, every = (worker.id, worker.num_workers) if worker is not None else (0, 1)
        order = np.arange(len(self.pieces))
        if not self.mixed:
            for place in order[first::every]:
                yield from self._excerpts(int(place))
            return
        rng = np.random.default_rng((self.seed, max(self.epoch, 0)))
        waiting: list[Example] = []
        for place in rng.permutation(order)[first::every]:
            for one in self._excerpts(int(place)):
                waiting.append(one)
                if len(waiting) >= MIXED:
                    yield waiting.pop(int(rng.integers(len(waiting))))
        for place in rng.permutation(len(waiting)):
            yield waiting[place]

    def first(self) -> Example:
        """One excerpt. Raises `InputError` with the reason if none of the first pieces can be read."""
        for place in range(min(TRIED, len(self.pieces))):
            for one in self._excerpts(place):
                return one
        key, why = next(iter(self.problems.items()), (self.pieces[0].key, "it has no frames"))
        raise InputError(
            f"none of the first {len(self.problems) or 1} pieces can be read",
            where=key,
            found=why,
            fix="check that the data set was unpacked whole",
        )

    def _excerpts(self, place: int) -> Iterator[Example]:
        whole = self._kept.get(place)
        piece = self.pieces[place]
        if whole is None:
            if piece.key in self.problems:
                return
            try:
                whole = piece.make()
            except Unavailable:
                raise
            except InputError as error:
                self.problems[piece.key] = str(error)
                return
            if whole.bytes <= self._room:
                self._room -= whole.bytes
                self._kept[place] = whole
        for start in range(0, len(whole), self.excerpt):
            one = whole.part(start, self.excerpt)
            if one.mask.any():
                yield one


class Batches(DataLoader[Example]):
    """Batches (x, y, mask) of padded excerpts; each pass is the data set's next epoch."""

    def __iter__(self) -> Any:
        data: Any = self.dataset
        data.epoch += 1
        return super().__iter__()


def loaders(corpus: Corpus, config: Configuration, *, epoch: int = 0) -> dict[str, Batches]:
    """Batches of train, validation and test; ``epoch`` is the one that training goes on with.

    Raises `InputError` if nothing of a part is readable.
    """
    found = {}
    for part in PARTS:
        data = Excerpts(corpus.part(part), config, mixed=part == "train")
        data.first()
        data.epoch += epoch
        found[part] = Batches(
            data,
            batch_size=int(config.training["batch"]),
            collate_fn=padded,
            num_workers=int(config.data["workers"]),
        )
    return found


def padded(examples: Sequence[Example]) -> tuple[Tensor, Tensor, Tensor]:
    """(batch, time, ...) of the longest; zeros behind the end of the others, which their mask leaves out."""
    longest = max(len(one) for one in examples)

    def stacked(arrays: Sequence[Any]) -> Tensor:
        out = np.zeros((len(arrays), longest, arrays[0].shape[1]), np.float32)
        for row, array in zip(out, arrays, strict=True):
            row[: len(array)] = array
        return torch.from_numpy(out)

    return (
        stacked([one.x for one in examples]),
        stacked([one.y for one in examples]),
        stacked([one.mask for one in examples]),
    )
