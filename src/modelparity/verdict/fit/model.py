"""The fit itself: data that moves arrays across, tells itself to a person, and goes to JSON and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from ...errors import InputError, near
from ...graph import Array
from .image import Pixels
from .layout import Layout


@dataclass(frozen=True)
class Pair:
    """An input or output of the reference, what the candidate calls it, and how its axes lie there.

    ``dtype`` is the type that the reference has, where the candidate's format lacks it; ``pixels`` is what the
    candidate makes of an image, where the reference takes what comes of it.
    """

    reference: str
    candidate: str
    layout: Layout | None = None
    dtype: str | None = None
    pixels: Pixels | None = None

    @property
    def identity(self) -> bool:
        """Whether name, axes and type are the same."""
        plain = self.layout is None or self.layout.identity
        return plain and self.reference == self.candidate and self.dtype is None and self.pixels is None

    def describe(self) -> str:
        """What a person reads: ``x (time, feature) as (1, time, feature)``, ``y is Identity``."""
        text = self.reference if self.reference == self.candidate else f"{self.reference} is {self.candidate}"
        if self.layout is not None and not self.layout.identity:
            text += f" {self.layout}" if self.reference == self.candidate else f", {self.layout}"
        text += f", {self.pixels.describe()}" if self.pixels is not None else ""
        return f"{text}, {self.dtype} in a type that its format has" if self.dtype else text


@dataclass(frozen=True)
class Fit:
    """How a candidate's inputs and outputs correspond to the reference's.

    Args:
        inputs: a `Pair` for each input of the reference that the candidate takes.
        outputs: likewise; outputs of the reference that were meant to be missing are not there.
        sizes: (free axis of the reference, size) that the candidate fixes.
        fills: (input that only one side has, its value): what was given, and zeros of states.
        states: (state that the candidate has as an input, its output that is the next value, or None).
        held: states of the reference that started from what it holds, as the candidate from what it does.
        along: the axis of the reference along which the candidate is called again and again.
        window: how much of that axis a call takes.
        given: inputs that only the candidate has, whose arrays were given.
        extra: outputs of the candidate that were not compared.
        notes: how it is known, in sentences.
    """

    inputs: tuple[Pair, ...] = ()
    outputs: tuple[Pair, ...] = ()
    sizes: tuple[tuple[str, int], ...] = ()
    fills: tuple[tuple[str, float], ...] = ()
    states: tuple[tuple[str, str | None], ...] = ()
    along: str | None = None
    window: int = 1
    given: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def identity(self) -> bool:
        """Whether the candidate has the reference's own interface."""
        changed = (self.sizes, self.fills, self.states, self.given, self.extra, self.along)
        return not any(changed) and all(pair.identity for pair in (*self.inputs, *self.outputs))

    def feeds(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """{the candidate's input: array} from {the reference's input: array}; fills are not among them.

        Raises `InputError` for arrays that have other axes.
        """
        found = {}
        for pair in self.inputs:
            if pair.reference in feeds:
                array = feeds[pair.reference]
                moved = pair.layout.to_candidate(array) if pair.layout else array
                found[pair.candidate] = moved if pair.pixels is None else pair.pixels.pixels(moved)
        return found

    def results(self, outputs: Mapping[str, Array], shapes: Mapping[str, Sequence[int]]) -> dict[str, Array]:
        """{the reference's output: array in its layout} from the candidate's; ``shapes`` are the reference's.

        An array that does not have the axes it should have stays as it is.
        """
        found = {}
        for pair in self.outputs:
            array = outputs[pair.candidate]
            if pair.layout is not None and not pair.layout.identity:
                try:
                    array = pair.layout.to_reference(array, shapes.get(pair.reference, ()))
                except InputError:
                    array = outputs[pair.candidate]
            if pair.dtype is not None and (cast := array.astype(pair.dtype)).shape == array.shape:
                array = cast if (cast == array).all() else array
            found[pair.reference] = array
        return found

    def describe(self) -> tuple[str, ...]:
        """Lines for a person; none for the identity."""
        return () if self.identity else tuple(self._lines())

    def _lines(self) -> Iterator[str]:
        if changed := [pair.describe() for pair in (*self.inputs, *self.outputs) if not pair.identity]:
            yield "; ".join(changed)
        if self.sizes:
            sizes = ", ".join(f"{name}={size}" for name, size in self.sizes)
            yield f"run at {sizes}, which the candidate fixes"
        if self.along is not None:
            each = "frame by frame" if self.window == 1 else f"{self.window} at a time"
            yield f"the candidate is run {each} along {self.along!r}"
        if self.states:
            after = [to for _, to in self.states if to is not None]
            one = " is its next value" if len(self.states) == 1 else " are their next values"
            zero = [name for name, _ in self.states if name not in self.held]
            text = f"{', '.join(zero)} started from zeros, as states do" if zero else ""
            if self.held:
                text += f"{'; ' * bool(zero)}{', '.join(self.held)} started from what each side holds"
            yield f"{text}; {', '.join(after)}{one}" if after else text
        if self.given:
            yield f"given: {', '.join(self.given)}"
        if given := [f"{name}={value:g}" for name, value in self.fills]:
            yield f"filled: {', '.join(given)}"
        if self.extra:
            yield f"not compared: {', '.join(self.extra)}, which only the candidate gives"
        yield from self.notes

    def to_json(self) -> dict[str, Any]:
        """Plain data; what is as it would be in the identity is left out."""
        data: dict[str, Any] = {}
        for kind, pairs in (("inputs", self.inputs), ("outputs", self.outputs)):
            if changed := {pair.reference: _pair(pair) for pair in pairs}:
                data[kind] = changed
        for kind, given in (("sizes", self.sizes), ("fills", self.fills), ("states", self.states)):
            if given:
                data[kind] = dict(given)
        if self.along is not None:
            data |= {"along": self.along, "window": self.window}
        for kind, listed in (
            ("given", self.given),
            ("extra", self.extra),
            ("held", self.held),
            ("notes", self.notes),
        ):
            if listed:
                data[kind] = list(listed)
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any], *, where: object = "fit") -> Fit:
        """The fit that `to_json` wrote. Raises `InputError` for what is none."""
        known = [one.name for one in fields(cls)]
        for key in data:
            if key not in known:
                raise InputError(f"unknown key {key!r} in a fit", where=where, expected=near(key, known))
        try:
            return cls(
                inputs=tuple(_read(name, said) for name, said in data.get("inputs", {}).items()),
                outputs=tuple(_read(name, said) for name, said in data.get("outputs", {}).items()),
                sizes=tuple((str(name), int(size)) for name, size in data.get("sizes", {}).items()),
                fills=tuple((str(name), float(value)) for name, value in data.get("fills", {}).items()),
                states=tuple(data.get("states", {}).items()),
                along=data.get("along"),
                window=int(data.get("window", 1)),
                given=tuple(data.get("given", ())),
                extra=tuple(data.get("extra", ())),
                held=tuple(data.get("held", ())),
                notes=tuple(data.get("notes", ())),
            )
        except (AttributeError, TypeError, ValueError, KeyError) as error:
            raise InputError(
                "no fit", where=where, found=repr(error), expected="what Fit.to_json gives"
            ) from error


def _pair(pair: Pair) -> str | dict[str, Any]:
    plain = pair.layout is None or pair.layout.identity
    if plain and pair.dtype is None and pair.pixels is None:
        return pair.candidate
    said: dict[str, Any] = {"name": pair.candidate}
    if pair.pixels is not None:
        said["pixels"] = pair.pixels.to_json()
    if not plain and pair.layout is not None:
        said["axes"] = f"{' '.join(pair.layout.reference)} -> {' '.join(pair.layout.candidate)}"
    return {**said, "type": pair.dtype} if pair.dtype else said


def _read(name: str, said: str | Mapping[str, Any]) -> Pair:
    if isinstance(said, str):
        return Pair(name, said)
    layout = None
    if "axes" in said:
        before, _, after = said["axes"].partition("->")
        layout = Layout(tuple(before.split()), tuple(after.split()))
    pixels = Pixels.from_json(said["pixels"]) if "pixels" in said else None
    return Pair(name, said["name"], layout, said.get("type"), pixels)
