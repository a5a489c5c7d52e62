"""A ``parity.toml`` as pytest collects it: an item for each candidate, recipe and choice of sizes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from ..errors import ModelparityError
from .cases import ParityCase
from .findings import FINDINGS, files
from .items import ParityItem, items
from .known import assigned
from .parity_toml import entries
from .pipeline_entry import PipelineEntry

if TYPE_CHECKING:
    from .session import ParitySession

NAME = "parity.toml"


class ParityFile(pytest.File):
    """The file's comparisons; select among them with ``-k``."""

    def __init__(self, *, run: ParitySession, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.run = run

    def collect(self) -> Iterator[ParityItem]:
        """The items, sorted by id."""
        folder = self.nodeid.removesuffix(NAME)
        try:
            found, known = entries(self.path, folder)
        except ModelparityError as error:
            raise self.CollectError(str(error)) from error
        cases = [
            ParityCase(entry, name, recipe, variant, usual=entry.usual)
            for entry in found
            for name in entry.candidates
            for recipe in entry.recipes
            for variant in entry.variants
        ]
        cases += [
            ParityCase(entry, backend, FINDINGS)
            for entry in found
            if not isinstance(entry, PipelineEntry)
            for backend, _ in files(entry)
        ]
        names = {case.id.removeprefix(folder): case.id for case in cases}
        try:
            meant = assigned(known, names)
        except ModelparityError as error:
            raise self.CollectError(str(error)) from error
        of_ids = {names[name]: entry for name, entry in meant.items()}
        yield from items(self, self.run, sorted(cases, key=lambda case: case.id), known=of_ids)
