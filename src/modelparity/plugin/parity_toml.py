"""``parity.toml``: comparisons as data, read into entries. Everything in it that is not understood is an error.

::

    [encoder]                                     # a name for the report
    reference = "encoder.onnx"                    # paths are relative to this file
    candidates = ["encoder.mlpackage", "encoder_half.mlpackage"]
    recipes = ["noise", "silence"]                # left out: as `verdict.question.usual`
    expect = { "encoder_half.mlpackage" = "reduced" }   # or one band for all; left out: rounding
    inputs.audio = ["batch=1", "time=16..400", 80]      # a range is tried at both ends and at an odd number between
    inputs.ids = { shape = ["batch=1", "time"], below = 30522 }
    names.audio = "input_1"                       # what the candidates call it, if that is not plain
    fill.sr = 16000                               # the value of an input that only one side has
    ignore = ["hn"]                               # outputs that the candidates are meant not to have
    fit = "strict"                                # or a file or table, as v.fit.to_json() gave it; another fit fails
    sizes.time = 50                               # of the reference's free axes
    limits.seconds = 120                          # what one run of the reference may take; limits.elements likewise

What holds for one candidate stands with it, and goes before what is said of all::

    candidates = ["encoder.onnx", { file = "encoder.mlpackage", fill.sr = 8000, ignore = ["hn"], expect = "reduced" }]

A table with ``pipeline`` in place of ``reference`` compares a chain of stages, see `pipeline_toml`. Beside the
comparisons stand differences that are known, see `known`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..errors import InputError, near
from ..inputs import LENGTHS, recipes, special_recipes
from ..inputs.cost import Budget
from ..verdict.fit.pinned import read as read_fit
from .candidate_options import CandidateOptions
from .known import KEY, Known, read as read_known
from .parity_entry import Declared, Entry, Size
from .pipeline_entry import PipelineEntry
from .pipeline_toml import KEY as PIPELINE, pipeline_entry
from .subject import USUAL, Variant
from .toml_values import band as _band, file as _file, kind as _kind, texts as _texts

#: What may be said of all candidates or of one.
OPTIONS = ("names", "fill", "ignore", "fit", "sizes", "limits")
KEYS = ("reference", "candidates", "recipes", "expect", "inputs", "seed", *OPTIONS)
#: Of one candidate.
OWN = ("file", "expect", *OPTIONS)
_AXIS = re.compile(r"([A-Za-z_]\w*)(?:=(\d+)(?:\.\.(\d+))?)?")
#: No size beyond this one is meant.
LARGEST = 1 << 24


def entries(path: Path, prefix: str = "") -> tuple[list[Entry | PipelineEntry], list[Known]]:
    """The tables of the file, in its order, and the differences that it calls known.

    ``prefix`` goes before the tables' names. Raises `InputError`.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError("not readable as TOML", where=path, found=str(error)) from error
    known = read_known(path, document)
    if not isinstance(document.get(KEY), dict):
        document.pop(KEY, None)
    if not document:
        raise InputError("declares no comparison", where=path, expected="a table for each reference")
    found: list[Entry | PipelineEntry] = []
    for name, table in document.items():
        if isinstance(table, dict) and PIPELINE in table:
            found.append(pipeline_entry(path, prefix, name, table))
        else:
            found.append(_entry(path, prefix, name, table))
    return found, known


def _entry(path: Path, prefix: str, name: str, table: Any) -> Entry:
    where = f"{path.name}, [{name}]"
    _kind(table, dict, where, "a table with reference and candidates")
    for key in table:
        if key not in KEYS:
            raise InputError(f"unknown key {key!r}", where=where, expected=near(key, KEYS))
    for key in ("reference", "candidates"):
        if not table.get(key):
            raise InputError(f"{key} is missing", where=where, found=", ".join(table) or "nothing")
    own = _candidates(table["candidates"], path.parent, f"{where}, candidates")
    files = tuple((text, _file(path, text, f"{where}, candidates")) for text in own)
    inputs, ranges = _inputs(table.get("inputs", {}), f"{where}, inputs")
    chosen = (
        _texts(table["recipes"], f"{where}, recipes")
        if "recipes" in table
        else ["noise"]
        if ranges
        else LENGTHS
    )
    for recipe in chosen:
        known = (*recipes(), *special_recipes())
        if recipe not in known:
            raise InputError(f"unknown recipe {recipe!r}", where=where, expected=near(recipe, known))
    seed = table.get("seed", 0)
    if type(seed) is not int or seed < 0:
        raise InputError("a seed is a whole number from 0 on", where=where, found=seed)
    return Entry(
        key=f"{prefix}{name}",
        where=where,
        reference=_file(path, table["reference"], f"{where}, reference"),
        files=files,
        recipes=tuple(dict.fromkeys(chosen)),
        inputs=tuple(inputs.items()),
        variants=tuple(_variants(ranges)),
        all_said=_options(table, path.parent, where),
        own_said=tuple(_with_bands(own, _bands(table.get("expect", {}), dict(files), where), where).items()),
        seed=seed,
        usual="recipes" not in table,
    )


def _candidates(given: Any, folder: Path, where: str) -> dict[str, CandidateOptions]:
    """{candidate: what is said of it alone}: a text, or a list of texts and tables."""
    found: dict[str, CandidateOptions] = {}
    for one in given if isinstance(given, list) else [given]:
        if not isinstance(one, dict):
            _kind(one, str, where, "a path, or a table with the path as file")
            found.setdefault(one, CandidateOptions())
            continue
        for key in one:
            if key not in OWN:
                raise InputError(f"unknown key {key!r}", where=where, expected=near(key, OWN))
        _kind(one.get("file"), str, where, "a path as file")
        if one["file"] in found:
            raise InputError(f"{one['file']!r} is there twice", where=where, fix="say all of it in one place")
        here = f"{where}, {one['file']}"
        band = _band(one["expect"], here) if "expect" in one else None
        found[one["file"]] = replace(_options(one, folder, here), expect=band)
    return found


def _options(table: Mapping[str, Any], folder: Path, where: str) -> CandidateOptions:
    """What a table says of how candidates are compared."""
    limits = _fills(table.get("limits", {}), f"{where}, limits")
    Budget.of(limits)
    sizes = table.get("sizes", {})
    _kind(sizes, dict, f"{where}, sizes", "a table of sizes")
    for name, size in sizes.items():
        if type(size) is not int or not 0 < size <= LARGEST:
            raise InputError(f"{name!r} has no such size", where=f"{where}, sizes", found=repr(size)[:80])
    return CandidateOptions(
        names=tuple(_names(table.get("names", {}), f"{where}, names").items()),
        fills=tuple(_fills(table.get("fill", {}), f"{where}, fill").items()),
        ignore=tuple(_texts(table.get("ignore", []), f"{where}, ignore")),
        fit=read_fit(table.get("fit"), where=f"{where}, fit", folder=folder),
        sizes=tuple(sizes.items()),
        limits=tuple(limits.items()),
    )


def _with_bands(
    own: Mapping[str, CandidateOptions], bands: Mapping[str, str], where: str
) -> dict[str, CandidateOptions]:
    """What is said of each candidate, with the band of the table's ``expect``."""
    for name, said in own.items():
        if said.expect is not None and bands.get(name, said.expect) != said.expect:
            raise InputError(
                f"expect and the expect of {name!r} contradict each other",
                where=where,
                found=f"{bands[name]}, and {said.expect}",
                fix="leave one of them out",
            )
    return {name: replace(said, expect=said.expect or bands.get(name)) for name, said in own.items()}


def _inputs(given: Any, where: str) -> tuple[dict[str, Declared], dict[str, tuple[int, int]]]:
    """The declared inputs, and {axis name: (least, largest)} of the axes that are given as ranges."""
    _kind(given, dict, where, "a table of inputs")
    inputs: dict[str, Declared] = {}
    ranges: dict[str, tuple[int, int]] = {}
    for name, said in given.items():
        here = f"{where}.{name}"
        table = {"shape": said} if isinstance(said, list) else said
        _kind(table, dict, here, 'a shape, or a table such as { shape = ["batch", 80], below = 100 }')
        for key in table:
            if key not in ("shape", "below"):
                raise InputError(f"unknown key {key!r}", where=here, expected=near(key, ("shape", "below")))
        below = table.get("below")
        if below is not None and (type(below) is not int or below < 1):
            raise InputError("below is a whole number from 1 on", where=here, found=below)
        shape = None
        if "shape" in table:
            _kind(table["shape"], list, here, 'a list such as ["batch=1", "time=16..400", 80]')
            shape = tuple(_size(one, ranges, here) for one in table["shape"])
        inputs[name] = Declared(shape, below)
    return inputs, ranges


def _size(said: Any, ranges: dict[str, tuple[int, int]], where: str) -> Size:
    """One axis: 80, "time", "time=50" or "time=16..400"."""
    if type(said) is int and 0 < said <= LARGEST:
        return Size(size=said)
    match = _AXIS.fullmatch(said) if isinstance(said, str) else None
    low = int(match[2]) if match and match[2] else None
    high = int(match[3]) if match and match[3] else low
    if match is None or (low is not None and high is not None and not 0 < low <= high <= LARGEST):
        raise InputError(
            "not an axis",
            where=where,
            found=repr(said),
            expected='a number, "time", "time=50" or "time=16..400"',
        )
    name = match[1]
    if low is None or high is None or low == high:
        return Size(name, low)
    if ranges.setdefault(name, (low, high)) != (low, high):
        raise InputError(f"axis {name!r} has two ranges", where=where, found=said, expected=ranges[name])
    return Size(name)


def _variants(ranges: Mapping[str, tuple[int, int]]) -> Iterator[Variant]:
    """All axes at their least, at an odd number between, and at their largest."""
    if not ranges:
        yield USUAL
        return
    between = {name: min(high, (low + high) // 2 | 1) for name, (low, high) in ranges.items()}
    least = {name: low for name, (low, _) in ranges.items()}
    largest = {name: high for name, (_, high) in ranges.items()}
    chosen = dict.fromkeys(tuple(sizes.items()) for sizes in (least, between, largest))
    for sizes in chosen:
        yield Variant(",".join(f"{name}={size}" for name, size in sizes), sizes)


def _bands(expect: Any, files: Mapping[str, Path], where: str) -> dict[str, str]:
    """{candidate: band}: one for all, or each by name."""
    bands = dict.fromkeys(files, expect) if isinstance(expect, str) else expect
    _kind(bands, dict, f"{where}, expect", "a band, or a table of bands by candidate")
    for name, band in bands.items():
        if name not in files:
            raise InputError(f"no candidate {name!r}", where=f"{where}, expect", expected=near(name, files))
        _band(band, where)
    return dict(bands)


def _names(given: Any, where: str) -> dict[str, str]:
    _kind(given, dict, where, "a table of names")
    for name, other in given.items():
        _kind(other, str, f"{where}.{name}", "the name that the candidates use")
    return dict(given)


def _fills(given: Any, where: str) -> dict[str, float]:
    _kind(given, dict, where, "a table of values")
    for name, value in given.items():
        if type(value) not in (int, float):
            raise InputError(f"{name!r} is filled with a number", where=where, found=repr(value)[:80])
    return dict(given)
