"""ONNX files as what a campaign tries: good models spoilt field by field and byte by byte."""

from __future__ import annotations

import contextlib
import math
import sys
from collections import defaultdict
from pathlib import Path
from random import Random
from typing import Any

import mutation
import numpy as np

sys.path.insert(1, str(Path(__file__).parents[1] / "coreml"))

from messages import Pool, Spoiler, ways
from models import models

import modelparity as mp
from modelparity.describe.summary import summary
from modelparity.errors import ArtefactError, GraphError, InputError
from modelparity.formats.onnx.read.node import translators
from modelparity.graph import Graph

#: Elements of an input beyond which a case is not run, and characters of an error that a person still reads.
LARGEST, READABLE = 1 << 14, 4000


class Onnx:
    """Cases: a good model with one to four changes. Trials: read it, print it, run it."""

    def __init__(self) -> None:
        self.good = models()
        names = [key.partition(":")[2] for key in translators()]
        pool = Pool(self.good)
        pool.texts["op_type"] = [*names, *pool.texts.get("op_type", [])]
        self.spoiler = Spoiler(pool)
        self.sites = []
        for one in self.good:
            sites = defaultdict(list)
            for way, message in ways(one):
                sites[message.DESCRIPTOR.full_name].append(way)
            self.sites.append(dict(sites))

    def case(self, rng: Random, number: int, folder: Path) -> tuple[Path, str]:
        """A spoilt model in the folder."""
        which = rng.randrange(len(self.good))
        kind = rng.choice(["fields"] * 3 + ["bytes"])
        if kind == "fields":
            message = type(self.good[which])()
            message.CopyFrom(self.good[which])
            with contextlib.suppress(ValueError):  # a number that an enumeration of proto2 does not take
                self.spoiler.spoil(rng, message, self.sites[which])
            raw = message.SerializeToString(deterministic=True)
        else:
            raw = mutation.data(
                rng, self.good[which].SerializeToString(), rng.choice(self.good).SerializeToString()
            )
        path = folder / "spoilt.onnx"
        path.write_bytes(raw)
        return path, kind

    def trial(self, path: Path, rng: Random) -> str:
        """Only errors of the package, that name the file, may come of it."""
        try:
            graph = mp.load(path, format="onnx")
        except ArtefactError as error:
            readable(error, path.name)
            if "mistake of the reader" in str(error):
                raise AssertionError(f"the reader was surprised: {error.found}") from error
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


def tiny(graph: Graph, rng: Random) -> dict[str, Any] | None:
    """Small arrays for the inputs; None if they cannot be small."""
    feeds: dict[str, Any] = {}
    sizes: dict[str, int] = {}
    source = np.random.default_rng(rng.randrange(1 << 32))
    for spec in graph.inputs:
        shape = [sizes.setdefault(a.name, max(a.least, 2)) if a.size is None else a.size for a in spec.axes]
        if math.prod(shape) > LARGEST or len(shape) > 12:
            return None
        feeds[spec.name] = np.abs(2 * source.standard_normal(shape)).astype(spec.dtype)
    return feeds


TARGET = Onnx
