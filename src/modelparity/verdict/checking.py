"""`check`: one call from two artefacts to a verdict; `assert_parity`: the same as an assertion."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import InputError
from ..formats import load
from ..graph import Array, Graph
from ..inputs.cost import Budget
from ..runtimes import Runtime
from .again import Again
from .fit.pinned import Said
from .model import Verdict
from .outcomes import answer
from .placing import SECONDS
from .question import Question
from .reference import Recorded


def check(
    reference: object,
    candidate: object,
    *,
    inputs: Mapping[str, Array] | Array | None = None,
    recipe: str | None = None,
    recipes: Sequence[str] | None = None,
    seed: int = 0,
    length: int | None = None,
    expect: str = "rounding",
    runtime: str | Runtime | None = None,
    golden: Recorded | None = None,
    sizes: Mapping[str, int] | None = None,
    below: Mapping[str, int] | None = None,
    names: Mapping[str, str] | None = None,
    fill: Mapping[str, float] | None = None,
    ignore: Sequence[str] = (),
    fit: Said = None,
    limits: Budget | Mapping[str, float] | None = None,
    explain: bool | float = True,
) -> Verdict:
    """Does ``candidate`` compute what ``reference`` computes?

    The same question, with the same inputs and the same answer, as ``modelparity check`` and as pytest.

    Args:
        reference: a model's path, a `Graph`, or a ``torch.nn.Module``, which is read with ``inputs`` as its example.
        candidate: a path, a `Graph` (run by the engine in its native arithmetic), or an object that a runtime
            accepts, such as a ``torch.nn.Module``.
        inputs: arrays by input name, or one array for the only input, in place of recipes.
        recipe: a named input, see `modelparity.inputs`; by default noise at several lengths where the length is free
            (`question.usual`).
        recipes: several of them; the verdict is the worst, and its ``cases`` holds all.
        seed: the seed of the recipes.
        length: the size of the variable axis that counts as time.
        expect: the worst band that `Verdict.ok` accepts: exact, rounding or reduced.
        runtime: what runs the candidate: a name or a `Runtime`; chosen by what the candidate is, if not given.
        golden: a golden of the reference, whose inputs, truth and floor are used.
        sizes: sizes of variable axes by name.
        below: what the whole numbers of an input stay below, by input name.
        names: what the candidate calls inputs and outputs of the reference, where that does not follow from the names
            and their order.
        fill: values of inputs that only one side has, by name, such as ``{"sr": 16000}``.
        ignore: outputs of the reference that the candidate is meant not to have, and states that are not compared.
        fit: how inputs and outputs must correspond: "strict" for the reference's own interface, or a `Fit` (or the
            JSON of one, or the file that holds it) which was found before; found and said, if not given.
        limits: what one run of the reference may take, ``{"elements": ..., "seconds": ...}``: numbers that its
            results hold at once, and time; beyond it smaller sizes are tried, and then the case is unjudged.
            ``"processor"``: seconds of processor time after which recipes that nobody named are left out, and listed.
        explain: whether it is asked on which side and where a wrong candidate departs, or for how many seconds.

    Returns:
        The verdict; over several recipes the worst, which holds all of them.

    Raises:
        ArtefactError: a file is not what it should be.
        InputError: arguments that do not fit, or a candidate that takes none of the inputs.
        Unavailable: what would run the candidate is not here.
        GoldenError: a golden of another model.
    """
    if recipe is not None and recipes is not None:
        raise InputError("both recipe= and recipes= were given", found=f"{recipe!r} and {list(recipes)}")
    chosen = (recipe,) if recipe is not None else None if recipes is None else tuple(recipes)
    question = Question(
        _read(reference, inputs),
        recipes=chosen,
        seed=seed,
        length=length,
        sizes=sizes or {},
        below=below or {},
        names=names or {},
        fills=fill or {},
        ignore=tuple(ignore),
        fit=fit,
        expect=expect,
        inputs=inputs,
        golden=golden,
        limits=limits,
        explain=SECONDS if explain is True else float(explain),
    )
    return Again(question, runtime).on(answer(question.ask(candidate, runtime=runtime)))


def assert_parity(reference: object, candidate: object, **options: Any) -> Verdict:
    """The verdict of `check` where it is ok; else an `AssertionError` with its text, for a test to fail with.

    Args:
        reference: as for `check`.
        candidate: as for `check`.
        **options: every keyword that `check` takes.

    Returns:
        The verdict, whose `Verdict.ok` is true.

    Raises:
        AssertionError: the candidate is not what was expected of it; the text is what `repr` of the verdict shows.
        ModelparityError: whatever `check` raises.
    """
    __tracebackhide__ = True  # pytest shows the line of the test
    verdict = check(reference, candidate, **options)
    if not verdict.ok:
        raise AssertionError(str(verdict))
    return verdict


def _read(reference: object, inputs: Mapping[str, Array] | Array | None) -> Graph:
    if isinstance(reference, Graph | str | os.PathLike):
        return load(reference)
    return load(reference, example=inputs)
