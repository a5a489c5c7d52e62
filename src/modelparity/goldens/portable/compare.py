"""Read a bundle of goldens and judge outputs by their floors. Needs numpy only.

The rule: an element may depart from the float64 reference by `limit` times its floor, which is what rounding
alone was measured to do there. Shapes, types and the places of NaN and infinities must be the same.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from pathlib import Path
from typing import Any, Callable, Mapping  # noqa: UP035 - old Pythons run this too

import numpy as np

FORMAT, SPEC = "modelparity bundle", 1
#: No array and no manifest is larger; a file that says otherwise is not read.
MOST_BYTES = 1 << 30
NAME = re.compile(r"arrays/[A-Za-z0-9_-]+\.npy")
GROUPS = ("inputs", "outputs", "floors")

#: (name of a file in the bundle, most bytes) -> its bytes.
Reader = Callable[[str, int], bytes]


class BundleError(Exception):
    """The bundle is damaged, of another version, or not a bundle."""


class Case:
    """One recorded case: `id`, `model`, `inputs`, `outputs` (float64), `floors`, `dtypes` and `limit`."""

    def __init__(self, record: Mapping[str, Any], limit: float, read: Reader) -> None:
        self.id, self.model = str(record["id"]), str(record["model"])
        self.limit = float(limit)
        self.record = record
        self.dtypes = {name: tuple(types) for name, types in record["dtypes"].items()}
        arrays = [{name: _array(about, read) for name, about in record[group].items()} for group in GROUPS]
        self.inputs, self.outputs, self.floors = arrays
        for name, want in self.outputs.items():
            if name not in self.floors or self.floors[name].shape != want.shape or name not in self.dtypes:
                raise BundleError(f"{self.id}: output {name!r} has no floor of its shape, or no type")


def folder(root: Path) -> Reader:
    """Reads files of an unpacked bundle."""

    def read(name: str, most: int) -> bytes:
        path = root / name
        if path.is_symlink() or not path.is_file():
            raise BundleError(f"{path} is missing, or no plain file")
        if path.stat().st_size > most:
            raise BundleError(f"{path} is larger than the manifest says")
        return path.read_bytes()

    return read


def load(read: Reader) -> list[Case]:
    """Every case of a bundle, each byte of manifest and arrays verified. Raises `BundleError`."""
    try:
        manifest = json.loads(read("manifest.json", MOST_BYTES))
        if manifest["format"] != FORMAT or manifest["spec"] != SPEC:
            raise BundleError(
                f"not a {FORMAT} of version {SPEC}: {manifest['format']!r}, {manifest['spec']!r}"
            )
        if manifest.pop("seal") != seal(manifest):
            raise BundleError("manifest.json has changed since the bundle was made: its seal does not fit")
        return [Case(record, manifest["limit"], read) for record in manifest["cases"]]
    except BundleError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BundleError(f"damaged bundle: {error!r:.200}") from error


def seal(manifest: Mapping[str, Any]) -> str:
    """SHA-256 over the manifest's content."""
    text = json.dumps(manifest, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def judge(case: Case, got: Any) -> list[str]:
    """What is wrong with a candidate's outputs ({name: array}, or the only array): sentences, or nothing."""
    if got is None:
        return ["predict() returned nothing: return what the model gave"]
    if not isinstance(got, Mapping):
        if len(case.outputs) != 1:
            return [
                f"one array was returned for {len(case.outputs)} outputs: return a dict of {sorted(case.outputs)}"
            ]
        got = {next(iter(case.outputs)): got}
    if set(got) != set(case.outputs):
        return [f"outputs are named {sorted(got)}, but should be {sorted(case.outputs)}"]
    problems = []
    for name, want in case.outputs.items():
        found = compare(np.asarray(got[name]), want, case.floors[name], case.dtypes[name], case.limit)
        problems += [f"output {name!r}: {text}" for text in found]
    return problems


def compare(got: Any, want: Any, floor: Any, dtypes: tuple[str, ...], limit: float) -> list[str]:
    """Judge one output; the same rule as the library's own."""
    problems = []
    if str(got.dtype) not in dtypes:
        problems.append(f"type is {got.dtype}, but should be {' or '.join(dtypes)}")
    if got.shape != want.shape:
        return [*problems, f"shape is {got.shape}, but should be {want.shape}"]
    if got.dtype.kind not in "fiub":  # text, complex numbers
        return problems
    real = got.dtype.kind == "f" and want.dtype.kind == "f"
    for kind, test in (("NaN", np.isnan), ("+infinity", np.isposinf), ("-infinity", np.isneginf)):
        odd = test(got) != test(want) if real else np.zeros(want.shape, bool)
        if real:  # a sound float32 run overflows where the float64 run does not
            beyond = np.isfinite(want) & (np.abs(want) + floor > float(np.finfo(got.dtype).max))
            odd &= ~(beyond & test(got) & test(np.copysign(np.inf, want)))
        if odd.any():
            place = tuple(int(i) for i in np.argwhere(odd)[0])
            problems.append(
                f"{kind} in one but not in the other at {int(odd.sum())} places, {list(place)} first"
            )
    floors = in_floors(got, want, floor)
    if floors.size and not floors.max() <= limit:
        place = tuple(int(i) for i in np.unravel_index(int(np.argmax(floors)), floors.shape))
        problems.append(
            f"off by {floors[place]:.4g} floors (limit {limit:g}) at {list(place)}: is {got[place]:.9g}, "
            f"but should be {want[place]:.9g} within {floor[place]:.3g}; "
            f"{np.mean(floors > limit):.1%} of elements are beyond the limit"
        )
    return problems


def in_floors(got: Any, want: Any, floor: Any) -> Any:
    """Each element's difference in units of its floor; zero where it is not finite or rounds to the same."""
    both = np.isfinite(got) & np.isfinite(want)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        difference = np.where(both, np.abs(got.astype(np.float64) - want.astype(np.float64)), 0.0)
        stored = want.astype(got.dtype) if got.dtype.kind == want.dtype.kind == "f" else want
        if want.dtype.kind != "f":
            difference = np.maximum(difference, 1.0)  # large whole numbers may be one in float64
        difference = np.where(both & (got != stored), difference, 0.0)
        return np.where(difference == 0, 0.0, difference / floor)


def _array(about: Mapping[str, Any], read: Reader) -> Any:
    """An array as the manifest describes it. The file is parsed by hand: its header must match to the byte."""
    name, dtype, shape = about["file"], np.dtype(about["dtype"]).newbyteorder("<"), tuple(about["shape"])
    if (
        not NAME.fullmatch(name)
        or dtype.kind not in "fiub"
        or not all(type(n) is int and n >= 0 for n in shape)
    ):
        raise BundleError(f"damaged bundle: {name!r:.80} is not the name, type or shape of an array")
    size = math.prod(shape) * dtype.itemsize
    if size > MOST_BYTES:
        raise BundleError(f"{name} would have {size} bytes")
    data = read(name, size + 4096)
    if hashlib.sha256(data).hexdigest() != about["sha256"]:
        raise BundleError(f"{name} has changed since the bundle was made")
    start = 10 + int.from_bytes(data[8:10], "little")
    if data[:8] != b"\x93NUMPY\x01\x00" or len(data) != start + size:
        raise BundleError(f"{name} is not an array of {shape} {dtype}")
    header = f"{{'descr': {dtype.str!r}, 'fortran_order': False, 'shape': {shape!r}, }}"
    if data[10:start].strip() != header.encode():
        raise BundleError(f"{name} has the header {data[10:start]!r:.200}, but should have {header}")
    array = np.frombuffer(data, dtype, offset=start).reshape(shape)
    return array.astype(dtype.newbyteorder("="))
