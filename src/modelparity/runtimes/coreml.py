"""Apple's Core ML through the bridge, on a Mac: runs Core ML files in a process of their own."""

from __future__ import annotations

import platform

from .bridge.runtime import Bridged


class CoreML(Bridged):
    """See `Bridged` for the options. A report names the system and the compute units."""

    name = "coreml"
    kind = label = "Core ML"

    def describe(self) -> dict[str, str]:
        """System, compute units and the library's interface; "kind" says the units in every verdict."""
        told = self.about()
        return {
            "version": str(told.get("system", "")),
            "kind": self.units,
            "runtime": str(told["runtime"]),
            "units": self.units,
            "interface": str(told.get("interface", "")),
        }

    def _elsewhere(self) -> str | None:
        if platform.system() == "Darwin":
            return None
        return "Apple's Core ML runs on macOS only; elsewhere its files are interpreted (runtime 'engine')"


RUNTIME = CoreML()
