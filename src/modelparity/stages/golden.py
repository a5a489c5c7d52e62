"""`PipelineGolden`: what a pipeline computed, to be kept, judged by without it, and compared with it later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from html import escape
from pathlib import Path
from typing import Any, Self

import numpy as np

from ..errors import GoldenError, InputError, ModelparityError, near
from ..files import replace_file
from ..goldens.provenance import ENGINE
from ..goldens.rerun import ROOM, departed
from ..goldens.safetensors_file import bounded
from ..graph import Array
from ..verdict.bands import ACCEPTABLE
from ..verdict.explain.clock import Clock
from .deciding import Compared
from .description import Description
from .explaining import SECONDS
from .golden_causes import causes
from .golden_file import decode, encode
from .golden_record import PipelineRecord, RecordedStage
from .golden_recording import again, in_json, networks, next_before, of
from .judging import decoded, numbers
from .outcome import Checked
from .result import Judged, Sides, StageVerdict
from .stage import Decoder, as_it_is


class PipelineGolden(PipelineRecord):
    """What a pipeline was given and computed: every stage with its floor; see `PipelineRecord`.

    `check` judges a candidate by it where neither the networks nor the code of the pipeline are.
    """

    def save(self, path: str | Path) -> Path:
        """Write it as safetensors, whole or not at all; the same golden gives the same bytes."""
        return replace_file(Path(path), encode(self), GoldenError)

    @classmethod
    def load(cls, path: str | Path, pipeline: Description | None = None) -> Self:
        """Read and verify a file; with ``pipeline`` also that it still is that pipeline's.

        With ``pipeline``, floors that were measured by another method than today's are measured anew, and results
        that only its family knows are judged. Raises `GoldenError` for a file that is absent, damaged anywhere or of
        an unknown version, and for a pipeline that has other stages, settings or networks than were recorded.
        """
        golden = cls.of(decode(bounded(Path(path)), where=path))
        return golden if pipeline is None else golden.beside_of(pipeline, where=path)

    @classmethod
    def of(cls, record: PipelineRecord) -> Self:
        """The record, with all that a golden can do."""
        return cls(**{field.name: vars(record)[field.name] for field in fields(PipelineRecord)})

    def __getitem__(self, name: str) -> Any:
        """A stage's value, in the types that the original keeps; a dict where it has several."""
        stage = self._recorded(name)
        if stage.tensors is None:
            return stage.value if stage.gives is None else stage.gives.read(stage.value)
        source = self.given if stage.given else self.truth
        with np.errstate(over="ignore"):
            values = {one: source[one].astype(kind) for one, kind in stage.tensors.items()}
        return values if len(values) > 1 else next(iter(values.values()))

    def check(
        self,
        *,
        expect: str = "rounding",
        explain: bool | float = True,
        pipeline: Description | None = None,
        **given: Any,
    ) -> Checked:
        """Judge what somebody else computed of the same input, by what is recorded alone.

        Args:
            expect: the worst band that is ok: exact, rounding or reduced.
            explain: whether causes are looked for where a value departs, or for how many seconds at most.
            pipeline: the pipeline, where it is at hand: mistakes in its settings are causes then, as far as its
                networks are here; otherwise those in a value alone.
            **given: the candidate's values by stage (``features=theirs``).

        Returns:
            A verdict for each stage that was given, as `Pipeline.check` has them. Behind one that departs, one that
            is another too is unjudged, unless what it is computed from is the record's, bit for bit: only the
            pipeline itself tells whether it departs by itself.

        Raises:
            InputError: nothing was given, or what is no stage that was recorded.
            GoldenError: ``pipeline`` is another than was recorded.
        """
        if expect not in ACCEPTABLE:
            raise InputError(
                f"{expect!r} is not a band to expect", where="expect", expected=", ".join(ACCEPTABLE)
            )
        computed = [one.name for one in self.stages if not one.given]
        if not given:
            raise InputError(
                "nothing is to be judged",
                where=self.pipeline,
                fix=f"give the candidate's values: check({computed[0]}=...)",
            )
        for name in given:
            self._expect_computed(name, computed)
        if pipeline is not None:
            self.expect_fresh(pipeline)
        clock = Clock(SECONDS if explain is True else float(explain))
        found: dict[str, StageVerdict] = {}
        sides: dict[str, Sides] = {}
        for one in self.stages:
            if one.name in given:
                through, value = self._judged(one, given[one.name])
                before = tuple(found[name] for name in self.before(one.name) if name in found)
                # Of the very values of the record before it, the record is what it should give.
                alone = through if any(one.failed for one in before) and self._own(one, found) else None
                stage = Compared(one.name, one.kind, True, expect, through, alone, before=before)
                verdict = stage.verdict()
                if verdict.failed and clock.left > 0:
                    why = causes(self, one, value, floors=verdict.floors, pipeline=pipeline, clock=clock)
                    verdict = replace(verdict, causes=why)
                found[one.name] = verdict
                sides[one.name] = Sides(one.name, one.gives, self[one.name], value)
        return Checked(self.pipeline, expect, tuple(found.values()), self.settings, self.chosen, sides)

    def verify(self, pipeline: Description) -> None:
        """Run ``pipeline`` again on what was given, and compare every stage as closely as float64 allows.

        Numbers may depart by 16 times their floor scaled down to float64, or by 16 units in the last place; events by
        what may go either way. Raises `GoldenError` that names the first stage that departs, and its worst element.
        """
        self.expect_fresh(pipeline)
        run = again(pipeline, self)
        for one in self.stages:
            if not one.given:
                self._compare_again(one, pipeline, run.exact, run.values)

    def expect_fresh(self, pipeline: Description, *, where: object = None) -> None:
        """Raise `GoldenError` that says what has changed, if ``pipeline`` is not what was recorded.

        Its name, settings, stages and networks are compared; whether its code computes the same, `verify` finds out.
        """
        if found := self._changes(pipeline):
            raise GoldenError(
                f"the golden is stale: {pipeline.name!r} has changed since",
                where=where,
                found="; ".join(found),
                fix="if the change is wanted, record it anew: mp.golden(pipeline, ...).save(path), "
                "or modelparity golden verify --update",
            )

    def beside_of(self, pipeline: Description, *, where: object = None) -> Self:
        """This golden with what ``pipeline`` adds: its own kinds of results, and floors of today's method."""
        self.expect_fresh(pipeline, where=where)
        stages = []
        for one in self.stages:
            part = pipeline.stage(one.name)
            stages.append(replace(one, gives=part.gives) if isinstance(part, Decoder) else one)
        known = replace(self, stages=tuple(stages))
        if self.floors.current:
            return known
        new = self.anew(pipeline)
        runs = {one.name: one.runs for one in new.stages}
        stages = [replace(one, runs=runs[one.name]) for one in known.stages]
        return replace(known, stages=tuple(stages), floors=new.floors, ways=new.ways)

    def anew(self, pipeline: Description) -> Self:
        """What ``pipeline`` computes today of what was given then, recorded."""
        return self.of(of(again(pipeline, self), self.beside, halves=len(self.ways) > 1))

    def _own(self, one: RecordedStage, found: Mapping[str, StageVerdict]) -> bool:
        """Whether the candidate's values from which a stage follows are the record's, bit for bit."""
        recorded = {name for name in one.takes if (stage := self.stage(name)) is not None and stage.given}
        return all(name in recorded or (name in found and found[name].band == "exact") for name in one.takes)

    def _expect_computed(self, name: str, computed: list[str]) -> None:
        if name in computed:
            return
        if self.stage(name) is not None or name in self.beside:
            raise InputError(
                f"{name!r} was given when this was recorded",
                where=self.pipeline,
                fix=f"leave {name}=... out: the candidate's values are of what the golden holds",
            )
        raise InputError(
            f"stage {name!r} was not recorded", where=self.pipeline, expected=near(name, computed)
        )

    def _recorded(self, name: str) -> RecordedStage:
        found = self.stage(name)
        if found is None:
            names = ", ".join(one.name for one in self.stages)
            raise KeyError(f"{name!r}; recorded are {names}")
        return found

    def _judged(self, one: RecordedStage, value: Any) -> tuple[Judged, Any]:
        """How a value compares with the record, and it in the axes of the record."""
        try:
            if one.tensors is not None:
                judged, fitted = numbers(self, self._spread(one, value))
                return judged, fitted if len(fitted) > 1 else next(iter(fitted.values()))
            if one.gives is None:
                raise InputError(
                    "what it gives has a form that only its family knows",
                    fix=f"load the golden with it: PipelineGolden.load(path, mp.pipeline({self.pipeline!r}))",
                )
            gives = one.gives
            runs = [gives.read(run) for run in one.runs]
            theirs = gives.read(value)
            return decoded(gives, theirs, gives.read(one.value), runs), theirs
        except ModelparityError as error:
            raise error.changed(where=f"{self.pipeline}, stage {one.name!r}") from error

    def _spread(self, one: RecordedStage, value: Any) -> dict[str, Array]:
        names = tuple(one.tensors or ())
        if not isinstance(value, Mapping):
            value = {names[0]: value} if len(names) == 1 else {}
        if set(value) != set(names):
            raise InputError(
                "it has other values",
                found=", ".join(map(str, value)) or "one array",
                expected=f"a dict of {', '.join(names)}",
            )
        return {name: as_it_is(value[name]) for name in names}

    def _changes(self, pipeline: Description) -> list[str]:
        """What has changed: sentences."""
        if pipeline.name != self.pipeline:
            return [f"it is {pipeline.name!r}, and {self.pipeline!r} was recorded"]
        found = []
        now = in_json(pipeline.settings, pipeline.name)
        for name in sorted({*now, *self.settings}):
            then, value = self.settings.get(name, "not there"), now.get(name, "not there")
            if then != value:
                found.append(f"setting {name}: {value!r} now, {then!r} then")
        parts = {part.name: part for part in pipeline.parts}
        names = [one.name for one in self.stages]
        for one in self.stages:
            if one.name not in parts or parts[one.name].kind != one.kind:
                found.append(f"stage {one.name!r} is {'another kind' if one.name in parts else 'gone'}")
            elif next_before(pipeline, one.name, names) != one.takes:
                found.append(f"stage {one.name!r} follows from others now")
            elif one.networks is not None:
                found += _changed(one, networks(pipeline, one.name, given=False) or {})
        if self.provenance["engine"] != ENGINE:
            found.append(
                f"engine: recorded by revision {self.provenance['engine']}, this is revision {ENGINE}"
            )
        return found

    def _compare_again(
        self, one: RecordedStage, pipeline: Description, exact: Mapping[str, Any], values: Mapping[str, Any]
    ) -> None:
        what = "the same settings and networks give something else now"
        about = f"recorded by {self.provenance['created_by']}, numpy {self.provenance['numpy']}"
        fix = "find out which change did it; record anew only if the new result is the right one"
        for name, kind in (one.tensors or {}).items():
            got, want, where = exact.get(name), self.truth[name], f"{self.pipeline}, stage {one.name!r}"
            if (
                got is None
                or got.shape != want.shape
                or got.dtype != want.dtype
                or values[name].dtype != kind
            ):
                found = "nothing" if got is None else f"{got.shape} {values[name].dtype}"
                raise GoldenError(what, where=where, found=found, expected=f"{want.shape} {kind}", fix=fix)
            room = ROOM * self.room(name) if want.dtype.kind == "f" else np.zeros(want.shape)
            away = departed(got, want, room)
            if away.size and away.max() > 1:
                place = tuple(int(i) for i in np.unravel_index(int(np.argmax(away)), away.shape))
                raise GoldenError(
                    what,
                    where=f"{where}, {name}{list(place)}",
                    found=f"{got[place]:.17g} ({away[place]:.3g} times what float64 rounding explains)",
                    expected=f"{want[place]:.17g}, {about}",
                    fix=fix,
                )
        part = pipeline.stage(one.name)
        if one.decoded and isinstance(part, Decoder):
            gives = part.gives
            runs = [gives.read(run) for run in one.runs]
            said = gives.compare(values[one.name], gives.read(one.value), runs)
            if not said.agree:
                where = f"{self.pipeline}, stage {one.name!r}"
                raise GoldenError(what, where=where, found=said, expected=about, fix=fix)

    def __repr__(self) -> str:
        told = ", ".join(
            f"{name} {what}" + (f" ({rest})" if "either" in rest else "") for name, what, rest in self._rows()
        )
        chosen = "".join(f", {name}={value!r}" for name, value in self.chosen.items())
        return f"<golden of {self.pipeline}{chosen}: {told}>"

    def _rows(self) -> list[tuple[str, str, str]]:
        """(stage, what it holds, its floor) of each."""
        rows = []
        for one in self.stages:
            if one.tensors is not None:
                source = self.given if one.given else self.truth
                what = "; ".join(f"{kind} {tuple(source[name].shape)}" for name, kind in one.tensors.items())
                floors = [self.floors.outputs[name] for name in one.tensors if not one.given]
                worst = max((float(np.max(a, initial=0.0)) for a in floors), default=0.0)
                rows.append((one.name, what, "given" if one.given else f"floor at most {worst:.2g}"))
            else:
                word = one.gives.word if one.gives else "result"
                count = len(one.gives.items(one.gives.read(one.value))) if one.gives else 1
                rows.append((one.name, f"{count} {word}", self._loose(one)))
        return rows

    def _loose(self, one: RecordedStage) -> str:
        if one.gives is None or not one.runs:
            return ""
        want, runs = one.gives.read(one.value), [one.gives.read(run) for run in one.runs]
        either = one.gives.compare(one.value, want, runs).either
        return f"{', '.join(either)} may go either way" if either else ""

    def _repr_html_(self) -> str:
        rows = "".join(
            "<tr>" + "".join(f"<td style='text-align:left'>{escape(cell)}</td>" for cell in row) + "</tr>"
            for row in self._rows()
        )
        chosen = ", ".join(f"{name}={value!r}" for name, value in self.chosen.items()) or "as by default"
        return (
            f"<div><p><b>Golden of {escape(self.pipeline)}</b>, settings {escape(chosen)}; "
            f"{escape(str(self.provenance['created_by']))}</p><table>{rows}</table></div>"
        )


def _changed(one: RecordedStage, now: Mapping[str, str]) -> list[str]:
    """What has changed of a stage's networks."""
    then = one.networks or {}
    if set(then) != set(now):
        return [f"stage {one.name!r} has other networks: {', '.join(now)}"]
    names = [name for name in then if then[name] != now[name]]
    return [f"networks of stage {one.name!r} have changed: {', '.join(names)}"] if names else []
