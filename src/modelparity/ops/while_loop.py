"""While loop: a graph repeated for as long as another says so."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts
from ..engine.limits import limits
from ..engine.operator import not_causal, operator
from ..errors import GraphError
from ..graph import Array, Graph
from .cond import Call, lane_of


@operator(
    not_causal("how often it runs is known only when it has run"),
    control=True,
    facts=Facts(graphs=("condition", "body"), recurrent=True),
)
def while_loop(
    ar: Arithmetic,
    *arrays: Array,
    call: Call,
    condition: Graph,
    body: Graph,
    carried: int,
    most: int | None = None,
) -> tuple[Array, ...]:
    """while condition(values, captured): values = body(values, captured)

    The first ``carried`` arrays are the values' starts, the others are captured and stay -> the last values.
    ``condition`` gives one boolean (); ``body`` gives ``carried`` outputs. Shapes may change from turn to turn.
    Raises `GraphError` after ``most`` turns, by default as many as `modelparity.engine.limits` allows.
    Source: Core ML MIL ``while_loop``; checked by hand-derived cases.
    """
    most = limits().turns if most is None else most
    values, captured = list(arrays[:carried]), list(arrays[carried:])
    for turn in range(most):
        again = call(condition, values + captured)[0]
        if not (again.item() if again.size == 1 else again.any()):
            return tuple(values)
        if again.size > 1 and not again.all():
            break
        values = call(body, values + captured, again=turn > 0)
    else:
        raise GraphError(
            f"the loop has not ended after {most:,} turns", expected="an end", fix="check its condition"
        )
    # Lanes part here: each goes on alone.
    lanes = [
        while_loop(
            ar,
            *(lane_of(a, lane) for a in values + captured),
            call=call,
            condition=condition,
            body=body,
            carried=carried,
            most=most,
        )
        for lane in range(again.size)
    ]
    return tuple(np.concatenate(parts) for parts in zip(*lanes, strict=True))
