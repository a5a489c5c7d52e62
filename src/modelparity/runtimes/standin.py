"""The bridge on Linux, where a stand-in takes Core ML's place: chosen by name, to test the way there and back.

What it gives is this package's engine, as runtime `engine` gives it directly; it says nothing of Core ML.
"""

from __future__ import annotations

import platform
from collections.abc import Sequence

from .bridge.runtime import LIMIT, Bridged


class StandIn(Bridged):
    """See `Bridged` for the options; ``arithmetic`` is the engine's."""

    name = "stand-in"
    kind, label = "stand-in", "The stand-in"
    #: Never chosen for a file by itself: see `registry.runtime_for`.
    by_name = True

    def __init__(
        self,
        *,
        units: str | None = None,
        function: str | None = None,
        limit: float = LIMIT,
        command: Sequence[str] | None = None,
        arithmetic: str = "native",
    ) -> None:
        super().__init__(units=units, function=function, limit=limit, command=command)
        self.arithmetic = arithmetic

    def _on(self, units: str) -> StandIn:
        return StandIn(
            units=units,
            function=self.function,
            limit=self.limit,
            command=self._command,
            arithmetic=self.arithmetic,
        )

    def describe(self) -> dict[str, str]:
        """That files were interpreted, in which arithmetic, and what the library says of itself."""
        from ..version import __version__

        told = self.about()
        return {
            "version": __version__,
            "kind": "file interpreted",
            "arithmetic": self.arithmetic,
            "runtime": str(told["runtime"]),
            "system": str(told.get("system", "")),
            "units": self.units,
            "interface": str(told.get("interface", "")),
        }

    def behave(self, behaviour: str) -> None:
        """How outputs come, and what goes wrong, until the process ends: "plain", "strided", "float16", "fail",
        "abort", "hang", several with commas.
        """
        self._check()
        self._served().call({"do": "behave", "as": behaviour})

    def _arguments(self) -> list[str]:
        return [self.arithmetic]

    def _elsewhere(self) -> str | None:
        if platform.system() != "Darwin":
            return None
        return "the stand-in takes Core ML's place where there is none; here is Core ML itself (runtime 'coreml')"


RUNTIME = StandIn()
