"""Core ML files as what a campaign tries: packages and models of every kind, spoilt in every part."""

from __future__ import annotations

import math
import shutil
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import mutation
import numpy as np
from messages import Pool, Spoiler, Way, ways

import modelparity as mp
from modelparity.describe.summary import summary
from modelparity.errors import ArtefactError, GraphError, InputError
from modelparity.formats.coreml.mil.operators import translators
from modelparity.formats.coreml.proto import module
from modelparity.graph import Graph

GOOD = Path(__file__).with_name("good")
MODEL, WEIGHTS = "Data/com.apple.CoreML/model.mlmodel", "Data/com.apple.CoreML/weights/weight.bin"
MANIFEST = "Manifest.json"
#: Elements of an input beyond which a case is not run: nobody would give it one.
LARGEST = 1 << 14
#: Characters of an error that a person still reads.
READABLE = 4000


@dataclass
class Good:
    """A good file: its parts by their paths in the package ("" for a model that is one file), and its message."""

    name: str
    parts: dict[str, bytes]
    message: Any
    sites: dict[str, list[Way]] = field(default_factory=dict)

    @property
    def model(self) -> str:
        """Which part is the model."""
        return MODEL if MODEL in self.parts else ""


class CoreML:
    """Cases: one of the good files with one part spoilt. Trials: read it, print it, run it."""

    def __init__(self) -> None:
        self.good = [good(path) for path in sorted(GOOD.iterdir())]
        self.spoiler = Spoiler(Pool((one.message for one in self.good), translators()))
        self._spoilt: tuple[Path, bytes] | None = None

    def case(self, rng: Random, number: int, folder: Path) -> tuple[Path, str]:
        """A copy of a good file stands in the folder; the spoilt part of the case before is mended first."""
        if self._spoilt is not None and self._spoilt[0].exists():
            self._spoilt[0].write_bytes(self._spoilt[1])
        one = rng.choice(self.good)
        path = folder / one.name
        if not path.exists():
            source = GOOD / one.name
            shutil.copytree(source, path) if source.is_dir() else shutil.copyfile(source, path)
        kinds = ["fields"] * 11 + ["bytes"] * 5
        kinds += ["manifest"] * 2 * (MANIFEST in one.parts) + ["weights"] * 3 * (WEIGHTS in one.parts)
        kind = rng.choice(kinds)
        part = {"manifest": MANIFEST, "weights": WEIGHTS}.get(kind, one.model)
        old = one.parts[part]
        if kind == "fields":
            message = type(one.message)()
            message.CopyFrom(one.message)
            self.spoiler.spoil(rng, message, one.sites)
            new = message.SerializeToString(deterministic=True)
        elif kind == "manifest":
            new = mutation.document(rng, old)
        else:
            other = rng.choice(self.good)
            new = mutation.data(rng, old, other.parts[other.model])
        target = path / part if part else path
        target.write_bytes(new)
        self._spoilt = target, old
        return path, kind

    def trial(self, path: Path, rng: Random) -> str:
        """Only errors of the package, that name the file, may come of it."""
        try:
            graph = mp.load(path)
        except ArtefactError as error:
            readable(error, path.name)
            return "refused"
        if rng.randrange(8) == 0:
            assert summary(graph)
            assert len(graph.hash) == 64
        feeds = tiny(graph, rng)
        if feeds is None:
            return "read, inputs too large"
        try:
            mp.run(graph, feeds, arithmetic=rng.choice(("float64", "native")))
        except (GraphError, InputError) as error:
            readable(error)
            if isinstance(error.__cause__, MemoryError):
                raise AssertionError("memory ran out before anything was bounded") from error
            return "read, refused in the run"
        return "read and run"


def readable(error: Exception, name: str = "") -> None:
    """An error must name the file and be of a length that a person reads."""
    text = str(error)
    assert name in text, f"the error does not name the file: {text[:500]}"
    assert len(text) < READABLE, f"the error is too long: {len(text)} characters, {text[:500]}"


def good(path: Path) -> Good:
    """A good file, taken apart."""
    files = [file for file in sorted(path.rglob("*")) if file.is_file()] if path.is_dir() else [path]
    parts = {"" if file == path else file.relative_to(path).as_posix(): file.read_bytes() for file in files}
    message = module("Model").Model.FromString(parts.get(MODEL, parts.get("", b"")))
    sites = defaultdict(list)
    for way, one in ways(message):
        sites[one.DESCRIPTOR.full_name].append(way)
    return Good(path.name, parts, message, dict(sites))


def tiny(graph: Graph, rng: Random) -> dict[str, Any] | None:
    """Small arrays for the inputs, some of those that may be left out left out; None if they cannot be small."""
    feeds: dict[str, Any] = {}
    sizes: dict[str, int] = {}
    source = np.random.default_rng(rng.randrange(1 << 32))
    for spec in graph.inputs:
        if spec.name in {*graph.states, *graph.defaults} and rng.randrange(2):
            continue
        shape = [
            sizes.setdefault(axis.name, max(axis.least, 2)) if axis.size is None else axis.size
            for axis in spec.axes
        ]
        if math.prod(shape) > LARGEST:
            return None
        feeds[spec.name] = (2 * source.standard_normal(shape)).astype(spec.dtype)
    return feeds


TARGET = CoreML
