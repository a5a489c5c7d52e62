"""A network as files for every runtime, each compared with the engine before it is handed out."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import modelparity as mp
from modelparity.errors import ConversionError, Unavailable
from modelparity.inputs import LENGTHS, make
from modelparity.runtimes import Runtime, runtime

from .frame_by_frame import FrameByFrame

#: What files are compared on: inputs of several lengths, and some like music.
RECIPES = (*LENGTHS, "features")
#: Frames of the run frame by frame.
FRAMES = 24
#: Who runs a file, by its suffix.
RUN_BY = {".onnx": ("onnxruntime",), ".mlpackage": ("engine",), ".json": ("engine", "rtneural")}


@dataclass(frozen=True)
class Form:
    """One form of a network: its graph, the suffixes of its files, and the PyTorch module that computes it.

    Where the graph has states, they come and go with each call.
    """

    graph: mp.Graph
    suffixes: tuple[str, ...]
    module: object


@dataclass(frozen=True)
class Judged:
    """One file or module: what it is, who ran it and how, and the worst verdict, or why there is none."""

    what: str
    runtime: str
    how: str
    verdict: mp.Verdict | None
    reason: str | None = None

    @property
    def ok(self) -> bool:
        """True unless it was judged and is not what it should be."""
        return self.verdict is None or self.verdict.ok


@dataclass(frozen=True)
class Export:
    """The files, and what came of comparing them with the engine."""

    files: tuple[Path, ...]
    judged: tuple[Judged, ...]


def export(forms: Sequence[Form], to: Path) -> Export:
    """Write every form into ``to``, as GRAPH.suffix, and judge all. Files take their names when all are complete.

    The first form is the network on whole sequences; one with states, if there is one, is also called frame by frame,
    else the first. Raises `ConversionError`, and `Unavailable` for a package that is not here.
    """
    try:
        to.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".export-", dir=to) as name:
            drafts = {
                f"{form.graph.name}{suffix}": mp.convert(
                    form.graph, Path(name) / f"{form.graph.name}{suffix}"
                )
                for form in forms
                for suffix in form.suffixes
            }
            judged = tuple(_judged(forms, drafts))
            files = tuple(_placed(draft, to / draft.name) for draft in drafts.values())
    except OSError as error:
        raise ConversionError("not writable", where=to, found=error.strerror or error) from error
    return Export(files, judged)


def _placed(draft: Path, target: Path) -> Path:
    if target.is_dir():
        old = draft.with_name(f"{draft.name}.old")
        os.rename(target, old)
        os.rename(draft, target)
        shutil.rmtree(old, ignore_errors=True)
    else:
        os.replace(draft, target)
    return target


def _judged(forms: Sequence[Form], drafts: Mapping[str, Path]) -> Iterator[Judged]:
    for form in forms:
        for what, artefact, by in _columns(form, drafts):
            how = "file interpreted" if by == "engine" else "frame by frame" if by == "rtneural" else "whole"
            yield _worst(what, form.graph, artefact, runtime(by), how, [{"recipe": one} for one in RECIPES])
    form = next((form for form in forms if form.graph.states), forms[0])
    x = make(forms[0].graph, "features", length=FRAMES)
    for what, artefact, by in _columns(form, drafts):
        if what.endswith(".json"):
            continue  # RTNeural has no other way
        how = "frame by frame" + (", file interpreted" if by == "engine" else "")
        stepping = FrameByFrame(runtime(by), form.graph)
        yield _worst(what, form.graph, artefact, stepping, how, [{"inputs": x}])


def _columns(form: Form, drafts: Mapping[str, Path]) -> Iterator[tuple[str, object, str]]:
    """(name, artefact, runtime) of everything that computes a form."""
    yield "PyTorch module", form.module, "torch"
    for suffix in form.suffixes:
        name = f"{form.graph.name}{suffix}"
        for by in RUN_BY[suffix]:
            yield name, drafts[name], by


def _worst(
    what: str,
    graph: mp.Graph,
    artefact: object,
    by: Runtime,
    how: str,
    on: Sequence[Mapping[str, Any]],
) -> Judged:
    """The worst verdict over several inputs, each given as `check` takes it."""
    if (missing := by.missing()) is not None:
        return Judged(what, by.name, how, None, missing)
    try:
        verdicts = [mp.check(graph, artefact, runtime=by, **inputs) for inputs in on]
    except Unavailable as error:
        return Judged(what, by.name, how, None, str(error))
    return Judged(what, by.name, how, max(verdicts, key=lambda verdict: (not verdict.ok, verdict.floors)))
