"""A pipeline: a description of stages that runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .description import Description
from .running import Run


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
