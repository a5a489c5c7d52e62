"""What a network gives: outputs in another order, channels permuted or cut, complements."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from ....graph import Graph
from ..fault import Application, Fault, Group, by_format
from ..making import Written, crossed, on_output
from ..view import view

GROUP = Group("outputs", "Outputs", 70)


def _made(
    fault: Fault, graph: Graph, name: str, variant: str, text: str, write: Callable[[Written, str], str]
) -> Iterator[Application]:
    edit = on_output(graph, name, fault.id, write)
    variant = variant if len(graph.outputs) == 1 else f"{name} {variant}".rstrip()
    if edit is not None:
        yield Application(fault.id, (view(graph).makers[name].name,), variant, text, graph, edit)


class OutputsSwapped(Fault):
    id = "outputs-swapped"
    interface = True
    group = GROUP
    where = "networks of several outputs of one number of axes: each two"
    text = "Two outputs have changed places."
    happens = "Converters sort outputs by name or list them in the order in which they are computed."
    repair = "Name the outputs, and read them by name."
    repairs = by_format(
        onnx="Give torch.onnx.export output_names=.",
        coreml="Give ct.convert outputs=[ct.TensorType(name=...)].",
    )

    def applications(self, graph: Graph) -> Iterator[Application]:
        seen = view(graph)
        names = [name for name in graph.outputs if name in seen.makers and name not in graph.states.values()]
        for k, one in enumerate(names):
            for other in names[k + 1 :]:
                ranks = seen.rank(one), seen.rank(other)
                if other != one and (None in ranks or ranks[0] == ranks[1]):
                    makers = tuple(dict.fromkeys(seen.makers[name].name for name in (one, other)))
                    text = f"the outputs {one!r} and {other!r} have changed places"
                    yield Application(
                        self.id,
                        makers,
                        f"{one} and {other}",
                        text,
                        graph,
                        crossed(graph, one, other, self.id),
                    )


class OutputChannelsPermuted(Fault):
    id = "output-channels-permuted"
    interface = True
    group = GROUP
    where = "every output: its last axis reversed, or turned by one to three places"
    text = "The channels of an output stand in another order."
    happens = (
        "Classes are listed alphabetically, from A instead of from C, or with the blank first instead of "
        "last."
    )
    repair = "Write the list of classes beside the model, and read it."

    def applications(self, graph: Graph) -> Iterator[Application]:
        for name in graph.outputs:
            if view(graph).rank(name) == 0:
                continue
            yield from _made(
                self, graph, name, "reversed", f"the last axis of {name!r} is reversed", _reversed
            )
            for by in (1, -1, 3, -3):
                text = f"the last axis of {name!r} is turned by {by:+d}"
                yield from _made(self, graph, name, f"turned {by:+d}", text, partial(_turned, by))


def _reversed(w: Written, x: str) -> str:
    return w("reverse", x, axes=(-1,))


def _turned(by: int, w: Written, x: str) -> str:
    parts = [
        w("slice", x, starts=start, ends=end, axes=(-1,))
        for start, end in (((-by,), (None,)), ((0,), (-by,)))
    ]
    return w("concat", *parts, axis=-1)


class OutputSliced(Fault):
    id = "output-sliced"
    interface = True
    group = GROUP
    where = "every output: the first or last channel missing"
    text = "A channel of an output is missing."
    happens = "The class for nothing (blank, background) is cut off, or an end is taken as included."
    repair = "Give all channels."

    def applications(self, graph: Graph) -> Iterator[Application]:
        for name in graph.outputs:
            if view(graph).rank(name) == 0:
                continue
            for words, start, end in (("last", 0, -1), ("first", 1, None)):
                text = f"the {words} channel of {name!r} is missing"
                yield from _made(self, graph, name, words, text, partial(_cut, -1, start, end))


def _cut(axis: int, start: int, end: int | None, w: Written, x: str) -> str:
    return w("slice", x, starts=(start,), ends=(end,), axes=(axis,))


class OutputTransposed(Fault):
    id = "output-transposed"
    interface = True
    group = GROUP
    where = "outputs of two axes or more"
    text = "The last two axes of an output have changed places."
    happens = "Channels first or last, time first or last."
    repair = "Transpose the output."

    def applications(self, graph: Graph) -> Iterator[Application]:
        for name in graph.outputs:
            rank = view(graph).rank(name)
            if rank is not None and rank >= 2:
                axes = (*range(rank - 2), rank - 1, rank - 2)
                text = f"the last two axes of {name!r} have changed places"
                yield from _made(self, graph, name, "", text, partial(_transposed, axes))


def _transposed(axes: tuple[int, ...], w: Written, x: str) -> str:
    return w("transpose", x, axes=axes)


class OutputComplement(Fault):
    id = "output-complement"
    group = GROUP
    where = "every output: 1 - y, -y, log y, exp y, y / 2"
    text = "An output is the complement, the negative or the logarithm of what it should be."
    happens = "Logits, probabilities and log-probabilities are taken for each other; a label means absence."
    repair = "Apply what the source applies behind the network, once."

    def applications(self, graph: Graph) -> Iterator[Application]:
        ways: tuple[tuple[str, str, Callable[[Written, str], str]], ...] = (
            ("complement", "1 - y", lambda w, x: w("scale_shift", x, alpha=-1.0, beta=1.0)),
            ("negative", "-y", lambda w, x: w("neg", x)),
            ("logarithm", "log y", lambda w, x: w("log", x)),
            ("exponential", "exp y", lambda w, x: w("exp", x)),
            ("absolute", "|y|", lambda w, x: w("abs", x)),
        )
        for name in graph.outputs:
            for words, formula, write in ways:
                yield from _made(self, graph, name, words, f"{name!r} is {formula}", write)
