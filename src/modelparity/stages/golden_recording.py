"""Record what a pipeline computes of what it is given: every stage's value, its floor, what may go either way."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..errors import GoldenError
from ..goldens.provenance import ENGINE
from ..goldens.safetensors_file import as_json
from ..graph import Array
from ..verdict.floor import Floor
from ..verdict.model import plain
from ..verdict.reduced import PRECISIONS
from ..version import __version__
from .chain import Chain
from .decoded import Decoded
from .description import Description
from .golden_metadata import SPECS
from .golden_record import KINDS, PipelineRecord, RecordedStage, upward
from .running import Run, facts, reading, refuse_missing, wanted_until
from .stage import Decoder, Networks

#: A way in which sums have fewer bits, and those in which all numbers have.
SUMS, HALVES = "float32", PRECISIONS


def recorded(
    pipeline: Description, given: Mapping[str, Any], *, until: str | None, halves: bool
) -> PipelineRecord:
    """The record of `Pipeline.golden`, whose arguments these are."""
    read = reading(pipeline, given)
    beside = {name: in_json(given[name], pipeline.name) for name in pipeline.beside if name in given}
    wanted = wanted_until(pipeline, until)
    refuse_missing(pipeline, set(read), wanted)
    for name, value in read.items():
        if isinstance(pipeline.stage(name), Decoder):
            raise GoldenError(
                f"stage {name!r} is what a decoder gives",
                where=pipeline.name,
                fix="give what the first stages take: a golden records what follows",
            )
        if any(np.asarray(one).dtype.kind not in "fiub" for one in _arrays(value)):
            raise GoldenError(f"stage {name!r} was given no numbers", where=pipeline.name)
    return of(Run(pipeline, read, wanted, facts(pipeline, read)), beside, halves=halves)


def again(pipeline: Description, record: PipelineRecord, until: str | None = None) -> Run:
    """The run of a pipeline on what was given then: every stage that was recorded, or one and what it takes."""
    given: dict[str, Any] = {}
    for one in record.stages:
        if one.given and one.tensors is not None:
            several = {name: record.given[name] for name in one.tensors}
            given[one.name] = several if len(several) > 1 else next(iter(several.values()))
    wanted = tuple(one.name for one in record.stages if not one.given) if until is None else (until,)
    return Run(pipeline, given, wanted, facts(pipeline, given)).compute()


def of(run: Run, beside: Mapping[str, Any], *, halves: bool) -> PipelineRecord:
    """The record of a run."""
    pipeline, chain = run.pipeline, Chain(run)
    floor = _floor(chain)
    given = {
        name: np.asarray(run.values[name]) for one in run.given for name in pipeline.tensors(one, run.facts)
    }
    return PipelineRecord(
        pipeline.name,
        in_json(pipeline.settings, pipeline.name),
        in_json(pipeline.chosen, pipeline.name),
        beside,
        _stages(chain),
        given,
        chain.truth,
        floor,
        _ways(chain, floor, (SUMS, *HALVES) if halves else (SUMS,)),
        {
            "spec": SPECS[-1],
            "engine": ENGINE,
            "numpy": np.__version__,
            "created_by": f"modelparity {__version__}, Python {'.'.join(platform.python_version_tuple()[:2])}, "
            f"{platform.machine() or 'unknown machine'}",
        },
    )


def _floor(chain: Chain) -> Floor:
    if not chain.numeric:
        raise GoldenError(
            "nothing is computed that a golden could hold", where=chain.run.pipeline.name, found="no numbers"
        )
    found = chain.floor()
    return replace(found, outputs={name: upward(array) for name, array in found.outputs.items()}, cost=0.0)


def _ways(chain: Chain, floor: Floor, precisions: tuple[str, ...]) -> dict[str, dict[str, Array]]:
    """{precision: {tensor: floor}} where it is another than in float32."""
    ways: dict[str, dict[str, Array]] = {}
    for precision in precisions:
        found = ways.setdefault(precision, {})
        for step in chain.numeric:
            wide = "float32" if precision == SUMS else "float64"
            wider = chain.wider(step.gives, precision, wide)
            for name in step.gives:
                array = upward(wider[name])
                if not np.array_equal(array, floor.outputs[name]):
                    found[name] = array
    return ways


def _stages(chain: Chain) -> tuple[RecordedStage, ...]:
    run = chain.run
    names = [*run.given, *(step.name for step in run.steps)]
    ordered = [part.name for part in run.pipeline.parts if part.name in names]
    return tuple(_stage(chain, name, ordered) for name in ordered)


def _stage(chain: Chain, name: str, ordered: list[str]) -> RecordedStage:
    run, part = chain.run, chain.run.pipeline.stage(name)
    takes, given = next_before(run.pipeline, name, ordered), name in run.given
    if isinstance(part, Decoder):
        value = _value(part.gives, run.values[name], name)
        runs = [_value(part.gives, one, name) for one in chain.decoded[name]]
        different = {as_json(one): one for one in runs if one != value}
        kept = tuple(different[text] for text in sorted(different))
        return RecordedStage(name, part.kind, takes, given, gives=part.gives, value=value, runs=kept)
    tensors = {one: run.values[one].dtype.name for one in run.pipeline.tensors(name, run.facts)}
    return RecordedStage(
        name, part.kind, takes, given, tensors=tensors, networks=networks(run.pipeline, name, given=given)
    )


def next_before(pipeline: Description, name: str, among: list[str]) -> tuple[str, ...]:
    """The stages of ``among`` from which one follows with none of them between, in order."""
    found: set[str] = set()
    open_ones = list(pipeline.stage(name).takes)
    while open_ones:
        one = open_ones.pop()
        if one in among:
            found.add(one)
        else:
            open_ones += pipeline.stage(one).takes
    return tuple(one for one in among if one in found)


def networks(pipeline: Description, name: str, *, given: bool) -> dict[str, str] | None:
    """{member: start of its model's hash} of a stage of networks; None of others, and of values that were given."""
    part = pipeline.stage(name)
    if not isinstance(part, Networks) or given:
        return None
    return {f"{place} {graph.name}": graph.hash[:16] for place, graph in enumerate(pipeline.members(name), 1)}


def _value(gives: Decoded, value: Any, where: str) -> Any:
    """A decoder's result as JSON has it, in a form that its kind reads: as it is, where that is numbers and text."""
    return in_json(gives.read(value) if type(gives) in KINDS.values() else gives.plain(value), where)


def in_json(value: Any, where: str) -> Any:
    """A value as it is when JSON that holds it is read. Raises `GoldenError` for what JSON has no form for."""
    try:
        return json.loads(as_json(plain(_simple(value))))
    except (TypeError, ValueError) as error:
        raise GoldenError(
            "a setting or a decoder's value has no form in JSON", where=where, found=error
        ) from error


def _simple(value: Any) -> Any:
    """Numbers of numpy as Python's."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return {str(key): _simple(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_simple(item) for item in value]
    return value


def _arrays(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, Mapping) else [value]
