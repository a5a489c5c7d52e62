"""Values of stages on disk: what a caller gives by file, and what a run leaves in a folder."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..errors import InputError, ModelparityError
from ..exchange import arrays, sound, text
from .decoded import Events, Label, Segments
from .description import Description
from .stage import Decoder, Given, Stage

#: How files of results end that only a family of models knows.
JSON = ".json"
#: Results that text has a form for: a line each.
LINES = (Events, Segments, Label)
#: What is given beside a sound.
RATE = "rate"


class FromFile(NamedTuple):
    """{what is given: its value}; of a sound what the file is, what is to be known of it, if it was resampled."""

    values: dict[str, Any]
    about: str = ""
    notes: tuple[str, ...] = ()
    resampled: bool = False


def given(pipeline: Description, stage: str, path: Path, *, resample: int | None = None) -> FromFile:
    """What `run` takes for a ``stage`` whose value is in a file.

    Sound files bring their rate, which is given with them, and are resampled if ``resample`` names another. Raises
    `InputError` for a file that holds no value of that stage, `Unavailable` as `sound.read`.
    """
    part = pipeline.stage(stage)
    suffix = path.suffix.lower()
    if suffix in sound.SUFFIXES:
        found = sound.read(path, resample=resample)
        beside = {RATE: found.rate} if _with_rate(pipeline, part) else {}
        return FromFile({stage: found.samples, **beside}, found.about, found.notes, found.resampled)
    if resample is not None and _with_rate(pipeline, part):
        raise InputError(
            "only sound files are resampled",
            where=path,
            fix="write it as WAV, or give the samples at that rate",
        )
    if suffix == JSON and isinstance(part, Decoder):
        return FromFile({stage: text.document(path)})
    if suffix in text.SUFFIXES:
        return FromFile({stage: _text(pipeline, stage, path)})
    if suffix not in arrays.SUFFIXES:
        raise InputError(
            f"no file that a value of stage {stage!r} is read from",
            where=path,
            found=f"the suffix {path.suffix!r}" if path.suffix else "no suffix",
            expected=" ".join((*_suffixes(pipeline, stage), "or a sound file")),
        )
    return FromFile(_picked(pipeline, stage, path))


def _with_rate(pipeline: Description, part: Stage) -> bool:
    """Whether the rate of a sound is given with it: beside the stage that takes it, or as a stage of its own."""
    if not isinstance(part, Given) or part.name == RATE:
        return False
    return RATE in part.beside or any(isinstance(one, Given) and one.name == RATE for one in pipeline.parts)


def _suffixes(pipeline: Description, stage: str) -> tuple[str, ...]:
    decoded = isinstance(pipeline.stage(stage), Decoder | Given)
    own = (JSON,) if isinstance(pipeline.stage(stage), Decoder) else ()
    return (*arrays.SUFFIXES, *(text.SUFFIXES if decoded else ()), *own)


def _text(pipeline: Description, stage: str, path: Path) -> Any:
    part = pipeline.stage(stage)
    if isinstance(part, Decoder) and isinstance(part.gives, Segments):
        return text.segments(path)
    if isinstance(part, Decoder) and isinstance(part.gives, Label):
        return text.label(path)
    if isinstance(part, Decoder) and not isinstance(part.gives, LINES):
        raise InputError(
            f"a result of stage {stage!r} has no form in lines",
            where=path,
            fix="give it as JSON: a .json file",
        )
    return text.numbers(path)


def _picked(pipeline: Description, stage: str, path: Path) -> dict[str, Any]:
    """The arrays of a file that are a stage's: the only one, the one of its name, or all that it consists of."""
    found = arrays.read(path)
    part = pipeline.stage(stage)
    names = {
        *(part.beside if isinstance(part, Given) else ()),
        *((RATE,) if _with_rate(pipeline, part) else ()),
    }
    beside = {name: found[name] for name in names & found.keys()}
    rest = {name: array for name, array in found.items() if name not in beside}
    told = {name: array.item() if array.size == 1 else array for name, array in beside.items()}
    if stage in rest:
        return {stage: rest[stage], **told}
    if len(rest) == 1:
        ((name, array),) = rest.items()
        if name and name in {one.name for one in pipeline.parts}:
            raise InputError(
                f"holds no value of stage {stage!r}",
                where=path,
                found=f"an array {name!r}, which is another stage",
                fix=f"give it as {name}, or save it under the name {stage!r}",
            )
        return {stage: array, **told}
    if isinstance(part, Decoder | Given):
        raise InputError(
            f"holds several arrays, none of them {stage!r}", where=path, found=", ".join(rest)[:200] or "none"
        )
    return {stage: rest, **told}


def store(folder: Path, stage: str, part: object, value: Any) -> Path:
    """Write a stage's value into ``folder``: decoded results as text or JSON, several arrays as .npz, one as .npy."""
    if isinstance(part, Decoder) and not isinstance(part.gives, LINES):
        path = folder / f"{stage}{JSON}"
        path.write_text(json.dumps(part.gives.plain(value), indent=1) + "\n", encoding="utf-8")
        return path
    if isinstance(part, Decoder):
        path = folder / f"{stage}.txt"
        path.write_text(text.written(_lines(value, part)), encoding="utf-8")
        return path
    path = folder / f"{stage}{'.npz' if isinstance(value, Mapping) else '.npy'}"
    arrays.write(path, value)
    return path


def _lines(value: Any, part: Decoder) -> Iterable[tuple[Any, ...]]:
    for item in part.gives.items(part.gives.read(value)):
        # Numbers and pitches are whole numbers to whoever reads the text.
        rest = (int(one) if isinstance(one, float) and one.is_integer() else one for one in item.rest)
        yield (*item.times, *rest)


def told(value: Any, part: object) -> str:
    """A value in a few words: type and shape of numbers, how many events."""
    if isinstance(part, Decoder):
        items = part.gives.items(part.gives.read(value))
        return str(items[0]) if isinstance(part.gives, Label) and items else f"{len(items)} {part.gives.word}"
    if isinstance(value, Mapping):
        return "; ".join(f"{name} {told(one, None)}" for name, one in value.items())
    array = np.asarray(value)
    return f"{array.dtype} {tuple(array.shape)}"


def first_given(pipeline: Description) -> str:
    """The stage that a sound file on its own is for: ``audio``, or the first one that is given."""
    names = [part.name for part in pipeline.parts if isinstance(part, Given)]
    return "audio" if "audio" in names else names[0]


def advised(error: ModelparityError, values: Mapping[str, Any], how: str) -> ModelparityError:
    """The error; where it is about the rate of the sound that was given, with ``how`` it may be resampled."""
    if not isinstance(error, InputError) or str(error.found).removeprefix("rate=") != str(values.get(RATE)):
        return error
    wanted = str(error.expected).removeprefix("rate=")
    rate = wanted if wanted.isdecimal() else "HZ"
    return error.changed(fix=f"convert the sound, or let it be done here and said: {how.replace('HZ', rate)}")
