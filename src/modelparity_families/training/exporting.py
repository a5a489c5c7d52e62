"""One of the five models as files for every runtime, each held against the engine before it is handed out."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from modelparity.conversion.convert import convert
from modelparity.errors import ConversionError, ModelparityError, Unavailable
from modelparity.graph import Array, Graph, Source
from modelparity.inputs import LENGTHS, make
from modelparity.runtimes.registry import runtime
from modelparity.verdict.checking import check_against
from modelparity.verdict.judging import judge
from modelparity.verdict.model import Verdict
from modelparity.verdict.reference import Reference

from .graph import graph_of
from .network import module_of
from .stack import Stack
from .stepping import frame_by_frame
from .weights import seeded, sha256, trained

#: What is held against the engine: inputs of several lengths, and some like music.
RECIPES = (*LENGTHS, "features")
#: Frames of the run frame by frame.
FRAMES = 24


@dataclass(frozen=True)
class Held:
    """One form of the model: what it is, who ran it and how, and the worst verdict, or why there is none."""

    what: str
    runtime: str
    how: str
    verdict: Verdict | None
    reason: str | None = None

    @property
    def ok(self) -> bool:
        """True unless it was judged and is not what it should be."""
        return self.verdict is None or self.verdict.ok


@dataclass(frozen=True)
class Export:
    """The files, and what came of holding them against the engine."""

    files: tuple[Path, ...]
    held: tuple[Held, ...]


def export(stack: Stack, checkpoint: Path | None, to: Path) -> Export:
    """Write ONNX, Core ML and RTNeural files of a checkpoint (or of seeded weights) into ``to`` and judge them.

    A recurrent model is written twice for ONNX and Core ML: for whole sequences, and as NAME.step with its state as
    input and output. Files take their names when all are complete. Raises `ArtefactError` for a checkpoint that is
    none of this model, `ConversionError`, and `Unavailable` for a package that is not here.
    """
    weights = seeded(stack) if checkpoint is None else trained(checkpoint, stack)
    source = None if checkpoint is None else Source("torch checkpoint", checkpoint.name, sha256(checkpoint))
    whole = graph_of(stack, weights, source=source)
    step = graph_of(stack, weights, source=source, step=True) if stack.recurrent is not None else None
    try:
        to.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".export-", dir=to) as name:
            drafts = [
                convert(graph, Path(name) / f"{graph.name}{suffix}")
                for graph in (whole, step)
                if graph is not None
                for suffix in (
                    (".onnx", ".mlpackage", ".json") if graph is whole else (".onnx", ".mlpackage")
                )
            ]
            held = tuple(_held(whole, step, drafts, stack, weights))
            files = tuple(_placed(draft, to / draft.name) for draft in drafts)
    except OSError as error:
        raise ConversionError("cannot be written", where=to, found=error.strerror or error) from error
    return Export(files, held)


def _placed(draft: Path, target: Path) -> Path:
    if target.is_dir():
        old = draft.with_name(f"{draft.name}.old")
        os.rename(target, old)
        os.rename(draft, target)
        shutil.rmtree(old, ignore_errors=True)
    else:
        os.replace(draft, target)
    return target


def _held(
    whole: Graph, step: Graph | None, drafts: list[Path], stack: Stack, weights: Mapping[str, Array]
) -> Iterator[Held]:
    paths = {path.name: path for path in drafts}
    for graph in (whole, step):
        if graph is None:
            continue
        module = module_of(stack, weights, step=graph is step)
        columns: list[tuple[str, object, str]] = [
            (f"{graph.name}.onnx", paths[f"{graph.name}.onnx"], "onnxruntime"),
            ("PyTorch module", module, "torch"),
            (f"{graph.name}.mlpackage", paths[f"{graph.name}.mlpackage"], "engine"),
        ]
        if graph is whole:
            columns += [
                (f"{graph.name}.json", paths[f"{graph.name}.json"], name) for name in ("engine", "rtneural")
            ]
        references = [Reference(graph, make(graph, recipe), {"recipe": recipe}) for recipe in RECIPES]
        for what, candidate, by in columns:
            yield _judged(what, candidate, by, references)
    # Frame by frame, against the whole sequence.
    graph = whole if step is None else step
    x = make(whole, "features", length=FRAMES)["x"]
    reference = Reference(graph, {"x": x}, {"recipe": "features"})
    for what, candidate, by in (
        (f"{graph.name}.onnx", paths[f"{graph.name}.onnx"], "onnxruntime"),
        ("PyTorch module", module_of(stack, weights, step=step is not None), "torch"),
        (f"{graph.name}.mlpackage", paths[f"{graph.name}.mlpackage"], "engine"),
    ):
        yield _stepped(what, candidate, by, reference)


def _judged(what: str, candidate: object, by: str, references: list[Reference]) -> Held:
    how = "file interpreted" if by == "engine" else "frame by frame" if by == "rtneural" else "whole"
    if (missing := runtime(by).missing()) is not None:
        return Held(what, by, how, None, missing)
    try:
        verdicts = [check_against(one, candidate, runtime=by) for one in references]
    except Unavailable as error:
        return Held(what, by, how, None, str(error))
    return Held(what, by, how, max(verdicts, key=lambda verdict: (not verdict.ok, verdict.floors)))


def _stepped(what: str, candidate: object, by: str, reference: Reference) -> Held:
    how = "frame by frame" + (", file interpreted" if by == "engine" else "")
    if (missing := runtime(by).missing()) is not None:
        return Held(what, by, how, None, missing)
    try:
        outputs = frame_by_frame(runtime(by), candidate, reference.graph, reference.feeds["x"])
        verdict = judge(reference, outputs, candidate=what, runtime=by)
    except ModelparityError as error:
        return Held(what, by, how, None, str(error))
    return Held(what, by, how, verdict)
