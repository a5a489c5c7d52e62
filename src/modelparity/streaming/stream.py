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

from ..describe.caches import caches
from ..describe.shapes import free_axes, two_lengths, zeros
from ..engine.arithmetic import Arithmetic, arithmetic as named
from ..engine.feeds import bound, expect_graph
from ..engine.perturbed import Perturbed
from ..engine.program import Program, program
from ..engine.run import run
from ..errors import GraphError, InputError, ModelparityError, NotCausalError, near
from ..graph import Array, Graph
from .axes import along
from .blocks import Blocks
from .growing import running
from .layer_states import are_layers, without
from .node_in_time import Mover
from .plan import plan


class Stream:
    """A graph in the middle of a sequence. Made by `stream`; not to be shared between threads.

    ``axes`` says along which axis of each output the frames of successive blocks are to be concatenated. ``states``
    {input: output} are initial states of its layers, which start from zeros or from what the first push gives.
    """

    axes: dict[str, int]

    def __init__(self, graph: Graph, ar: Arithmetic, axis: str, states: Mapping[str, str]) -> None:
        self.graph, self._ar, self._axis, self.states = graph, ar, axis, dict(states)
        moving = without(graph, states.values())
        self._program: Program = program([moving], ar)
        self._plan = plan(moving, axis)
        self.outputs = tuple(name for name in graph.outputs if name not in states.values())
        self.axes = {name: self._place(name) for name in self.outputs}
        self._aside = tuple(spec.name for spec in graph.inputs if self._plan.times[spec.name] is None)
        self._fed = graph.changed(
            inputs=tuple(
                replace(spec, axes=tuple(replace(a, least=0) if a.name == axis else a for a in spec.axes))
                for spec in graph.inputs
            ),
            states={},
            defaults={**dict.fromkeys(states, 0.0), **graph.defaults},
        )
        self.reset()

    def reset(self) -> None:
        """Forget the past: the next block is the first of a new sequence."""
        self._sizes: dict[str, int] | None = None
        self._empty: dict[str, Array] | None = None
        self._once: dict[str, Array] | None = None
        if not self._aside:
            self._start({})

    def _start(self, aside: Mapping[str, Array]) -> None:
        """Begin with the inputs that are given once; what depends on nothing else is computed now."""
        self._once = dict(aside)
        given = {name: np.array(self._ar.cast(array))[None] for name, array in aside.items()}
        self._fixed: dict[str, Array] = {**self._program.constants, **given}
        self._movers: list[Mover | None] = []
        for node, kernel, step in zip(
            self._program.nodes, self._program.kernels, self._plan.steps, strict=True
        ):
            if step is None:
                arrays = [self._fixed[name] if name else None for name in node.inputs]
                with np.errstate(all="ignore"):
                    results = self._program.step(node, kernel, arrays)
                self._fixed.update(zip(node.outputs, results, strict=False))
                self._movers.append(None)
            else:
                self._movers.append(Mover(self._program, node, kernel, step, self._plan.times, self._fixed))

    def push(self, block: Array | Mapping[str, Array]) -> dict[str, Array]:
        """Take the next frames, any number (an array, or {input: array}), and return {output: array}.

        Inputs without the axis are given with the first block; states that are left out start from zeros. Each
        output holds the frames that can be computed now and were not returned before, possibly none.
        All pushes since the last `reset`, joined along `axes`, are what `run` gives on the joined blocks:
        the same bits where every sum runs in the same order, else a few units in the last place, because
        BLAS sums a product of matrices in an order that depends on how many rows it has.
        Raises `InputError` for blocks that do not fit the graph or the blocks before.
        """
        feeds = bound(self._fed, self._with_aside(block))
        self._same_sizes(feeds)
        if self._once is None:
            self._start({name: feeds[name] for name in self._aside})
        fresh: dict[str, Array | None] = {
            name: np.array(self._ar.cast(a))[None] if a.shape[self._plan.times[name] or 0] else None
            for name, a in feeds.items()
            if name not in self._aside
        }
        for node, mover in zip(self._program.nodes, self._movers, strict=True):
            if mover is not None:
                results = mover.push([fresh.get(name) for name in node.inputs])
                fresh.update(zip(node.outputs, results, strict=False))
        return {name: self._result(name, fresh[name]) for name in self.outputs}

    def _with_aside(self, block: Array | Mapping[str, Array]) -> Array | Mapping[str, Array]:
        """The block with what was given once. Raises `InputError` for what is given again."""
        if self._once is None or not self._aside:
            return block
        moving = [spec.name for spec in self.graph.inputs if spec.name not in self._aside]
        if not isinstance(block, Mapping):
            return {**self._once, moving[0]: block} if len(moving) == 1 else block
        if more := [name for name in block if name in self._aside]:
            raise InputError(
                f"{more[0]!r} is given with the first block",
                where=self.graph.name,
                fix="leave it out, it goes on from there; call reset() before a sequence of its own",
            )
        return {**self._once, **block}

    def _same_sizes(self, feeds: Mapping[str, Array]) -> None:
        sizes = {
            axis.name: size
            for spec in self.graph.inputs
            for axis, size in zip(spec.axes, feeds[spec.name].shape, strict=True)
            if axis.size is None and axis.name != self._axis
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
            sizes = {**(self._sizes or {}), self._axis: self._plan.length}
            whole = run(self.graph, zeros(self.graph, sizes), arithmetic=self._ar)
            self._empty = {n: np.take(whole[n], range(0), axis=place) for n, place in self.axes.items()}
        return self._empty[name].copy()

    def _place(self, name: str) -> int:
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


def stream(
    graph: Graph,
    *,
    arithmetic: str | Arithmetic = "float64",
    axis: str | None = None,
    states: Mapping[str, str] | None = None,
    hop: int | None = None,
) -> Stream | Blocks:
    """A stream that runs ``graph`` block by block along an axis of its inputs.

    Args:
        graph: the network. What its nodes need of the past is kept; a network with caches of its own (other than
            initial states of its layers) is run once a block, and one that takes a single length once every so many
            frames.
        arithmetic: as in `run`.
        axis: the name of the axis along which blocks come; found, if not given: "time", the only free one that is no
            batch, one whose name says it, or the only fixed one that could be of another length.
        states: {input: the output that is its next value} of the caches that it has itself; found by what the file
            says, by names (``h`` and ``hn``) and by what the network does, if not given. ``{}`` for none.
        hop: by how many frames a network that takes one length moves on; that length, if not given.

    Returns:
        What has push(), reset() and ``axes``.

    Raises:
        NotCausalError: an output needs frames that have not come yet; it names the node, where in the artefact it was
            found, and why.
        InputError: an axis that is not there or does not follow, states or a hop that do not fit.
    """
    expect_graph(graph)
    ar = named(graph.native if arithmetic == "native" else arithmetic)
    if isinstance(ar, Perturbed):
        raise GraphError("a stream runs once, not perturbed in many lanes", where=graph.name)
    kept = _caches(graph, axis) if states is None else _known(graph, states)
    chosen = along(graph, axis, kept)
    free = any(one.name == chosen and one.size is None for spec in graph.inputs for one in spec.axes)
    if free and hop is None and are_layers(graph, kept):
        return Stream(graph, ar, chosen, kept)
    return Blocks(graph, ar, chosen, kept, hop)


def _caches(graph: Graph, axis: str | None) -> dict[str, str]:
    """The caches that are found in a graph."""
    if len(graph.inputs) < 2:
        return {}
    least = free_axes(graph)
    try:
        sizes = dict(least)
        if least:
            name = axis if axis in least else next((n for n in least if n == "time"), next(iter(least)))
            sizes[name] = two_lengths(graph, name)[0]
        results = run(graph, zeros(graph, sizes))
    except (
        ModelparityError
    ):  # a mask is as long as cache and block are together; else whoever plans it says why
        if (found := running(graph)) is None:
            return dict(graph.states)
        results = found[1]
    return caches(graph, results)


def _known(graph: Graph, states: Mapping[str, str]) -> dict[str, str]:
    """The states that were named. Raises `InputError` for what is no input or output."""
    inputs = [spec.name for spec in graph.inputs]
    for name, to in states.items():
        for one, known, kind in ((name, inputs, "input"), (to, graph.outputs, "output")):
            if one not in known:
                raise InputError(
                    f"the graph has no {kind} {one!r}",
                    where=graph.name,
                    found=f"states={{{name!r}: {to!r}}}",
                    expected=near(one, known),
                )
    return dict(states)
