"""A pipeline with its sound files and candidates, as a subject of the suite, and how one of them is checked."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from ..errors import InputError, ModelparityError
from ..exchange import program, sound
from ..family import Anchor, Model
from ..graph import Graph
from ..stages import Checked, Networks, Pipeline
from ..stages.on_disk import RATE, FromFile, advised, first_given, given
from ..stages.running import wanted_until
from .subject import USUAL, Variant

#: Stands for the name of a sound file, without its suffix, in paths of values.
CLIP = "{clip}"


@dataclass(frozen=True)
class PipelineCandidate:
    """What somebody else computes: values on disk, networks, or a command that writes values; all by stage."""

    name: str
    values: tuple[tuple[str, str], ...] = ()
    networks: tuple[tuple[str, tuple[Path, ...]], ...] = ()
    command: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    out: str = ".npz"
    seconds: float = 60.0
    expect: str | None = None


@dataclass(frozen=True)
class PipelineEntry:
    """The table, as a subject of the suite: its candidates are backends, its sound files recipes."""

    key: str
    where: str
    pipeline: Pipeline
    clips: tuple[tuple[str, Path], ...]
    known: tuple[PipelineCandidate, ...]
    given: tuple[tuple[str, str], ...] = ()
    resample: int | None = None
    until: str | None = None
    expect: str | None = None
    here: Path = field(default=Path())
    family: str = ""
    file: Path | None = None
    variants: tuple[Variant, ...] = (USUAL,)
    usual: bool = False

    @property
    def group(self) -> str:
        """The entry itself: its clips and candidates stand together."""
        return ""

    @property
    def recipes(self) -> tuple[str, ...]:
        """The names of its sound files."""
        return tuple(name for name, _ in self.clips)

    @property
    def candidates(self) -> tuple[str, ...]:
        """The names of its candidates."""
        return tuple(one.name for one in self.known)

    @cached_property
    def fetched(self) -> bool:
        """Whether networks of it are fetched."""
        return any(one.fetched for one in self._models)

    @property
    def _models(self) -> Iterator[Model]:
        """The networks that are run, as far as they are models of families."""
        wanted = wanted_until(self.pipeline, self.until)
        for part in self.pipeline.parts:
            if isinstance(part, Networks) and part.name in wanted:
                yield from (one for one in part.members if isinstance(one, Model))

    def missing(self) -> str | None:
        """Why a network of it is not here, with the line that gets it."""
        return next((why for one in self._models if (why := one.missing()) is not None), None)

    def load(self) -> Graph:
        """Nothing: a pipeline is no single network."""
        raise InputError("a pipeline is no network", where=self.where)

    def anchor(self) -> Anchor | None:
        """None: nothing was recorded."""
        return None

    def candidate(self, name: str) -> object | None:
        """None: it is no file that a backend runs."""
        return None

    def check(
        self, name: str, clip: str, *, expect: str, explain: bool | float
    ) -> tuple[Checked, tuple[str, ...]]:
        """What a candidate computes of a sound file, judged; and what is to be said of the sound."""
        found = next(one for one in self.known if one.name == name)
        path = dict(self.clips)[clip]
        heard = given(self.pipeline, first_given(self.pipeline), path, resample=self.resample)
        values = dict(heard.values)
        for stage, said in (*self.given, *found.values):
            values |= given(self.pipeline, stage, self.here / said.replace(CLIP, path.stem)).values
        with self._written(found, path, heard) as out:
            for stage in found.stages:
                values |= given(self.pipeline, stage, out).values
        try:
            checked = self.pipeline.check(
                networks={stage: one[0] if len(one) == 1 else list(one) for stage, one in found.networks},
                expect=found.expect or self.expect or expect,
                explain=explain,
                until=self.until,
                **values,
            )
        except ModelparityError as error:
            raise advised(error, values, "resample = HZ in the table") from error
        return checked, heard.notes

    @contextmanager
    def _written(self, found: PipelineCandidate, path: Path, heard: FromFile) -> Iterator[Path]:
        """The file that a candidate's command writes, as long as its folder is there."""
        if not found.command:
            yield path
            return
        with tempfile.TemporaryDirectory(prefix="modelparity-") as name:
            folder = Path(name)
            audio = path.resolve()
            if path.suffix.lower() != ".wav" or heard.resampled:
                audio = folder / f"{path.stem}.wav"
                sound.write(audio, heard.values[first_given(self.pipeline)], heard.values[RATE])
            out = folder / f"out{found.out}"
            words = program.filled(found.command, audio=audio, out=out, here=self.here.resolve())
            where = f"{self.where}, {found.name}"
            program.run(words, out=out, folder=folder, seconds=found.seconds, where=where)
            yield out
