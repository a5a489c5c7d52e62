"""A pipeline: a description of stages that runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import InputError, near
from ..runtimes import Runtime
from .checking import check
from .description import Description
from .golden import PipelineGolden
from .golden_recording import recorded
from .outcome import Checked
from .pictures import Pictures, drawn
from .running import Run
from .stage import gives
from .streams import PipelineStream


@dataclass(frozen=True, eq=False, repr=False)
class Pipeline(Description):
    """A directed graph of stages: what is given (sound, beats), numbers, networks, decoders.

    It is made of its ``name``, its ``parts`` (stages, each behind those that it takes), a sentence ``about`` it,
    settings that are ``chosen``, whether its original is ``causal``, and what a reader ``needs`` to know.
    """

    def run(self, *, until: str | None = None, **given: Any) -> dict[str, Any]:
        """{stage: value} of every stage, in order.

        Args:
            until: the last stage that is computed; what stands behind it need not be here. A fine stage is computed
                by itself where it is named here.
            **given: what stages take, by name (``audio=x, rate=44100``). Any stage's value may be given: what
                follows is computed from it.

        Returns:
            What was given, as the pipeline reads it, and what was computed, in the types that the original keeps. A
            stage with several values has them as a dict.

        Raises:
            InputError: something that is needed was not given, does not fit, or is no stage.
            Unavailable: a network is not here.
        """
        return Run.of(self, given, until).results()

    def plot(self, values: Mapping[str, Any], *stages: str) -> Pictures:
        """Pictures of these stages of what `run` gave, or of all of it; a notebook shows them.

        Spectrograms are images, activations and sound are lines, events are marks. `Checked.plot` draws two sides.
        Raises `InputError` for a stage that ``values`` does not have, or that is none of the pipeline's.
        """
        for name in stages:
            if name not in values:
                raise InputError(
                    f"there is nothing to draw of {name!r}", where=self.name, expected=near(name, values)
                )
        return Pictures(
            {
                name: drawn(self.name, name, gives(self.stage(name)), values[name])
                for name in stages or tuple(values)
            }
        )

    def check(
        self,
        *,
        networks: Mapping[str, object] | object = None,
        expect: str = "rounding",
        explain: bool | float = True,
        runtime: str | Runtime | None = None,
        until: str | None = None,
        progress: Callable[[str, int, int], None] | None = None,
        **given: Any,
    ) -> Checked:
        """Judge what somebody else computed of one or more stages.

        Args:
            networks: {stage: candidates in place of its networks}: a file, a list in the order of its networks, or a
                folder; without a stage where only one has networks.
            expect: the worst band that is ok: exact, rounding or reduced.
            explain: whether it is asked where a network that is wrong departs, and which mistake explains a value
                that does, or for how many seconds.
            runtime: what runs the candidates of networks, by name or as a `Runtime`.
            until: the last stage that is looked at.
            progress: is told what comes next, how much is done, and of how much.
            **given: the sound (or whatever the first stages take), and the candidate's values by stage. Where that is
                not given, the first value that is given stands in its place.

        Returns:
            A verdict for each stage from the first that was given: beside the reference's chain, and alone, beside
            what follows from the candidate's own values before it, if there are such. What was not given is computed
            from the candidate's values, through to the last stage.

        Raises:
            InputError: nothing is to be judged, something is missing or does not fit.
            Unavailable: a network is not here.
        """
        return check(
            self,
            given,
            networks={} if networks is None else networks,
            expect=expect,
            explain=explain,
            runtime=runtime,
            until=until,
            progress=progress,
        )

    def golden(self, *, until: str | None = None, halves: bool = False, **given: Any) -> PipelineGolden:
        """Record every stage of what it computes, with floors: what `mp.golden` of a pipeline does.

        Args:
            until: the last stage that is recorded.
            halves: whether the floors at half precisions are recorded too, so that what they explain is told later.
            **given: what the first stages take, by name (``audio=x, rate=44100``).

        Returns:
            The record, to be kept with `PipelineGolden.save`.

        Raises:
            InputError: something that is needed was not given, does not fit, or is no stage.
            Unavailable: a network is not here.
        """
        return PipelineGolden.of(recorded(self, given, until=until, halves=halves))

    def stream(self, *, until: str | None = None, **beside: Any) -> PipelineStream:
        """What runs it block by block, if its original does: ``push(block)`` gives {stage: what is new}.

        Args:
            until: the last stage that is computed.
            **beside: what is given beside the sound, such as ``rate=44100``.

        Returns:
            The stream; what its pushes give, joined, is what `run` gives of the whole.

        Raises:
            NotCausalError: a stage needs what has not come yet; it is named.
            InputError: there is no such stage.
            Unavailable: a network is not here.
        """
        return PipelineStream(self, beside, until)
