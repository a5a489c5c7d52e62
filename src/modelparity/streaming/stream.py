"""Run a causal graph block by block: what was the past is kept, what is the future is waited for.

Every node is asked, through its operator's `Step`, how it moves along the time axis. Framewise nodes see
each new block as it comes; windows keep their last frames and speak when enough came; recurrent nodes get
their last state back as their initial one; a node of several inputs waits for the slowest. A node that
needs the future is refused when the stream is made, not when it is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ..describe.shapes import zeros
from ..engine.arithmetic import Arithmetic, arithmetic as named
from ..engine.feeds import bound, expect_graph
from ..engine.perturbed import Perturbed
from ..engine.program import Program, program
from ..engine.run import run
from ..errors import GraphError, InputError, NotCausalError
from ..graph import Array, Graph
from .node_in_time import Mover
from .plan import TIME, plan


class Stream:
    """A graph in the middle of a sequence. Made by `stream`; not to be shared between threads.

    ``axes`` says along which axis of each output the frames of successive blocks are to be concatenated.
    """

    axes: dict[str, int]

    def __init__(self, graph: Graph, ar: Arithmetic) -> None:
        self.graph, self._ar = graph, ar
        self._program: Program = program([graph], ar)
        self._plan = plan(graph)
        self.axes = {name: self._axis(name) for name in graph.outputs}
        self._fed = graph.changed(
            inputs=tuple(
                replace(spec, axes=tuple(replace(a, least=0) if a.name == TIME else a for a in spec.axes))
                for spec in graph.inputs
            )
        )
        self.reset()

    def reset(self) -> None:
        """Forget the past: the next block is the first of a new sequence."""
        self._sizes: dict[str, int] | None = None
        self._empty: dict[str, Array] | None = None
        self._fixed: dict[str, Array] = dict(self._program.constants)
        self._movers: list[Mover | None] = []
        for node, kernel, step in zip(
            self._program.nodes, self._program.kernels, self._plan.steps, strict=True
        ):
            if step is None:
                arrays = [self._fixed[name] if name else None for name in node.inputs]
                results = self._program.step(node, kernel, arrays)
                self._fixed.update(zip(node.outputs, results, strict=False))
                self._movers.append(None)
            else:
                self._movers.append(Mover(self._program, node, kernel, step, self._plan.times, self._fixed))

    def push(self, block: Array | Mapping[str, Array]) -> dict[str, Array]:
        """Take the next frames, any number (an array, or {input: array}), and return {output: array}.

        Each output holds the frames that can be computed now and were not returned before, possibly none.
        All pushes since the last `reset`, joined along `axes`, are what `run` gives on the joined blocks:
        the same bits where every sum runs in the same order, else a few units in the last place, because
        BLAS sums a product of matrices in an order that depends on how many rows it has.
        Raises `InputError` for blocks that do not fit the graph or the blocks before.
        """
        feeds = bound(self._fed, block)
        self._same_sizes(feeds)
        fresh: dict[str, Array | None] = {
            name: np.array(self._ar.cast(a))[None] if a.shape[self._plan.times[name] or 0] else None
            for name, a in feeds.items()
        }
        for node, mover in zip(self._program.nodes, self._movers, strict=True):
            if mover is not None:
                results = mover.push([fresh.get(name) for name in node.inputs])
                fresh.update(zip(node.outputs, results, strict=False))
        return {name: self._result(name, fresh[name]) for name in self.graph.outputs}

    def _same_sizes(self, feeds: Mapping[str, Array]) -> None:
        sizes = {
            axis.name: size
            for spec in self.graph.inputs
            for axis, size in zip(spec.axes, feeds[spec.name].shape, strict=True)
            if axis.size is None and axis.name != TIME
        }
        if self._sizes is None:
            self._sizes = sizes
        elif sizes != self._sizes:
            raise InputError(
                "a block differs from the blocks before it",
                where=self.graph.name,
                found=sizes,
                expected=self._sizes,
                fix="call reset() before a sequence of another size",
            )

    def _result(self, name: str, array: Array | None) -> Array:
        if array is not None:
            return np.array(array[0])
        if self._empty is None:  # a whole run says what shape and type a result without frames has
            sizes = {**(self._sizes or {}), TIME: self._plan.length}
            whole = run(self.graph, zeros(self.graph, sizes), arithmetic=self._ar)
            self._empty = {n: np.take(a, range(0), axis=self.axes[n]) for n, a in whole.items()}
        return self._empty[name].copy()

    def _axis(self, name: str) -> int:
        axis = self._plan.times[name]
        if axis is None:
            raise NotCausalError(
                f"output {name!r} has no time axis",
                where=self.graph.name,
                fix="it is one value for the whole sequence: use run()",
            )
        return axis

    def __repr__(self) -> str:
        return f"<Stream of {self.graph!r} in {self._ar.name}>"


def stream(graph: Graph, *, arithmetic: str | Arithmetic = "float64") -> Stream:
    """A `Stream` that runs ``graph`` block by block along the free input axis called "time".

    ``arithmetic`` as in `run`. Raises `NotCausalError`, naming the node, where in the artefact it was found
    and why, if any output needs frames that have not come yet.
    """
    expect_graph(graph)
    ar = named(graph.native if arithmetic == "native" else arithmetic)
    if isinstance(ar, Perturbed):
        raise GraphError("a stream runs once, not perturbed in many lanes", where=graph.name)
    return Stream(graph, ar)
