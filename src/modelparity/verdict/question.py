"""The question that `check`, ``modelparity check`` and pytest ask alike: on which inputs and sizes, expecting what.

Each of the three only gathers what it was given; recipes, sizes, names and the expectation come together here, and
here candidates are judged. A case that was planned is answered: by a verdict, or by the error that prevented one.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

from ..engine.limits import TooMuch, limited
from ..errors import InputError, ModelparityError
from ..graph import Array, Graph
from ..inputs import LENGTHS, make, shrunk
from ..inputs.cost import Budget, Smaller, runnable, smaller
from ..inputs.sizes import listed, time_axis
from ..runtimes import Runtime
from .bands import ACCEPTABLE
from .case import check_case, precision_shown, takes_several, too_large
from .fit.pinned import Said
from .floor import FURTHER, RUNS
from .in_time import InTime, by_telling
from .model import Verdict
from .outcomes import Outcome, Seen, no_memory, with_place
from .placing import SECONDS, placed
from .recording import recorded
from .reference import Recorded, Reference, Unrunnable
from .telling import Asked
from .usual import INSTEAD, instead, usual

#: So many times smaller sizes are tried where a run goes beyond its limits.
TRIES = 4


@dataclass(frozen=True, eq=False)
class Question:
    """What every candidate of one reference is asked.

    ``recipes`` left out are the `usual` ones. ``seed``, ``length``, ``sizes`` and ``below`` are as for
    `modelparity.inputs.make`; ``names``, ``fills``, ``ignore``, ``fit``
    and ``expect`` as for `check_case`. ``inputs``, described by ``about``, or
    those of a ``golden`` stand in place of recipes. ``limits`` are what runs of the reference may take, a `Budget` or
    some of its fields by name: sizes that nobody asked for are taken smaller to stay within. ``explain`` is how many
    seconds it may take to find out where a wrong candidate departs. Raises `InputError` for what does not fit the
    graph.
    """

    graph: Graph
    recipes: tuple[str, ...] | None = None
    seed: int = 0
    length: int | None = None
    sizes: Mapping[str, int] = field(default_factory=dict)
    below: Mapping[str, int] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    fills: Mapping[str, float] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    fit: Said = None
    expect: str = "rounding"
    inputs: Mapping[str, Array] | Array | None = None
    about: Mapping[str, Any] = field(default_factory=lambda: {"given": True})
    golden: Recorded | None = None
    limits: Budget | Mapping[str, float] | None = None
    explain: float = SECONDS

    @cached_property
    def budget(self) -> Budget:
        """What a run of the reference may take. Raises `InputError` for a limit that is none."""
        return Budget.of(self.limits)

    @cached_property
    def references(self) -> dict[str, Reference]:
        """{case: the reference on its input}, in the order of asking: by recipe, or "golden", or "given"."""
        if self.expect not in ACCEPTABLE:
            raise InputError(
                f"{self.expect!r} is nothing to expect", where="expect", expected=", ".join(ACCEPTABLE)
            )
        self._refuse_contradictions()
        if self.golden is not None:
            if not isinstance(self.golden, Recorded):
                raise InputError(
                    "golden= takes a Golden",
                    found=self.golden,
                    fix="mp.Golden.load(path), or mp.golden(graph)",
                )
            return {"golden": self.golden.reference(self.graph)}
        if self.inputs is not None:
            return {"given": Reference(self.graph, self._own_inputs, self.about, asked=self._weights)}
        chosen = usual(self.graph, self.length, self.sizes) if self.recipes is None else self.recipes
        if not chosen:
            raise InputError("there is no recipe to ask about", fix="leave recipes= out, or name some")
        made = {recipe: self._on(recipe) for recipe in dict.fromkeys(chosen)}
        if self.recipes is not None:
            return made
        # The same sizes under another name would be the same case again.
        first = {_key(made[recipe].sizes): recipe for recipe in reversed(LENGTHS) if recipe in made}
        return {name: one for name, one in made.items() if name in first.values() or name not in LENGTHS}

    @cached_property
    def _own_inputs(self) -> Mapping[str, Array] | Array:
        """What was given of the reference's own inputs."""
        if not isinstance(self.inputs, Mapping):
            assert self.inputs is not None
            return self.inputs
        return {name: array for name, array in self.inputs.items() if name not in self.given}

    @cached_property
    def given(self) -> dict[str, Array]:
        """What was given of inputs that the reference does not have: those of a candidate, by its own names."""
        if not isinstance(self.inputs, Mapping):
            return {}
        own = {spec.name for spec in self.graph.inputs}
        found = {str(name): array for name, array in self.inputs.items() if name not in own}
        return found if own & set(self.inputs) else {}

    def _refuse_contradictions(self) -> None:
        """Raise `InputError`, naming both, where what stands in place of recipes comes with options of recipes."""
        places = {"golden": self.golden, "inputs": self.inputs}
        given = [name for name, value in places.items() if value is not None]
        options = {
            "recipe": self.recipes,
            "seed": self.seed or None,
            "length": self.length,
            "sizes": self.sizes or None,
            "below": self.below or None,
        }
        given += [name for name, value in options.items() if value is not None and given]
        if len(given) > 1:
            raise InputError(
                f"{given[0]} and {given[1]} contradict each other",
                found=", ".join(given),
                fix=f"{given[0]} stands in place of a recipe: leave one of them out",
            )

    @cached_property
    def _weights(self) -> Asked:
        """What the cases find of the reference's weights, one after another."""
        return Asked()

    def meant(self, recipe: str) -> str:
        """The case that a recipe stands for that was planned before the reference was read.

        Where the length is fixed or was chosen, the `usual` recipes of several lengths come to the plain one.
        """
        return recipe if recipe in self.references else next(iter(self.references))

    def planned(self, recipe: str) -> tuple[str, ...]:
        """All the cases that it stands for: the plainest one also for those that the reference's inputs ask for."""
        case = self.meant(recipe)
        others = self.references if self.recipes is None and recipe == LENGTHS[0] else ()
        return (case, *(other for other in others if other not in LENGTHS))

    def verdict(
        self,
        case: str,
        candidate: object,
        *,
        runtime: str | Runtime | None = None,
        expect: str | None = None,
        fit: Said = None,
        names: Mapping[str, str] | None = None,
        fills: Mapping[str, float] | None = None,
        ignore: Sequence[str] | None = None,
    ) -> Verdict:
        """The verdict in one case; ``expect`` and what follows it where a candidate has its own.

        Raises as `check_case`.

        A run that goes beyond its limits is tried at smaller sizes; where none is left, the case is unjudged. Where
        nobody named a recipe and the plainest one does not tell, another takes its place, and the verdict says so.
        """
        expected = expect or self.expect
        how = self._how(names=names, fills=fills, ignore=ignore, fit=fit)
        verdict = self._bounded(case, candidate, runtime, expected, how)
        if verdict.judged or case != LENGTHS[0] or self.recipes is not None:
            return verdict
        plain = self.references[case]
        for other in instead(plain, case, partial(self._on, less=plain.sizes)):
            self.references[case] = other
            with suppress(ModelparityError):
                found = self._bounded(case, candidate, runtime, expected, how)
                if found.judged:
                    return found
        self.references[case] = plain
        return verdict

    def _bounded(
        self, case: str, candidate: object, runtime: str | Runtime | None, expected: str, how: dict[str, Any]
    ) -> Verdict:
        """The verdict on what stands in a case, at smaller sizes where a run goes beyond its limits or is refused."""
        for left in reversed(range(TRIES)):
            try:
                with limited(alive=self.budget.elements, seconds=self.budget.seconds):
                    return check_case(
                        self.references[case],
                        candidate,
                        expect=expected,
                        runtime=runtime,
                        **how,
                        elsewhere=partial(self._shown_elsewhere, case, candidate, runtime, how),
                    )
            except Unrunnable:
                if not left or (less := self._smaller(case, runnable)) is None:
                    raise
                self.references[case] = less
            except TooMuch as error:
                stopped, less = error.changed(), self._smaller(case)  # without the arrays of its frames
                if less is None:
                    break
                self.references[case] = less
        return too_large(self.references[case], candidate, stopped, expect=expected, runtime=runtime)

    def _how(
        self,
        *,
        names: Mapping[str, str] | None = None,
        fills: Mapping[str, float] | None = None,
        ignore: Sequence[str] | None = None,
        fit: Said = None,
        expect: str | None = None,
    ) -> dict[str, Any]:
        """How a candidate is fitted: by what is its own, else by what is said of all."""
        return {
            "names": self.names if names is None else names,
            "fills": self.fills if fills is None else fills,
            "ignore": self.ignore if ignore is None else ignore,
            "fit": self.fit if fit is None else fit,
            "given": self.given,
        }

    def _smaller(self, case: str, by: Smaller = smaller) -> Reference | None:
        """The reference at half of the sizes that nobody asked for, or others ``by``; None where there are none."""
        if self.golden is not None or self.inputs is not None or self.length is not None:
            return None
        taken = self.references[case].sizes
        less = by(self.graph, taken, {**self.sizes, **{name: taken[name] for name in listed(self.graph)}})
        return None if less is None else self._on(case, less=less)

    def _shown_elsewhere(
        self, case: str, candidate: object, runtime: str | Runtime | None, how: Mapping[str, Any]
    ) -> tuple[str, str] | None:
        """The half precision that the candidate's outputs show in another case than this, and in which one."""
        for other, reference in [*self.references.items()]:
            if other == case:
                continue
            with suppress(ModelparityError):  # what does not run shows nothing; that case itself says why
                precision = precision_shown(reference, candidate, runtime=runtime, **how)
                if precision is not None:
                    return precision, other
        return None

    def ask(
        self,
        candidate: object,
        *,
        runtime: str | Runtime | None = None,
        cases: Iterable[str] | None = None,
        seen: Seen | None = None,
        explain: float | None = None,
        **own: Any,
    ) -> Iterator[Outcome]:
        """Every planned case, or these ``cases``, with what became of it; see `once`, `verdict`.

        Where a candidate fixes sizes, plain recipes that differ in nothing else are one case. What runs in this
        process, and may take it along, is in a journal before it runs. Of a candidate that is wrong the worst of
        these cases says where, unless one that was seen before does; ``explain`` in place of the question's seconds.
        Where nobody named cases or recipes, what there is no time for (`Budget.processor`) is unjudged, but for the
        first.
        """
        seen = Seen() if seen is None else seen
        found = [*self._asked(candidate, runtime, cases, seen, own)]

        def place(case: str, verdict: Verdict) -> Verdict:
            seconds = self.explain if explain is None else explain
            subject, how = self.references[case], self._how(**own)
            return placed(subject, candidate, verdict, runtime=runtime, seconds=seconds, **how)

        yield from with_place(found, seen, place)

    def _asked(
        self,
        candidate: object,
        runtime: str | Runtime | None,
        cases: Iterable[str] | None,
        seen: Seen,
        own: Mapping[str, Any],
    ) -> Iterator[Outcome]:
        """As `ask`, without the places of what is wrong."""
        optional = cases is None and self.recipes is None
        planned = [*self.references] if cases is None else [*cases]
        planned = by_telling(planned) if optional else planned
        clock, done = InTime(self.budget.processor), None
        with recorded(self.graph.name, planned, candidate, runtime) as journal:
            for case in planned:
                started, busy = time.perf_counter(), time.process_time()
                before = [*seen.verdicts.values()]
                found: Outcome | None = None
                feeds = self.references[case].feeds
                if optional and done is not None and not clock.fits(feeds):
                    yield Outcome(case, clock.left_out(case, done, self.references[case].about))
                    continue
                journal.begin(case)
                try:
                    verdict = self.once(case, candidate, seen, runtime=runtime, **own)
                except ModelparityError as error:
                    found = Outcome(case, None, error, time.perf_counter() - started)
                except MemoryError as error:
                    found = Outcome(case, None, no_memory(self.graph, error), time.perf_counter() - started)
                else:
                    done = verdict if verdict.judged else done  # what could not tell is no reason to stop
                    if cases is not None or not any(verdict is one for one in before):
                        found = Outcome(case, verdict, None, time.perf_counter() - started)
                clock.took(feeds, busy)
                journal.done(case)
                if found is not None:
                    yield found

    def once(
        self,
        case: str,
        candidate: object,
        seen: Seen,
        *,
        runtime: str | Runtime | None = None,
        **own: Any,
    ) -> Verdict:
        """As `verdict`; of recipes of several lengths that come to sizes that were ``seen``, the verdict on these."""
        if self.recipes is not None or case not in LENGTHS:
            return self.verdict(case, candidate, runtime=runtime, **own)
        taken = _key({**self.references[case].sizes, **seen.fixed})
        if taken in seen.verdicts:
            return seen.verdicts[taken]
        verdict = self.verdict(case, candidate, runtime=runtime, **own)
        fixed = dict(verdict.fit.sizes)
        seen.fixed = {} if takes_several(candidate, runtime) else fixed
        return seen.verdicts.setdefault(_key({**self.references[case].sizes, **fixed}), verdict)

    def _on(
        self,
        recipe: str,
        fixed: Mapping[str, int] | None = None,
        less: Mapping[str, int] | None = None,
    ) -> Reference:
        """The reference on a recipe; ``fixed`` are sizes that a candidate fixes, ``less`` those that are afforded."""
        sizes, length = {**(fixed or {}), **self.sizes}, self.length
        if fixed and time_axis(self.graph) in fixed:
            length = None
        feeds = make(
            self.graph,
            recipe,
            seed=self.seed,
            length=length,
            sizes={**(less or {}), **sizes},
            below=self.below,
            budget=self.budget,
        )
        about: dict[str, Any] = {"recipe": recipe, "seed": self.seed, "length": length}
        if sizes:
            about["sizes"] = sizes
        again = partial(self._again, recipe)
        further = self.recipes is None and recipe not in (LENGTHS[0], *INSTEAD)
        made = Reference(
            self.graph, feeds, about, again=again, asked=self._weights, runs=FURTHER if further else RUNS
        )
        if shorter := self._shrunk(recipe, made, fixed or {}):
            made.about["smaller"] = shorter
        return made

    def _shrunk(self, recipe: str, made: Reference, fixed: Mapping[str, int]) -> dict[str, list[int]]:
        """{axis: [size, usual size]} of the axes that are shorter than usual for what a run takes."""
        wanted = shrunk(self.graph, recipe, made.sizes, length=self.length, sizes=self.sizes)
        return {name: [made.sizes[name], size] for name, size in wanted.items() if name not in fixed}

    def _again(self, recipe: str, fixed: Mapping[str, int]) -> Reference:
        """The reference at sizes that a candidate fixes. Raises `InputError` where others were asked for."""
        asked = dict(self.sizes)
        if self.length is not None and (time := time_axis(self.graph)) is not None:
            asked[time] = self.length
        if wrong := {name: asked[name] for name, size in fixed.items() if asked.get(name, size) != size}:
            raise InputError(
                "the candidate takes one size only",
                where=self.graph.name,
                found=", ".join(f"{name}={size}" for name, size in wrong.items()),
                expected=", ".join(f"{name}={fixed[name]}" for name in wrong),
                fix="leave the size out: the one that the candidate fixes is taken",
            )
        return self._on(recipe, fixed)


def _key(sizes: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(sizes.items()))
