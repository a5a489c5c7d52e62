"""Time: frames early or late, missing, added, in reverse; sequences cut or padded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from ....graph import Graph, TensorSpec
from ..fault import Application, Fault, Group
from ..making import Written, on_input, on_output
from ..view import view
from .inputs import floats, readers

GROUP = Group("time", "Time", 62)
#: Lengths to which loaders cut and pad sequences, and ends of sequences that are lost.
LENGTHS = (16, 64, 100, 128, 256, 512, 1024)


def time_axis(spec: TensorSpec) -> int | None:
    """The axis called time, else the first free one that is no batch, else the first of two or more."""
    names = [axis.name for axis in spec.axes]
    if "time" in names:
        return names.index("time")
    free = [place for place, axis in enumerate(spec.axes) if axis.size is None and axis.name != "batch"]
    if free:
        return free[0]
    return 0 if len(names) > 1 and names[0] != "batch" else 1 if len(names) > 2 else None


def inputs_in_time(graph: Graph) -> Iterator[tuple[str, int]]:
    """(input, its time axis) of every input of real numbers that has one."""
    for spec in floats(graph):
        axis = time_axis(spec)
        if axis is not None:
            yield spec.name, axis


def outputs_in_time(graph: Graph) -> Iterator[tuple[str, int]]:
    """(output, its time axis), as far as an axis like the first input's can be there."""
    axes = [axis for _, axis in inputs_in_time(graph)]
    seen = view(graph)
    for name in graph.outputs:
        rank = seen.rank(name)
        if (
            axes
            and name in seen.makers
            and name not in graph.states.values()
            and (rank is None or rank > axes[0])
        ):
            yield name, axes[0]


class _Time(Fault):
    group = GROUP

    def on_inputs(
        self, graph: Graph, words: str, write: Callable[[int, Written, str], str]
    ) -> Iterator[Application]:
        """Something done along the time axis of every input, one by one."""
        for name, axis in inputs_in_time(graph):
            edit = on_input(graph, name, self.id, partial(write, axis))
            yield Application(
                self.id,
                readers(graph, name),
                f"{name if len(graph.inputs) > 1 else 'input'} {words}",
                f"the input {name!r} is {words}",
                graph,
                edit,
            )

    def on_outputs(
        self, graph: Graph, words: str, write: Callable[[int, Written, str], str]
    ) -> Iterator[Application]:
        """Something done along the time axis of every output, one by one."""
        for name, axis in outputs_in_time(graph):
            edit = on_output(graph, name, self.id, partial(write, axis))
            if edit is not None:
                maker = view(graph).makers[name].name
                yield Application(
                    self.id,
                    (maker,),
                    f"{name if len(graph.outputs) > 1 else 'output'} {words}",
                    f"the output {name!r} is {words}",
                    graph,
                    edit,
                )


def _late(by: int, axis: int, w: Written, x: str) -> str:
    """Frames later by ``by``, the first one shown again; earlier if it is negative."""
    if by > 0:
        first = w("slice", x, starts=(0,), ends=(1,), axes=(axis,))
        return w("concat", *[first] * by, w("slice", x, starts=(0,), ends=(-by,), axes=(axis,)), axis=axis)
    last = w("slice", x, starts=(-1,), ends=(None,), axes=(axis,))
    return w("concat", w("slice", x, starts=(-by,), ends=(None,), axes=(axis,)), *[last] * -by, axis=axis)


class FramesShifted(_Time):
    id = "frames-shifted"
    where = "inputs and outputs with a time axis: by 1 to 4 frames, late or early"
    text = "Frames are late or early by a few."
    happens = (
        "Frames are centred or not, an origin is off, a causal network's delay is not taken out, or a "
        "buffer holds one frame."
    )
    repair = "Shift by so many frames; align on an impulse."

    def applications(self, graph: Graph) -> Iterator[Application]:
        for by in (1, -1, 2, -2, 3, -3, 4, -4):
            words = f"{abs(by)} frame{'s' if abs(by) > 1 else ''} {'late' if by > 0 else 'early'}"
            yield from self.on_outputs(graph, words, partial(_late, by))
            yield from self.on_inputs(graph, words, partial(_late, by))


def _cut(start: int, end: int | None, axis: int, w: Written, x: str) -> str:
    return w("slice", x, starts=(start,), ends=(end,), axes=(axis,))


class FrameMissing(_Time):
    id = "frame-missing"
    where = "outputs with a time axis"
    text = "The first or the last frame is missing; a comparison of the common prefix lets it through."
    happens = "librosa has 1 + n // h frames, others ceil(n / h); a last partial frame or window is dropped."
    repair = "Pad so that the number of frames is that of the source."

    def applications(self, graph: Graph) -> Iterator[Application]:
        for words, start, end in (("without its last frame", 0, -1), ("without its first frame", 1, None)):
            yield from self.on_outputs(graph, words, partial(_cut, start, end))


class FrameAdded(_Time):
    id = "frame-added"
    where = "outputs with a time axis"
    text = "There is a frame too many, the last one twice."
    happens = "librosa's 1 + n // h frames, or a padded last frame that is not cut."
    repair = "Cut to the number of frames of the source."

    def applications(self, graph: Graph) -> Iterator[Application]:
        yield from self.on_outputs(graph, "with its last frame twice", _last_twice)


def _last_twice(axis: int, w: Written, x: str) -> str:
    return w("concat", x, w("slice", x, starts=(-1,), ends=(None,), axes=(axis,)), axis=axis)


class SequenceCut(_Time):
    id = "sequence-cut"
    where = "inputs with a time axis: to the first 16 to 1024 frames, or without the last few"
    text = "A sequence is cut to a length."
    happens = (
        "A loader's or export's maximum length (128, 512), or a block that is not full, loses what is behind."
    )
    repair = "Run all of it; export with a free time axis."

    def applications(self, graph: Graph) -> Iterator[Application]:
        for lost in (1, 2, 4):
            yield from self.on_inputs(graph, f"without its last {lost} frames", partial(_cut, 0, -lost))
        for length in LENGTHS:
            yield from self.on_inputs(graph, f"cut to {length} frames", partial(_cut, 0, length))


def _zeros(before: int, after: int, axis: int, w: Written, x: str) -> str:
    """Zeros put in place of the frames at the ends, as when a sequence is moved by padding."""
    parts = []
    if before:
        parts.append(w("fill_like", w("slice", x, starts=(0,), ends=(before,), axes=(axis,))))
    parts.append(w("slice", x, starts=(before,), ends=(-after if after else None,), axes=(axis,)))
    if after:
        parts.append(w("fill_like", w("slice", x, starts=(-after,), ends=(None,), axes=(axis,))))
    return w("concat", *parts, axis=axis)


class EndsZeroed(_Time):
    id = "ends-zeroed"
    where = "inputs and outputs with a time axis"
    text = "The first or last frames are zeros."
    happens = (
        "Blocks are padded with zeros, a warm-up is cut away, or valid convolutions were padded afterwards."
    )
    repair = "Pad as the source does, or give the frames that are there."

    def applications(self, graph: Graph) -> Iterator[Application]:
        for count in (1, 2, 4, 8):
            frames = "frame" if count == 1 else "frames"
            for words, before, after in (
                (f"zeros in its last {count} {frames}", 0, count),
                (f"zeros in its first {count} {frames}", count, 0),
            ):
                yield from self.on_outputs(graph, words, partial(_zeros, before, after))
                yield from self.on_inputs(graph, words, partial(_zeros, before, after))


def _padded(before: int, after: int, axis: int, w: Written, x: str) -> str:
    """Zeros in front and behind: the sequence gets longer."""
    frame = w("fill_like", w("slice", x, starts=(0,), ends=(1,), axes=(axis,)))
    return w("concat", *[frame] * before, x, *[frame] * after, axis=axis)


class SequencePadded(_Time):
    id = "sequence-padded"
    where = "inputs with a time axis"
    text = "A sequence is padded with zeros that take part."
    happens = (
        "A batch is padded to one length without a mask: bidirectional layers, means and norms see the "
        "padding."
    )
    repair = "Give a mask or lengths, or run sequences one by one."

    def applications(self, graph: Graph) -> Iterator[Application]:
        for count in (1, 4, 16):
            yield from self.on_inputs(graph, f"padded with {count} zeros behind", partial(_padded, 0, count))
            yield from self.on_inputs(
                graph, f"padded with {count} zeros in front", partial(_padded, count, 0)
            )


class TimeReversed(_Time):
    id = "time-reversed"
    where = "inputs and outputs with a time axis"
    text = "A sequence runs backwards."
    happens = "go_backwards, or a buffer that is read from its newest frame."
    repair = "Reverse it."

    def applications(self, graph: Graph) -> Iterator[Application]:
        yield from self.on_inputs(graph, "reversed in time", _reversed)
        yield from self.on_outputs(graph, "reversed in time", _reversed)


def _reversed(axis: int, w: Written, x: str) -> str:
    return w("reverse", x, axes=(axis,))


class FramesSkipped(_Time):
    id = "frames-skipped"
    where = "inputs and outputs with a time axis"
    text = "Every second frame is missing: the hop is twice what it should be."
    happens = "A hop size or sampling rate is twice the trained one."
    repair = "Use the hop size and rate that were trained."

    def applications(self, graph: Graph) -> Iterator[Application]:
        yield from self.on_inputs(graph, "every second frame", _second)
        yield from self.on_outputs(graph, "every second frame", _second)


def _second(axis: int, w: Written, x: str) -> str:
    return w("slice", x, starts=(0,), ends=(None,), axes=(axis,), steps=(2,))
