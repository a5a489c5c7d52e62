"""Why a value departs from a golden of a pipeline: by the record alone, or by the pipeline where it is at hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..graph import Array
from ..verdict.cause import Cause
from ..verdict.explain.clock import Clock
from .chain import FAILURES, Chain
from .description import Description
from .explaining import Explaining
from .golden_record import PipelineRecord, RecordedStage
from .golden_recording import again
from .value_faults import value_faults


def causes(
    record: PipelineRecord,
    stage: RecordedStage,
    got: Any,
    *,
    floors: float,
    pipeline: Description | None,
    clock: Clock,
) -> tuple[Cause, ...]:
    """What explains ``got``, a stage's value that is ``floors`` floors from the record's; nothing if nothing does.

    With the ``pipeline`` mistakes in its settings and ensembles are tried, as `Pipeline.check` does, as far as its
    networks are here; without it those in the value itself: frames late or missing, a factor, columns.
    """
    if pipeline is not None:
        try:
            chain = Chain(again(pipeline, record, stage.name))
            return Explaining(chain, stage.name, got, clock, floors).causes()
        except (*FAILURES, MemoryError):  # such as networks that are not here
            pass
    if stage.tensors is None:
        return ()
    return _of_value(record, stage, got if isinstance(got, Mapping) else {next(iter(stage.tensors)): got})


def _of_value(record: PipelineRecord, stage: RecordedStage, got: Mapping[str, Any]) -> tuple[Cause, ...]:
    arrays: dict[str, Array] = {name: np.asarray(one) for name, one in got.items()}
    truth = {name: record.truth[name] for name in arrays}
    found = value_faults(arrays, truth, record.floor().outputs, stage.name)
    return () if found is None else (found,)
