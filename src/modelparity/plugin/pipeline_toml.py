"""A table of a ``parity.toml`` that compares a pipeline: what somebody else computed of sound, stage by stage.

::

    [beats]                                       # a name for the report
    pipeline = "madmom/beats_blstm"               # `modelparity pipeline list` shows them
    audio = ["clips/slow.wav", "clips/fast.flac"] # relative to this file; a test for each of them and each candidate
    settings.threshold = 0.3                      # left out: the pipeline's own
    given.beats = "beats/{clip}.txt"              # what else is given; {clip}: the name of the sound file
    resample = 44100                              # sound of another rate is refused, unless this names the rate
    until = "features"                            # the last stage that is looked at; left out: all
    expect = "rounding"                           # or reduced, exact

    [[beats.candidates]]                          # values on disk
    name = "swift"
    values.features = "swift/{clip}.npz"          # .npz, .npy, .safetensors; events also as .txt

    [[beats.candidates]]                          # networks in the place of the pipeline's
    name = "onnx"
    networks.activations = "onnx"                 # a folder, a file, or a list of files

    [[beats.candidates]]                          # a program that turns a WAV file into a file of values
    name = "cpp"
    command = ["./front", "{audio}", "{out}"]     # no shell; in a folder of its own; {here}: the folder of this file
    stages = ["features"]                         # what it writes, by name if there are several
    out = ".npz"                                  # how the file is to end
    seconds = 60                                  # the time that it has; then it is ended with all that it started
    expect = "reduced"                            # of this candidate
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import InputError, near
from ..exchange import arrays, sound, text
from ..exchange.program import PLACES
from ..family.pipelines import pipeline
from ..stages import Networks, Pipeline
from ..stages.on_disk import JSON, first_given
from .pipeline_entry import CLIP, PipelineCandidate, PipelineEntry
from .toml_values import band, file, kind, texts

#: The key that makes a table one of these.
KEY = "pipeline"
KEYS = (KEY, "audio", "settings", "given", "resample", "until", "expect", "candidates")
OWN = ("name", "values", "networks", "command", "stages", "out", "seconds", "expect")
#: Seconds of a program, by default and at most.
SECONDS, LONGEST = 60.0, 86_400.0


def pipeline_entry(path: Path, prefix: str, name: str, table: Mapping[str, Any]) -> PipelineEntry:
    """The table, with everything in it that has a name looked up. Raises `InputError`."""
    where = f"{path.name}, [{name}]"
    for key in table:
        if key not in KEYS:
            raise InputError(f"unknown key {key!r}", where=where, expected=near(key, KEYS))
    for key in ("audio", "candidates"):
        if not table.get(key):
            raise InputError(f"{key} is missing", where=where, found=", ".join(table) or "nothing")
    found = _pipeline(table, where)
    clips = _clips(path, table["audio"], f"{where}, audio")
    resample = table.get("resample")
    if resample is not None and (type(resample) is not int or resample < 1):
        raise InputError(
            "a rate is a whole number of Hz", where=f"{where}, resample", found=repr(resample)[:80]
        )
    expect = band(table["expect"], where) if "expect" in table else None
    until = table.get("until")
    if until is not None:
        kind(until, str, f"{where}, until", "the name of a stage")
        _stage(found, until, f"{where}, until")
    given = _files(path, found, table.get("given", {}), clips, f"{where}, given")
    return PipelineEntry(
        key=f"{prefix}{name}",
        where=where,
        pipeline=found,
        clips=tuple(clips.items()),
        known=_candidates(path, found, table["candidates"], clips, where),
        given=tuple(given.items()),
        resample=resample,
        until=until,
        expect=expect,
        here=path.parent,
    )


def _pipeline(table: Mapping[str, Any], where: str) -> Pipeline:
    kind(table[KEY], str, f"{where}, {KEY}", "the name of a pipeline")
    settings = table.get("settings", {})
    kind(settings, dict, f"{where}, settings", "a table of settings")
    try:
        return pipeline(table[KEY], **settings)
    except InputError as error:
        raise error.changed(where=where if error.where is None else f"{where}, {error.where}") from error


def _clips(path: Path, given: Any, where: str) -> dict[str, Path]:
    """{name: sound file}, named by file name, or as it is given where two share theirs."""
    said = list(dict.fromkeys(texts(given, where)))
    files = {one: file(path, one, where) for one in said}
    names = [found.name for found in files.values()]
    return {found.name if names.count(found.name) == 1 else one: found for one, found in files.items()}


def _candidates(
    path: Path, found: Pipeline, given: Any, clips: Mapping[str, Path], where: str
) -> tuple[PipelineCandidate, ...]:
    where = f"{where}, candidates"
    kind(given, list, where, "[[...candidates]] tables")
    made: dict[str, PipelineCandidate] = {}
    for number, table in enumerate(given, start=1):
        kind(table, dict, f"{where} {number}", "a table with a name, and values, networks or a command")
        for key in table:
            if key not in OWN:
                raise InputError(f"unknown key {key!r}", where=f"{where} {number}", expected=near(key, OWN))
        kind(table.get("name"), str, f"{where} {number}, name", "a name for the report")
        here = f"{where}, {table['name']}"
        if table["name"] in made:
            raise InputError(
                f"{table['name']!r} is there twice", where=where, fix="give each a name of its own"
            )
        made[table["name"]] = _candidate(path, found, table, clips, here)
    return tuple(made.values())


def _candidate(
    path: Path, found: Pipeline, table: Mapping[str, Any], clips: Mapping[str, Path], where: str
) -> PipelineCandidate:
    if not any(table.get(key) for key in ("values", "networks", "command")):
        raise InputError("nothing is to be compared", where=where, expected="values, networks or a command")
    command = tuple(texts(table.get("command", []), f"{where}, command"))
    stages = tuple(texts(table.get("stages", []), f"{where}, stages"))
    if bool(command) != bool(stages):
        raise InputError(
            "a command and the stages that it writes go together",
            where=where,
            found="command" if command else "stages",
            fix='stages = ["features"]' if command else "say which command writes them",
        )
    if command and not any("{out}" in one for one in command):
        raise InputError(
            "the command is not told where to write", where=f"{where}, command", expected=", ".join(PLACES)
        )
    for stage in stages:
        _stage(found, stage, f"{where}, stages")
    out = table.get("out", ".npz")
    known = (*arrays.SUFFIXES, *text.SUFFIXES, JSON, *sound.SUFFIXES)
    if out not in known:
        raise InputError(
            "no such kind of file", where=f"{where}, out", found=repr(out)[:80], expected=" ".join(known)
        )
    seconds = table.get("seconds", SECONDS)
    if type(seconds) not in (int, float) or not 0 < seconds <= LONGEST:
        raise InputError(
            "no time limit", where=f"{where}, seconds", found=repr(seconds)[:80], expected="seconds"
        )
    values = _files(path, found, table.get("values", {}), clips, f"{where}, values")
    return PipelineCandidate(
        name=table["name"],
        values=tuple(values.items()),
        networks=tuple(_networks(path, found, table.get("networks", {}), f"{where}, networks").items()),
        command=command,
        stages=stages,
        out=out,
        seconds=float(seconds),
        expect=band(table["expect"], where) if "expect" in table else None,
    )


def _files(path: Path, found: Pipeline, given: Any, clips: Mapping[str, Path], where: str) -> dict[str, str]:
    """{stage: path, {clip} in it}; the file of every clip is there."""
    kind(given, dict, where, "a table of files by stage")
    for stage, said in given.items():
        _stage(found, stage, where)
        if stage == first_given(found):
            raise InputError(f"stage {stage!r} is given by audio", where=where, fix="leave it out")
        kind(said, str, f"{where}.{stage}", "a path")
        for clip in clips.values():
            file(path, said.replace(CLIP, clip.stem), f"{where}.{stage}")
    return dict(given)


def _networks(path: Path, found: Pipeline, given: Any, where: str) -> dict[str, tuple[Path, ...]]:
    """{stage: files of its networks}, or a folder, or one of the two where only one stage has networks."""
    own = [part.name for part in found.parts if isinstance(part, Networks)]
    table = given if isinstance(given, dict) else {own[0]: given} if len(own) == 1 else None
    if table is None:
        raise InputError(
            "it is not said of which stage", where=where, expected=f"a table: {', '.join(own) or 'none'}"
        )
    made = {}
    for stage, said in table.items():
        if stage not in own:
            raise InputError(f"stage {stage!r} has no networks", where=where, expected=near(stage, own))
        made[stage] = tuple(file(path, one, f"{where}.{stage}") for one in texts(said, f"{where}.{stage}"))
    return made


def _stage(found: Pipeline, name: str, where: str) -> None:
    try:
        found.stage(name)
    except InputError as error:
        raise error.changed(where=where) from error
