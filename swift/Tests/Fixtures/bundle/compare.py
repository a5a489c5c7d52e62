"""Judge outputs by the floors of a bundle's goldens. Needs numpy only.

The rule: an element may depart from the float64 reference by `limit` times its floor, which is what rounding
alone was measured to do there. Shapes, types and the places of NaN and infinities must be the same.
"""

from __future__ import annotations

from typing import Any, Mapping  # noqa: UP035 - old Pythons run this too

import numpy as np


def judge(case: Any, got: Any) -> list[str]:
    """What is wrong with a candidate's outputs ({name: array}, or the only array): sentences, or nothing.

    ``case`` is a `reading.Case`.
    """
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
            f"off by {floors[place]:.4g} times what rounding can explain (limit {limit:g}) "
            f"at {list(place)}: is {got[place]:.9g}, "
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
