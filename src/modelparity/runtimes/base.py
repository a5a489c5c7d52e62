"""What a runtime is: somebody's engine behind two methods, and what it may say beyond them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from ..discovery.plugins import kind
from ..errors import ModelparityError, RuntimeFailure
from ..graph import Array, Axis, TensorSpec

#: What `Runtime.run` gives.
OUTPUTS = "a dict of arrays of numbers by the names of outputs"


@dataclass(frozen=True)
class Variant:
    """Another way in which a runtime runs the same artefact: what it is called, and the ``runtime`` set so.

    ``name`` goes into "... agrees", as "level basic" does; ``asked`` is how a person asks for it, a line of code.
    """

    name: str
    runtime: Runtime
    asked: str


class Optimiser(ABC):
    """What a runtime does to an artefact before it runs it, pass by pass."""

    @abstractmethod
    def passes(self, artefact: object) -> tuple[str, ...]:
        """Names of the passes that change this artefact, in order: each of them `without` switches off."""

    @abstractmethod
    def without(self, passes: Sequence[str]) -> Variant:
        """The same runtime with those passes switched off."""

    @abstractmethod
    def rewritten(self, artefact: object) -> object | None:
        """What the passes have made of the artefact, as an artefact; None where it is not to be had.

        Run by the plainest of the runtime's `variants` it computes what the artefact does, with nothing fused anew.
        """


class Runtime(ABC):
    """An engine that runs artefacts. Whatever it needs is imported when it is used, not before.

    ``accepts`` and ``run`` must be written; everything else has a default that says "nothing is known of that".
    What follows from each default stands beside it.
    """

    #: A short name, as ``runtime=`` takes it and reports print it.
    name: str = ""
    #: The format that a graph is converted to for it; None if it runs a `Graph` as it is.
    format: str | None = None
    #: It runs only for who names it: a file given without a runtime goes to others.
    by_name: bool = False

    def missing(self) -> str | None:
        """Why it cannot run here, with the line that installs it; None if it can."""
        return None

    @abstractmethod
    def accepts(self, artefact: object) -> bool:
        """Whether this path or object is one that it runs."""

    @abstractmethod
    def run(self, artefact: object, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """{input name: array} -> {output name: array}. Raises `InputError`, `ArtefactError` or `Unavailable`."""

    def outputs(self, artefact: object, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """What `run` gives. What another package's runtime does wrong is said with its name.

        Raises what `run` raises, and `RuntimeFailure` for any other error and for what are no outputs.
        """
        if type(self).__module__.startswith(f"{__package__}."):
            return self.run(artefact, feeds)
        where = f"runtime {self.name!r} ({type(self).__module__})"
        try:
            found = self.run(artefact, feeds)
        except ModelparityError:
            raise
        except Exception as error:  # whatever it is, it is an answer to the question whether this runs
            raise RuntimeFailure(
                f"run() failed: {type(error).__name__}: {error}",
                where=where,
                fix="raise InputError for what an artefact does not take, ArtefactError for what is none",
            ) from error
        if not isinstance(found, Mapping) or not all(isinstance(name, str) for name in found):
            raise RuntimeFailure("run() gave no outputs", where=where, found=kind(found), expected=OUTPUTS)
        arrays = {name: np.asarray(value) for name, value in found.items()}
        for name, array in arrays.items():
            if array.dtype.kind not in "fiub":
                raise RuntimeFailure(
                    f"output {name!r} is no array of numbers",
                    where=where,
                    found=kind(found[name]) if array.dtype == object else array.dtype,
                    expected=OUTPUTS,
                )
        return arrays

    def describe(self) -> dict[str, str]:
        """Version and settings, as a report prints them; a verdict's title has those called version and kind."""
        return {}

    def weights(self, artefact: object) -> Mapping[str, Array] | None:
        """Every array that the artefact holds, by name; None if that is not known.

        Then a verdict does not see by the weights alone that they were rounded, and what is converted for this
        runtime is looked through as this package reads it.
        """
        return None

    def inputs(self, artefact: object) -> tuple[str, ...] | None:
        """Names of the inputs that must be given, in the artefact's order; None if it cannot say before it runs.

        Then it is given the reference's names, or those that `parameters` says.
        """
        return None

    def carried(self, artefact: object) -> Mapping[str, str]:
        """{input: output} of the states that it starts from zeros if they are not given: none unless it says."""
        return {}

    def kept(self, artefact: object, feeds: Mapping[str, Array]) -> tuple[str, ...]:
        """Names of what it keeps to itself from one run to the next, in a `session`: nothing unless it says.

        That no output shows it, and no input sets it, tells it from what is `carried`. Raises what `run` raises.
        """
        return ()

    @contextmanager
    def session(self, artefact: object) -> Iterator[Callable[[Mapping[str, Array]], dict[str, Array]]]:
        """Runs of one artefact in a row, from its beginning: what it keeps to itself goes from one to the next.

        Gives what is called like `run` without the artefact. Unless it says otherwise, each run is one of `outputs`.
        """
        yield lambda feeds: self.outputs(artefact, feeds)

    def parameters(self, artefact: object) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
        """For what is called like a function: names of the parameters that must be given, and that may be.

        None if that is not known. Asked only where `inputs` does not say.
        """
        return None

    def shapes(self, artefact: object) -> Mapping[str, tuple[int | None, ...]]:
        """{input: its shape}, ``None`` for a size that is free; inputs of which it cannot say are left out."""
        return {}

    def specs(self, artefact: object) -> Mapping[str, TensorSpec]:
        """{input: its axes and type}, names of axes and types empty where it does not say; from `shapes` unless told.

        Names of axes tell free ones apart where an input has other axes than the reference's, and types what fills an
        input that only the artefact has.
        """
        found = self.shapes(artefact)
        return {
            name: TensorSpec(name, tuple(Axis("", size) for size in shape), "")
            for name, shape in found.items()
        }

    @property
    def optimiser(self) -> Optimiser | None:
        """What changes an artefact before it runs, if passes can be switched off; else a wrong one has no name."""
        return None

    def variants(self, artefact: object) -> tuple[Variant, ...]:
        """Other ways to run it, the plainest first, the next to this one last; none unless it says.

        Then a verdict tells a file that is wrong from a runtime that is, and not which part of the runtime.
        """
        return ()

    def taps(self, artefact: object, feeds: Mapping[str, Array]) -> Mapping[str, Array]:
        """What every step of it gave, in order, by the artefact's names; nothing unless it says.

        Then the place where a runtime departs is not named. Raises what `run` raises.
        """
        return {}

    def makers(self, artefact: object) -> Mapping[str, str]:
        """{name of a tap: what makes it}, as a person reads it; from the names alone unless it says."""
        return {}

    def known(self, artefact: object, arrays: Mapping[str, Array]) -> Mapping[str, str]:
        """{name of a tap: a sentence} of what is known to be less exact here than rounding explains.

        ``arrays`` are inputs and taps of a run. Nothing is known unless it says.
        """
        return {}
